// How much of what a peer may be sent goes into retransmissions: a quarter (media-plane 6.8). On a
// link that loses because it is full, answering every NACK would fill it further.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/types.h"
#include "protocol/rtcp/rate_calculator.h"

namespace sluice::rtcp {

class RetransmissionBudget {
 public:
  static constexpr uint64_t kShare = 4;
  /// The rate that a connection starts with (media-plane 0.3). With a lower target a quarter would
  /// not hold the losses of a key frame, and on a slow stream not a single packet.
  static constexpr BitRate kLeastTarget{600'000};

  /// Bytes that may be retransmitted at `now`, when the peer may be sent `target`.
  [[nodiscard]] size_t room(BitRate target, Micros now) {
    const uint64_t allowed = std::max(target, kLeastTarget).value / kShare;
    const uint64_t spent = spent_.rate(now);
    return static_cast<size_t>((allowed - std::min(allowed, spent)) / 8);
  }
  void spend(size_t bytes, Micros now) { spent_.update(bytes, now); }

 private:
  RateCalculator spent_{Millis{1000}};
};

}  // namespace sluice::rtcp
