// Tells from the delay trend whether the link is used beyond its capacity, with a threshold that
// follows the trend's own noise so that loss-based competitors do not starve us
// (media-plane 8.5.3).
#pragma once

#include <optional>

#include "base/types.h"

namespace sluice::bwe {

enum class LinkUsage : uint8_t {
  kNormal,
  kUnderuse,  ///< a queue is draining
  kOveruse,   ///< a queue is building up
};

class OveruseDetector {
 public:
  static constexpr double kInitialThreshold = 12.5;  // ms
  static constexpr double kMinThreshold = 6;
  static constexpr double kMaxThreshold = 600;
  /// A trend this far above the threshold is a jump, not noise to adapt to.
  static constexpr double kMaxAdaptOffset = 15;
  static constexpr double kGainUp = 0.0087;
  static constexpr double kGainDown = 0.039;
  static constexpr Micros kMaxAdaptTime{100'000};
  /// How long the trend must stay above the threshold.
  static constexpr Micros kOveruseTime{10'000};

  /// A new trend: `modified` in the threshold's unit, `slope` as it is. `send_delta` is the time
  /// between the two groups, `arrival` when the newer one arrived.
  LinkUsage update(double modified, double slope, Micros send_delta, Micros arrival);

  [[nodiscard]] LinkUsage usage() const { return usage_; }
  [[nodiscard]] double threshold() const { return threshold_; }

 private:
  void adapt(double modified, Micros arrival);

  LinkUsage usage_ = LinkUsage::kNormal;
  double threshold_ = kInitialThreshold;
  double last_slope_ = 0;
  std::optional<Micros> overusing_;  ///< for how long the trend has been above the threshold
  int above_ = 0;                    ///< updates above it
  std::optional<Micros> adapted_at_;
};

}  // namespace sluice::bwe
