// Trace events (ortc-model 7.1): what a producer and a consumer tell about packets and requests,
// and that they tell nothing unless asked.

#include "media/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>

#include "one_to_one.h"
#include "protocol/rtcp/nack.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Trace : public OneToOne, public ::testing::Test {
 protected:
  Trace() { connect_video(); }

  void trace(Handle object, TraceSet traces) {
    world.command(0, [&](MediaLoop& loop) { loop.set_traces(object, traces); });
  }

  /// "in keyframe", "out pli", ...
  std::vector<std::string> names(Handle object) {
    std::vector<std::string> names;
    for (const TraceEvent& event : take_events<TraceEvent>(object)) {
      names.push_back((event.incoming ? "in " : "out ") + std::string(to_text(event.type)));
    }
    return names;
  }
};

TEST_F(Trace, NothingIsToldUnlessAskedFor) {
  send(video_packet(1, true));
  send(video_packet(3, false));
  world.advance(100ms);
  EXPECT_THAT(names(producer), IsEmpty());
  EXPECT_THAT(names(consumer), IsEmpty());
}

TEST_F(Trace, PacketsOfAProducerAreShownAsTheyCameIn) {
  trace(producer, {TraceType::kRtp});
  auto packet = video_packet(7, true, 1234);
  packet.extensions = {{4, {'0'}}, {3, {0x12, 0x34}}};
  send(packet);
  const auto events = take_events<TraceEvent>(producer);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at, world.now());
  const auto object = to_json(events[0]);
  EXPECT_EQ(object.at("type"), "rtp") << "keyframe was not asked for";
  EXPECT_EQ(object.at("direction"), "in");
  EXPECT_EQ(object.at("timestamp"), world.now() / 1ms);
  EXPECT_EQ(object.at("info"), boost::json::parse(R"({
      "rtpPacket": {"payloadType": 96, "sequenceNumber": 7, "timestamp": 1234, "marker": true,
                    "ssrc": 4369, "isKeyFrame": true, "size": 124, "payloadSize": 100,
                    "spatialLayer": 0, "temporalLayer": 0, "mid": "0",
                    "wideSequenceNumber": 4660},
      "isRtx": false})"));
}

TEST_F(Trace, APacketOfAKeyFrameIsToldOnce) {
  trace(producer, {TraceType::kRtp, TraceType::kKeyFrame});
  trace(consumer, {TraceType::kRtp, TraceType::kKeyFrame});
  send(video_packet(1, true));
  send(video_packet(2, false));
  auto events = world.events;
  EXPECT_THAT(names(producer), ElementsAre("in keyframe", "in rtp"));
  world.events = events;
  EXPECT_THAT(names(consumer), ElementsAre("out keyframe", "out rtp"));
  trace(producer, {TraceType::kKeyFrame});
  send(video_packet(3, false));
  EXPECT_THAT(names(producer), IsEmpty());
}

TEST_F(Trace, APausedProducerShowsNoPackets) {
  trace(producer, {TraceType::kRtp, TraceType::kKeyFrame});
  world.command(0, [&](MediaLoop& loop) { loop.set_producer_paused(producer, true); });
  send(video_packet(1, true));
  EXPECT_THAT(names(producer), IsEmpty());
}

TEST_F(Trace, PacketsOfAConsumerAreShownAsTheyGoOut) {
  trace(consumer, {TraceType::kRtp});
  send(video_packet(7, true, 1234));
  const auto events = take_events<TraceEvent>(consumer);
  ASSERT_EQ(events.size(), 1u);
  ASSERT_EQ(receiver->peer->rtp.size(), 1u);
  const auto sent = rtp::PacketView::parse(receiver->peer->rtp[0]).value();
  const auto& packet = std::get<TracedPacket>(events[0].info);
  EXPECT_FALSE(events[0].incoming);
  EXPECT_EQ(packet.payload_type, sent.payload_type());
  EXPECT_EQ(packet.sequence_number, sent.sequence_number());
  EXPECT_EQ(packet.timestamp, Timestamp{1234});
  EXPECT_EQ(packet.ssrc, Ssrc{kConsumerSsrc});
  EXPECT_TRUE(packet.marker);
  EXPECT_TRUE(packet.key_frame);
  EXPECT_FALSE(packet.rtx);
  EXPECT_EQ(packet.size, sent.size());
  EXPECT_EQ(packet.payload_size, sent.payload().size());
  EXPECT_EQ(packet.mid, "0");
  EXPECT_EQ(packet.wide_sequence_number, load_be16(sent.extension(5).data()));
}

TEST_F(Trace, RetransmissionsAreMarked) {
  send(video_packet(1, true));
  const SeqNum wanted = rtp::PacketView::parse(receiver->peer->rtp.at(0)).value().sequence_number();
  receiver->peer->rtp.clear();
  trace(consumer, {TraceType::kRtp, TraceType::kNack});
  send_rtcp(*receiver, [&](ByteWriter& writer) {
    rtcp::write_nack(writer, {.sender = Ssrc{1}, .media = Ssrc{kConsumerSsrc}}, {&wanted, 1});
  });
  const auto events = take_events<TraceEvent>(consumer);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, TraceType::kNack);
  EXPECT_TRUE(events[0].incoming);
  EXPECT_EQ(to_json(events[0]).at("info"), boost::json::object{});
  const auto sent = rtp::PacketView::parse(receiver->peer->rtp.at(0)).value();
  const auto& packet = std::get<TracedPacket>(events[1].info);
  EXPECT_TRUE(packet.rtx);
  EXPECT_EQ(packet.ssrc, Ssrc{kConsumerSsrc + 1});
  EXPECT_EQ(packet.sequence_number, sent.sequence_number());
  EXPECT_EQ(packet.size, sent.size());
  EXPECT_EQ(packet.payload_size, sent.payload().size());
}

TEST_F(Trace, ARetransmissionWithoutRtxIsThePacketAgain) {
  auto setup = video_consumer(world.next_handle(), receiver->handle, producer, 900000001);
  setup.rtx_ssrc = 0;
  setup.rtx_payload_type = -1;
  world.command(0, [&](MediaLoop& loop) { loop.add_consumer(setup); });
  trace(setup.handle, {TraceType::kRtp});
  send(video_packet(1, true));
  const auto first = take_events<TraceEvent>(setup.handle);
  ASSERT_EQ(first.size(), 1u);
  const auto& sent = std::get<TracedPacket>(first[0].info);
  send_rtcp(*receiver, [&](ByteWriter& writer) {
    rtcp::write_nack(writer, {.sender = Ssrc{1}, .media = Ssrc{900000001}},
                     {&sent.sequence_number, 1});
  });
  const auto again = take_events<TraceEvent>(setup.handle);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(to_json(again[0]), to_json(first[0]));
}

TEST_F(Trace, WhatAProducerAsksForGoesOut) {
  trace(producer, {TraceType::kNack, TraceType::kPli, TraceType::kFir});
  send(video_packet(1, false));
  auto events = take_events<TraceEvent>(producer);
  ASSERT_EQ(events.size(), 1u) << "the flow must start with a key frame";
  EXPECT_EQ(to_json(events[0]).at("type"), "pli");
  EXPECT_EQ(to_json(events[0]).at("direction"), "out");
  EXPECT_EQ(to_json(events[0]).at("info"), boost::json::parse(R"({"ssrc": 4369})"));
  send(video_packet(2, true));
  send(video_packet(4, false));
  world.advance(60ms);
  EXPECT_THAT(names(producer), ElementsAre("out nack"));
}

TEST_F(Trace, WhatAReceiverAsksForComesIn) {
  trace(consumer, {TraceType::kPli, TraceType::kFir});
  send_pli();
  const std::array<rtcp::FirItem, 1> items{
      rtcp::FirItem{.ssrc = Ssrc{kConsumerSsrc}, .sequence = 1}};
  send_rtcp(*receiver, [&](ByteWriter& writer) {
    rtcp::write_fir(writer, {.sender = Ssrc{1}, .media = Ssrc{}}, items);
  });
  const auto events = take_events<TraceEvent>(consumer);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, TraceType::kPli);
  EXPECT_EQ(events[1].type, TraceType::kFir);
  for (const TraceEvent& event : events) {
    EXPECT_TRUE(event.incoming);
    EXPECT_EQ(std::get<TracedKeyFrameRequest>(event.info).ssrc, Ssrc{kConsumerSsrc});
  }
}

TEST_F(Trace, SenderReportsOfAProducer) {
  send(video_packet(1, true));
  trace(producer, {TraceType::kSenderReport});
  send_sender_report(
      kVideoSsrc,
      {.ntp = {.seconds = 5, .fraction = 6}, .rtp = Timestamp{7}, .packets = 8, .octets = 9});
  const auto events = take_events<TraceEvent>(producer);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(to_json(events[0]).at("type"), "sr");
  EXPECT_EQ(to_json(events[0]).at("info"), boost::json::parse(R"({
      "ssrc": 4369, "ntpSec": 5, "ntpFrac": 6, "rtpTs": 7, "packetCount": 8, "octetCount": 9})"));
}

TEST(TraceSet, TakesTheNamesThatMeanSomething) {
  const std::array<std::string, 4> names{"nack", "FOO", "bwe", "rtp"};
  EXPECT_EQ(TraceSet::of_names(names, kProducerTraces),
            (TraceSet{TraceType::kRtp, TraceType::kNack}));
  EXPECT_EQ(TraceSet::of_names(names, kTransportTraces), TraceSet{TraceType::kBwe});
  EXPECT_THAT(kTransportTraces.names(), ElementsAre("probation", "bwe"));
  EXPECT_THAT(kProducerTraces.names(), ElementsAre("rtp", "keyframe", "nack", "pli", "fir", "sr"));
  EXPECT_THAT(kConsumerTraces.names(), ElementsAre("rtp", "keyframe", "nack", "pli", "fir"));
}

}  // namespace
}  // namespace sluice::media::test
