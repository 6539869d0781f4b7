// The frame numbers of the dependency descriptor as one consumer gets them. They are shifted by a
// constant between two syncs and never made gapless: a descriptor names the frames that it refers
// to by their distance in frame numbers, so closing the gap of a dropped frame would make all
// frames behind it refer to the wrong ones.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace sluice::codecs {

class FrameNumbers {
 public:
  /// The next frame gets the number behind the highest one so far; the first one keeps its own.
  void sync() { sync_required_ = true; }

  /// The number that goes out for a frame that goes out.
  uint16_t map(uint16_t number) {
    if (sync_required_ && started_) {
      offset_ = static_cast<uint16_t>(highest_ + 1 - number);
    }
    sync_required_ = false;
    const auto mapped = static_cast<uint16_t>(number + offset_);
    if (!started_ || is_higher<16>(mapped, highest_)) {
      started_ = true;
      highest_ = mapped;
    }
    return mapped;
  }

 private:
  bool sync_required_ = false;
  bool started_ = false;
  uint16_t offset_ = 0;
  uint16_t highest_ = 0;
};

}  // namespace sluice::codecs
