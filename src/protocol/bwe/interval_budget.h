// Bytes that a rate allows, saved up or owed for at most half a second (media-plane 8.5.8, 8.5.9).
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/types.h"
#include "protocol/bwe/rate.h"

namespace sluice::bwe {

class IntervalBudget {
 public:
  static constexpr Micros kWindow{500'000};

  explicit IntervalBudget(BitRate rate) { set_rate(rate); }

  void set_rate(BitRate rate) {
    rate_ = rate;
    most_ = static_cast<double>(bytes_in(rate, kWindow));
    bytes_ = std::clamp(bytes_, -most_, most_);
  }
  /// Time went by.
  void earn(Micros elapsed) {
    // In fractions of bytes: at low rates a millisecond brings less than one.
    bytes_ += static_cast<double>(rate_.value) * to_seconds(std::min(elapsed, kWindow)) / 8;
    bytes_ = std::min(bytes_, most_);
  }
  /// Bytes were sent.
  void spend(size_t bytes) { bytes_ = std::max(bytes_ - static_cast<double>(bytes), -most_); }

  /// What is left, in parts of the window: -1 (all of it owed) to 1 (all of it saved).
  [[nodiscard]] double ratio() const { return most_ > 0 ? bytes_ / most_ : 0; }
  /// Bytes that may be sent now.
  [[nodiscard]] size_t bytes() const { return static_cast<size_t>(std::max(bytes_, 0.0)); }

 private:
  BitRate rate_;
  double most_ = 0;
  double bytes_ = 0;
};

}  // namespace sluice::bwe
