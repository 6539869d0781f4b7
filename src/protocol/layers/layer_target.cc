#include "protocol/layers/layer_target.h"

#include <algorithm>
#include <utility>

namespace sluice::layers {
namespace {

// A stream that just started may stop again at once: encoders try layers out.
constexpr Micros kSettleTime = 2s;
// After congestion made a consumer step down, it does not climb above what it gets for this long.
constexpr Micros kConservativeTime = 10s;
// Only a consumer that had been sending for this long counts as having stepped down.
constexpr Micros kSteadyTime = 8s;

// How the rate of a loss-blind estimate is used (media-plane 7.5).
constexpr double kLowLossPercent = 2;
constexpr double kHighLossPercent = 10;
constexpr double kLowLossGain = 1.08;

}  // namespace

LayerTarget::LayerTarget(const Options& options)
    : options_(options),
      preferred_{static_cast<int8_t>(options.spatial_layers - 1),
                 static_cast<int8_t>(options.temporal_layers - 1)} {}

void LayerTarget::set_preferred(Layers preferred) {
  preferred_ = {
      std::min<int8_t>(preferred.spatial, static_cast<int8_t>(options_.spatial_layers - 1)),
      std::min<int8_t>(preferred.temporal, static_cast<int8_t>(options_.temporal_layers - 1))};
}

bool LayerTarget::conservative(Micros now) const {
  return downgraded_at_ && now - *downgraded_at_ < kConservativeTime;
}

bool LayerTarget::settled(const StreamState& stream, Micros now) const {
  return now - stream.active_since >= kSettleTime;
}

/// Whether packets of that spatial layer can be expected and used.
bool LayerTarget::usable(int8_t spatial, Streams streams, Micros now) const {
  if (!simulcast()) {
    // Before anything was measured every announced layer may be there.
    return streams[0].rates.total(now) == 0 ||
           streams[0].rates.spatial_layer(static_cast<uint8_t>(spatial), now) > 0;
  }
  return streams[static_cast<size_t>(spatial)].alive() && can_switch(spatial, streams);
}

Layers LayerTarget::wanted(Streams streams, Micros now) const {
  Layers best;
  if (streams.empty() || (!simulcast() && !streams[0].alive())) {
    return best;
  }
  for (int8_t spatial = 0; spatial < options_.spatial_layers; ++spatial) {
    if (best.spatial >= 0 && conservative(now) && spatial > current_spatial_) {
      continue;
    }
    if (!usable(spatial, streams, now)) {
      continue;
    }
    if (simulcast() && options_.managed && best.spatial >= 0 &&
        !settled(streams[static_cast<size_t>(spatial)], now)) {
      continue;
    }
    best.spatial = spatial;
    if (spatial >= preferred_.spatial) {
      break;
    }
  }
  if (best.spatial >= 0) {
    best.temporal = wanted_temporal(best.spatial);
  }
  return best;
}

/// A spatial layer above the preferred one is only taken when nothing else lives: as little of it
/// as possible.
int8_t LayerTarget::wanted_temporal(int8_t spatial) const {
  if (spatial == preferred_.spatial) {
    return preferred_.temporal;
  }
  return spatial < preferred_.spatial ? static_cast<int8_t>(options_.temporal_layers - 1)
                                      : int8_t{0};
}

bool LayerTarget::set_target(Layers target, Streams streams) {
  if (simulcast() && target.spatial >= 0 &&
      (!reference_ || !streams[static_cast<size_t>(*reference_)].clock)) {
    reference_ = target.spatial;
  }
  if (target == target_) {
    return false;
  }
  target_ = target;
  return true;
}

bool LayerTarget::can_switch(int8_t spatial, Streams streams) const {
  return !reference_ || *reference_ == spatial ||
         streams[static_cast<size_t>(spatial)].clock.has_value();
}

uint64_t LayerTarget::layer_bitrate(Layers layers, Streams streams, Micros now) const {
  const auto temporal = static_cast<uint8_t>(layers.temporal);
  if (simulcast()) {
    return streams[static_cast<size_t>(layers.spatial)].rates.layer(0, temporal, now);
  }
  return streams[0].rates.layer(static_cast<uint8_t>(layers.spatial), temporal, now);
}

/// What is no longer sent once a higher spatial layer replaces the provisional one.
uint64_t LayerTarget::replaced_bitrate(Streams streams, Micros now) const {
  switch (options_.scheme) {
    case Scheme::kSimulcast:
      return streams[static_cast<size_t>(provisional_.spatial)].rates.up_to(
          0, static_cast<uint8_t>(provisional_.temporal), now);
    case Scheme::kKeyFrameSvc:
      return streams[0].rates.spatial_layer(static_cast<uint8_t>(provisional_.spatial), now);
    case Scheme::kSvc:
      break;
  }
  return 0;
}

std::optional<LayerTarget::Step> LayerTarget::next_step(Streams streams, Micros now) const {
  const bool starting = provisional_.spatial < 0;
  for (int8_t spatial = 0; spatial < options_.spatial_layers; ++spatial) {
    if (!starting && conservative(now) && spatial > current_spatial_) {
      break;
    }
    if (spatial < provisional_.spatial) {
      continue;
    }
    if (simulcast()) {
      if (spatial > preferred_.spatial) {
        break;
      }
      const StreamState& stream = streams[static_cast<size_t>(spatial)];
      const bool unsettled = !starting && spatial != provisional_.spatial &&
                             !settled(stream, now) &&
                             settled(streams[static_cast<size_t>(provisional_.spatial)], now);
      if (!stream.alive() || unsettled || !can_switch(spatial, streams)) {
        continue;
      }
    }
    const int8_t highest = spatial == preferred_.spatial
                               ? preferred_.temporal
                               : static_cast<int8_t>(options_.temporal_layers - 1);
    for (int8_t temporal = 0; temporal <= highest; ++temporal) {
      if (spatial == provisional_.spatial && temporal <= provisional_.temporal) {
        continue;
      }
      const Layers layers{spatial, temporal};
      uint64_t required = layer_bitrate(layers, streams, now);
      if (required == 0) {
        break;
      }
      if (!starting && temporal == 0 && spatial > provisional_.spatial) {
        const uint64_t replaced = replaced_bitrate(streams, now);
        required = required > replaced ? required - replaced : 1;
      }
      return Step{layers, required};
    }
    if (spatial >= preferred_.spatial) {
      break;
    }
  }
  return std::nullopt;
}

uint64_t LayerTarget::increase(uint64_t bitrate, std::optional<double> loss_percent,
                               Streams streams, Micros now) {
  if (streams.empty() || (!simulcast() && !streams[0].alive()) || provisional_ == preferred_) {
    return 0;
  }
  auto usable_bitrate = static_cast<double>(bitrate);
  if (loss_percent && *loss_percent < kLowLossPercent) {
    usable_bitrate *= kLowLossGain;
  } else if (loss_percent && *loss_percent > kHighLossPercent) {
    usable_bitrate *= 1 - 0.5 * *loss_percent / 100;
  }
  const auto step = next_step(streams, now);
  if (!step || static_cast<double>(step->required) > usable_bitrate) {
    return 0;
  }
  provisional_ = step->layers;
  return std::min(step->required, bitrate);
}

bool LayerTarget::apply(Micros sending_since, Streams streams, Micros now) {
  const Layers chosen = std::exchange(provisional_, Layers{});
  const bool changed = set_target(chosen, streams);
  if (now - sending_since > kSteadyTime && target_.spatial < current_spatial_ &&
      current_spatial_ <= preferred_.spatial) {
    downgraded_at_ = now;
  }
  return changed;
}

uint64_t LayerTarget::desired_bitrate(uint64_t max_bitrate, Streams streams, Micros now) const {
  uint64_t desired = 0;
  if (simulcast()) {
    for (StreamState& stream : streams) {
      desired = std::max(desired, stream.rates.total(now));
    }
  } else if (!streams.empty()) {
    if (options_.scheme == Scheme::kSvc) {
      desired = streams[0].rates.total(now);
    } else {
      for (uint8_t spatial = 0; spatial < options_.spatial_layers; ++spatial) {
        desired = std::max(desired, streams[0].rates.spatial_layer(spatial, now));
      }
    }
  }
  return std::max(desired, max_bitrate);
}

}  // namespace sluice::layers
