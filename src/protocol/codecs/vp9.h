// The VP9 payload descriptor (RFC 9628 section 4.2), in flexible and non-flexible mode.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sluice::codecs {

struct Vp9Descriptor {
  bool inter_picture_predicted = false;    ///< P
  bool flexible = false;                   ///< F
  bool start_of_frame = false;             ///< B: first packet of a layer frame
  bool end_of_frame = false;               ///< E: last packet of a layer frame
  bool has_scalability_structure = false;  ///< V; the structure itself is not read
  bool not_for_upper_layers = false;       ///< Z
  bool key_frame = false;                  ///< the first packet of a key picture

  bool has_picture_id = false;
  bool has_layers = false;
  bool has_tl0 = false;
  uint16_t picture_id = 0;  ///< 7 or 15 bits, see `picture_id_size`
  uint8_t picture_id_size = 0;
  uint8_t temporal_layer = 0;          ///< TID, 0..7
  bool switching_up = false;           ///< U
  uint8_t spatial_layer = 0;           ///< SID, 0..7
  bool inter_layer_predicted = false;  ///< D
  uint8_t tl0_picture_index = 0;
};

/// Nothing when the payload ends before the scalability structure, or within a list of references.
std::optional<Vp9Descriptor> parse_vp9(Bytes payload);

}  // namespace sluice::codecs
