// Rate over a sliding window, and a value that follows rises at once and falls slowly (media-plane
// 6.11).
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"

namespace sluice::rtcp {

/// Sums what happens within a window in buckets of a ring. Allocates at construction only; an
/// update costs a comparison and an addition, plus the removal of buckets that have expired.
class RateCalculator {
 public:
  static constexpr Millis kDefaultWindow{1000};
  /// Makes bits per second of bytes per millisecond.
  static constexpr uint32_t kBitsPerSecond = 8000;
  /// Makes packets per second of packets per millisecond.
  static constexpr uint32_t kPerSecond = 1000;
  static constexpr uint32_t kDefaultBuckets = 100;

  /// The window (at least 1 ms) is cut into `buckets` parts of whole milliseconds.
  explicit RateCalculator(Millis window = kDefaultWindow, uint32_t scale = kBitsPerSecond,
                          uint32_t buckets = kDefaultBuckets);

  /// Adds `amount` (bytes, packets) at `now`. One that is older than all that is remembered is
  /// ignored.
  void update(uint64_t amount, Micros now);

  /// The sum within the window that ends at `now`, times scale per window, rounded.
  [[nodiscard]] uint64_t rate(Micros now);
  /// The same for rates in bits per second.
  [[nodiscard]] BitRate bit_rate(Micros now) { return BitRate(rate(now)); }

  void reset();

 private:
  struct Bucket {
    Micros start;
    uint64_t sum;
  };

  void expire(Micros now);
  [[nodiscard]] uint32_t next(uint32_t index) const {
    return index + 1 == capacity_ ? 0 : index + 1;
  }

  Micros window_;
  Micros bucket_;
  uint32_t scale_;
  uint32_t capacity_;
  std::vector<Bucket> buckets_;  ///< ring
  uint32_t oldest_ = 0;
  uint32_t newest_ = 0;  ///< only while there are buckets
  uint32_t count_ = 0;
  uint64_t total_ = 0;
};

/// Holds up a value that fell: it sinks by 5 % of its last high per second until it meets the new
/// one.
class TrendCalculator {
 public:
  static constexpr double kDecreasePerSecond = 0.05;

  void update(uint64_t value, Micros now);
  /// Sets the value at once.
  void force(uint64_t value, Micros now);
  [[nodiscard]] uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0;
  uint64_t high_ = 0;
  Micros high_at_{0};
};

}  // namespace sluice::rtcp
