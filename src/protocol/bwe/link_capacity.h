// Where the bottleneck's capacity is, learnt from the rates that got through while it was full
// (media-plane 8.5.4). Tells rate control when to grow carefully.
#pragma once

#include <optional>

#include "base/types.h"

namespace sluice::bwe {

class LinkCapacity {
 public:
  static constexpr double kOveruseWeight = 0.05;
  static constexpr double kProbeWeight = 0.5;
  static constexpr double kMinDeviation = 0.4;
  static constexpr double kMaxDeviation = 2.5;

  /// The link was overused while `acked` got through.
  void on_overuse(BitRate acked) { update(acked, kOveruseWeight); }
  /// A probe measured `rate`.
  void on_probe(BitRate rate) { update(rate, kProbeWeight); }
  void reset() { kbps_.reset(); }

  /// Nothing while unknown.
  [[nodiscard]] std::optional<BitRate> estimate() const;
  /// Three standard deviations around the estimate. Only while it is known.
  [[nodiscard]] BitRate lower() const;
  [[nodiscard]] BitRate upper() const;

 private:
  void update(BitRate rate, double weight);
  [[nodiscard]] double deviation_kbps() const;

  std::optional<double> kbps_;
  double deviation_ = kMinDeviation;  ///< variance in kbit/s, normalised by the estimate
};

}  // namespace sluice::bwe
