// Verification and decryption of incoming SRTP and SRTCP, with replay protection (RFC 3711 sections
// 3.3 and 3.4). One context per transport. Nothing is allocated except for the first packet of an
// SSRC, and nothing is remembered of a packet that does not authenticate.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/key_derivation.h"
#include "protocol/srtp/key_limits.h"
#include "protocol/srtp/stream_table.h"

namespace sluice::srtp {

enum class UnprotectError : uint8_t {
  /// The packet is shorter than its header, tag and index, or the output is too small.
  kTooShort,
  kAuthentication,
  /// The packet came before, or lies more than the replay window behind.
  kReplay,
  /// The packet is genuine but there are too many SSRCs already.
  kTableFull,
  /// The master key has reached its limit: the transport has to close.
  kKeyLimit,
  /// The cipher library could not take the key.
  kCipher,
};

/// The incoming half of a transport's SRTP.
class InboundContext {
 public:
  /// SSRCs per transport; a pipe between two servers carries the most.
  static constexpr size_t kMaxStreams = 4096;

  InboundContext(Backend& backend, const SessionKeys& keys, KeyLimits limits = {},
                 size_t max_streams = kMaxStreams);
  InboundContext(const InboundContext&) = delete;
  InboundContext& operator=(const InboundContext&) = delete;
  ~InboundContext();

  [[nodiscard]] Profile profile() const { return profile_; }
  /// SSRCs with state.
  [[nodiscard]] size_t stream_count() const { return streams_.size(); }
  /// A packet was refused because the master key has reached its limit.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

  /// Verifies and decrypts an RTP packet into `out` and returns the size of the plain packet.
  /// `header_size` counts CSRCs and extension; 0 means that it is not known yet. `out` needs the
  /// size of the plain packet; it may start where `packet` starts and must not overlap it
  /// otherwise. On error the bytes in `out` mean nothing.
  std::expected<size_t, UnprotectError> unprotect_rtp(Bytes packet, size_t header_size,
                                                      MutableBytes out);

  /// Verifies and decrypts a compound RTCP packet in place and returns its new size. On error the
  /// bytes mean nothing.
  std::expected<size_t, UnprotectError> unprotect_rtcp(MutableBytes packet);

  /// Forgets an SSRC: its producer closed, or its packets belong to none. Returns whether it was
  /// known.
  bool remove_stream(Ssrc ssrc) { return streams_.remove(ssrc); }

 private:
  using Window = IndexWindow<kReplayWindow>;

  /// Notes an authentic packet; makes the stream when `window` is null.
  std::expected<void, UnprotectError> accept(Ssrc ssrc, Window* window,
                                             Window InboundStream::* kind, uint64_t index,
                                             uint64_t& packets);

  Backend& backend_;
  Profile profile_;
  KeyLimits limits_;
  SecretBytes<kMaxSaltSize> rtp_salt_;
  SecretBytes<kMaxSaltSize> rtcp_salt_;
  std::unique_ptr<CipherKey> rtp_key_;
  std::unique_ptr<CipherKey> rtcp_key_;
  StreamTable streams_;
  uint64_t rtp_packets_ = 0;
  uint64_t rtcp_packets_ = 0;
  bool exhausted_ = false;
};

}  // namespace sluice::srtp
