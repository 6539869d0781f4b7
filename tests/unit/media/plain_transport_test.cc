// RTP over UDP without ICE and DTLS, on its loop: whose packets are taken, and where packets go
// (media-plane 10.1, 10.2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plain_world.h"
#include "protocol/rtp/packet_view.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kSender = "203.0.113.5:5000";
constexpr std::string_view kStranger = "203.0.113.66:5000";
constexpr std::string_view kReceiver = "203.0.113.7:6000";

/// An audio stream from one plain transport to another, which sends to kReceiver.
class PlainTransportOnLoop : public ::testing::Test {
 protected:
  void forward_audio(Handle from) {
    const Handle to = plain.add({.socket = 9});
    plain.connect(to, {.rtp = address(kReceiver)});
    const Handle producer = plain.world.next_handle();
    plain.world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(audio_producer(producer, from));
      loop.add_consumer(audio_consumer(plain.world.next_handle(), to, producer));
    });
  }
  std::vector<Buffer> forwarded() { return plain.take_sent(kReceiver); }

  static Buffer rtp(uint16_t sequence) {
    return sluice::test::make_rtp(audio_packet(sequence, 48000u + 960u * sequence));
  }

  PlainWorld plain;
};

TEST_F(PlainTransportOnLoop, ForwardsBetweenConnectedTransports) {
  const Handle from = plain.add({.socket = PlainWorld::kSocket});
  plain.connect(from, {.rtp = address(kSender)});
  forward_audio(from);
  plain.deliver(kSender, rtp(1));
  plain.deliver(kSender, rtp(2));
  const auto sent = forwarded();
  ASSERT_THAT(sent, SizeIs(2));
  const auto first = rtp::PacketView::parse(sent[0]).value();
  EXPECT_EQ(first.ssrc().value, 800000001u);
  EXPECT_EQ(first.payload_type().value, kRouterOpus);
  EXPECT_EQ(first.payload().size(), 80u);
  EXPECT_EQ(first.payload()[79], 0x78);
  EXPECT_EQ(plain.stats(from).rtp_bytes_received, 2 * rtp(1).size());
  EXPECT_THAT(plain.take_learned(), IsEmpty()) << "a connected transport learns nothing";
}

TEST_F(PlainTransportOnLoop, TakesNothingBeforeConnectAndFromStrangersAfterIt) {
  const Handle from = plain.add({.socket = PlainWorld::kSocket});
  forward_audio(from);
  plain.deliver(kSender, rtp(1));
  EXPECT_THAT(forwarded(), IsEmpty());
  plain.connect(from, {.rtp = address(kSender)});
  plain.deliver(kStranger, rtp(2));
  EXPECT_THAT(forwarded(), IsEmpty());
  plain.deliver(kSender, rtp(3));
  EXPECT_THAT(forwarded(), SizeIs(1));
  EXPECT_EQ(plain.world.slab().in_use(), 0u);
}

TEST_F(PlainTransportOnLoop, Ortc61ComediaLearnsFromTheFirstValidPacket) {  // ORTC-61, TRN-03
  const Handle from = plain.add({.socket = PlainWorld::kSocket, .comedia = true});
  forward_audio(from);
  Buffer garbage(30, 0x00);
  plain.deliver(kStranger, garbage);
  garbage[0] = 0xb0;  // RTP with an extension that runs past its end
  garbage[14] = garbage[15] = 0xff;
  plain.deliver(kStranger, garbage);
  EXPECT_THAT(plain.take_learned(), IsEmpty());
  plain.deliver(kSender, rtp(1));
  EXPECT_THAT(plain.take_learned(), ElementsAre(address(kSender)));
  plain.deliver(kStranger, rtp(2));
  plain.deliver(kSender, rtp(3));
  EXPECT_THAT(forwarded(), SizeIs(2)) << "the first packet counts as well";
  EXPECT_THAT(plain.take_learned(), IsEmpty());
}

TEST_F(PlainTransportOnLoop, ComediaSendsWhereThePeerIsOnceThatIsKnown) {
  const Handle from = plain.add({.socket = PlainWorld::kSocket});
  plain.connect(from, {.rtp = address(kSender)});
  const Handle to = plain.add({.socket = 5, .comedia = true});
  const Handle producer = plain.world.next_handle();
  plain.world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(producer, from));
    loop.add_consumer(audio_consumer(plain.world.next_handle(), to, producer));
  });
  plain.deliver(kSender, rtp(1));
  EXPECT_THAT(plain.world.stray, IsEmpty());
  plain.deliver(kReceiver, empty_receiver_report(), 5);
  EXPECT_THAT(plain.take_learned(), ElementsAre(address(kReceiver)));
  plain.deliver(kSender, rtp(2));
  EXPECT_THAT(forwarded(), SizeIs(1));
}

TEST_F(PlainTransportOnLoop, RtcpWithAPortOfItsOwn) {
  const Handle from = plain.add(
      {.socket = PlainWorld::kSocket, .rtcp_socket = PlainWorld::kRtcpSocket, .comedia = true});
  forward_audio(from);
  plain.deliver("203.0.113.5:5001", empty_receiver_report(), PlainWorld::kSocket);
  EXPECT_THAT(plain.take_learned(), IsEmpty()) << "RTCP on the port for RTP";
  plain.deliver(kSender, rtp(1), PlainWorld::kRtcpSocket);
  EXPECT_THAT(plain.take_learned(), IsEmpty()) << "RTP on the port for RTCP";
  plain.deliver("203.0.113.5:5001", empty_receiver_report(), PlainWorld::kRtcpSocket);
  EXPECT_THAT(plain.take_learned(), ElementsAre(address("203.0.113.5:5001")));
  plain.deliver(kSender, rtp(2));
  EXPECT_THAT(plain.take_learned(), ElementsAre(address(kSender)));
  for (uint16_t i = 3; i < 200; ++i) {
    plain.deliver(kSender, rtp(i));
    plain.world.advance(100ms);
  }
  EXPECT_THAT(plain.take_sent(kSender), IsEmpty());
  EXPECT_THAT(plain.take_sent("203.0.113.5:5001"), ::testing::Not(IsEmpty())) << "receiver reports";
}

TEST_F(PlainTransportOnLoop, ClosingGivesTheSocketsBack) {
  const Handle from = plain.add(
      {.socket = PlainWorld::kSocket, .rtcp_socket = PlainWorld::kRtcpSocket, .comedia = true});
  plain.world.command(0, [&](MediaLoop& loop) { loop.remove_transport(from); });
  EXPECT_THAT(plain.world.closed_sockets,
              ElementsAre(PlainWorld::kSocket, PlainWorld::kRtcpSocket));
  plain.deliver(kSender, rtp(1));
  EXPECT_EQ(plain.world.slab().in_use(), 0u);
}

TEST_F(PlainTransportOnLoop, NoiseChangesNothing) {
  const Handle from = plain.add({.socket = PlainWorld::kSocket, .comedia = true});
  forward_audio(from);
  plain.deliver(kSender, rtp(1));
  forwarded();
  uint32_t state = 1;
  for (int i = 0; i < 5000; ++i) {
    Buffer noise(i % 700);
    for (uint8_t& byte : noise) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<uint8_t>(state >> 24);
    }
    if (!noise.empty() && i % 2 == 0) {
      noise[0] = static_cast<uint8_t>(0x80 | (noise[0] & 0x3f));
    }
    plain.deliver(i % 3 == 0 ? kStranger : kSender, noise);
  }
  EXPECT_EQ(plain.world.slab().in_use(), 0u);
  plain.deliver(kSender, rtp(2));
  EXPECT_THAT(forwarded(), SizeIs(1));
}

class PlainTransportSuites : public PlainTransportOnLoop,
                             public ::testing::WithParamInterface<srtp::Profile> {
 protected:
  PlainTransportSuites()
      : peer_outbound_(plain.world.backend(), theirs_),
        peer_inbound_(plain.world.backend(), ours_) {}

  Buffer protect(Bytes packet) {
    Buffer out(packet.size() + srtp::kMaxTagSize);
    srtp::RtpJob job;
    std::ranges::copy(packet.first(12), out.begin());
    job.stream = &peer_outbound_.stream(Ssrc{kAudioSsrc});
    job.packet = out.data();
    job.capacity = static_cast<uint16_t>(out.size());
    job.header_size = 12;
    job.payload = packet.data() + 12;
    job.payload_size = static_cast<uint16_t>(packet.size() - 12);
    srtp::protect_batch(plain.world.backend(), {&job, 1});
    out.resize(job.size_out);
    return out;
  }

  srtp::SessionKeys ours_ = session_keys(GetParam(), 1);
  srtp::SessionKeys theirs_ = session_keys(GetParam(), 3);
  srtp::OutboundContext peer_outbound_;
  srtp::InboundContext peer_inbound_;
};

TEST_P(PlainTransportSuites, ProtectsBothDirections) {
  const Handle both = plain.add({.socket = PlainWorld::kSocket, .comedia = true, .srtp = true});
  const Handle producer = plain.world.next_handle();
  plain.world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(producer, both));
    loop.add_consumer(audio_consumer(plain.world.next_handle(), both, producer));
  });
  plain.deliver(kSender, protect(rtp(1)));
  EXPECT_THAT(plain.take_learned(), IsEmpty()) << "no keys yet";
  plain.connect(both, {.rtp = {}, .rtcp = {}, .keys = UdpRemote::Keys{ours_, theirs_}});
  plain.deliver(kStranger, rtp(2));
  EXPECT_THAT(plain.take_learned(), IsEmpty()) << "not authentic";
  plain.deliver(kSender, protect(rtp(3)));
  EXPECT_THAT(plain.take_learned(), ElementsAre(address(kSender)));
  auto sent = plain.take_sent(kSender);
  ASSERT_THAT(sent, SizeIs(1));
  const auto size = peer_inbound_.unprotect_rtp(sent[0], 0, sent[0]);
  ASSERT_TRUE(size);
  EXPECT_EQ(rtp::PacketView::parse(Bytes(sent[0]).first(*size))->payload()[0], 0x78);
  plain.world.advance(10s);
  for (Buffer& report : plain.take_sent(kSender)) {
    EXPECT_TRUE(peer_inbound_.unprotect_rtcp(report));
  }
}

INSTANTIATE_TEST_SUITE_P(All, PlainTransportSuites, ::testing::ValuesIn(srtp::kProfilePreference));

}  // namespace
}  // namespace sluice::media::test
