#include "protocol/codecs/h264.h"

#include <cstdint>

namespace sluice::codecs {
namespace {

// NAL unit types (RFC 6184 table 1).
constexpr uint8_t kIdr = 5;
constexpr uint8_t kSps = 7;
constexpr uint8_t kStapA = 24;
constexpr uint8_t kFuA = 28;
constexpr uint8_t kFuB = 29;

constexpr uint8_t kTypeMask = 0x1f;
constexpr uint8_t kFuStart = 0x80;

}  // namespace

bool starts_h264_key_frame(Bytes payload, bool idr_counts) {
  const auto counts = [idr_counts](uint8_t octet) {
    const uint8_t type = octet & kTypeMask;
    return type == kSps || (idr_counts && type == kIdr);
  };
  // One byte is a NAL header without content.
  if (payload.size() < 2) {
    return false;
  }
  switch (payload[0] & kTypeMask) {
    case kStapA: {
      ByteReader reader(payload.subspan(1));
      while (reader.remaining() > 0) {
        const Bytes unit = reader.bytes(reader.u16());
        if (!reader.ok()) {
          return false;
        }
        if (!unit.empty() && counts(unit[0])) {
          return true;
        }
      }
      return false;
    }
    case kFuA:
    case kFuB:
      return (payload[1] & kFuStart) != 0 && counts(payload[1]);
    default:
      return counts(payload[0]);
  }
}

}  // namespace sluice::codecs
