#include "protocol/codecs/layer_selector.h"

#include <algorithm>
#include <bit>

#include "base/types.h"

namespace sluice::codecs {

void LayerSelector::set_target(Layers target) {
  target_ = target;
  if (target.spatial < 0 || target.temporal < 0) {
    target_ = {};
    current_ = {};
  }
}

int64_t LayerSelector::extended(uint16_t number) const {
  return options_.number_bits == 15 ? extend<15>(number, highest_) : extend<16>(number, highest_);
}

bool LayerSelector::accept(const LayerFrame& frame, bool& marker) {
  if (frame.spatial >= options_.spatial_layers || frame.temporal >= options_.temporal_layers ||
      target_.spatial < 0) {
    return false;
  }
  if (sync_required_) {
    sync_required_ = false;
    has_highest_ = false;
    history_.clear();
  }
  int64_t number = frame.number;
  Layers layers;
  bool accepted;
  if (has_highest_ && frame.has_number && (number = extended(frame.number)) < highest_) {
    layers = history_.at(number, current_);
    accepted = judge_old(frame, layers);
  } else {
    const Layers before = current_;
    accepted = judge_new(frame);
    layers = current_;
    if (frame.has_number) {
      has_highest_ = true;
      highest_ = number;
      if (history_.empty() || layers != before) {
        history_.add(number, layers);
      }
    }
  }
  // A marker that comes with a lower layer says that the picture has no layers above.
  marker = frame.spatial == layers.spatial ? frame.ends : frame.marker;
  return accepted;
}

bool LayerSelector::passes_spatial(const LayerFrame& frame, Layers layers) const {
  return frame.spatial <= layers.spatial &&
         (!options_.key_frame_svc || (frame.needed_by_spatial_layers >> layers.spatial & 1) != 0);
}

bool LayerSelector::judge_old(const LayerFrame& frame, Layers layers) const {
  return passes_spatial(frame, layers) && frame.temporal <= layers.temporal;
}

bool LayerSelector::judge_new(const LayerFrame& frame) {
  follow_spatial_target(frame);
  if (!passes_spatial(frame, current_)) {
    return false;
  }
  follow_temporal_target(frame);
  if (frame.temporal > current_.temporal) {
    return false;
  }
  const int wanted = frame.switch_temporal_layers & ((2 << target_.temporal) - 1);
  const int highest = std::bit_width(static_cast<unsigned>(wanted)) - 1;
  current_.temporal = std::max(current_.temporal, static_cast<int8_t>(highest));
  return true;
}

void LayerSelector::follow_spatial_target(const LayerFrame& frame) {
  if (target_.spatial > current_.spatial) {
    if (frame.key_frame) {
      current_ = {.spatial = target_.spatial, .temporal = 0};
    }
  } else if (target_.spatial < current_.spatial) {
    // Under K-SVC only a key frame connects to the lower layers; else they have come all along, and
    // with them all their temporal layers.
    if (options_.key_frame_svc) {
      if (frame.key_frame) {
        current_ = {.spatial = target_.spatial, .temporal = 0};
      }
    } else if (frame.spatial == target_.spatial && frame.ends) {
      current_.spatial = target_.spatial;
    }
  }
}

void LayerSelector::follow_temporal_target(const LayerFrame& frame) {
  if (target_.temporal > current_.temporal) {
    const bool may_switch = current_.temporal < 0 || frame.switching_up;
    if (frame.temporal > current_.temporal && frame.temporal <= target_.temporal && may_switch &&
        frame.begins) {
      current_.temporal = static_cast<int8_t>(frame.temporal);
    }
  } else if (target_.temporal < current_.temporal) {
    if (frame.temporal == target_.temporal && frame.ends) {
      current_.temporal = target_.temporal;
    }
  }
}

}  // namespace sluice::codecs
