// Round-trip time and retransmission timeout (RFC 9260 section 6.3.1).
#pragma once

#include <optional>

#include "base/types.h"

namespace sluice::sctp {

class Rto {
 public:
  static constexpr Micros kInitial = 1s;
  static constexpr Micros kMin = 200ms;  // media-plane 9.1; the RFC's second is too long for media
  static constexpr Micros kMax = 60s;

  /// A measured round trip, never of something that was retransmitted (Karn's algorithm).
  void on_sample(Micros rtt);
  /// The timer expired.
  void back_off();
  /// The peer turned out to be there after all: undoes back_off().
  void restore();

  [[nodiscard]] Micros value() const { return value_; }
  /// Nothing before the first sample.
  [[nodiscard]] std::optional<Micros> smoothed() const { return smoothed_; }

 private:
  std::optional<Micros> smoothed_;
  Micros variation_{};
  Micros value_ = kInitial;
};

}  // namespace sluice::sctp
