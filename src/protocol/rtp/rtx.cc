#include "protocol/rtp/rtx.h"

#include <cstring>

namespace sluice::rtp {

std::optional<PacketView> decode_rtx(const PacketView& rtx, MutableBytes buffer, Ssrc media_ssrc,
                                     PayloadType media_payload_type) {
  const size_t header_size = rtx.header_size();
  const Bytes payload = rtx.payload();
  if (payload.size() < kOsnSize || buffer.size() < header_size + payload.size()) {
    return std::nullopt;
  }
  const uint16_t original = load_be16(payload.data());
  const bool marker = rtx.marker();
  const size_t size = header_size + payload.size() - kOsnSize;

  std::memmove(&buffer[kOsnSize], buffer.data(), header_size);
  const MutableBytes packet = buffer.subspan(kOsnSize, size);
  packet[0] = static_cast<uint8_t>(packet[0] & ~0x20);
  packet[1] = static_cast<uint8_t>((marker ? 0x80 : 0) | (media_payload_type.value & 0x7f));
  store_be16(&packet[2], original);
  store_be32(&packet[8], media_ssrc.value);

  // Cannot fail: the structure is that of a packet parsed before, less its padding.
  const auto restored = PacketView::parse(packet);
  return restored ? std::optional(*restored) : std::nullopt;
}

}  // namespace sluice::rtp
