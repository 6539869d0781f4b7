// The VP8 payload descriptor (RFC 7741 section 4.2).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sluice::codecs {

struct Vp8Descriptor {
  bool starts_partition = false;  ///< S
  uint8_t partition = 0;          ///< PID
  bool key_frame = false;         ///< the first packet of a key frame

  bool has_picture_id = false;
  bool has_tl0 = false;
  bool has_temporal_layer = false;  ///< T
  bool has_key_index = false;       ///< K
  uint16_t picture_id = 0;          ///< 7 or 15 bits, see `picture_id_size`
  uint8_t tl0_picture_index = 0;    ///< TL0PICIDX
  uint8_t temporal_layer = 0;       ///< TID, 0..3
  bool layer_sync = false;          ///< Y
  uint8_t key_index = 0;            ///< KEYIDX

  // Where things lie in the payload, in bytes.
  uint8_t picture_id_offset = 0;
  uint8_t picture_id_size = 0;  ///< 1 or 2
  uint8_t tl0_offset = 0;
  uint8_t size = 0;  ///< of the whole descriptor, 1..6
};

/// Nothing when the payload ends inside the descriptor.
std::optional<Vp8Descriptor> parse_vp8(Bytes payload);

}  // namespace sluice::codecs
