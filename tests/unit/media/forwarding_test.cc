// From one peer's SRTP to another's: the whole path of a packet through the loops, in virtual time.

#include <gtest/gtest.h>

#include <optional>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

/// A sender with a video and an audio producer, and one receiver that consumes both.
class ForwardingTest : public OneToOne, public ::testing::TestWithParam<unsigned> {
 protected:
  ForwardingTest() : OneToOne(GetParam()), audio(world.next_handle()) {
    connect_video();
    produce(audio_producer(audio, sender->handle));
    consume(audio_consumer(world.next_handle(), receiver->handle, audio));
  }

  /// How many PLIs reached the sender since the last call.
  size_t take_plis() { return take_key_frame_requests().size(); }

  Handle audio;
};

TEST_P(ForwardingTest, ConnectsBothPeers) {
  EXPECT_TRUE(sender->peer->connected());
  EXPECT_TRUE(receiver->peer->connected());
}

TEST_P(ForwardingTest, AudioArrivesWithTheConsumersIdentity) {
  send(audio_packet(1000));
  send(audio_packet(1001, 48960));
  const auto packets = take(800000001);
  ASSERT_EQ(packets.size(), 2u);
  const auto first = parse(packets[0]);
  const auto second = parse(packets[1]);
  EXPECT_EQ(first.payload_type(), PayloadType{kRouterOpus});
  EXPECT_EQ(first.timestamp(), Timestamp{48000});
  EXPECT_EQ(as_text(first.extension(1)), "1");
  EXPECT_TRUE(std::ranges::equal(first.payload(), Buffer(80, 0x78)));
  EXPECT_EQ(second.sequence_number().value, first.sequence_number().value + 1);
}

TEST_P(ForwardingTest, Srt09TheFirstNumberIsWithin1000And32767) {  // SRT-09
  send(audio_packet(65000));
  const uint16_t first = parse(take(800000001).at(0)).sequence_number().value;
  EXPECT_GE(first, 1000);
  EXPECT_LE(first, 32767);
}

TEST_P(ForwardingTest, VideoWaitsForAKeyFrameAndAsksForOne) {
  send(video_packet(10, false));
  EXPECT_TRUE(take().empty());
  EXPECT_GE(take_plis(), 1u);
  send(video_packet(11, true));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_TRUE(parse(packets[0]).marker());
}

TEST_P(ForwardingTest, Con04ALateStartOfAKeyFrameReleasesWhatWasHeld) {  // CON-04
  auto rest = video_packet(11, false);
  send(rest);
  EXPECT_TRUE(take().empty());
  send(video_packet(10, true));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(parse(packets[1]).sequence_number().value,
            parse(packets[0]).sequence_number().value + 1);
}

TEST_P(ForwardingTest, NoMoreThanTheLatestFifteenPacketsAreHeld) {
  for (uint16_t seq = 101; seq <= 117; ++seq) {
    send(video_packet(seq, false));
  }
  send(video_packet(100, true));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 16u);
  const uint16_t first = parse(packets[0]).sequence_number().value;
  EXPECT_EQ(parse(packets[1]).sequence_number().value, first + 3) << "101 and 102 are gone";
  EXPECT_EQ(parse(packets[15]).sequence_number().value, first + 17);
}

TEST_P(ForwardingTest, WhatWasHeldComesInOrderAcrossTheWrapOfNumbers) {
  for (const uint16_t seq : std::initializer_list<uint16_t>{1, 65535, 0}) {
    auto packet = video_packet(seq, false);
    packet.payload.back() = static_cast<uint8_t>(seq);
    send(packet);
  }
  send(video_packet(65534, true));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 4u);
  const uint16_t first = parse(packets[0]).sequence_number().value;
  constexpr std::array<uint8_t, 3> kMarks{0xff, 0, 1};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(parse(packets[i + 1]).sequence_number().value, first + 1 + i);
    EXPECT_EQ(parse(packets[i + 1]).payload().back(), kMarks[i]);
  }
}

TEST_P(ForwardingTest, APauseDropsWhatWasHeld) {
  send(video_packet(11, false));
  at_receiver([&](MediaLoop& loop) { loop.set_consumer_paused(consumer, true); });
  at_receiver([&](MediaLoop& loop) { loop.set_consumer_paused(consumer, false); });
  send(video_packet(10, true));
  EXPECT_EQ(take().size(), 1u);
}

TEST_P(ForwardingTest, Con03AnEmptyPacketLeavesNoGap) {  // CON-03
  send(video_packet(1, true));
  send(video_packet(2, false));
  auto empty = video_packet(3, false);
  empty.payload.clear();
  send(empty);
  send(video_packet(4, false));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 3u);
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(parse(packets[i]).sequence_number().value,
              parse(packets[0]).sequence_number().value + i);
  }
}

TEST_P(ForwardingTest, Con01NothingIsSentToATransportThatIsNotConnected) {  // CON-01
  auto& silent = world.add_transport(GetParam());
  consume(audio_consumer(world.next_handle(), silent.handle, audio, 900000001));
  send(audio_packet(5));
  EXPECT_TRUE(silent.peer->rtp.empty());
  EXPECT_EQ(take(800000001).size(), 1u);
}

TEST_P(ForwardingTest, Con02AnUnsupportedPayloadTypeIsNotSent) {  // CON-02
  auto setup = audio_consumer(world.next_handle(), receiver->handle, audio, 900000001);
  setup.payload_types = {99};
  setup.mid = "7";
  consume(setup);
  send(audio_packet(5));
  EXPECT_TRUE(take(900000001).empty());
}

TEST_P(ForwardingTest, Con05AfterAPauseAKeyFrameStartsTheFlowAndNumbersContinue) {  // CON-05
  send(video_packet(1, true));
  const uint16_t before = parse(take().at(0)).sequence_number().value;
  at_receiver([&](MediaLoop& loop) { loop.set_consumer_paused(consumer, true); });
  for (uint16_t seq = 2; seq < 500; ++seq) {
    send(video_packet(seq, false));
  }
  EXPECT_TRUE(take().empty());
  take_plis();
  at_receiver([&](MediaLoop& loop) { loop.set_consumer_paused(consumer, false); });
  world.advance(20ms);
  EXPECT_GE(take_plis(), 1u);
  send(video_packet(500, false));
  EXPECT_TRUE(take().empty());
  send(video_packet(501, true));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(parse(packets[0]).sequence_number().value, static_cast<uint16_t>(before + 1));
}

TEST_P(ForwardingTest, ALostPacketIsAskedForAndItsRetransmissionForwarded) {
  send(video_packet(1, true));
  send(video_packet(3, false));
  world.advance(60ms);
  std::vector<uint16_t> asked;
  for (const Buffer& packet : sender->peer->rtcp) {
    rtcp::parse_compound(packet, rtcp::Overloaded{[&](const rtcp::Nack& nack) {
                           EXPECT_EQ(nack.header.media, Ssrc{kVideoSsrc});
                           nack.for_each([&](SeqNum seq) { asked.push_back(seq.value); });
                         }});
  }
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked[0], 2);
  take();
  RtpFields rtx;
  rtx.ssrc = kVideoRtxSsrc;
  rtx.sequence_number = 700;
  rtx.timestamp = 90000;
  rtx.payload_type = kVp8Rtx;
  rtx.payload = {0, 2};
  const Buffer original = vp8_payload(false);
  rtx.payload.insert(rtx.payload.end(), original.begin(), original.end());
  send(rtx);
  const auto packets = take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(parse(packets[0]).payload(), original));
}

TEST_P(ForwardingTest, Rec05AnUnrequestedRetransmissionIsNotForwarded) {  // REC-05
  send(video_packet(1, true));
  take();
  RtpFields rtx;
  rtx.ssrc = kVideoRtxSsrc;
  rtx.sequence_number = 700;
  rtx.timestamp = 90000;
  rtx.payload_type = kVp8Rtx;
  rtx.payload = {0, 1, 0x10, 0};
  send(rtx);
  EXPECT_TRUE(take().empty());
}

TEST_P(ForwardingTest, TheReceiversNackIsAnsweredThroughRtx) {
  send(video_packet(1, true));
  send(video_packet(2, false));
  const auto packets = take();
  ASSERT_EQ(packets.size(), 2u);
  const SeqNum wanted = parse(packets[1]).sequence_number();
  send_rtcp(*receiver, [&](ByteWriter& writer) {
    rtcp::write_nack(writer, {.sender = Ssrc{1}, .media = Ssrc{700000001}}, {&wanted, 1});
  });
  const auto rtx = take(700000002);
  ASSERT_EQ(rtx.size(), 1u);
  const auto view = parse(rtx[0]);
  EXPECT_EQ(view.payload_type(), PayloadType{kRouterVp8Rtx});
  EXPECT_EQ(load_be16(view.payload().data()), wanted.value);
  EXPECT_TRUE(std::ranges::equal(view.payload().subspan(2), vp8_payload(false)));
}

TEST_P(ForwardingTest, Rec09ANackTwiceWithinTheRoundTripGivesOneRetransmission) {  // REC-09
  send(video_packet(1, true));
  const SeqNum wanted = parse(take().at(0)).sequence_number();
  for (int i = 0; i < 2; ++i) {
    send_rtcp(*receiver, [&](ByteWriter& writer) {
      rtcp::write_nack(writer, {.sender = Ssrc{1}, .media = Ssrc{700000001}}, {&wanted, 1});
    });
  }
  EXPECT_EQ(take(700000002).size(), 1u);
}

TEST_P(ForwardingTest, Srt08WithoutRtxARetransmissionRepeatsTheSameBytes) {  // SRT-08
  auto setup = audio_consumer(world.next_handle(), receiver->handle, audio, 900000001);
  setup.nack = true;
  setup.mid = "7";
  consume(setup);
  world.settle();
  send(audio_packet(1));
  Buffer first;
  for (const Buffer& packet : receiver->peer->protected_rtp) {
    if (load_be32(&packet[8]) == 900000001) {
      first = packet;
    }
  }
  ASSERT_FALSE(first.empty());
  receiver->peer->protected_rtp.clear();
  std::vector<Buffer> again;
  world.passes = [&](const LoopWorld::Connection& to, Bytes packet, bool to_server) {
    if (!to_server && &to == receiver && packet.size() == first.size()) {
      again.emplace_back(packet.begin(), packet.end());
    }
    return true;
  };
  const SeqNum wanted{load_be16(&first[2])};
  send_rtcp(*receiver, [&](ByteWriter& writer) {
    rtcp::write_nack(writer, {.sender = Ssrc{1}, .media = Ssrc{900000001}}, {&wanted, 1});
  });
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0], first);
}

TEST_P(ForwardingTest, AReceiversPliReachesTheSender) {
  send(video_packet(1, true));
  take_plis();
  world.advance(1500ms);
  take_plis();
  send_pli();
  EXPECT_EQ(take_plis(), 1u);
}

TEST_P(ForwardingTest, Rtc15AFirWithTwoEntriesAsksBothStreams) {  // RTC-15
  send(video_packet(1, true));
  world.advance(1500ms);
  take_plis();
  const std::array<rtcp::FirItem, 2> items{rtcp::FirItem{.ssrc = Ssrc{700000001}, .sequence = 1},
                                           rtcp::FirItem{.ssrc = Ssrc{12345}, .sequence = 1}};
  send_rtcp(*receiver, [&](ByteWriter& writer) {
    rtcp::write_fir(writer, {.sender = Ssrc{1}, .media = Ssrc{}}, items);
  });
  EXPECT_EQ(take_plis(), 1u);
}

TEST_P(ForwardingTest, Rtc16FeedbackForUnknownStreamsIsIgnored) {  // RTC-16
  send(video_packet(1, true));
  world.advance(1500ms);
  take_plis();
  for (const uint32_t ssrc : {700000002U, 1U, 1234U}) {
    send_pli(ssrc);
  }
  EXPECT_EQ(take_plis(), 0u);
}

TEST_P(ForwardingTest, SenderReportsReachTheReceiverOnceSomethingWasSent) {
  size_t reports = 0;
  const auto count = [&] {
    for (const Buffer& packet : receiver->peer->rtcp) {
      rtcp::parse_compound(packet, rtcp::Overloaded{[&](const rtcp::SenderReport& report) {
                             EXPECT_EQ(report.ssrc, Ssrc{800000001});
                             EXPECT_EQ(report.info->packets, 1u);
                             ++reports;
                           }});
    }
    receiver->peer->rtcp.clear();
  };
  world.advance(3s);
  count();
  EXPECT_EQ(reports, 0u) << "RTC-25: no sender report before the first packet";  // RTC-25
  send(audio_packet(1));
  world.advance(8s);
  count();
  EXPECT_GE(reports, 1u);
}

TEST_P(ForwardingTest, ReceiverReportsAndTransportFeedbackReachTheSender) {
  uint16_t wide = 100;
  for (uint16_t seq = 1; seq <= 50; ++seq) {
    auto packet = video_packet(seq, seq == 1, 90000 + 3000 * seq);
    Buffer value(2);
    store_be16(value.data(), wide++);
    packet.extensions.push_back({3, value});
    sender->peer->send_rtp(packet);
    world.advance(30ms);
  }
  size_t feedback = 0;
  std::vector<rtcp::ReportBlock> blocks;
  for (const Buffer& packet : sender->peer->rtcp) {
    rtcp::parse_compound(packet,
                         rtcp::Overloaded{[&](const rtcp::TransportFeedback&) { ++feedback; },
                                          [&](const rtcp::ReceiverReport& report) {
                                            blocks.insert(blocks.end(), report.blocks.begin(),
                                                          report.blocks.end());
                                          }});
  }
  EXPECT_GE(feedback, 10u);
  ASSERT_FALSE(blocks.empty());
  EXPECT_EQ(blocks[0].ssrc, Ssrc{kVideoSsrc});
  EXPECT_EQ(blocks[0].fraction_lost, 0);
}

TEST_P(ForwardingTest, APausedProducerForwardsNothingAndAsksForAKeyFrameOnResume) {
  send(video_packet(1, true));
  take();
  at_sender([&](MediaLoop& loop) { loop.set_producer_paused(producer, true); });
  send(video_packet(2, true));
  EXPECT_TRUE(take().empty());
  take_plis();
  at_sender([&](MediaLoop& loop) { loop.set_producer_paused(producer, false); });
  world.settle();
  EXPECT_EQ(take_plis(), 1u);
}

TEST_P(ForwardingTest, AClosedProducerIsGoneAndItsPacketsGoNowhere) {
  send(audio_packet(1));
  EXPECT_EQ(take(800000001).size(), 1u);
  at_sender([&](MediaLoop& loop) { loop.remove_producer(audio); });
  send(audio_packet(2));
  EXPECT_TRUE(take(800000001).empty());
}

TEST_P(ForwardingTest, PacketsThatArriveTogetherAreForwardedInOrder) {
  auto& other = world.connect(GetParam());
  consume(video_consumer(world.next_handle(), other.handle, producer, 710000001));
  consume(audio_consumer(world.next_handle(), other.handle, audio, 810000001));
  send(video_packet(1, true));
  other.peer->rtp.clear();
  receiver->peer->rtp.clear();

  // More than the fan-out hands on at once, and one that is malformed.
  constexpr uint16_t kPackets = 40;
  std::vector<Buffer> bytes;
  for (uint16_t seq = 2; seq < 2 + kPackets; ++seq) {
    auto video_fields = video_packet(seq, false);
    video_fields.payload.back() = static_cast<uint8_t>(seq);
    bytes.push_back(sender->peer->protect_rtp(sluice::test::make_rtp(video_fields)));
    auto audio_fields = audio_packet(seq);
    audio_fields.payload.back() = static_cast<uint8_t>(seq);
    bytes.push_back(sender->peer->protect_rtp(sluice::test::make_rtp(audio_fields)));
  }
  bytes.insert(bytes.begin() + 7, Buffer{0x80, 0x60});
  std::vector<net::Datagram> datagrams;
  for (Buffer& packet : bytes) {
    net::Datagram datagram;
    datagram.data = packet;
    datagram.remote = sender->address;
    datagram.local_ip = *IpAddress::parse("192.0.2.1");
    datagrams.push_back(datagram);
  }
  world.loop(0).on_datagrams(datagrams, world.now());
  world.settle();
  for (LoopWorld::Connection* connection : {receiver, &other}) {
    const bool first = connection == receiver;
    for (const uint32_t ssrc : {first ? 700000001U : 710000001U, first ? 800000001U : 810000001U}) {
      uint16_t count = 0;
      std::optional<SeqNum> last;
      for (const Buffer& packet : connection->peer->rtp) {
        const auto view = parse(packet);
        if (view.ssrc() != Ssrc{ssrc}) {
          continue;
        }
        EXPECT_EQ(view.payload().back(), 2 + count);
        EXPECT_EQ(view.sequence_number().value,
                  last ? static_cast<uint16_t>(last->value + 1) : view.sequence_number().value);
        last = view.sequence_number();
        ++count;
      }
      EXPECT_EQ(count, kPackets) << ssrc;
    }
  }
}

TEST_P(ForwardingTest, EveryPacketBufferComesBack) {
  for (uint16_t seq = 1; seq <= 200; ++seq) {
    send(video_packet(seq, seq == 1, 90000 + 3000 * seq));
    send(audio_packet(seq, 48000 + 960 * seq));
  }
  world.advance(5s);
  EXPECT_EQ(world.slab(0).in_use(), 0u);
  EXPECT_EQ(world.slab(1).in_use(), 0u);
}

TEST_P(ForwardingTest, Ice33MediaGoesOnAfterConsentWasLostAndRegained) {  // ICE-33
  send(audio_packet(1));
  EXPECT_EQ(take(800000001).size(), 1u);
  world.advance(40s, 100ms);  // no checks: consent is gone
  send(audio_packet(2));
  EXPECT_TRUE(take(800000001).empty());
  sender->peer->send_binding_request(world.now());
  receiver->peer->send_binding_request(world.now());
  world.settle();
  send(audio_packet(3));
  EXPECT_EQ(take(800000001).size(), 1u);
}

TEST_P(ForwardingTest, Dtl16ClosingATransportSaysGoodbyeFirst) {  // DTL-16
  at_receiver([&](MediaLoop& loop) { loop.remove_transport(receiver->handle); });
  world.settle();
  EXPECT_TRUE(receiver->peer->remote_closed());
}

INSTANTIATE_TEST_SUITE_P(SameAndOtherLoop, ForwardingTest, ::testing::ValuesIn(kReceiverLoops),
                         kLoopName);

}  // namespace
}  // namespace sluice::media::test
