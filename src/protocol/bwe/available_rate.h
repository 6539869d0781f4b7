// Which changes of the available rate are worth a new distribution among consumers (media-plane
// 8.2): the first one, large ones at once, others once a second.
#pragma once

#include <optional>

#include "base/types.h"
#include "protocol/bwe/rate.h"

namespace sluice::bwe {

class AvailableRate {
 public:
  static constexpr Micros kInterval{1'000'000};
  static constexpr double kLargeFall = 0.75;
  static constexpr double kLargeRise = 1.5;

  /// The estimate was updated to `rate`. True when that is to be told.
  bool update(BitRate rate, Micros now) {
    const bool due = !told_ || now - told_at_ >= kInterval || rate < scaled(*told_, kLargeFall) ||
                     rate > scaled(*told_, kLargeRise);
    if (due) {
      told_ = rate;
      told_at_ = now;
    }
    return due;
  }
  /// The rate was distributed for another reason: the next second begins now.
  void distributed(BitRate rate, Micros now) {
    told_ = rate;
    told_at_ = now;
  }

 private:
  std::optional<BitRate> told_;
  Micros told_at_{0};
};

}  // namespace sluice::bwe
