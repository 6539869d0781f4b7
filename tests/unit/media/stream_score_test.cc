// What becomes of a stream's score in the course of time: loss, silence, BYE, and what consumers
// make of it (media-plane 6.9, 6.10; ortc-model 7.2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

using codecs::Layers;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StreamScore : public OneToOne, public ::testing::TestWithParam<unsigned> {
 protected:
  StreamScore() : OneToOne(GetParam()) {}

  static uint32_t ssrc(size_t stream) { return 0x1110 + 0x10 * static_cast<uint32_t>(stream); }
  /// Streams of the same picture; the consumer wants the highest.
  void connect_simulcast(size_t streams, bool dtx = false) {
    ProducerSetup setup = simulcast_producer(producer, sender->handle);
    setup.encodings.resize(streams);
    for (ProducerEncoding& encoding : setup.encodings) {
      encoding.dtx = dtx;
    }
    produce(setup);
    ConsumerSetup wish = simulcast_consumer(consumer, receiver->handle, producer);
    wish.spatial_layers = static_cast<uint8_t>(streams);
    wish.preferred_layers = {static_cast<int8_t>(streams - 1), 0};
    wish.streams.resize(streams);
    consume(wish);
  }
  void send_stream(size_t stream, bool key_frame = false) {
    RtpFields fields = video_packet(next_[stream]++, key_frame, media_time());
    fields.ssrc = ssrc(stream);
    send(fields);
  }
  void send_padding(size_t stream) {
    RtpFields fields = video_packet(next_[stream]++, false, media_time());
    fields.ssrc = ssrc(stream);
    fields.payload.clear();
    send(fields);
  }
  void report(uint32_t of) {
    send_sender_report(of, {.ntp = rtcp::NtpTime::from_unix(world.now()),
                            .rtp = Timestamp{media_time()},
                            .packets = 1,
                            .octets = 100});
  }
  /// For tests that last longer than ICE goes without checks.
  void keep_consent() {
    for (const auto* connection : {sender, receiver}) {
      connection->peer->send_binding_request(world.now());
    }
    world.settle();
  }
  uint32_t media_time() const {
    return static_cast<uint32_t>((world.now() - 1000s) / 1us * 9 / 100);
  }

  /// Each score that the producer told of one stream since the last call.
  std::vector<int> take_scores(uint32_t of) {
    std::vector<int> scores;
    for (const auto& changed : take_events<ProducerScoreChanged>(producer)) {
      for (const ProducerScore& score : changed.score) {
        if (score.ssrc == of) {
          scores.push_back(score.score);
        }
      }
    }
    return scores;
  }

  std::array<uint16_t, 3> next_{1, 1, 1};
};

TEST_P(StreamScore, LossThatIsNotRepairedLowersTheScoreAndItsEndRaisesIt) {
  connect_video();
  uint16_t seq = 1;
  const auto second = [&](bool lossy) {
    for (int i = 0; i < 30; ++i, ++seq) {
      if (!lossy || seq % 10 != 5) {
        send(video_packet(seq, seq == 1, media_time()));
      }
      world.advance(33ms, 33ms);
    }
    report(kVideoSsrc);
    keep_consent();
  };
  second(false);
  EXPECT_THAT(take_scores(kVideoSsrc), ElementsAre(10)) << "when the stream began";
  for (int i = 0; i < 24; ++i) {
    second(true);
  }
  // One tenth lost is worth a score of 6; it takes 24 reports until nothing else counts.
  EXPECT_THAT(take_scores(kVideoSsrc), ElementsAre(7, 6)) << "told when it changes only";
  for (int i = 0; i < 24; ++i) {
    second(false);
  }
  EXPECT_THAT(take_scores(kVideoSsrc), ElementsAre(7, 8, 9, 10));
}

TEST_P(StreamScore, AReceiversLossLowersTheConsumersScore) {
  connect_video();
  uint16_t seq = 1;
  uint32_t lost = 0;
  const auto second = [&](uint32_t lost_now) {
    for (int i = 0; i < 30; ++i, ++seq) {
      send(video_packet(seq, seq == 1, media_time()));
      world.advance(33ms, 33ms);
    }
    lost += lost_now;
    send_rtcp(*receiver, [&](ByteWriter& writer) {
      writer.u32(0x81c90007);
      writer.u32(1);
      writer.u32(kConsumerSsrc);
      writer.u32(lost_now << 24 | lost);
      writer.u32(seq);
      writer.u32(0);
      writer.u32(0);
      writer.u32(0);
    });
    keep_consent();
  };
  const auto take_consumer_scores = [&] {
    std::vector<int> scores;
    for (const auto& changed : take_events<ConsumerScoreChanged>(consumer)) {
      scores.push_back(changed.score);
    }
    return scores;
  };
  second(0);
  EXPECT_THAT(take_consumer_scores(), IsEmpty()) << "it began with 10";
  for (int i = 0; i < 24; ++i) {
    second(3);
  }
  const auto down = take_consumer_scores();
  EXPECT_THAT(down, ElementsAre(8, 7));
  for (int i = 0; i < 24; ++i) {
    second(0);
  }
  EXPECT_THAT(take_consumer_scores(), ElementsAre(8, 9, 10));
}

TEST_P(StreamScore, Rec16AStreamAmongSeveralIsDeadAfterASecondAndAHalf) {  // REC-16
  connect_simulcast(2);
  send_stream(0, true);
  send_stream(1, true);
  report(ssrc(0));
  report(ssrc(1));
  take_scores(ssrc(1));
  const Micros began = world.now();
  std::optional<Micros> died;
  while (!died && world.now() - began < 3s) {
    send_stream(0);
    world.advance(20ms, 20ms);
    if (const auto scores = take_scores(ssrc(1)); !scores.empty()) {
      EXPECT_THAT(scores, ElementsAre(0));
      died = world.now();
    }
  }
  ASSERT_TRUE(died);
  EXPECT_GE(*died - began, 1500ms);
  EXPECT_LE(*died - began, 1560ms);
  send_stream(1);
  EXPECT_THAT(take_scores(ssrc(1)), ElementsAre(10));
}

TEST_P(StreamScore, Rec17PaddingIsNoSignOfLife) {  // REC-17
  connect_simulcast(2);
  send_stream(0, true);
  send_stream(1, true);
  take_scores(ssrc(1));
  for (int i = 0; i < 100; ++i) {
    send_stream(0);
    send_padding(1);
    world.advance(20ms, 20ms);
  }
  EXPECT_THAT(take_scores(ssrc(1)), ElementsAre(0));
  send_padding(1);
  EXPECT_THAT(take_scores(ssrc(1)), IsEmpty());
}

TEST_P(StreamScore, Rec18ASingleStreamMayBeSilent) {  // REC-18
  connect_video();
  send(video_packet(1, true));
  take_scores(kVideoSsrc);
  world.advance(20s, 100ms);
  EXPECT_THAT(take_scores(kVideoSsrc), IsEmpty());
}

TEST_P(StreamScore, WithDiscontinuousTransmissionSilenceMayLastFiveSeconds) {
  connect_simulcast(2, /*dtx=*/true);
  send_stream(0, true);
  send_stream(1, true);
  take_scores(ssrc(1));
  world.advance(4900ms, 20ms);
  EXPECT_THAT(take_scores(ssrc(1)), IsEmpty());
  world.advance(200ms, 20ms);
  EXPECT_THAT(take_scores(ssrc(1)), AllOf(testing::Not(IsEmpty()), Each(0)));
}

TEST_P(StreamScore, AByeEndsAStreamAtOnceAndAPacketBringsItBack) {
  connect_video();
  send(video_packet(1, true));
  EXPECT_THAT(take_scores(kVideoSsrc), ElementsAre(10));
  send_bye(kVideoSsrc);
  EXPECT_THAT(take_scores(kVideoSsrc), ElementsAre(0));
  // What it still reports says nothing about its life.
  report(kVideoSsrc);
  EXPECT_THAT(take_scores(kVideoSsrc), IsEmpty());
  send(video_packet(2, false));
  EXPECT_THAT(take_scores(kVideoSsrc), ElementsAre(10));
  EXPECT_THAT(take(), SizeIs(2));
}

TEST_P(StreamScore, AByeOfTheStreamThatGoesOutMovesConsumersAtOnce) {
  connect_simulcast(3);
  for (size_t stream : {0, 1, 2}) {
    send_stream(stream, true);
    report(ssrc(stream));
  }
  world.advance(33ms);
  for (size_t stream : {0, 1, 2}) {
    send_stream(stream, true);
  }
  ASSERT_THAT(take(), testing::Not(IsEmpty()));
  world.advance(1s);
  take_key_frame_requests();
  take_events<ConsumerLayersChanged>(consumer);
  for (size_t stream : {0, 1}) {
    send_stream(stream);
  }
  send_bye(ssrc(2));
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(ssrc(1)));
  world.advance(33ms);
  send_stream(1, true);
  EXPECT_THAT(take(), SizeIs(1));
  // A BYE for a stream that never was changes nothing.
  send_bye(0x9999);
  send_stream(1);
  EXPECT_THAT(take(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Loops, StreamScore, ::testing::ValuesIn(kReceiverLoops), kLoopName);

}  // namespace
}  // namespace sluice::media::test
