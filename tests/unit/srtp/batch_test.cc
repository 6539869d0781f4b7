// Batches: many contexts and profiles in one call give what single calls give; a prefix counts as
// part of the payload; in place equals out of place.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

class SrtpBatch : public testing::TestWithParam<BackendKind> {
 protected:
  std::unique_ptr<Backend> backend_ = make_backend(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Backends, SrtpBatch, testing::ValuesIn(backend_kinds()),
                         testing::PrintToStringParamName());

struct Destination {
  Destination(Backend& backend, Profile profile, uint32_t seed)
      : context(backend, make_keys(profile, seed)) {}

  OutboundContext context;
};

std::vector<std::unique_ptr<Destination>> make_destinations(Backend& backend, size_t count) {
  std::vector<std::unique_ptr<Destination>> out;
  for (size_t i = 0; i < count; ++i) {
    out.push_back(std::make_unique<Destination>(
        backend, kProfilePreference[i % kProfilePreference.size()], static_cast<uint32_t>(i)));
  }
  return out;
}

// One shared payload to 100 destinations with different keys and profiles, as a forwarded packet.
TEST_P(SrtpBatch, MixedContextsEqualSingleCalls) {
  constexpr size_t kCount = 100;
  const Buffer payload = pattern(1180, 5);
  const auto batched = make_destinations(*backend_, kCount);
  const auto single = make_destinations(*backend_, kCount);

  std::vector<Buffer> out(kCount);
  std::vector<RtpJob> jobs(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    const size_t size = payload.size() - i * 7;
    out[i] = rtp_packet(Ssrc(static_cast<uint32_t>(i)), static_cast<uint16_t>(i), 0);
    out[i].resize(kHeaderSize + size + 16);
    jobs[i].stream = &batched[i]->context.stream(Ssrc(static_cast<uint32_t>(i)));
    jobs[i].packet = out[i].data();
    jobs[i].capacity = static_cast<uint16_t>(out[i].size());
    jobs[i].header_size = kHeaderSize;
    jobs[i].payload = payload.data();
    jobs[i].payload_size = static_cast<uint16_t>(size);
  }
  protect_batch(*backend_, jobs);

  for (size_t i = 0; i < kCount; ++i) {
    Buffer plain(out[i].begin(), out[i].begin() + kHeaderSize);
    plain.insert(plain.end(), payload.begin(), payload.begin() + jobs[i].payload_size);
    const Buffer expected = protect_ok(*backend_, single[i]->context, plain);
    out[i].resize(jobs[i].size_out);
    EXPECT_EQ(out[i], expected) << i;
  }
}

TEST_P(SrtpBatch, ARefusedJobLeavesItsNeighboursAlone) {
  for (const Profile profile : kProfilePreference) {
    OutboundContext context(*backend_, make_keys(profile));
    InboundContext receiver(*backend_, make_keys(profile));
    constexpr size_t kCount = 40;
    std::vector<Buffer> out(kCount);
    std::vector<RtpJob> jobs(kCount);
    for (size_t i = 0; i < kCount; ++i) {
      const bool repeat = i % 3 == 2;
      out[i] = rtp_packet(Ssrc(1), static_cast<uint16_t>(repeat ? i - 1 : i), 100);
      out[i].resize(kHeaderSize + 100 + 16);
      jobs[i].stream = &context.stream(Ssrc(1));
      jobs[i].packet = out[i].data();
      jobs[i].capacity = static_cast<uint16_t>(out[i].size());
      jobs[i].header_size = kHeaderSize;
      jobs[i].payload = out[i].data() + kHeaderSize;
      jobs[i].payload_size = 100;
    }
    protect_batch(*backend_, jobs);
    for (size_t i = 0; i < kCount; ++i) {
      if (i % 3 == 2) {
        EXPECT_EQ(jobs[i].size_out, 0);
        EXPECT_EQ(out[i][kHeaderSize + 3],
                  rtp_packet(Ssrc(1), static_cast<uint16_t>(i - 1), 100)[kHeaderSize + 3]);
      } else {
        EXPECT_EQ(unprotect(receiver, Bytes(out[i]).first(jobs[i].size_out)),
                  rtp_packet(Ssrc(1), static_cast<uint16_t>(i), 100));
      }
    }
  }
}

TEST_P(SrtpBatch, AnEmptyBatchDoesNothing) {
  protect_batch(*backend_, {});
}

/// Protects one packet whose plaintext is `text`, its first `prefix_size` bytes given as prefix.
Buffer protect_split(Backend& backend, Profile profile, const Buffer& text, size_t prefix_size) {
  OutboundContext context(backend, make_keys(profile));
  Buffer out = rtp_packet(Ssrc(6), 6, 0);
  out.resize(kHeaderSize + text.size() + rtp_overhead(profile));
  RtpJob job;
  job.stream = &context.stream(Ssrc(6));
  job.packet = out.data();
  job.capacity = static_cast<uint16_t>(out.size());
  job.header_size = kHeaderSize;
  job.prefix = text.data();
  job.prefix_size = static_cast<uint16_t>(prefix_size);
  job.payload = text.data() + prefix_size;
  job.payload_size = static_cast<uint16_t>(text.size() - prefix_size);
  protect_batch(backend, {&job, 1});
  EXPECT_EQ(job.size_out, out.size());
  return out;
}

TEST_P(SrtpBatch, APrefixEqualsAContiguousEncryption) {
  for (const Profile profile : kProfilePreference) {
    for (const size_t size : {16u, 17u, 31u, 32u, 33u, 100u, 1200u}) {
      const Buffer text = pattern(size, 8);
      const Buffer expected = protect_split(*backend_, profile, text, 0);
      for (size_t prefix = 1; prefix <= RtpJob::kMaxPrefix; ++prefix) {
        ASSERT_EQ(protect_split(*backend_, profile, text, prefix), expected) << size << prefix;
      }
    }
  }
}

TEST_P(SrtpBatch, ProtectionInPlaceEqualsOutOfPlace) {
  for (const Profile profile : kProfilePreference) {
    for (const size_t size : {0u, 1u, 15u, 16u, 100u, 1200u}) {
      OutboundContext first(*backend_, make_keys(profile));
      OutboundContext second(*backend_, make_keys(profile));
      const Buffer plain = rtp_packet(Ssrc(1), 9, size);
      const Buffer expected = protect_ok(*backend_, first, plain);
      Buffer out = plain;
      out.resize(plain.size() + rtp_overhead(profile));
      RtpJob job;
      job.stream = &second.stream(Ssrc(1));
      job.packet = out.data();
      job.capacity = static_cast<uint16_t>(out.size());
      job.header_size = kHeaderSize;
      job.payload = out.data() + kHeaderSize;
      job.payload_size = static_cast<uint16_t>(size);
      protect_batch(*backend_, {&job, 1});
      EXPECT_EQ(out, expected) << size;
    }
  }
}

TEST_P(SrtpBatch, TheSourceIsNotChangedAndNothingIsWrittenPastTheEnd) {
  for (const Profile profile : kProfilePreference) {
    for (const size_t prefix_size : {0u, 3u}) {
      OutboundContext context(*backend_, make_keys(profile));
      const Buffer payload = pattern(333, 1);
      const Buffer prefix = pattern(prefix_size, 2);
      Buffer copy = payload;
      std::vector<Buffer> out(20);
      std::vector<RtpJob> jobs(20);
      for (size_t i = 0; i < jobs.size(); ++i) {
        out[i] = rtp_packet(Ssrc(1), static_cast<uint16_t>(i), 0);
        out[i].resize(1000, 0xee);
        jobs[i].stream = &context.stream(Ssrc(1));
        jobs[i].packet = out[i].data();
        jobs[i].capacity = 1000;
        jobs[i].header_size = kHeaderSize;
        jobs[i].prefix = prefix.data();
        jobs[i].prefix_size = static_cast<uint16_t>(prefix_size);
        jobs[i].payload = copy.data();
        jobs[i].payload_size = 333;
      }
      protect_batch(*backend_, jobs);
      EXPECT_EQ(copy, payload);
      for (size_t i = 0; i < jobs.size(); ++i) {
        ASSERT_EQ(jobs[i].size_out, kHeaderSize + prefix_size + 333 + rtp_overhead(profile));
        EXPECT_TRUE(std::all_of(out[i].begin() + jobs[i].size_out, out[i].end(),
                                [](uint8_t byte) { return byte == 0xee; }));
      }
    }
  }
}

}  // namespace
}  // namespace sluice::srtp::test
