#include "protocol/bwe/acked_rate.h"

#include <algorithm>
#include <cmath>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {
namespace {

constexpr double kUncertaintyScale = 10;
/// Variance that each sample adds to what is known: rates do not stand still.
constexpr double kDrift = 5;

}  // namespace

void AckedRate::on_packet(Micros arrival, size_t size) {
  if (const auto sample = end_window(arrival)) {
    add_sample(*sample);
  }
  window_bytes_ += size;
}

std::optional<double> AckedRate::end_window(Micros arrival) {
  const Micros length = kbps_ ? kWindow : kInitialWindow;
  const Micros gap = last_arrival_ ? arrival - *last_arrival_ : Micros::max();
  last_arrival_ = arrival;
  if (gap < Micros(0) || gap > length) {
    // The first packet, or nothing was sent, or the receiver's clock went back, or packets were
    // reported late.
    window_time_ = Micros(0);
    window_bytes_ = 0;
    return std::nullopt;
  }
  window_time_ += gap;
  if (window_time_ < length) {
    return std::nullopt;
  }
  const double kbps = to_kbps(rate_of(window_bytes_, length));
  window_time_ -= length;
  window_bytes_ = 0;
  return kbps;
}

void AckedRate::add_sample(double kbps) {
  if (!kbps_) {
    kbps_ = kbps;
    return;
  }
  const double off = kUncertaintyScale * std::abs(*kbps_ - kbps) / std::max(*kbps_, 1.0);
  const double sample_variance = off * off;
  const double prior_variance = variance_ + kDrift;
  const double total = sample_variance + prior_variance;
  kbps_ = (sample_variance * *kbps_ + prior_variance * kbps) / total;
  variance_ = sample_variance * prior_variance / total;
}

std::optional<BitRate> AckedRate::rate() const {
  return kbps_ ? std::optional(scaled(kilobits(1), *kbps_)) : std::nullopt;
}

}  // namespace sluice::bwe
