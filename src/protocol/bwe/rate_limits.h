// The limits between which a sender's estimate moves: what the user configured and what consumers
// want (media-plane 8.2).
#pragma once

#include "base/error.h"
#include "base/types.h"
#include "protocol/bwe/rate.h"
#include "protocol/rtcp/rate_calculator.h"

namespace sluice::bwe {

class RateLimits {
 public:
  static constexpr BitRate kDefaultInitial{600'000};
  /// Room to grow beyond what is wanted now.
  static constexpr double kDesiredFactor = 1.35;
  /// A new maximum this close to the old one changes nothing.
  static constexpr double kHysteresis = 0.10;
  static constexpr double kPaddingFactor = 0.85;

  /// How fast a lower desired rate takes effect.
  enum class Fall : uint8_t {
    kSlow,    ///< by 5 % per second: consumers come back soon, as a rule
    kAtOnce,  ///< when something was paused or closed
  };

  /// Where the estimate starts; at least 30 kbit/s.
  void set_initial(BitRate initial);
  /// The most that may be sent; 0 for no limit, otherwise at least 30 kbit/s and the minimum.
  Result<void> set_max(BitRate max);
  /// The least that the estimate falls to; 0 for 30 kbit/s, otherwise at least that and at most the
  /// maximum.
  Result<void> set_min(BitRate min);
  /// What all consumers together would use.
  void set_desired(BitRate desired, Fall fall, Micros now);

  [[nodiscard]] BitRate initial() const { return initial_; }
  [[nodiscard]] BitRate min() const { return std::max(configured_min_, kLowestRate); }
  /// The most that the estimate rises to.
  [[nodiscard]] BitRate max() const { return max_; }
  /// The most that is filled up with padding.
  [[nodiscard]] BitRate max_padding() const { return scaled(max_, kPaddingFactor); }
  /// What is wanted, falls smoothed.
  [[nodiscard]] BitRate desired() const { return BitRate(desired_.value()); }

 private:
  void compute_max();

  BitRate initial_ = kDefaultInitial;
  BitRate configured_min_;
  BitRate configured_max_;
  rtcp::TrendCalculator desired_;
  BitRate wanted_max_ = kDefaultInitial;  ///< before the configured maximum
  BitRate max_ = kDefaultInitial;
};

}  // namespace sluice::bwe
