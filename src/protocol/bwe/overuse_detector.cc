#include "protocol/bwe/overuse_detector.h"

#include <algorithm>
#include <cmath>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {

LinkUsage OveruseDetector::update(double modified, double slope, Micros send_delta,
                                  Micros arrival) {
  if (modified > threshold_) {
    // It is not known when within the first interval the threshold was crossed.
    overusing_ = overusing_ ? *overusing_ + send_delta : send_delta / 2;
    ++above_;
    if (*overusing_ > kOveruseTime && above_ > 1 && slope >= last_slope_) {
      overusing_ = Micros(0);
      above_ = 0;
      usage_ = LinkUsage::kOveruse;
    }
  } else {
    overusing_.reset();
    above_ = 0;
    usage_ = modified < -threshold_ ? LinkUsage::kUnderuse : LinkUsage::kNormal;
  }
  last_slope_ = slope;
  adapt(modified, arrival);
  return usage_;
}

void OveruseDetector::adapt(double modified, Micros arrival) {
  const Micros since = adapted_at_ ? arrival - *adapted_at_ : Micros(0);
  adapted_at_ = arrival;
  const double size = std::abs(modified);
  if (size > threshold_ + kMaxAdaptOffset) {
    return;
  }
  const double gain = size < threshold_ ? kGainDown : kGainUp;
  const Micros time = std::clamp(since, Micros(0), kMaxAdaptTime);
  threshold_ += gain * (size - threshold_) * to_ms(time);
  threshold_ = std::clamp(threshold_, kMinThreshold, kMaxThreshold);
}

}  // namespace sluice::bwe
