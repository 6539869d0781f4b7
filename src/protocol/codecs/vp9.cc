#include "protocol/codecs/vp9.h"

namespace sluice::codecs {
namespace {

// RFC 9628: a picture names at most three references.
constexpr int kMaxReferences = 3;

}  // namespace

std::optional<Vp9Descriptor> parse_vp9(Bytes payload) {
  ByteReader reader(payload);
  Vp9Descriptor d;
  const uint8_t first = reader.u8();
  d.has_picture_id = (first & 0x80) != 0;
  d.inter_picture_predicted = (first & 0x40) != 0;
  d.has_layers = (first & 0x20) != 0;
  d.flexible = (first & 0x10) != 0;
  d.start_of_frame = (first & 0x08) != 0;
  d.end_of_frame = (first & 0x04) != 0;
  d.has_scalability_structure = (first & 0x02) != 0;
  d.not_for_upper_layers = (first & 0x01) != 0;
  if (d.has_picture_id) {
    const uint8_t high = reader.u8();
    d.picture_id = high & 0x7f;
    d.picture_id_size = 1;
    if ((high & 0x80) != 0) {
      d.picture_id = static_cast<uint16_t>(d.picture_id << 8 | reader.u8());
      d.picture_id_size = 2;
    }
  }
  if (d.has_layers) {
    const uint8_t layers = reader.u8();
    d.temporal_layer = static_cast<uint8_t>(layers >> 5);
    d.switching_up = (layers & 0x10) != 0;
    d.spatial_layer = layers >> 1 & 0x07;
    d.inter_layer_predicted = (layers & 0x01) != 0;
    d.has_tl0 = !d.flexible;
    if (d.has_tl0) {
      d.tl0_picture_index = reader.u8();
    }
  }
  if (d.flexible && d.inter_picture_predicted) {
    bool more = true;
    for (int i = 0; i < kMaxReferences && more; ++i) {
      more = (reader.u8() & 0x01) != 0;
    }
  }
  if (!reader.ok()) {
    return std::nullopt;
  }
  d.key_frame = !d.inter_picture_predicted && d.start_of_frame && d.spatial_layer == 0;
  return d;
}

}  // namespace sluice::codecs
