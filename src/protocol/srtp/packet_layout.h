// The parts of a packet that SRTP looks at, and the initialisation vectors made from them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/srtp/backend.h"

namespace sluice::srtp {

/// RTP header without CSRCs and extension (RFC 3550 section 5.1).
inline constexpr size_t kRtpFixedHeaderSize = 12;
/// RTCP header and sender SSRC, which stay in the clear (RFC 3711 section 3.4).
inline constexpr size_t kRtcpClearSize = 8;

/// Sequence number and SSRC of an RTP packet of at least 12 bytes.
inline SeqNum rtp_seq(const uint8_t* packet) {
  return SeqNum(load_be16(packet + 2));
}
inline Ssrc rtp_ssrc(const uint8_t* packet) {
  return Ssrc(load_be32(packet + 8));
}
/// Sender SSRC of an RTCP packet of at least 8 bytes.
inline Ssrc rtcp_ssrc(const uint8_t* packet) {
  return Ssrc(load_be32(packet + 4));
}

/// Bytes of the RTP header with CSRCs and extension, which stay in the clear. 0 when `packet` is
/// shorter than its header says.
size_t rtp_header_size(Bytes packet);

/// The initialisation vector of one packet. `index` is ROC || SEQ for RTP and the 31-bit SRTCP
/// index for RTCP; the formulas of RFC 3711 section 4.1.1 and RFC 7714 sections 8.1 and 9.1 differ
/// only in where they put the same three numbers.
Iv make_iv(bool aead, Bytes salt, Ssrc ssrc, uint64_t index);

}  // namespace sluice::srtp
