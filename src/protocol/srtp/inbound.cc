#include "protocol/srtp/inbound.h"

#include <algorithm>
#include <array>

#include "protocol/srtp/packet_layout.h"

namespace sluice::srtp {
namespace {

constexpr uint32_t kEncryptedFlag = 0x8000'0000;

/// Where the parts of an SRTCP packet stand (RFC 3711 section 3.4, RFC 7714 section 9.2).
struct SrtcpParts {
  size_t plain_size;  ///< of the RTCP packet
  size_t index_at;
  size_t tag_at;
};

SrtcpParts srtcp_parts(Profile profile, size_t size) {
  const size_t plain_size = size - rtcp_overhead(profile);
  if (is_aead(profile)) {
    return {plain_size, plain_size + rtcp_tag_size(profile), plain_size};
  }
  return {plain_size, plain_size, plain_size + kSrtcpIndexSize};
}

}  // namespace

InboundContext::InboundContext(Backend& backend, const SessionKeys& keys, KeyLimits limits,
                               size_t max_streams)
    : backend_(backend),
      profile_(keys.profile),
      limits_(limits),
      rtp_salt_(keys.rtp.salt),
      rtcp_salt_(keys.rtcp.salt),
      rtp_key_(backend.expand(keys.profile, keys.rtp, Direction::kOpen)),
      rtcp_key_(backend.expand(keys.profile, keys.rtcp, Direction::kOpen)),
      streams_(max_streams) {}

InboundContext::~InboundContext() = default;

std::expected<void, UnprotectError> InboundContext::accept(Ssrc ssrc, Window* window,
                                                           Window InboundStream::* kind,
                                                           uint64_t index, uint64_t& packets) {
  if (window == nullptr) {
    InboundStream* stream = streams_.insert(ssrc);
    if (stream == nullptr) {
      return std::unexpected(UnprotectError::kTableFull);
    }
    window = &(stream->*kind);
  }
  window->mark(index);
  ++packets;
  return {};
}

std::expected<size_t, UnprotectError> InboundContext::unprotect_rtp(Bytes packet,
                                                                    size_t header_size,
                                                                    MutableBytes out) {
  const size_t tag_size = rtp_tag_size(profile_);
  if (packet.size() < kRtpFixedHeaderSize + tag_size) {
    return std::unexpected(UnprotectError::kTooShort);
  }
  const Bytes plain = packet.first(packet.size() - tag_size);
  if (header_size == 0) {
    header_size = rtp_header_size(plain);
  }
  if (header_size < kRtpFixedHeaderSize || header_size > plain.size() ||
      out.size() < plain.size()) {
    return std::unexpected(UnprotectError::kTooShort);
  }
  if (!rtp_key_) {
    return std::unexpected(UnprotectError::kCipher);
  }

  const Ssrc ssrc = rtp_ssrc(packet.data());
  const uint16_t seq = rtp_seq(packet.data()).value;
  InboundStream* stream = streams_.find(ssrc);
  Window* window = stream != nullptr ? &stream->rtp : nullptr;
  const bool first = window == nullptr || window->empty();
  const uint64_t index = first ? seq : guess_index(window->highest(), seq);
  if (index >= kIndexEnd || rtp_packets_ >= limits_.rtp) {
    exhausted_ = true;
    return std::unexpected(UnprotectError::kKeyLimit);
  }
  if (!first && window->state(index) != IndexState::kNew) {
    return std::unexpected(UnprotectError::kReplay);
  }

  OpenJob job;
  job.key = rtp_key_.get();
  job.iv = make_iv(is_aead(profile_), rtp_salt_.view(), ssrc, index);
  job.aad = plain.first(header_size);
  job.authenticated = plain;
  store_be32(job.trailer.data(), static_cast<uint32_t>(index >> 16));
  job.text = plain.subspan(header_size);
  job.out = out.data() + header_size;
  job.tag = packet.last(tag_size);
  if (!backend_.open(job)) {
    return std::unexpected(UnprotectError::kAuthentication);
  }
  if (const auto accepted = accept(ssrc, window, &InboundStream::rtp, index, rtp_packets_);
      !accepted) {
    return std::unexpected(accepted.error());
  }
  if (out.data() != packet.data()) {
    std::copy_n(packet.begin(), header_size, out.begin());
  }
  return plain.size();
}

std::expected<size_t, UnprotectError> InboundContext::unprotect_rtcp(MutableBytes packet) {
  if (packet.size() < kRtcpClearSize + rtcp_overhead(profile_)) {
    return std::unexpected(UnprotectError::kTooShort);
  }
  if (!rtcp_key_) {
    return std::unexpected(UnprotectError::kCipher);
  }
  const SrtcpParts parts = srtcp_parts(profile_, packet.size());
  const uint32_t word = load_be32(packet.data() + parts.index_at);
  const bool encrypted = (word & kEncryptedFlag) != 0;
  const uint32_t index = word & ~kEncryptedFlag;
  const Ssrc ssrc = rtcp_ssrc(packet.data());
  if (rtcp_packets_ >= limits_.rtcp) {
    exhausted_ = true;
    return std::unexpected(UnprotectError::kKeyLimit);
  }
  InboundStream* stream = streams_.find(ssrc);
  Window* window = stream != nullptr ? &stream->rtcp : nullptr;
  if (window != nullptr && window->state(index) != IndexState::kNew) {
    return std::unexpected(UnprotectError::kReplay);
  }

  std::array<uint8_t, kMaxTagSize> tag{};
  const size_t tag_size = rtcp_tag_size(profile_);
  std::copy_n(packet.begin() + static_cast<ptrdiff_t>(parts.tag_at), tag_size, tag.begin());
  // A packet that is not encrypted is all associated data, then the index (RFC 7714 section 9.3).
  // The tag is out of the way, so the index can move up behind the packet.
  const size_t clear_size = encrypted ? kRtcpClearSize : parts.plain_size;
  std::array<uint8_t, kRtcpClearSize + kSrtcpIndexSize> encrypted_aad{};
  OpenJob job;
  job.key = rtcp_key_.get();
  job.iv = make_iv(is_aead(profile_), rtcp_salt_.view(), ssrc, index);
  store_be32(job.trailer.data(), word);
  if (encrypted) {
    std::copy_n(packet.begin(), kRtcpClearSize, encrypted_aad.begin());
    std::copy(job.trailer.begin(), job.trailer.end(), encrypted_aad.begin() + kRtcpClearSize);
    job.aad = encrypted_aad;
  } else {
    store_be32(packet.data() + parts.plain_size, word);
    job.aad = packet.first(parts.plain_size + kSrtcpIndexSize);
  }
  job.authenticated = packet.first(parts.plain_size);
  job.text = packet.first(parts.plain_size).subspan(clear_size);
  job.out = packet.data() + clear_size;
  job.tag = Bytes(tag).first(tag_size);
  if (!backend_.open(job)) {
    return std::unexpected(UnprotectError::kAuthentication);
  }
  if (const auto accepted = accept(ssrc, window, &InboundStream::rtcp, index, rtcp_packets_);
      !accepted) {
    return std::unexpected(accepted.error());
  }
  return parts.plain_size;
}

}  // namespace sluice::srtp
