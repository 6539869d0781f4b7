// Tells apart the protocols that share one port (RFC 7983, RFC 9443): a table indexed by the first
// byte, then one more check, so that RTP costs one load and one branch.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "protocol/stun/message.h"

namespace sluice::ice {

enum class PacketClass : uint8_t {
  kStun,
  kRtcp,
  kRtp,
  kDtls,
  kSctp,     ///< without DTLS; only `classify_plain` says so
  kUnknown,  ///< to be dropped and counted
};

namespace internal {

enum class FirstByte : uint8_t { kUnknown, kStun, kDtls, kRtpOrRtcp };

/// 0..2 STUN, 20..63 DTLS, 128..191 version 2 of RTP and RTCP. ZRTP (16..19), TURN channels
/// (64..79) and QUIC (80..127, 192..255) have no business here.
constexpr std::array<FirstByte, 256> make_first_byte_table() {
  std::array<FirstByte, 256> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    table[i] = i < 3                 ? FirstByte::kStun
               : i >= 20 && i < 64   ? FirstByte::kDtls
               : i >= 128 && i < 192 ? FirstByte::kRtpOrRtcp
                                     : FirstByte::kUnknown;
  }
  return table;
}

inline constexpr std::array<FirstByte, 256> kFirstByte = make_first_byte_table();

/// The shortest thing of each kind: an RTCP header, an RTP header, a DTLS record header.
inline constexpr size_t kMinRtcpSize = 4;
inline constexpr size_t kMinRtpSize = 12;
inline constexpr size_t kMinDtlsSize = 13;

/// RTCP packet types lie in 192..223; as the second byte of RTP they would be payload types 64..95
/// with the marker bit, which are never negotiated.
constexpr bool is_rtcp_type(uint8_t second_byte) {
  return (second_byte & 0xe0) == 0xc0;
}

}  // namespace internal

/// The class of a datagram, or of a TCP frame, that came to a WebRTC transport.
inline PacketClass classify(Bytes datagram) {
  const size_t size = datagram.size();
  if (size < internal::kMinRtcpSize) {
    return PacketClass::kUnknown;
  }
  switch (internal::kFirstByte[datagram[0]]) {
    case internal::FirstByte::kRtpOrRtcp:
      if (internal::is_rtcp_type(datagram[1])) {
        return PacketClass::kRtcp;
      }
      return size >= internal::kMinRtpSize ? PacketClass::kRtp : PacketClass::kUnknown;
    case internal::FirstByte::kDtls:
      return size >= internal::kMinDtlsSize ? PacketClass::kDtls : PacketClass::kUnknown;
    case internal::FirstByte::kStun:
      return stun::is_stun(datagram) ? PacketClass::kStun : PacketClass::kUnknown;
    case internal::FirstByte::kUnknown:
      break;
  }
  return PacketClass::kUnknown;
}

/// The same for plain and pipe transports, where SCTP travels without DTLS between ports 5000.
inline PacketClass classify_plain(Bytes datagram) {
  constexpr size_t kSctpCommonHeaderSize = 12;
  constexpr uint32_t kSctpPorts = 5000u << 16 | 5000u;
  const PacketClass result = classify(datagram);
  if (result == PacketClass::kUnknown && datagram.size() >= kSctpCommonHeaderSize &&
      load_be32(datagram.data()) == kSctpPorts) {
    return PacketClass::kSctp;
  }
  return result;
}

}  // namespace sluice::ice
