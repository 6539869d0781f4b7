// Which pictures of an H265 stream with temporal layers one consumer gets (media-plane 5.15).
#pragma once

#include <cstdint>

namespace sluice::codecs {

class TemporalSelector {
 public:
  /// What it needs to know of a packet.
  struct Picture {
    uint8_t temporal_layer = 0;
    bool key_frame = false;
    bool switching_up = false;      ///< this layer may be taken up with this picture
    bool switching_up_all = false;  ///< and all layers above
  };

  /// -1 for none: then nothing is accepted.
  void set_target(int target);
  /// -1 when there is no target.
  [[nodiscard]] int current() const { return target_ < 0 ? -1 : current_; }

  /// True when the packet goes out. Layers above the target stop at once; layers up to it start
  /// where the stream allows it.
  bool accept(const Picture& picture);

 private:
  int target_ = -1;
  int current_ = 0;
};

}  // namespace sluice::codecs
