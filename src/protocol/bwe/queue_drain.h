// Empties a queue that stands. Delay-based control sees a queue grow, not how long it is: after an
// overuse it sends 15 % less than the link takes, which needs many seconds for a deep buffer, and
// two flows that together just fill the link keep it full. When the round trip stays far above that
// of an empty path, less is sent until the queue is gone. If that does not help, the queue is
// somebody else's, and it is left alone for a while. Meanwhile base layers may have more than the
// rest: video that stops altogether costs more than a queue that takes longer to go.
#pragma once

#include <algorithm>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/rate.h"

namespace sluice::bwe {

class QueueDrain {
 public:
  /// The queue was at least this long for kStanding.
  static constexpr Micros kStart{250'000};
  static constexpr Micros kStanding{500'000};
  static constexpr Micros kEnd{100'000};
  /// Of what gets through. The rest of the link empties the queue, which takes as long as it is.
  static constexpr double kShare = 0.5;
  static constexpr int kPatience = 3;  ///< times that time
  /// Of what gets through, for base layers: the queue is gone just when the patience ends.
  static constexpr double kBaseShare = 1 - 1.0 / kPatience;
  static constexpr Micros kRest{10'000'000};

  /// One feedback's round trip, that of the empty path, and what gets through.
  void update(Micros round_trip, Micros propagation, BitRate acked, Micros now) {
    if (limit_) {
      // The empty path is forgotten after a while of full queues, but not while they drain.
      propagation_ = std::min(propagation_, propagation);
      end_when_due(round_trip - propagation_, now);
      return;
    }
    const Micros queue = round_trip - propagation;
    if (queue < kStart) {
      standing_since_.reset();
      return;
    }
    standing_since_ = standing_since_.value_or(now);
    if (now - *standing_since_ >= kStanding && now >= rest_until_) {
      limit_ = scaled(acked, kShare);
      propagation_ = propagation;
      give_up_at_ = now + kPatience * queue;
    }
  }

  /// The most to send while the queue drains.
  [[nodiscard]] std::optional<BitRate> limit() const { return limit_; }
  /// The same for base layers.
  [[nodiscard]] std::optional<BitRate> base_limit() const {
    return limit_ ? std::optional(scaled(*limit_, kBaseShare / kShare)) : std::nullopt;
  }

 private:
  void end_when_due(Micros queue, Micros now) {
    const bool given_up = now >= give_up_at_;
    if (queue < kEnd || given_up) {
      limit_.reset();
      standing_since_.reset();
      rest_until_ = given_up ? now + kRest : now;
    }
  }

  std::optional<BitRate> limit_;
  std::optional<Micros> standing_since_;
  Micros propagation_{0};
  Micros give_up_at_{0};
  Micros rest_until_{Micros::min()};
};

}  // namespace sluice::bwe
