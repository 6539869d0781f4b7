#include "unit/srtp/support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "protocol/srtp/packet_layout.h"

namespace sluice::srtp {

void PrintTo(Profile profile, std::ostream* out) {
  *out << profile_name(profile);
}

void PrintTo(BackendKind kind, std::ostream* out) {
  *out << (kind == BackendKind::kOpenSsl ? "openssl" : "ipsec_mb");
}

namespace test {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return (c | 0x20) - 'a' + 10;
}

}  // namespace

Buffer hex(std::string_view text) {
  Buffer out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      continue;
    }
    if (high < 0) {
      high = digit(c);
    } else {
      out.push_back(static_cast<uint8_t>(high << 4 | digit(c)));
      high = -1;
    }
  }
  return out;
}

std::vector<BackendKind> backend_kinds() {
  std::vector<BackendKind> kinds = {BackendKind::kOpenSsl};
  if (make_backend(BackendKind::kIpsecMb)) {
    kinds.push_back(BackendKind::kIpsecMb);
  }
  return kinds;
}

Buffer pattern(size_t size, uint32_t seed) {
  Buffer out(size);
  uint32_t state = seed * 2654435761u + 1;
  for (uint8_t& byte : out) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return out;
}

SessionKeys make_keys(Profile profile, uint32_t seed) {
  const auto keys = derive_session_keys(profile, pattern(key_size(profile), seed),
                                        pattern(salt_size(profile), seed + 1000));
  EXPECT_TRUE(keys.has_value());
  return *keys;
}

Buffer rtp_packet(Ssrc ssrc, uint16_t seq, size_t payload_size) {
  return rtp_packet_with_extension(ssrc, seq, 0, 0, payload_size);
}

Buffer rtp_packet_with_extension(Ssrc ssrc, uint16_t seq, size_t csrcs, size_t extension_words,
                                 size_t payload_size) {
  Buffer out(kHeaderSize);
  out[0] = static_cast<uint8_t>(0x80 | csrcs | (extension_words > 0 ? 0x10 : 0));
  out[1] = 96;
  store_be16(&out[2], seq);
  store_be32(&out[4], 0x01020304);
  store_be32(&out[8], ssrc.value);
  const Buffer csrc_bytes = pattern(csrcs * 4, 3);
  out.insert(out.end(), csrc_bytes.begin(), csrc_bytes.end());
  if (extension_words > 0) {
    out.insert(out.end(), {0xbe, 0xde, 0, static_cast<uint8_t>(extension_words)});
    out.resize(out.size() + extension_words * 4, 0x10);
  }
  const Buffer payload = pattern(payload_size, seq + 7u);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

Buffer rtcp_packet(Ssrc ssrc, size_t extra_words) {
  Buffer out = pattern(28 + 4 * extra_words, 11);
  out[0] = 0x80;
  out[1] = 200;
  store_be16(&out[2], static_cast<uint16_t>(out.size() / 4 - 1));
  store_be32(&out[4], ssrc.value);
  return out;
}

Protected protect(Backend& backend, OutboundContext& context, Bytes plain, size_t header_size,
                  bool allow_repeat) {
  Protected result;
  result.packet.resize(plain.size() + rtp_overhead(context.profile()));
  std::copy_n(plain.begin(), header_size, result.packet.begin());
  RtpJob job;
  job.stream = &context.stream(rtp_ssrc(plain.data()));
  job.packet = result.packet.data();
  job.capacity = static_cast<uint16_t>(result.packet.size());
  job.header_size = static_cast<uint16_t>(header_size);
  job.payload = plain.data() + header_size;
  job.payload_size = static_cast<uint16_t>(plain.size() - header_size);
  job.allow_repeat = allow_repeat;
  protect_batch(backend, {&job, 1});
  result.packet.resize(job.size_out);
  result.error = job.error;
  return result;
}

Buffer protect_ok(Backend& backend, OutboundContext& context, Bytes plain, size_t header_size) {
  Protected result = protect(backend, context, plain, header_size);
  EXPECT_EQ(result.error, ProtectError::kNone);
  EXPECT_EQ(result.packet.size(), plain.size() + rtp_overhead(context.profile()));
  return std::move(result.packet);
}

Buffer protect_rtcp(OutboundContext& context, Bytes plain) {
  Buffer buffer(plain.begin(), plain.end());
  buffer.resize(plain.size() + rtcp_overhead(context.profile()));
  const auto size = context.protect_rtcp(buffer, plain.size());
  buffer.resize(size.value_or(0));
  return buffer;
}

std::expected<Buffer, UnprotectError> unprotect(InboundContext& context, Bytes packet,
                                                size_t header_size) {
  Buffer out(packet.size());
  const auto size = context.unprotect_rtp(packet, header_size, out);
  if (!size) {
    return std::unexpected(size.error());
  }
  out.resize(*size);
  return out;
}

std::expected<Buffer, UnprotectError> unprotect_rtcp(InboundContext& context, Bytes packet) {
  Buffer out(packet.begin(), packet.end());
  const auto size = context.unprotect_rtcp(out);
  if (!size) {
    return std::unexpected(size.error());
  }
  out.resize(*size);
  return out;
}

Pair::Pair(Profile profile, BackendKind kind, KeyLimits limits)
    : backend(make_backend(kind)),
      out(*backend, make_keys(profile), limits),
      in(*backend, make_keys(profile), limits) {}

Buffer Pair::send(uint16_t seq, Ssrc ssrc) {
  return protect_ok(*backend, out, rtp_packet(ssrc, seq, 50));
}

}  // namespace test
}  // namespace sluice::srtp
