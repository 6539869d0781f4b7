#include "protocol/bwe/rate_limits.h"

#include <algorithm>
#include <string>

namespace sluice::bwe {
namespace {

std::string text(BitRate rate) {
  return std::to_string(rate.value) + " bit/s";
}

bool close_to(BitRate value, BitRate reference, double share) {
  return value >= scaled(reference, 1 - share) && value <= scaled(reference, 1 + share);
}

}  // namespace

void RateLimits::set_initial(BitRate initial) {
  initial_ = std::clamp(initial, kLowestRate, kHighestRate);
  wanted_max_ = initial_;  // exactly, however close it is
  compute_max();
}

Result<void> RateLimits::set_max(BitRate max) {
  if (max.value != 0 && max < kLowestRate) {
    return type_error("maximum outgoing bitrate " + text(max) + ": must be 0 or at least " +
                      text(kLowestRate));
  }
  if (max.value != 0 && max < configured_min_) {
    return type_error("maximum outgoing bitrate " + text(max) + ": below the minimum of " +
                      text(configured_min_));
  }
  configured_max_ = max;
  compute_max();
  return {};
}

Result<void> RateLimits::set_min(BitRate min) {
  if (min.value != 0 && min < kLowestRate) {
    return type_error("minimum outgoing bitrate " + text(min) + ": must be 0 or at least " +
                      text(kLowestRate));
  }
  if (configured_max_.value != 0 && min > configured_max_) {
    return type_error("minimum outgoing bitrate " + text(min) + ": above the maximum of " +
                      text(configured_max_));
  }
  configured_min_ = min;
  compute_max();
  return {};
}

void RateLimits::set_desired(BitRate desired, Fall fall, Micros now) {
  desired = std::min(desired, kHighestRate);
  if (fall == Fall::kAtOnce) {
    desired_.force(desired.value, now);
  } else {
    desired_.update(desired.value, now);
  }
  compute_max();
}

void RateLimits::compute_max() {
  const BitRate wanted = std::max(initial_, scaled(desired(), kDesiredFactor));
  if (!close_to(wanted, wanted_max_, kHysteresis)) {
    wanted_max_ = wanted;
  }
  max_ = wanted_max_;
  if (configured_max_.value != 0) {
    max_ = std::min(max_, configured_max_);
  }
  max_ = std::max(max_, min());
}

}  // namespace sluice::bwe
