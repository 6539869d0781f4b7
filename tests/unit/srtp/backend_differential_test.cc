// The two back ends produce the same bytes, for every payload length and profile, alone and in
// batches, and each decrypts what the other made.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

constexpr size_t kMaxPayload = 1500;

class SrtpBackends : public testing::TestWithParam<Profile> {
 protected:
  void SetUp() override {
    if (!fast_) {
      GTEST_SKIP() << "ipsec-mb is not available here";
    }
  }

  std::unique_ptr<Backend> plain_ = make_backend(BackendKind::kOpenSsl);
  std::unique_ptr<Backend> fast_ = make_backend(BackendKind::kIpsecMb);
  SessionKeys keys_ = make_keys(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Profiles, SrtpBackends, testing::ValuesIn(kProfilePreference),
                         testing::PrintToStringParamName());

TEST_P(SrtpBackends, AgreeOnEveryPayloadLengthOneByOne) {
  OutboundContext plain_out(*plain_, keys_);
  OutboundContext fast_out(*fast_, keys_);
  InboundContext plain_in(*plain_, keys_);
  InboundContext fast_in(*fast_, keys_);
  for (size_t size = 0; size <= kMaxPayload; ++size) {
    const Buffer packet = rtp_packet(Ssrc(1), static_cast<uint16_t>(60000 + size * 5), size);
    const Buffer a = protect_ok(*plain_, plain_out, packet);
    const Buffer b = protect_ok(*fast_, fast_out, packet);
    ASSERT_EQ(a, b) << size;
    ASSERT_EQ(unprotect(plain_in, b), packet) << size;
    ASSERT_EQ(unprotect(fast_in, a), packet) << size;
  }
}

/// All payload lengths in one call, each with a prefix of `prefix_size` bytes.
std::vector<Buffer> protect_all(Backend& backend, const SessionKeys& keys, size_t prefix_size) {
  OutboundContext context(backend, keys);
  const Buffer source = pattern(kMaxPayload, 99);
  const Buffer prefix = pattern(RtpJob::kMaxPrefix, 98);
  std::vector<Buffer> packets;
  std::vector<RtpJob> jobs;
  for (size_t size = 0; size <= kMaxPayload; ++size) {
    Buffer& packet = packets.emplace_back(rtp_packet(Ssrc(2), static_cast<uint16_t>(size), 0));
    packet.resize(kHeaderSize + prefix_size + size + rtp_overhead(keys.profile));
  }
  for (size_t size = 0; size <= kMaxPayload; ++size) {
    RtpJob& job = jobs.emplace_back();
    job.stream = &context.stream(Ssrc(2));
    job.packet = packets[size].data();
    job.capacity = static_cast<uint16_t>(packets[size].size());
    job.header_size = kHeaderSize;
    job.prefix = prefix.data();
    job.prefix_size = static_cast<uint16_t>(prefix_size);
    job.payload = source.data();
    job.payload_size = static_cast<uint16_t>(size);
  }
  protect_batch(backend, jobs);
  for (const RtpJob& job : jobs) {
    EXPECT_EQ(job.size_out, job.capacity);
  }
  return packets;
}

TEST_P(SrtpBackends, AgreeOnEveryPayloadLengthInABatch) {
  EXPECT_EQ(protect_all(*plain_, keys_, 0), protect_all(*fast_, keys_, 0));
}

TEST_P(SrtpBackends, AgreeOnEveryPayloadLengthWithAPrefix) {
  for (const size_t prefix_size : {size_t{1}, size_t{2}, size_t{3}, size_t{15}, size_t{16}}) {
    EXPECT_EQ(protect_all(*plain_, keys_, prefix_size), protect_all(*fast_, keys_, prefix_size));
  }
}

TEST_P(SrtpBackends, AgreeOnRtcp) {
  OutboundContext plain_out(*plain_, keys_);
  OutboundContext fast_out(*fast_, keys_);
  InboundContext plain_in(*plain_, keys_);
  InboundContext fast_in(*fast_, keys_);
  for (size_t words = 0; words < 300; ++words) {
    const Buffer packet = rtcp_packet(Ssrc(3), words);
    const Buffer a = protect_rtcp(plain_out, packet);
    const Buffer b = protect_rtcp(fast_out, packet);
    ASSERT_FALSE(a.empty());
    ASSERT_EQ(a, b) << words;
    ASSERT_EQ(unprotect_rtcp(plain_in, b), packet) << words;
    ASSERT_EQ(unprotect_rtcp(fast_in, a), packet) << words;
  }
}

TEST(SrtpBackendChoice, BestIsIpsecMbWhereItRuns) {
  const auto best = make_backend();
  ASSERT_TRUE(best);
  const auto fast = make_backend(BackendKind::kIpsecMb);
  EXPECT_STREQ(best->name(), fast ? "ipsec-mb" : "openssl");
  EXPECT_STREQ(make_backend(BackendKind::kOpenSsl)->name(), "openssl");
}

}  // namespace
}  // namespace sluice::srtp::test
