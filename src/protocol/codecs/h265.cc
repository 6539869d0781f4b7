#include "protocol/codecs/h265.h"

namespace sluice::codecs {
namespace {

// NAL unit types (H.265 table 7-1; RFC 7798 section 1.1.4 and 4.4).
constexpr uint8_t kTsaN = 2, kTsaR = 3, kStsaN = 4, kStsaR = 5;
constexpr uint8_t kFirstIrap = 16, kLastIrap = 21;
constexpr uint8_t kVps = 32, kPps = 34;
constexpr uint8_t kAggregation = 48, kFragmentation = 49;

constexpr size_t kNalHeaderSize = 2;
constexpr uint8_t kFuStart = 0x80;

constexpr uint8_t type_of(uint8_t first_octet) {
  return first_octet >> 1 & 0x3f;
}

void note_unit(uint8_t type, bool starts, H265Payload& p) {
  const bool irap = type >= kFirstIrap && type <= kLastIrap;
  const bool tsa = type == kTsaN || type == kTsaR;
  p.key_frame = p.key_frame || (starts && (irap || (type >= kVps && type <= kPps)));
  p.switching_up_all = p.switching_up_all || irap || tsa;
  p.switching_up = p.switching_up || irap || tsa || type == kStsaN || type == kStsaR;
}

}  // namespace

std::optional<H265Payload> parse_h265(Bytes payload) {
  if (payload.size() <= kNalHeaderSize || (payload[1] & 0x07) == 0) {
    return std::nullopt;
  }
  H265Payload p;
  // In an aggregation packet this is the lowest id of its units, which are of one picture.
  p.temporal_layer = static_cast<uint8_t>((payload[1] & 0x07) - 1);
  const uint8_t type = type_of(payload[0]);
  if (type == kAggregation) {
    ByteReader reader(payload.subspan(kNalHeaderSize));
    while (reader.remaining() > 0) {
      const Bytes unit = reader.bytes(reader.u16());
      if (!reader.ok()) {
        break;
      }
      if (unit.size() >= kNalHeaderSize) {
        note_unit(type_of(unit[0]), true, p);
      }
    }
  } else if (type == kFragmentation) {
    const uint8_t header = payload[kNalHeaderSize];
    note_unit(header & 0x3f, (header & kFuStart) != 0, p);
  } else {
    note_unit(type, true, p);
  }
  return p;
}

}  // namespace sluice::codecs
