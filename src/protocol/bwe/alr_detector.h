// Tells whether the sender is application limited: it sends well below its estimate because it has
// nothing more to send, so what gets through says nothing about the link (media-plane 8.5.8).
#pragma once

#include <optional>

#include "base/types.h"
#include "protocol/bwe/interval_budget.h"

namespace sluice::bwe {

class AlrDetector {
 public:
  /// The share of the estimate that counts as using it.
  static constexpr double kUsage = 0.80;
  static constexpr double kStartRatio = 0.40;
  static constexpr double kStopRatio = -0.60;

  AlrDetector(BitRate estimate, Micros now) : budget_(scaled(estimate, kUsage)), last_(now) {}

  void set_estimate(BitRate estimate) { budget_.set_rate(scaled(estimate, kUsage)); }
  /// `bytes` were sent; 0 when only time went by.
  void on_sent(size_t bytes, Micros now) {
    budget_.earn(std::max(now - last_, Micros(0)));
    budget_.spend(bytes);
    last_ = std::max(last_, now);
    if (!since_ && budget_.ratio() > kStartRatio) {
      since_ = now;
    } else if (since_ && budget_.ratio() < kStopRatio) {
      since_.reset();
    }
  }

  /// Since when the sender is limited by the application; nothing while it is not.
  [[nodiscard]] std::optional<Micros> since() const { return since_; }

 private:
  IntervalBudget budget_;
  Micros last_;
  std::optional<Micros> since_;
};

}  // namespace sluice::bwe
