#include "protocol/codecs/vp8.h"

namespace sluice::codecs {

std::optional<Vp8Descriptor> parse_vp8(Bytes payload) {
  ByteReader reader(payload);
  Vp8Descriptor d;
  const uint8_t first = reader.u8();
  const bool extended = (first & 0x80) != 0;
  d.starts_partition = (first & 0x10) != 0;
  d.partition = first & 0x07;
  if (extended) {
    const uint8_t present = reader.u8();
    d.has_picture_id = (present & 0x80) != 0;
    d.has_tl0 = (present & 0x40) != 0;
    d.has_temporal_layer = (present & 0x20) != 0;
    d.has_key_index = (present & 0x10) != 0;
  }
  if (d.has_picture_id) {
    d.picture_id_offset = static_cast<uint8_t>(reader.position());
    const uint8_t high = reader.u8();
    d.picture_id = high & 0x7f;
    d.picture_id_size = 1;
    if ((high & 0x80) != 0) {
      d.picture_id = static_cast<uint16_t>(d.picture_id << 8 | reader.u8());
      d.picture_id_size = 2;
    }
  }
  if (d.has_tl0) {
    d.tl0_offset = static_cast<uint8_t>(reader.position());
    d.tl0_picture_index = reader.u8();
  }
  if (d.has_temporal_layer || d.has_key_index) {
    const uint8_t layers = reader.u8();
    d.temporal_layer = static_cast<uint8_t>(layers >> 6);
    d.layer_sync = (layers & 0x20) != 0;
    d.key_index = layers & 0x1f;
  }
  if (!reader.ok()) {
    return std::nullopt;
  }
  d.size = static_cast<uint8_t>(reader.position());
  // The inverse key bit opens the VP8 frame header, so it is only there at the start of a frame.
  d.key_frame = d.starts_partition && d.partition == 0 && reader.remaining() > 0 &&
                (payload[d.size] & 0x01) == 0;
  return d;
}

}  // namespace sluice::codecs
