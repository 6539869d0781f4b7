#include "protocol/layers/layer_rates.h"

#include <algorithm>

namespace sluice::layers {
namespace {

// Windows of media-plane 0.3, in buckets of 100 ms.
constexpr Millis kWindow{2500};
constexpr Millis kDtxWindow{6000};
constexpr Millis kBucket{100};
// Rates over less are chance: the first frames of a stream are larger than others.
constexpr Micros kLeastTime = 500ms;

}  // namespace

LayerRates::LayerRates(const Options& options)
    : spatial_layers_(std::max<uint8_t>(options.spatial_layers, 1)),
      temporal_layers_(std::max<uint8_t>(options.temporal_layers, 1)),
      window_(options.dtx ? kDtxWindow : kWindow) {
  const auto window = std::chrono::duration_cast<Millis>(window_);
  bins_.reserve(static_cast<size_t>(spatial_layers_) * temporal_layers_);
  for (int i = 0; i < spatial_layers_ * temporal_layers_; ++i) {
    bins_.emplace_back(window, rtcp::RateCalculator::kBitsPerSecond,
                       static_cast<uint32_t>(window / kBucket));
  }
}

rtcp::RateCalculator& LayerRates::bin(uint8_t spatial, uint8_t temporal) {
  const auto s = std::min<size_t>(spatial, spatial_layers_ - 1U);
  const auto t = std::min<size_t>(temporal, temporal_layers_ - 1U);
  return bins_[s * temporal_layers_ + t];
}

bool LayerRates::count(uint8_t spatial, uint8_t temporal, uint64_t bytes, Micros now) {
  bin(spatial, temporal).update(bytes, now);
  const bool begins = !since_ || now - last_ >= window_;
  if (begins) {
    since_ = now;
  }
  last_ = now;
  return begins;
}

uint64_t LayerRates::of_bin(rtcp::RateCalculator& bin, Micros now) const {
  const uint64_t rate = bin.rate(now);
  if (rate == 0) {
    return rate;
  }
  // What has come is also for the time until the next packet.
  const Micros time = std::clamp(now - *since_ + kBucket, kLeastTime, window_);
  return rate * static_cast<uint64_t>(window_ / 1us) / static_cast<uint64_t>(time / 1us);
}

uint64_t LayerRates::layer(uint8_t spatial, uint8_t temporal, Micros now) {
  return of_bin(bin(spatial, temporal), now);
}

uint64_t LayerRates::spatial_layer(uint8_t spatial, Micros now) {
  uint64_t sum = 0;
  for (uint8_t temporal = 0; temporal < temporal_layers_; ++temporal) {
    sum += layer(spatial, temporal, now);
  }
  return sum;
}

uint64_t LayerRates::up_to(uint8_t spatial, uint8_t temporal, Micros now) {
  if (layer(spatial, temporal, now) == 0) {
    return 0;
  }
  uint64_t sum = 0;
  for (uint8_t below = 0; below < spatial; ++below) {
    sum += spatial_layer(below, now);
  }
  for (uint8_t t = 0; t <= temporal && t < temporal_layers_; ++t) {
    sum += layer(spatial, t, now);
  }
  return sum;
}

uint64_t LayerRates::total(Micros now) {
  uint64_t sum = 0;
  for (uint8_t spatial = 0; spatial < spatial_layers_; ++spatial) {
    sum += spatial_layer(spatial, now);
  }
  return sum;
}

}  // namespace sluice::layers
