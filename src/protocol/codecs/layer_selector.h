// Which packets of a stream with spatial and temporal layers one consumer gets (media-plane 5.12,
// 5.13): those of its current layers. These follow the target layers where the stream allows it: up
// in space at a key frame, up in time where the stream says so, down at the end of a frame of the
// target layer.
//
// A packet that arrives late is judged by the layers that were current at its picture, not by those
// of now. Nothing allocates.
#pragma once

#include <cstdint>

#include "protocol/codecs/layer_history.h"

namespace sluice::codecs {

/// What a selector needs to know of a packet.
struct LayerFrame {
  /// Rises with the pictures (VP9) or frames (dependency descriptor) in decode order, wrapping.
  uint16_t number = 0;
  bool has_number = false;
  uint8_t spatial = 0;
  uint8_t temporal = 0;
  bool key_frame = false;  ///< the first packet of a key frame
  bool begins = false;     ///< the first packet of a layer frame
  bool ends = false;       ///< the last packet of a layer frame
  bool marker = false;     ///< as received
  /// VP9: this temporal layer may be taken up with this frame.
  bool switching_up = false;
  /// Dependency descriptor: bit t for a temporal layer that may be taken up behind this frame.
  uint8_t switch_temporal_layers = 0;
  /// Bit s for a spatial layer whose receivers need this frame. Only looked at for K-SVC.
  uint8_t needed_by_spatial_layers = 0xff;
};

class LayerSelector {
 public:
  struct Options {
    uint8_t spatial_layers = 1;
    uint8_t temporal_layers = 1;
    bool key_frame_svc = false;
    /// Width of the numbers: 15 for VP9 picture ids, 16 for frame numbers.
    uint8_t number_bits = 16;
  };

  explicit LayerSelector(const Options& options) : options_(options) {}

  /// -1 in either for none: then no packet is accepted, and starting again takes a key frame.
  void set_target(Layers target);
  [[nodiscard]] Layers current() const { return current_; }

  /// The next packet starts the flow anew; its number says nothing about earlier ones.
  void sync() { sync_required_ = true; }

  /// True when the packet goes out. `marker` is then the marker it gets: set on the last packet of
  /// the picture as this consumer sees it.
  bool accept(const LayerFrame& frame, bool& marker);

 private:
  [[nodiscard]] int64_t extended(uint16_t number) const;
  void follow_spatial_target(const LayerFrame& frame);
  void follow_temporal_target(const LayerFrame& frame);
  [[nodiscard]] bool passes_spatial(const LayerFrame& frame, Layers layers) const;
  bool judge_new(const LayerFrame& frame);
  bool judge_old(const LayerFrame& frame, Layers layers) const;

  Options options_;
  Layers target_;
  Layers current_;
  bool sync_required_ = true;
  bool has_highest_ = false;
  int64_t highest_ = 0;  ///< number of the newest packet, accepted or not
  LayerHistory history_;
};

}  // namespace sluice::codecs
