// Against an independent implementation, libsrtp2, in both directions and for all profiles: sizes,
// rollover, reordering across it, duplicates, the edges of the replay window, SRTCP.
#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <random>

#include "protocol/srtp/packet_layout.h"
#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

constexpr Ssrc kSsrc{0xcafe};

srtp_profile_t libsrtp_profile(Profile profile) {
  switch (profile) {
    case Profile::kAesCm128HmacSha1_80:
      return srtp_profile_aes128_cm_sha1_80;
    case Profile::kAesCm128HmacSha1_32:
      return srtp_profile_aes128_cm_sha1_32;
    case Profile::kAeadAes128Gcm:
      return srtp_profile_aead_aes_128_gcm;
    case Profile::kAeadAes256Gcm:
      break;
  }
  return srtp_profile_aead_aes_256_gcm;
}

/// One libsrtp session with the keys of `make_keys(profile)`.
class LibSrtp {
 public:
  LibSrtp(Profile profile, srtp_ssrc_type_t direction) {
    static const srtp_err_status_t kInitialised = srtp_init();
    EXPECT_EQ(kInitialised, srtp_err_status_ok);
    Buffer key = pattern(key_size(profile), 1);
    const Buffer salt = pattern(salt_size(profile), 1001);
    key.insert(key.end(), salt.begin(), salt.end());
    srtp_policy_t policy{};
    EXPECT_EQ(srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, libsrtp_profile(profile)),
              srtp_err_status_ok);
    EXPECT_EQ(srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, libsrtp_profile(profile)),
              srtp_err_status_ok);
    policy.ssrc.type = direction;
    policy.key = key.data();
    policy.window_size = 1024;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
  }
  LibSrtp(const LibSrtp&) = delete;
  LibSrtp& operator=(const LibSrtp&) = delete;
  ~LibSrtp() { srtp_dealloc(session_); }

  using Function = srtp_err_status_t (*)(srtp_t, void*, int*);

  /// Empty when libsrtp refuses.
  Buffer apply(Function function, Bytes packet) {
    // libsrtp wants its packets 32-bit aligned and with room behind; vectors give both.
    Buffer buffer(packet.begin(), packet.end());
    buffer.resize(packet.size() + SRTP_MAX_TRAILER_LEN);
    int size = static_cast<int>(packet.size());
    if (function(session_, buffer.data(), &size) != srtp_err_status_ok) {
      return {};
    }
    buffer.resize(static_cast<size_t>(size));
    return buffer;
  }

 private:
  srtp_t session_ = nullptr;
};

class SrtpLibsrtp : public testing::TestWithParam<std::tuple<Profile, BackendKind>> {
 protected:
  [[nodiscard]] static Profile profile() { return std::get<0>(GetParam()); }

  Buffer ours(Bytes plain, size_t header_size = kHeaderSize) {
    return protect_ok(*pair_.backend, pair_.out, plain, header_size);
  }

  Pair pair_{profile(), std::get<1>(GetParam())};
  LibSrtp sender_{profile(), ssrc_any_outbound};
  LibSrtp receiver_{profile(), ssrc_any_inbound};
};

INSTANTIATE_TEST_SUITE_P(ProfilesAndBackends, SrtpLibsrtp,
                         testing::Combine(testing::ValuesIn(kProfilePreference),
                                          testing::ValuesIn(backend_kinds())));

TEST_P(SrtpLibsrtp, TakesOurRtpOfEverySize) {
  for (size_t size = 0; size <= 1400; size += size < 70 ? 1 : 37) {
    const Buffer plain = rtp_packet(kSsrc, static_cast<uint16_t>(1000 + size), size);
    ASSERT_EQ(receiver_.apply(srtp_unprotect, ours(plain)), plain) << size;
  }
}

TEST_P(SrtpLibsrtp, ItsRtpOfEverySizeIsTaken) {
  for (size_t size = 0; size <= 1400; size += size < 70 ? 1 : 37) {
    const Buffer plain = rtp_packet(kSsrc, static_cast<uint16_t>(1000 + size), size);
    ASSERT_EQ(pair_.receive(sender_.apply(srtp_protect, plain)), plain) << size;
  }
}

TEST_P(SrtpLibsrtp, MakesTheSameBytes) {
  for (uint16_t seq = 1; seq < 50; ++seq) {
    const Buffer plain = rtp_packet_with_extension(kSsrc, seq, seq % 16, seq % 5, 20u * seq);
    EXPECT_EQ(ours(plain, rtp_header_size(plain)), sender_.apply(srtp_protect, plain));
  }
}

TEST_P(SrtpLibsrtp, RtcpGoesBothWays) {
  for (size_t words = 0; words < 100; ++words) {
    const Buffer plain = rtcp_packet(Ssrc(static_cast<uint32_t>(words % 3 + 1)), words);
    EXPECT_EQ(receiver_.apply(srtp_unprotect_rtcp, protect_rtcp(pair_.out, plain)), plain);
    EXPECT_EQ(unprotect_rtcp(pair_.in, sender_.apply(srtp_protect_rtcp, plain)), plain);
  }
}

TEST_P(SrtpLibsrtp, AgreesOverSeveralCycles) {
  for (uint32_t position = 100; position < 300'000; position += 7'001) {
    const Buffer plain = rtp_packet(kSsrc, static_cast<uint16_t>(position), 40);
    ASSERT_EQ(receiver_.apply(srtp_unprotect, ours(plain)), plain) << position;
    ASSERT_EQ(pair_.receive(sender_.apply(srtp_protect, plain)), plain) << position;
  }
}

/// Packets of ours and of libsrtp for consecutive positions.
struct Flow {
  std::vector<Buffer> plain;
  std::vector<Buffer> ours;
  std::vector<Buffer> theirs;
};

TEST_P(SrtpLibsrtp, AgreesOnReorderingAndDuplicatesAcrossTheWrap) {
  Flow flow;
  for (uint32_t position = 65'400; position < 65'700; ++position) {
    flow.plain.push_back(rtp_packet(kSsrc, static_cast<uint16_t>(position), 30));
    flow.ours.push_back(ours(flow.plain.back()));
    flow.theirs.push_back(sender_.apply(srtp_protect, flow.plain.back()));
  }
  // Near the front first, so that both receivers start in the first cycle; then anywhere within
  // 60 packets, twice over.
  std::mt19937 random(5);
  for (size_t i = 0; i < 2 * flow.plain.size(); ++i) {
    const size_t front = std::min(i / 2 + 1, flow.plain.size() - 1);
    const size_t at = front - std::min<size_t>(front, random() % 60);
    const Buffer lib = receiver_.apply(srtp_unprotect, flow.ours[at]);
    const auto own = pair_.receive(flow.theirs[at]);
    ASSERT_EQ(own.has_value(), !lib.empty()) << at;
    if (own) {
      ASSERT_EQ(*own, flow.plain[at]);
      ASSERT_EQ(lib, flow.plain[at]);
    }
  }
}

TEST_P(SrtpLibsrtp, AgreesOnTheEdgesOfTheReplayWindow) {
  for (const uint16_t base : {uint16_t{20'000}, uint16_t{500}}) {
    Pair pair(profile(), std::get<1>(GetParam()));
    LibSrtp sender(profile(), ssrc_any_outbound);
    LibSrtp receiver(profile(), ssrc_any_inbound);
    // With base 500 the newest packet is past a wrap and the late ones before it.
    const std::array<uint32_t, 4> behind = {1025, 1024, 1023, 1022};
    std::vector<Buffer> plain;
    for (const uint32_t distance : behind) {
      plain.push_back(rtp_packet(kSsrc, static_cast<uint16_t>(base - distance), 30));
    }
    const Buffer start = rtp_packet(kSsrc, static_cast<uint16_t>(base - 2000), 30);
    const Buffer newest = rtp_packet(kSsrc, base, 30);
    const auto send_all = [&](auto&& send) {
      std::vector<Buffer> out = {send(start)};
      for (const Buffer& packet : plain) {
        out.push_back(send(packet));
      }
      out.push_back(send(newest));
      return out;
    };
    const auto mine =
        send_all([&](const Buffer& packet) { return protect_ok(*pair.backend, pair.out, packet); });
    const auto theirs =
        send_all([&](const Buffer& packet) { return sender.apply(srtp_protect, packet); });
    EXPECT_EQ(mine, theirs);
    const std::array<size_t, 6> order = {0, 5, 1, 2, 3, 4};
    const std::array<bool, 6> accepted = {true, true, false, false, true, true};
    for (size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(!receiver.apply(srtp_unprotect, mine[order[i]]).empty(), accepted[i]) << i;
      EXPECT_EQ(pair.receive(theirs[order[i]]).has_value(), accepted[i]) << i;
    }
  }
}

}  // namespace
}  // namespace sluice::srtp::test
