// How long a missing packet is given to come by itself before it is asked for (media-plane 6.8):
// the 95th percentile of how late packets of this stream have been, at most 20 ms.
//
// What counts is each packet that was missing: the time until it came when it was merely reordered,
// zero when it was lost. So a link that reorders (Wi-Fi) earns patience, and on one that only
// loses, requests leave at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/types.h"

namespace sluice::rtp {

class ReorderDelay {
 public:
  static constexpr Micros kDefault = 10ms;
  static constexpr Micros kMax = 20ms;
  /// Missing packets remembered; with fewer than the second number the default is the least.
  static constexpr size_t kWindow = 64;
  static constexpr size_t kEnough = 16;

  /// A packet that was missing for `late` came by itself.
  void on_reordered(Micros late) {
    // The next whole millisecond, so that waiting this long is enough for an equally late one.
    add(static_cast<uint8_t>(std::clamp<int64_t>(late / 1ms + 1, 0, kMaxMillis)));
  }
  /// A packet that was missing did not come without being asked for.
  void on_lost() { add(0); }

  [[nodiscard]] Micros value() const {
    return Millis{count_ < kEnough ? std::max<int64_t>(percentile_, kDefault / 1ms) : percentile_};
  }

 private:
  static constexpr uint8_t kMaxMillis = kMax / 1ms;

  void add(uint8_t millis) {
    if (count_ == kWindow) {
      --histogram_[window_[next_]];
    } else {
      ++count_;
    }
    window_[next_] = millis;
    next_ = static_cast<uint8_t>((next_ + 1) % kWindow);
    ++histogram_[millis];
    // The smallest value that 95 % of the window do not exceed.
    size_t above = count_ * 5 / 100;
    uint8_t value = kMaxMillis;
    for (; value > 0 && histogram_[value] <= above; --value) {
      above -= histogram_[value];
    }
    percentile_ = value;
  }

  std::array<uint8_t, kWindow> window_{};  ///< milliseconds
  std::array<uint8_t, kMaxMillis + 1> histogram_{};
  uint8_t next_ = 0;
  uint8_t count_ = 0;
  uint8_t percentile_ = 0;
};

}  // namespace sluice::rtp
