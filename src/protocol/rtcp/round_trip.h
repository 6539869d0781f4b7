// The round-trip time to a peer as its reports let us measure it (media-plane 6.6). The peer
// chooses two of the three numbers, so what it can make of our timers has bounds.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/types.h"
#include "protocol/rtcp/ntp_time.h"

namespace sluice::rtcp {

class RoundTrip {
 public:
  /// Longer is no measurement: ICE consent would be lost first on such a path.
  static constexpr Micros kMax = 10s;
  /// For timers. Below the lower bound a receiver's requests would be answered as fast as they
  /// come; beyond the upper one the second repair of a packet would come too late to be shown.
  static constexpr Micros kMinTimer = 5ms;
  static constexpr Micros kMaxTimer = 1s;

  /// A report block or DLRR sub-block came; times in 1/65536 s as for round_trip_time(). False when
  /// nothing can be told from it, and the last value stays.
  bool on_report(uint32_t now, uint32_t last_report, uint32_t delay) {
    const Micros measured = round_trip_time(now, last_report, delay);
    if (measured <= Micros{0} || measured > kMax) {
      return false;
    }
    value_ = measured;
    recent_[next_] = measured;
    next_ = static_cast<uint8_t>((next_ + 1) % recent_.size());
    return true;
  }

  /// As measured last; 0 while unknown.
  [[nodiscard]] Micros value() const { return value_; }
  /// Bounded; 0 while unknown.
  [[nodiscard]] Micros for_timers() const {
    return value_ == Micros{0} ? value_ : std::clamp(value_, kMinTimer, kMaxTimer);
  }
  /// The least of the last eight, bounded: nothing that was just sent can have been answered
  /// sooner. 0 until there are eight.
  [[nodiscard]] Micros least() const {
    return std::min(*std::ranges::min_element(recent_), kMaxTimer);
  }

 private:
  Micros value_{0};
  std::array<Micros, 8> recent_{};
  uint8_t next_ = 0;
};

}  // namespace sluice::rtcp
