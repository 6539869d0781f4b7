// RTX retransmission payload (RFC 4588, media-plane 5.9). An RTX packet is the original packet with
// its sequence number (OSN) in front of the payload, sent with an SSRC, a payload type and sequence
// numbers of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtp/packet_view.h"

namespace sluice::rtp {

inline constexpr size_t kOsnSize = 2;

/// Restores the original packet from `rtx`, in the buffer that `rtx` was parsed from (`buffer`,
/// which starts at the packet's first byte and holds all of it). The header moves by two bytes over
/// the OSN, so that the payload stays where it is and the result is contiguous; padding is cut off.
/// Nothing when the payload is shorter than an OSN, as in the padding that Chrome sends as probes.
/// Afterwards `rtx` is no longer valid.
std::optional<PacketView> decode_rtx(const PacketView& rtx, MutableBytes buffer, Ssrc media_ssrc,
                                     PayloadType media_payload_type);

/// The two bytes that precede the payload of a retransmission of `original`.
constexpr std::array<uint8_t, kOsnSize> osn_prefix(SeqNum original) {
  return {static_cast<uint8_t>(original.value >> 8), static_cast<uint8_t>(original.value)};
}

/// Sequence numbers of one sent RTX stream, one up per packet.
class RtxCounter {
 public:
  /// `first` is random, and below 32768 so that losing the first packets cannot make the receiver
  /// guess the SRTP rollover counter wrong (RFC 3711 section 3.3.1).
  explicit RtxCounter(SeqNum first) : next_(first.value) {}

  /// The next number, extended to 64 bits: the low 16 bits go on the wire, the rest is the rollover
  /// counter.
  int64_t take() { return next_++; }

 private:
  int64_t next_;
};

}  // namespace sluice::rtp
