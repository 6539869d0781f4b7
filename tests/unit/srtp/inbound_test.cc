// Incoming state: round trips, replay windows, rollover, and that nothing but the key holder can
// change any of it.
#include "protocol/srtp/inbound.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/srtp/packet_layout.h"
#include "unit/srtp/support.h"

namespace sluice::srtp::test {
namespace {

constexpr auto kReplayed = std::unexpected(UnprotectError::kReplay);
constexpr auto kForged = std::unexpected(UnprotectError::kAuthentication);
constexpr auto kShort = std::unexpected(UnprotectError::kTooShort);

class SrtpInbound : public testing::TestWithParam<std::tuple<Profile, BackendKind>> {
 protected:
  [[nodiscard]] static Profile profile() { return std::get<0>(GetParam()); }

  Pair pair_{profile(), std::get<1>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(ProfilesAndBackends, SrtpInbound,
                         testing::Combine(testing::ValuesIn(kProfilePreference),
                                          testing::ValuesIn(backend_kinds())));

// SRT-01
TEST_P(SrtpInbound, Srt01RtpAndRtcpRoundTrip) {
  for (const size_t size : {0u, 1u, 16u, 50u, 1200u}) {
    const Buffer rtp = rtp_packet(Ssrc(5), static_cast<uint16_t>(size), size);
    const Buffer protected_rtp = protect_ok(*pair_.backend, pair_.out, rtp);
    EXPECT_EQ(pair_.receive(protected_rtp), rtp);
    const Buffer rtcp = rtcp_packet(Ssrc(5), size / 4);
    const Buffer protected_rtcp = protect_rtcp(pair_.out, rtcp);
    EXPECT_EQ(protected_rtcp.size(), rtcp.size() + rtcp_overhead(profile()));
    EXPECT_FALSE(std::equal(rtcp.begin() + 8, rtcp.end(), protected_rtcp.begin() + 8));
    EXPECT_EQ(unprotect_rtcp(pair_.in, protected_rtcp), rtcp);
  }
}

TEST_P(SrtpInbound, TheShortestRtcpRoundTrips) {
  const Buffer rtcp = hex("80c90001 00000001");
  EXPECT_EQ(unprotect_rtcp(pair_.in, protect_rtcp(pair_.out, rtcp)), rtcp);
}

// SRT-02
TEST(SrtpTags, Srt02Cm32HasA32BitTagForRtpAnd80BitsForRtcp) {
  Pair pair(Profile::kAesCm128HmacSha1_32);
  const Buffer rtp = rtp_packet(Ssrc(1), 1, 10);
  EXPECT_EQ(protect_ok(*pair.backend, pair.out, rtp).size(), rtp.size() + 4);
  const Buffer rtcp = rtcp_packet(Ssrc(1));
  EXPECT_EQ(protect_rtcp(pair.out, rtcp).size(), rtcp.size() + 4 + 10);
}

// SRT-03
TEST_P(SrtpInbound, Srt03TheReplayWindowHolds1024Packets) {
  const Buffer at_1022 = pair_.send(3000 - 1022);
  const Buffer at_1023 = pair_.send(3000 - 1023);
  const Buffer at_1024 = pair_.send(3000 - 1024);
  const Buffer at_1025 = pair_.send(3000 - 1025);
  ASSERT_TRUE(pair_.receive(pair_.send(3000)));
  EXPECT_EQ(pair_.receive(at_1025), kReplayed);
  EXPECT_EQ(pair_.receive(at_1024), kReplayed);
  EXPECT_TRUE(pair_.receive(at_1023));
  EXPECT_EQ(pair_.receive(at_1023), kReplayed);
  EXPECT_TRUE(pair_.receive(at_1022));
}

TEST_P(SrtpInbound, TheRtcpReplayWindowHolds1024Packets) {
  std::vector<Buffer> packets;
  for (int i = 0; i <= 1025; ++i) {
    packets.push_back(protect_rtcp(pair_.out, rtcp_packet(Ssrc(1))));
  }
  ASSERT_TRUE(unprotect_rtcp(pair_.in, packets[1025]));
  EXPECT_EQ(unprotect_rtcp(pair_.in, packets[0]), kReplayed);
  EXPECT_EQ(unprotect_rtcp(pair_.in, packets[1]), kReplayed);
  EXPECT_TRUE(unprotect_rtcp(pair_.in, packets[2]));
  EXPECT_EQ(unprotect_rtcp(pair_.in, packets[2]), kReplayed);
}

// SRT-04
TEST_P(SrtpInbound, Srt04ADuplicateIsDropped) {
  const Buffer rtp = pair_.send(10);
  EXPECT_TRUE(pair_.receive(rtp));
  EXPECT_EQ(pair_.receive(rtp), kReplayed);
  const Buffer rtcp = protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)));
  EXPECT_TRUE(unprotect_rtcp(pair_.in, rtcp));
  EXPECT_EQ(unprotect_rtcp(pair_.in, rtcp), kReplayed);
}

// SRT-05
TEST_P(SrtpInbound, Srt05TheRolloverCounterRisesAtTheWrapDespiteLoss) {
  EXPECT_TRUE(pair_.receive(pair_.send(65534)));
  pair_.send(65535);  // lost
  EXPECT_TRUE(pair_.receive(pair_.send(0)));
  EXPECT_TRUE(pair_.receive(pair_.send(1)));
}

TEST_P(SrtpInbound, PacketsReorderedAcrossTheWrapDecrypt) {
  const Buffer before = pair_.send(65535);
  const Buffer after = pair_.send(0);
  const Buffer later = pair_.send(1);
  ASSERT_TRUE(pair_.receive(pair_.send(65534)));
  EXPECT_TRUE(pair_.receive(later));
  EXPECT_TRUE(pair_.receive(before));
  EXPECT_TRUE(pair_.receive(after));
  EXPECT_EQ(pair_.receive(before), kReplayed);
}

TEST_P(SrtpInbound, ManyCyclesDecrypt) {
  for (uint32_t position = 0; position < 400'000; position += 9'999) {
    ASSERT_TRUE(pair_.receive(pair_.send(static_cast<uint16_t>(position)))) << position;
  }
}

// SRT-06
TEST_P(SrtpInbound, Srt06AFlippedBitAnywhereIsRefusedAndLeavesNoState) {
  const Buffer packet = pair_.send(10);
  for (size_t i = 0; i < packet.size(); ++i) {
    Buffer changed = packet;
    changed[i] ^= 0x04;
    const auto result = pair_.receive(changed);
    // A changed header length may also make the packet too short for itself.
    EXPECT_TRUE(result == kForged || (i == 0 && result == kShort)) << i;
  }
  EXPECT_EQ(pair_.in.stream_count(), 0u);
  EXPECT_TRUE(pair_.receive(packet));
  EXPECT_EQ(pair_.in.stream_count(), 1u);
}

// SRT-06
TEST_P(SrtpInbound, Srt06AFlippedBitAnywhereInRtcpIsRefusedAndLeavesNoState) {
  const Buffer packet = protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)));
  for (size_t i = 0; i < packet.size(); ++i) {
    Buffer changed = packet;
    changed[i] ^= 0x80;
    EXPECT_EQ(unprotect_rtcp(pair_.in, changed), kForged) << i;
  }
  EXPECT_EQ(pair_.in.stream_count(), 0u);
  EXPECT_TRUE(unprotect_rtcp(pair_.in, packet));
}

TEST_P(SrtpInbound, AForgedPacketDoesNotMoveTheWindow) {
  const Buffer good = pair_.send(10);
  ASSERT_TRUE(pair_.receive(pair_.send(9)));
  Buffer forged = pair_.send(30'000);
  forged.back() ^= 1;
  EXPECT_EQ(pair_.receive(forged), kForged);
  EXPECT_TRUE(pair_.receive(good));
}

TEST_P(SrtpInbound, AForgedPacketLeavesNoPlaintext) {
  const Buffer plain = rtp_packet(Ssrc(1), 1, 200);
  Buffer packet = protect_ok(*pair_.backend, pair_.out, plain);
  packet.back() ^= 1;
  Buffer out(packet.size(), 0xee);
  ASSERT_FALSE(pair_.in.unprotect_rtp(packet, 0, out));
  EXPECT_TRUE(std::search(out.begin(), out.end(), plain.begin() + kHeaderSize,
                          plain.begin() + kHeaderSize + 16) == out.end());
}

// SRT-07
TEST_P(SrtpInbound, Srt07ARemovedStreamStartsAnew) {
  const Buffer packet = pair_.send(10);
  ASSERT_TRUE(pair_.receive(packet));
  EXPECT_TRUE(pair_.in.remove_stream(Ssrc(0x1234)));
  EXPECT_EQ(pair_.in.stream_count(), 0u);
  EXPECT_FALSE(pair_.in.remove_stream(Ssrc(0x1234)));
  EXPECT_TRUE(pair_.receive(packet)) << "no state, so the packet is new";
}

TEST_P(SrtpInbound, APacketInPlaceEqualsOutOfPlace) {
  for (const size_t size : {0u, 1u, 16u, 33u, 1200u}) {
    const Buffer plain = rtp_packet(Ssrc(1), static_cast<uint16_t>(size), size);
    Buffer packet = protect_ok(*pair_.backend, pair_.out, plain);
    const auto result = pair_.in.unprotect_rtp(packet, 0, packet);
    ASSERT_EQ(result, plain.size());
    packet.resize(*result);
    EXPECT_EQ(packet, plain);
  }
}

TEST_P(SrtpInbound, OutOfPlaceCopiesTheHeaderAndLeavesTheSourceAlone) {
  const Buffer plain = rtp_packet_with_extension(Ssrc(1), 1, 2, 3, 100);
  const Buffer packet = protect_ok(*pair_.backend, pair_.out, plain, rtp_header_size(plain));
  const Buffer before = packet;
  EXPECT_EQ(unprotect(pair_.in, packet), plain);
  EXPECT_EQ(packet, before);
}

TEST_P(SrtpInbound, HeadersWithCsrcsAndExtensionsStayClear) {
  uint16_t seq = 0;
  for (size_t csrcs = 0; csrcs <= 15; ++csrcs) {
    for (const size_t words : {0u, 1u, 2u, 20u}) {
      const Buffer plain = rtp_packet_with_extension(Ssrc(1), ++seq, csrcs, words, 60);
      const size_t header_size = rtp_header_size(plain);
      EXPECT_EQ(header_size, 12 + 4 * csrcs + (words > 0 ? 4 + 4 * words : 0));
      const Buffer packet = protect_ok(*pair_.backend, pair_.out, plain, header_size);
      EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + static_cast<ptrdiff_t>(header_size),
                             packet.begin()));
      EXPECT_EQ(unprotect(pair_.in, packet, seq % 2 == 0 ? 0 : header_size), plain);
    }
  }
}

TEST_P(SrtpInbound, EveryTruncationIsRefused) {
  const Buffer plain = rtp_packet_with_extension(Ssrc(1), 1, 1, 2, 20);
  const Buffer packet = protect_ok(*pair_.backend, pair_.out, plain, rtp_header_size(plain));
  for (size_t size = 0; size < packet.size(); ++size) {
    const auto result = pair_.receive(Bytes(packet).first(size));
    ASSERT_FALSE(result.has_value());
    const bool has_all_parts = size >= rtp_header_size(plain) + rtp_overhead(profile());
    EXPECT_EQ(result, has_all_parts ? kForged : kShort) << size;
  }
  EXPECT_EQ(pair_.in.stream_count(), 0u);
}

TEST_P(SrtpInbound, EveryRtcpTruncationIsRefused) {
  const Buffer packet = protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)));
  for (size_t size = 0; size < packet.size(); ++size) {
    const auto result = unprotect_rtcp(pair_.in, Bytes(packet).first(size));
    EXPECT_EQ(result, size < 8 + rtcp_overhead(profile()) ? kShort : kForged) << size;
  }
}

TEST_P(SrtpInbound, AGivenHeaderSizeOutsideThePacketIsRefused) {
  const Buffer packet = pair_.send(1);
  EXPECT_EQ(unprotect(pair_.in, packet, 11), kShort);
  EXPECT_EQ(unprotect(pair_.in, packet, packet.size()), kShort);
  EXPECT_EQ(unprotect(pair_.in, packet, packet.size() - rtp_overhead(profile()) + 1), kShort);
}

TEST_P(SrtpInbound, ASmallOutputIsRefused) {
  const Buffer packet = pair_.send(1);
  Buffer out(packet.size() - rtp_overhead(profile()) - 1);
  EXPECT_EQ(pair_.in.unprotect_rtp(packet, 0, out), kShort);
  out.resize(out.size() + 1);
  EXPECT_TRUE(pair_.in.unprotect_rtp(packet, 0, out));
}

TEST_P(SrtpInbound, OtherKeysDoNotAuthenticate) {
  InboundContext other(*pair_.backend, make_keys(profile(), 2));
  EXPECT_EQ(unprotect(other, pair_.send(1)), kForged);
  EXPECT_EQ(unprotect_rtcp(other, protect_rtcp(pair_.out, rtcp_packet(Ssrc(1)))), kForged);
}

TEST_P(SrtpInbound, TheTableOfSsrcsIsBounded) {
  InboundContext small(*pair_.backend, make_keys(profile()), {}, 20);
  for (uint32_t ssrc = 0; ssrc < 20; ++ssrc) {
    EXPECT_TRUE(unprotect(small, pair_.send(1, Ssrc(ssrc))));
  }
  const Buffer one_more = pair_.send(1, Ssrc(99));
  EXPECT_EQ(unprotect(small, one_more), std::unexpected(UnprotectError::kTableFull));
  EXPECT_TRUE(unprotect(small, pair_.send(2, Ssrc(3)))) << "known SSRCs go on";
  small.remove_stream(Ssrc(7));
  EXPECT_TRUE(unprotect(small, one_more));
}

TEST_P(SrtpInbound, TheKeyLimitIsReported) {
  Pair limited(profile(), std::get<1>(GetParam()));
  InboundContext in(*limited.backend, make_keys(profile()), {.rtp = 2, .rtcp = 1});
  EXPECT_TRUE(unprotect(in, limited.send(1)));
  EXPECT_TRUE(unprotect(in, limited.send(2)));
  EXPECT_EQ(unprotect(in, limited.send(3)), std::unexpected(UnprotectError::kKeyLimit));
  EXPECT_TRUE(unprotect_rtcp(in, protect_rtcp(limited.out, rtcp_packet(Ssrc(1)))));
  EXPECT_EQ(unprotect_rtcp(in, protect_rtcp(limited.out, rtcp_packet(Ssrc(1)))),
            std::unexpected(UnprotectError::kKeyLimit));
}

// RTCP of a receiver arrives before any RTP with that SSRC: the two windows are separate.
TEST_P(SrtpInbound, RtpAndRtcpOfOneSsrcHaveSeparateWindows) {
  EXPECT_TRUE(unprotect_rtcp(pair_.in, protect_rtcp(pair_.out, rtcp_packet(Ssrc(0x1234)))));
  EXPECT_TRUE(pair_.receive(pair_.send(40'000)));
  EXPECT_TRUE(pair_.receive(pair_.send(39'999)));
  EXPECT_TRUE(unprotect_rtcp(pair_.in, protect_rtcp(pair_.out, rtcp_packet(Ssrc(0x1234)))));
  EXPECT_EQ(pair_.in.stream_count(), 1u);
}

/// An SRTCP packet under AEAD_AES_128_GCM with any index.
Buffer srtcp_with_index(Backend& backend, uint32_t index) {
  const SessionKeys keys = make_keys(Profile::kAeadAes128Gcm);
  const auto key = backend.expand(keys.profile, keys.rtcp, Direction::kSeal);
  Buffer packet = rtcp_packet(Ssrc(1));
  const size_t size = packet.size();
  packet.resize(size + 20);
  Buffer aad(packet.begin(), packet.begin() + 8);
  aad.resize(12);
  store_be32(&aad[8], index | 0x8000'0000);
  store_be32(&packet[size + 16], index | 0x8000'0000);
  SealJob job;
  job.key = key.get();
  job.iv = make_iv(true, keys.rtcp.salt.view(), Ssrc(1), index);
  job.aad = aad;
  job.packet = packet.data();
  job.header_size = 8;
  job.text = Bytes(packet).first(size).subspan(8);
  job.tag = packet.data() + size;
  job.tag_size = 16;
  backend.seal({&job, 1});
  EXPECT_TRUE(job.ok);
  return packet;
}

// The index is 31 bits and does not wrap: a new key is due before.
TEST(SrtcpIndex, DoesNotWrap) {
  const auto backend = make_backend();
  InboundContext in(*backend, make_keys(Profile::kAeadAes128Gcm));
  EXPECT_TRUE(unprotect_rtcp(in, srtcp_with_index(*backend, 0x7fff'fffe)));
  EXPECT_TRUE(unprotect_rtcp(in, srtcp_with_index(*backend, 0x7fff'ffff)));
  EXPECT_EQ(unprotect_rtcp(in, srtcp_with_index(*backend, 0)), kReplayed);
  EXPECT_TRUE(unprotect_rtcp(in, srtcp_with_index(*backend, 0x7fff'ffff - 1023)));
}

TEST(SrtpHeaderSize, FollowsTheHeaderAndNeverLeavesThePacket) {
  const Buffer plain = rtp_packet_with_extension(Ssrc(1), 1, 3, 4, 0);
  ASSERT_EQ(plain.size(), 12u + 12 + 4 + 16);
  EXPECT_EQ(rtp_header_size(plain), plain.size());
  for (size_t size = 0; size < plain.size(); ++size) {
    // A buffer of just that size, so that the address sanitizer sees a read past it.
    const Buffer cut(plain.begin(), plain.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(rtp_header_size(cut), 0u) << size;
  }
}

}  // namespace
}  // namespace sluice::srtp::test
