#include "protocol/bwe/link_capacity.h"

#include <algorithm>
#include <cmath>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {
namespace {

BitRate from_kbps(double kbps) {
  return scaled(kilobits(1), std::max(kbps, 0.0));
}

}  // namespace

void LinkCapacity::update(BitRate rate, double weight) {
  const double sample = to_kbps(rate);
  kbps_ = kbps_ ? (1 - weight) * *kbps_ + weight * sample : sample;
  const double error = *kbps_ - sample;
  const double normalised = error * error / std::max(*kbps_, 1.0);
  deviation_ =
      std::clamp((1 - weight) * deviation_ + weight * normalised, kMinDeviation, kMaxDeviation);
}

double LinkCapacity::deviation_kbps() const {
  return std::sqrt(deviation_ * *kbps_);
}

std::optional<BitRate> LinkCapacity::estimate() const {
  return kbps_ ? std::optional(from_kbps(*kbps_)) : std::nullopt;
}

BitRate LinkCapacity::lower() const {
  return from_kbps(*kbps_ - 3 * deviation_kbps());
}

BitRate LinkCapacity::upper() const {
  return from_kbps(*kbps_ + 3 * deviation_kbps());
}

}  // namespace sluice::bwe
