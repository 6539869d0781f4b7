#include "protocol/srtp/outbound.h"

#include <algorithm>
#include <functional>

#include "protocol/srtp/packet_layout.h"

namespace sluice::srtp {
namespace {

/// Marks the ESRTCP word of an encrypted packet (RFC 3711 section 3.4).
constexpr uint32_t kEncryptedFlag = 0x8000'0000;

std::array<uint8_t, 4> be32(uint32_t value) {
  std::array<uint8_t, 4> bytes{};
  store_be32(bytes.data(), value);
  return bytes;
}

/// Whether payload and output share bytes in a way that encryption would read what it wrote.
bool overlaps(const RtpJob& job, size_t total) {
  const uint8_t* out = job.packet + job.header_size;
  if (job.payload_size == 0 || (job.prefix_size == 0 && job.payload == out)) {
    return false;
  }
  const std::less<const uint8_t*> before;
  return before(job.payload, job.packet + total) &&
         before(job.packet, job.payload + job.payload_size);
}

ProtectError check(const RtpJob& job, size_t overhead) {
  const size_t total = size_t{job.header_size} + job.prefix_size + job.payload_size + overhead;
  if (total > job.capacity) {
    return ProtectError::kNoSpace;
  }
  if (job.header_size < kRtpFixedHeaderSize || job.prefix_size > RtpJob::kMaxPrefix ||
      rtp_ssrc(job.packet) != job.stream->ssrc() || overlaps(job, total)) {
    return ProtectError::kInvalid;
  }
  return ProtectError::kNone;
}

}  // namespace

OutboundContext::OutboundContext(Backend& backend, const SessionKeys& keys, KeyLimits limits)
    : backend_(backend),
      profile_(keys.profile),
      limits_(limits),
      rtp_salt_(keys.rtp.salt),
      rtcp_salt_(keys.rtcp.salt),
      rtp_key_(backend.expand(keys.profile, keys.rtp, Direction::kSeal)),
      rtcp_key_(backend.expand(keys.profile, keys.rtcp, Direction::kSeal)) {}

OutboundContext::~OutboundContext() = default;

OutboundStream& OutboundContext::stream(Ssrc ssrc) {
  SsrcRecord& record = records_[ssrc];
  if (!record.stream) {
    record.stream = std::make_unique<OutboundStream>(*this, ssrc);
    if (record.used) {
      record.stream->used().mark_all_through(record.highest);
    }
  }
  return *record.stream;
}

bool OutboundContext::remove_stream(Ssrc ssrc) {
  const auto it = records_.find(ssrc);
  if (it == records_.end() || !it->second.stream) {
    return false;
  }
  SsrcRecord& record = it->second;
  record.used = !record.stream->used().empty();
  record.highest = record.stream->used().highest();
  record.stream.reset();
  return true;
}

ProtectError OutboundContext::claim(const RtpJob& job, uint64_t& index) {
  auto& used = job.stream->used();
  const uint16_t seq = rtp_seq(job.packet).value;
  index = used.empty() ? seq : guess_index(used.highest(), seq);
  if (index >= kIndexEnd || counters_.rtp >= limits_.rtp) {
    return ProtectError::kKeyLimit;
  }
  const IndexState state = used.state(index);
  if (state != IndexState::kNew && (is_aead(profile_) || !job.allow_repeat)) {
    return ProtectError::kRepeat;
  }
  if (state != IndexState::kOld) {
    used.mark(index);
  }
  return ProtectError::kNone;
}

ProtectError OutboundContext::prepare(const Backend& backend, const RtpJob& job, SealJob& seal) {
  if (!rtp_key_) {
    return ProtectError::kCipher;
  }
  ProtectError error =
      &backend == &backend_ ? check(job, rtp_overhead(profile_)) : ProtectError::kInvalid;
  uint64_t index = 0;
  if (error == ProtectError::kNone) {
    error = claim(job, index);
  }
  switch (error) {
    case ProtectError::kNone:
      break;
    case ProtectError::kRepeat:
      ++counters_.refused_repeat;
      return error;
    case ProtectError::kKeyLimit:
      ++counters_.refused_limit;
      return error;
    default:
      ++counters_.refused_invalid;
      return error;
  }
  ++counters_.rtp;
  seal.key = rtp_key_.get();
  seal.iv = make_iv(is_aead(profile_), rtp_salt_.view(), job.stream->ssrc(), index);
  seal.aad = {job.packet, job.header_size};
  seal.packet = job.packet;
  seal.header_size = job.header_size;
  seal.prefix = {job.prefix, job.prefix_size};
  seal.text = {job.payload, job.payload_size};
  seal.trailer = be32(static_cast<uint32_t>(index >> 16));
  seal.tag = job.packet + job.header_size + job.prefix_size + job.payload_size;
  seal.tag_size = rtp_tag_size(profile_);
  return ProtectError::kNone;
}

std::expected<size_t, ProtectError> OutboundContext::protect_rtcp(MutableBytes buffer,
                                                                  size_t size) {
  const size_t total = size + rtcp_overhead(profile_);
  if (size < kRtcpClearSize || total > buffer.size()) {
    ++counters_.refused_invalid;
    return std::unexpected(size < kRtcpClearSize ? ProtectError::kInvalid : ProtectError::kNoSpace);
  }
  if (!rtcp_key_) {
    return std::unexpected(ProtectError::kCipher);
  }
  const Ssrc ssrc = rtcp_ssrc(buffer.data());
  uint32_t& next_index = records_[ssrc].next_rtcp_index;
  if (counters_.rtcp >= limits_.rtcp || next_index >= kEncryptedFlag) {
    ++counters_.refused_limit;
    return std::unexpected(ProtectError::kKeyLimit);
  }
  ++counters_.rtcp;
  const uint32_t index = next_index++;
  const bool aead = is_aead(profile_);

  // AES-CM: packet, index, tag. GCM: packet, tag, index.
  SealJob seal;
  seal.trailer = be32(index | kEncryptedFlag);
  uint8_t* end = buffer.data() + size;
  uint8_t* trailer_place = aead ? end + rtcp_tag_size(profile_) : end;
  std::array<uint8_t, kRtcpClearSize + kSrtcpIndexSize> aad{};
  std::copy_n(buffer.begin(), kRtcpClearSize, aad.begin());
  std::copy(seal.trailer.begin(), seal.trailer.end(), aad.begin() + kRtcpClearSize);
  seal.key = rtcp_key_.get();
  seal.iv = make_iv(aead, rtcp_salt_.view(), ssrc, index);
  seal.aad = aad;
  seal.packet = buffer.data();
  seal.header_size = kRtcpClearSize;
  seal.text = buffer.first(size).subspan(kRtcpClearSize);
  seal.tag = aead ? end : end + kSrtcpIndexSize;
  seal.tag_size = rtcp_tag_size(profile_);
  backend_.seal({&seal, 1});
  if (!seal.ok) {
    return std::unexpected(ProtectError::kCipher);
  }
  std::copy(seal.trailer.begin(), seal.trailer.end(), trailer_place);
  return total;
}

void protect_batch(Backend& backend, std::span<RtpJob> jobs) {
  Backend::Block& seals = backend.block();
  std::array<RtpJob*, Backend::kBlockSize> owners;
  while (!jobs.empty()) {
    const auto block = jobs.first(std::min(jobs.size(), Backend::kBlockSize));
    jobs = jobs.subspan(block.size());
    size_t count = 0;
    for (RtpJob& job : block) {
      job.size_out = 0;
      job.error = job.stream->context().prepare(backend, job, seals[count]);
      if (job.error == ProtectError::kNone) {
        owners[count++] = &job;
      }
    }
    if (count > 0) {
      backend.seal(std::span(seals).first(count));
    }
    for (size_t i = 0; i < count; ++i) {
      RtpJob& job = *owners[i];
      if (seals[i].ok) {
        job.size_out = static_cast<uint16_t>(seals[i].tag + seals[i].tag_size - seals[i].packet);
      } else {
        job.error = ProtectError::kCipher;
      }
    }
  }
}

}  // namespace sluice::srtp
