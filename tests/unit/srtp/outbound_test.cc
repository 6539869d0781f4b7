// Outgoing state: indexes, the guard against a repeated nonce, SRTCP indexes, limits and refusals.
#include "protocol/srtp/outbound.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

constexpr Ssrc kSsrc{0x1234};

class SrtpOutbound : public testing::TestWithParam<Profile> {
 protected:
  Protected send(uint16_t seq, bool allow_repeat = false) {
    return protect(*pair_.backend, pair_.out, rtp_packet(kSsrc, seq, 50), kHeaderSize,
                   allow_repeat);
  }

  Pair pair_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Profiles, SrtpOutbound, testing::ValuesIn(kProfilePreference),
                         testing::PrintToStringParamName());

// SRT-08
TEST_P(SrtpOutbound, Srt08ASecondProtectionOfAnIndexIsRefused) {
  EXPECT_EQ(send(100).error, ProtectError::kNone);
  const Protected again = send(100);
  EXPECT_EQ(again.error, ProtectError::kRepeat);
  EXPECT_TRUE(again.packet.empty());
  EXPECT_EQ(pair_.out.counters().refused_repeat, 1u);
  EXPECT_EQ(pair_.out.counters().rtp, 1u);
}

// SRT-08
TEST_P(SrtpOutbound, Srt08ARepeatWithinOneBatchIsRefused) {
  const Buffer plain = rtp_packet(kSsrc, 5, 20);
  std::array<Buffer, 2> out = {plain, plain};
  std::array<RtpJob, 2> jobs;
  for (size_t i = 0; i < 2; ++i) {
    out[i].resize(plain.size() + 16);
    jobs[i].stream = &pair_.out.stream(kSsrc);
    jobs[i].packet = out[i].data();
    jobs[i].capacity = static_cast<uint16_t>(out[i].size());
    jobs[i].header_size = kHeaderSize;
    jobs[i].payload = plain.data() + kHeaderSize;
    jobs[i].payload_size = 20;
  }
  protect_batch(*pair_.backend, jobs);
  EXPECT_GT(jobs[0].size_out, 0);
  EXPECT_EQ(jobs[1].size_out, 0);
  EXPECT_EQ(jobs[1].error, ProtectError::kRepeat);
}

// SRT-08
TEST_P(SrtpOutbound, Srt08ARepeatOnRequestIsByteIdenticalUnderCmAndRefusedUnderGcm) {
  const Protected first = send(100);
  const Protected again = send(100, true);
  if (is_aead(GetParam())) {
    EXPECT_EQ(again.error, ProtectError::kRepeat);
  } else {
    EXPECT_EQ(again.error, ProtectError::kNone);
    EXPECT_EQ(again.packet, first.packet);
  }
}

TEST_P(SrtpOutbound, AnOldIndexOnRequestIsAllowedUnderCmOnly) {
  send(100);
  send(10'000);
  const Protected again = send(100, true);
  EXPECT_EQ(again.error, is_aead(GetParam()) ? ProtectError::kRepeat : ProtectError::kNone);
}

TEST_P(SrtpOutbound, ReorderedIndexesInTheWindowAreProtectedOnce) {
  send(10'000);
  EXPECT_EQ(send(10'000 - 4095).error, ProtectError::kNone);
  EXPECT_EQ(send(10'000 - 4095).error, ProtectError::kRepeat);
  EXPECT_EQ(send(9'999).error, ProtectError::kNone);
}

TEST_P(SrtpOutbound, IndexesOlderThanTheWindowAreRefused) {
  send(10'000);
  EXPECT_EQ(send(10'000 - 4096).error, ProtectError::kRepeat);
  EXPECT_EQ(send(1).error, ProtectError::kRepeat);
}

TEST_P(SrtpOutbound, TheSameNumberInTheNextCycleIsNew) {
  const Protected first = send(100);
  send(30'000);
  send(60'000);
  const Protected second = send(100);
  EXPECT_EQ(second.error, ProtectError::kNone);
  EXPECT_NE(first.packet, second.packet);
}

TEST_P(SrtpOutbound, ARemovedStreamThatComesBackRepeatsNothing) {
  send(100);
  send(101);
  EXPECT_TRUE(pair_.out.remove_stream(kSsrc));
  EXPECT_FALSE(pair_.out.remove_stream(kSsrc));
  EXPECT_EQ(send(101).error, ProtectError::kRepeat);
  EXPECT_EQ(send(99).error, ProtectError::kRepeat);
  EXPECT_EQ(send(102).error, ProtectError::kNone);
}

TEST_P(SrtpOutbound, ARemovedStreamKeepsItsRolloverCounter) {
  const auto deliver = [&](uint16_t seq) { return pair_.receive(send(seq).packet).has_value(); };
  EXPECT_TRUE(deliver(30'000));
  EXPECT_TRUE(deliver(60'000));
  EXPECT_TRUE(deliver(5));
  pair_.out.remove_stream(kSsrc);
  EXPECT_TRUE(deliver(6));
}

TEST_P(SrtpOutbound, AnUnusedStreamLeavesNothingBehind) {
  pair_.out.stream(kSsrc);
  EXPECT_TRUE(pair_.out.remove_stream(kSsrc));
  EXPECT_EQ(send(0).error, ProtectError::kNone);
}

TEST_P(SrtpOutbound, StreamsHaveStableAddresses) {
  OutboundStream* first = &pair_.out.stream(Ssrc(1));
  for (uint32_t i = 2; i < 500; ++i) {
    pair_.out.stream(Ssrc(i));
  }
  EXPECT_EQ(&pair_.out.stream(Ssrc(1)), first);
}

TEST_P(SrtpOutbound, SsrcsAreIndependent) {
  for (uint32_t ssrc = 1; ssrc <= 50; ++ssrc) {
    const Buffer plain = rtp_packet(Ssrc(ssrc), 100, 30);
    const Buffer packet = protect_ok(*pair_.backend, pair_.out, plain);
    EXPECT_EQ(pair_.receive(packet), plain);
  }
}

TEST_P(SrtpOutbound, TheKeyLimitStopsRtp) {
  Pair limited(GetParam(), BackendKind::kBest, {.rtp = 3, .rtcp = 3});
  for (uint16_t seq = 1; seq <= 3; ++seq) {
    limited.send(seq);
  }
  const auto refused = protect(*limited.backend, limited.out, rtp_packet(kSsrc, 4, 10));
  EXPECT_EQ(refused.error, ProtectError::kKeyLimit);
  EXPECT_EQ(limited.out.counters().refused_limit, 1u);
}

TEST_P(SrtpOutbound, TheKeyLimitStopsRtcp) {
  Pair limited(GetParam(), BackendKind::kBest, {.rtp = 3, .rtcp = 2});
  const Buffer plain = rtcp_packet(kSsrc);
  EXPECT_FALSE(protect_rtcp(limited.out, plain).empty());
  EXPECT_FALSE(protect_rtcp(limited.out, rtcp_packet(Ssrc(9))).empty());
  Buffer buffer(plain);
  buffer.resize(plain.size() + 20);
  EXPECT_EQ(limited.out.protect_rtcp(buffer, plain.size()),
            std::unexpected(ProtectError::kKeyLimit));
}

// The last index of the 48 bits can be used; the next one would start over with the same nonces.
TEST_P(SrtpOutbound, TheIndexDoesNotWrapAt48Bits) {
  pair_.out.stream(kSsrc).used().mark_all_through(kIndexEnd - 2);
  EXPECT_EQ(send(65535).error, ProtectError::kNone);
  EXPECT_EQ(send(0).error, ProtectError::kKeyLimit);
}

uint32_t srtcp_word(Profile profile, const Buffer& packet) {
  const size_t from_end = is_aead(profile) ? 4 : 14;
  return load_be32(packet.data() + packet.size() - from_end);
}

TEST_P(SrtpOutbound, SrtcpIndexesCountPerSsrcAndCarryTheEncryptedFlag) {
  for (uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(srtcp_word(GetParam(), protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)))),
              0x8000'0000 | i);
  }
  EXPECT_EQ(srtcp_word(GetParam(), protect_rtcp(pair_.out, rtcp_packet(Ssrc(2)))), 0x8000'0000u);
}

TEST_P(SrtpOutbound, SrtcpIndexesGoOnAfterTheStreamIsRemoved) {
  pair_.out.stream(Ssrc(1));
  protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)));
  pair_.out.remove_stream(Ssrc(1));
  EXPECT_EQ(srtcp_word(GetParam(), protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)))), 0x8000'0001u);
}

TEST_P(SrtpOutbound, RtcpThatDoesNotFitIsRefused) {
  const size_t overhead = rtcp_overhead(GetParam());
  Buffer buffer = rtcp_packet(kSsrc);
  const size_t size = buffer.size();
  buffer.resize(size + overhead - 1);
  EXPECT_EQ(pair_.out.protect_rtcp(buffer, size), std::unexpected(ProtectError::kNoSpace));
  buffer.resize(size + overhead);
  EXPECT_EQ(pair_.out.protect_rtcp(buffer, size), size + overhead);
  EXPECT_EQ(pair_.out.protect_rtcp(buffer, 7), std::unexpected(ProtectError::kInvalid));
}

/// A job over `buffer` whose header and payload stand there already.
RtpJob in_place_job(OutboundContext& context, Buffer& buffer, size_t payload_size) {
  RtpJob job;
  job.stream = &context.stream(kSsrc);
  job.packet = buffer.data();
  job.capacity = static_cast<uint16_t>(buffer.size());
  job.header_size = kHeaderSize;
  job.payload = buffer.data() + kHeaderSize;
  job.payload_size = static_cast<uint16_t>(payload_size);
  return job;
}

TEST_P(SrtpOutbound, AResultThatDoesNotFitIsRefusedAndUsesNoIndex) {
  Buffer buffer = rtp_packet(kSsrc, 1, 50);
  buffer.resize(buffer.size() + rtp_overhead(GetParam()));
  RtpJob job = in_place_job(pair_.out, buffer, 50);
  --job.capacity;
  protect_batch(*pair_.backend, {&job, 1});
  EXPECT_EQ(job.error, ProtectError::kNoSpace);
  EXPECT_EQ(job.size_out, 0);
  ++job.capacity;
  protect_batch(*pair_.backend, {&job, 1});
  EXPECT_EQ(job.error, ProtectError::kNone);
  EXPECT_EQ(job.size_out, buffer.size());
}

TEST_P(SrtpOutbound, ContradictingJobsAreRefused) {
  Buffer buffer = rtp_packet(kSsrc, 1, 50);
  buffer.resize(buffer.size() + 100);
  const auto error_of = [&](RtpJob job) {
    protect_batch(*pair_.backend, {&job, 1});
    EXPECT_EQ(job.size_out, 0);
    return job.error;
  };
  const RtpJob good = in_place_job(pair_.out, buffer, 50);

  RtpJob job = good;
  job.stream = &pair_.out.stream(Ssrc(77));
  EXPECT_EQ(error_of(job), ProtectError::kInvalid) << "stream of another SSRC";

  job = good;
  job.header_size = 11;
  EXPECT_EQ(error_of(job), ProtectError::kInvalid) << "no RTP header";

  const Buffer prefix(17);
  job = good;
  job.payload = prefix.data();
  job.payload_size = 1;
  job.prefix = prefix.data();
  job.prefix_size = 17;
  EXPECT_EQ(error_of(job), ProtectError::kInvalid) << "long prefix";

  job = good;
  job.prefix = prefix.data();
  job.prefix_size = 2;
  EXPECT_EQ(error_of(job), ProtectError::kInvalid) << "prefix over payload in place";

  job = good;
  ++job.payload;
  EXPECT_EQ(error_of(job), ProtectError::kInvalid) << "overlap";

  job = good;
  const auto other = make_backend(BackendKind::kOpenSsl);
  protect_batch(*other, {&job, 1});
  EXPECT_EQ(job.error, ProtectError::kInvalid) << "back end of another context";

  EXPECT_EQ(pair_.out.counters().refused_invalid, 6u);
  EXPECT_EQ(pair_.out.counters().rtp, 0u);
}

/// Passes everything on and notes each (key, IV) that seals.
class RecordingBackend final : public Backend {
 public:
  explicit RecordingBackend(std::unique_ptr<Backend> inner) : inner_(std::move(inner)) {}

  [[nodiscard]] const char* name() const override { return inner_->name(); }
  [[nodiscard]] std::unique_ptr<CipherKey> expand(Profile profile, const SessionKey& key,
                                                  Direction direction) override {
    return inner_->expand(profile, key, direction);
  }
  void seal(std::span<SealJob> jobs) override {
    for (const SealJob& job : jobs) {
      ++sealed;
      if (!nonces_.emplace(job.key, job.iv).second) {
        ++repeated;
      }
    }
    inner_->seal(jobs);
  }
  [[nodiscard]] bool open(const OpenJob& job) override { return inner_->open(job); }

  int sealed = 0;
  int repeated = 0;

 private:
  std::unique_ptr<Backend> inner_;
  std::set<std::pair<const CipherKey*, Iv>> nonces_;
};

/// One step of a sender that behaves badly: jumps, repeats, stragglers, removed streams, RTCP.
class WildSender {
 public:
  WildSender(RecordingBackend& backend, OutboundContext& context)
      : backend_(backend), context_(context) {}

  void step() {
    const uint32_t which = below(3);
    const Ssrc ssrc(which + 1);
    uint32_t& position = positions_[which];
    const uint32_t dice = below(1000);
    if (dice < 2) {
      context_.remove_stream(ssrc);
    } else if (dice < 20) {
      protect_rtcp(context_, rtcp_packet(ssrc));
    } else if (dice < 30) {
      position += below(9000);
    } else if (dice < 700) {
      ++position;
    }
    uint32_t number = position;
    if (below(4) == 0) {
      number -= below(below(20) == 0 ? 20'000 : 40);
    }
    const Buffer plain = rtp_packet(ssrc, static_cast<uint16_t>(number), 8);
    protect(backend_, context_, plain, kHeaderSize, true);
  }

 private:
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

  RecordingBackend& backend_;
  OutboundContext& context_;
  std::mt19937 random_{7};
  std::array<uint32_t, 3> positions_{100, 65'000, 40'000};
};

TEST(SrtpNonce, IsNeverUsedTwiceUnderGcmWhateverTheSenderDoes) {
  for (const Profile profile : {Profile::kAeadAes128Gcm, Profile::kAeadAes256Gcm}) {
    RecordingBackend backend(make_backend());
    OutboundContext context(backend, make_keys(profile));
    WildSender sender(backend, context);
    for (int i = 0; i < 100'000; ++i) {
      sender.step();
    }
    EXPECT_EQ(backend.repeated, 0);
    EXPECT_GT(backend.sealed, 60'000);
    EXPECT_GT(context.counters().refused_repeat, 10'000u);
  }
}

// Shows that the test above can see a repetition.
TEST(SrtpNonce, IsRepeatedUnderCmWhenTheSenderAsksForIt) {
  RecordingBackend backend(make_backend());
  OutboundContext context(backend, make_keys(Profile::kAesCm128HmacSha1_80));
  WildSender sender(backend, context);
  for (int i = 0; i < 1000; ++i) {
    sender.step();
  }
  EXPECT_GT(backend.repeated, 0);
}

}  // namespace
}  // namespace sluice::srtp::test
