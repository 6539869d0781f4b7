// Dependency structures as encoders use them, and the descriptors of streams that follow them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {

/// A stream of 1..3 spatial and 1..3 temporal layers. The temporal pattern is 0, 0 1 or 0 2 1 2;
/// frames refer to their own spatial layer and, in full SVC or in key pictures, to the one below.
class LayeredStream {
 public:
  struct Frame {
    uint16_t number = 0;
    uint8_t spatial_layer = 0;
    uint8_t temporal_layer = 0;
    uint8_t template_id = 0;
    bool key = false;  ///< the first of a key picture
    std::vector<uint16_t> frame_diffs;
  };

  LayeredStream(uint8_t spatial_layers, uint8_t temporal_layers, bool key_frame_svc,
                uint16_t first_number = 0, uint8_t template_offset = 0);

  /// The frames of the next picture, lowest spatial layer first. A key picture starts the pattern
  /// anew.
  std::vector<Frame> next_picture(bool key = false);

  /// The descriptor of one packet of `frame`; with the structure on the first one of a key frame.
  [[nodiscard]] Payload descriptor(const Frame& frame, bool start = true, bool end = true) const;

  [[nodiscard]] const StructureFields& structure() const { return structure_; }

 private:
  [[nodiscard]] std::string_view indications(uint8_t spatial, uint8_t temporal, bool key);
  [[nodiscard]] std::vector<uint16_t> frame_diffs(uint8_t spatial, unsigned position,
                                                  bool key) const;
  [[nodiscard]] uint8_t template_index(uint8_t spatial, unsigned position, bool key) const;

  uint8_t spatial_layers_;
  uint8_t temporal_layers_;
  bool key_frame_svc_;
  uint16_t number_;
  unsigned position_ = 0;  ///< in the temporal pattern
  std::vector<std::string> strings_;
  StructureFields structure_;
};

}  // namespace sluice::codecs
