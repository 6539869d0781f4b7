// Protection of outgoing RTP and RTCP: one context per transport, one stream per SSRC.
//
// Invariant: under GCM no (key, nonce) pair is ever used twice, whatever the caller does. A stream
// refuses an index that it protected before or that left its memory of 4096 indexes, and a removed
// SSRC that comes back continues where it ended. A plain retransmission under GCM therefore sends
// the stored bytes of the first transmission again (media-plane 4.1).
//
// `protect_batch` is the forwarding path: it allocates nothing and calls the cipher back end once
// per 32 packets, whatever contexts they belong to.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <unordered_map>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/index_window.h"
#include "protocol/srtp/key_derivation.h"
#include "protocol/srtp/key_limits.h"

namespace sluice::srtp {

enum class ProtectError : uint8_t {
  kNone,
  /// This index was protected before, or is too old to know.
  kRepeat,
  /// The master key has reached its limit: the transport has to close.
  kKeyLimit,
  /// The result does not fit into the buffer.
  kNoSpace,
  /// The arguments contradict each other: see `RtpJob`.
  kInvalid,
  /// The cipher library failed.
  kCipher,
};

class OutboundContext;

/// Outgoing state of one SSRC. Its address is stable until `OutboundContext::remove_stream`.
class OutboundStream {
 public:
  /// Indexes remembered. At 1000 packets/s this is four seconds, more than any retransmission
  /// buffer holds.
  static constexpr size_t kWindow = 4096;

  OutboundStream(OutboundContext& context, Ssrc ssrc) : context_(&context), ssrc_(ssrc) {}

  [[nodiscard]] OutboundContext& context() const { return *context_; }
  [[nodiscard]] Ssrc ssrc() const { return ssrc_; }
  /// Indexes used so far.
  [[nodiscard]] const IndexWindow<kWindow>& used() const { return used_; }
  [[nodiscard]] IndexWindow<kWindow>& used() { return used_; }

 private:
  OutboundContext* context_;
  Ssrc ssrc_;
  IndexWindow<kWindow> used_;
};

/// One packet to protect. The header (with CSRCs and extension) already stands at `packet`; the
/// ciphertext of prefix and payload goes behind it, then the tag.
struct RtpJob {
  /// Most bytes that a prefix may have.
  static constexpr size_t kMaxPrefix = 16;

  /// Must be the stream of the SSRC in the header.
  OutboundStream* stream = nullptr;
  uint8_t* packet = nullptr;
  /// Bytes that may be written from `packet` on.
  uint16_t capacity = 0;
  uint16_t header_size = 0;
  /// Bytes put in front of the payload and encrypted as part of it: a rewritten codec descriptor or
  /// the original sequence number of RTX.
  const uint8_t* prefix = nullptr;
  uint16_t prefix_size = 0;
  /// Read-only; may be at `packet + header_size` itself when there is no prefix, and must not
  /// overlap the output otherwise.
  const uint8_t* payload = nullptr;
  uint16_t payload_size = 0;
  /// Protect an index again. AES-CM only, and only for the same plaintext; GCM ignores it.
  bool allow_repeat = false;

  /// Result: bytes at `packet`, 0 when refused.
  uint16_t size_out = 0;
  /// Result: why refused.
  ProtectError error = ProtectError::kNone;
};

/// The outgoing half of a transport's SRTP.
class OutboundContext {
 public:
  struct Counters {
    uint64_t rtp = 0;              ///< RTP packets protected
    uint64_t rtcp = 0;             ///< RTCP packets protected
    uint64_t refused_repeat = 0;   ///< index used before or too old
    uint64_t refused_limit = 0;    ///< key used up
    uint64_t refused_invalid = 0;  ///< no space, or arguments that contradict each other
  };

  OutboundContext(Backend& backend, const SessionKeys& keys, KeyLimits limits = {});
  OutboundContext(const OutboundContext&) = delete;
  OutboundContext& operator=(const OutboundContext&) = delete;
  ~OutboundContext();

  [[nodiscard]] Profile profile() const { return profile_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// A packet was refused because the master key has reached its limit.
  [[nodiscard]] bool exhausted() const { return counters_.refused_limit > 0; }

  /// The stream of an SSRC, created on first use (which allocates).
  OutboundStream& stream(Ssrc ssrc);

  /// Ends the stream of an SSRC; pointers to it die. Its highest index stays known (about 50
  /// bytes): should the SSRC come back, its sequence numbers have to go on from there. Returns
  /// whether there was one.
  bool remove_stream(Ssrc ssrc);

  /// Encrypts the compound RTCP packet in the first `size` bytes of `buffer` in place and returns
  /// the new size. Errors: `kInvalid` under 8 bytes, `kNoSpace`, `kKeyLimit`, `kCipher`. Allocates
  /// only for an SSRC not seen before.
  std::expected<size_t, ProtectError> protect_rtcp(MutableBytes buffer, size_t size);

 private:
  friend void protect_batch(Backend& backend, std::span<RtpJob> jobs);

  /// What outlives a stream.
  struct SsrcRecord {
    std::unique_ptr<OutboundStream> stream;
    uint64_t highest = 0;  ///< of the stream that was removed
    uint32_t next_rtcp_index = 0;
    bool used = false;  ///< `highest` has a meaning
  };

  ProtectError prepare(const Backend& backend, const RtpJob& job, SealJob& seal);
  ProtectError claim(const RtpJob& job, uint64_t& index);

  Backend& backend_;
  Profile profile_;
  KeyLimits limits_;
  SecretBytes<kMaxSaltSize> rtp_salt_;
  SecretBytes<kMaxSaltSize> rtcp_salt_;
  std::unique_ptr<CipherKey> rtp_key_;
  std::unique_ptr<CipherKey> rtcp_key_;
  std::unordered_map<Ssrc, SsrcRecord> records_;
  Counters counters_;
};

/// Protects all jobs, in order; each job gets its own result. Jobs may belong to different contexts
/// and profiles, all made with `backend`.
void protect_batch(Backend& backend, std::span<RtpJob> jobs);

}  // namespace sluice::srtp
