#include "protocol/srtp/packet_layout.h"

#include <algorithm>

namespace sluice::srtp {

size_t rtp_header_size(Bytes packet) {
  if (packet.size() < kRtpFixedHeaderSize) {
    return 0;
  }
  size_t size = kRtpFixedHeaderSize + size_t{4} * (packet[0] & 0x0f);
  const bool has_extension = (packet[0] & 0x10) != 0;
  if (has_extension) {
    if (packet.size() < size + 4) {
      return 0;
    }
    size += 4 + size_t{4} * load_be16(&packet[size + 2]);
  }
  return size <= packet.size() ? size : 0;
}

Iv make_iv(bool aead, Bytes salt, Ssrc ssrc, uint64_t index) {
  // GCM: 00 00 || SSRC || index. AES-CM: 00 00 00 00 || SSRC || index || 00 00.
  Iv iv{};
  uint8_t* p = iv.data() + (aead ? 2 : 4);
  store_be32(p, ssrc.value);
  store_be16(p + 4, static_cast<uint16_t>(index >> 32));
  store_be32(p + 6, static_cast<uint32_t>(index));
  for (size_t i = 0; i < std::min(salt.size(), iv.size()); ++i) {
    iv[i] ^= salt[i];
  }
  return iv;
}

}  // namespace sluice::srtp
