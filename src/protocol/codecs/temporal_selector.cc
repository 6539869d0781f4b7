#include "protocol/codecs/temporal_selector.h"

#include <algorithm>

namespace sluice::codecs {

void TemporalSelector::set_target(int target) {
  target_ = target;
  current_ = std::clamp(current_, 0, std::max(target, 0));
}

bool TemporalSelector::accept(const Picture& picture) {
  const int layer = picture.temporal_layer;
  if (layer > target_) {
    return false;
  }
  if (picture.key_frame) {
    // Nothing behind it refers to anything before it.
    current_ = target_;
  } else if (layer <= current_ + 1) {
    // A switching point only helps who has all layers below.
    if (picture.switching_up_all) {
      current_ = target_;
    } else if (picture.switching_up) {
      current_ = std::max(current_, layer);
    }
  }
  return layer <= current_;
}

}  // namespace sluice::codecs
