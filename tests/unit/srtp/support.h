// Shared pieces of the SRTP tests: packets, keys, and one-packet wrappers around the batch API.
#pragma once

#include <cstdint>
#include <expected>
#include <iosfwd>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/inbound.h"
#include "protocol/srtp/outbound.h"

namespace sluice::srtp::test {

using Buffer = std::vector<uint8_t>;

inline constexpr size_t kHeaderSize = 12;

/// Bytes of hexadecimal text; spaces are skipped.
Buffer hex(std::string_view text);

/// Every back end that runs on this machine.
std::vector<BackendKind> backend_kinds();

/// `size` bytes that depend on `seed`.
Buffer pattern(size_t size, uint32_t seed);

/// Session keys derived from a master key that depends on `seed`.
SessionKeys make_keys(Profile profile, uint32_t seed = 1);

/// An RTP packet with a plain 12-byte header. The payload depends on `seq`.
Buffer rtp_packet(Ssrc ssrc, uint16_t seq, size_t payload_size);

/// An RTP packet with `csrcs` CSRCs and an extension of `extension_words` words.
Buffer rtp_packet_with_extension(Ssrc ssrc, uint16_t seq, size_t csrcs, size_t extension_words,
                                 size_t payload_size);

/// A sender report with `extra_words` words of filling.
Buffer rtcp_packet(Ssrc ssrc, size_t extra_words = 0);

/// Result of one job.
struct Protected {
  Buffer packet;  ///< empty when refused
  ProtectError error = ProtectError::kNone;
};

/// Protects a contiguous plain packet through `protect_batch`.
Protected protect(Backend& backend, OutboundContext& context, Bytes plain,
                  size_t header_size = kHeaderSize, bool allow_repeat = false);

/// `protect` for packets that must not be refused.
Buffer protect_ok(Backend& backend, OutboundContext& context, Bytes plain,
                  size_t header_size = kHeaderSize);

/// Protects RTCP; empty when refused.
Buffer protect_rtcp(OutboundContext& context, Bytes plain);

/// Decrypts into a new buffer; `error` receives what went wrong.
std::expected<Buffer, UnprotectError> unprotect(InboundContext& context, Bytes packet,
                                                size_t header_size = 0);
std::expected<Buffer, UnprotectError> unprotect_rtcp(InboundContext& context, Bytes packet);

/// A sender and a receiver with the same keys.
struct Pair {
  explicit Pair(Profile profile, BackendKind kind = BackendKind::kBest, KeyLimits limits = {});

  Buffer send(uint16_t seq, Ssrc ssrc = Ssrc(0x1234));
  std::expected<Buffer, UnprotectError> receive(Bytes packet) { return unprotect(in, packet); }

  std::unique_ptr<Backend> backend;
  OutboundContext out;
  InboundContext in;
};

}  // namespace sluice::srtp::test

namespace sluice::srtp {
/// How GoogleTest prints parameters.
void PrintTo(Profile profile, std::ostream* out);
void PrintTo(BackendKind kind, std::ostream* out);
}  // namespace sluice::srtp
