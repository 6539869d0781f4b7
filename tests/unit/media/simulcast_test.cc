// A consumer of a simulcast producer gets one of its streams at a time, as one continuous stream,
// on the producer's loop and on another one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

using codecs::Layers;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kFrame = 3000;  ///< ticks of 33 ms

/// What one packet was when it arrived.
struct Arrival {
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  size_t size = 0;
  bool marker = false;
};

/// A sender of three streams, whose timestamps differ by constants, and one receiver.
class SimulcastTest : public OneToOne, public ::testing::TestWithParam<unsigned> {
 protected:
  SimulcastTest() : OneToOne(GetParam()) { produce(simulcast_producer(producer, sender->handle)); }

  void consume(Layers preferred = {2, 0}) {
    ConsumerSetup setup = simulcast_consumer(consumer, receiver->handle, producer);
    setup.preferred_layers = preferred;
    OneToOne::consume(setup);
  }

  static uint32_t ssrc(size_t stream) { return 0x1110 + 0x10 * static_cast<uint32_t>(stream); }
  /// Streams have timestamp bases of their own.
  static uint32_t base(size_t stream) { return 1'000'000 * static_cast<uint32_t>(stream + 1); }
  uint32_t media_time() const {
    return static_cast<uint32_t>((world.now() - 1000s) / 1us * 9 / 100);
  }

  struct Options {
    bool key_frame = false;
    bool marker = true;
    uint32_t timestamp_behind = 0;
  };

  /// The next packet of a stream; its payload is `100 + stream` bytes.
  void send(size_t stream, Options options) { send_numbered(stream, next_[stream]++, options); }
  void send(size_t stream) { send(stream, Options{}); }
  void send_numbered(size_t stream, uint16_t sequence, Options options) {
    RtpFields fields;
    fields.ssrc = ssrc(stream);
    fields.sequence_number = sequence;
    fields.timestamp = base(stream) + media_time() - options.timestamp_behind;
    fields.payload_type = kVp8;
    fields.marker = options.marker;
    fields.payload = vp8_payload(options.key_frame, 100 + stream);
    sender->peer->send_rtp(fields);
    world.settle();
  }
  void send_key_frames() {
    for (size_t stream = 0; stream < 3; ++stream) {
      send(stream, {.key_frame = true});
    }
  }

  /// Sender reports of all streams, of one moment.
  void send_reports() {
    for (size_t stream = 0; stream < 3; ++stream) {
      send_report(stream);
    }
  }
  void send_report(size_t stream) {
    send_sender_report(ssrc(stream), {.ntp = rtcp::NtpTime::from_unix(world.now()),
                                      .rtp = Timestamp{base(stream) + media_time()},
                                      .packets = 1,
                                      .octets = 100});
  }

  std::vector<Arrival> take() {
    std::vector<Arrival> arrivals;
    for (const Buffer& packet : OneToOne::take()) {
      const auto view = parse(packet);
      arrivals.push_back({.sequence = view.sequence_number().value,
                          .timestamp = view.timestamp().value,
                          .size = view.payload().size(),
                          .marker = view.marker()});
    }
    return arrivals;
  }
  /// By the payload's size, the streams that packets came from.
  std::vector<size_t> take_streams() {
    std::vector<size_t> streams;
    for (const Arrival& arrival : take()) {
      streams.push_back(arrival.size - 100);
    }
    return streams;
  }

  /// The streams of which the sender was asked for a key frame since the last call.
  std::vector<size_t> take_key_frame_requests() {
    std::vector<size_t> streams;
    for (const uint32_t asked : OneToOne::take_key_frame_requests()) {
      streams.push_back((asked - ssrc(0)) / 0x10);
    }
    return streams;
  }

  std::vector<Layers> take_layer_events() {
    std::vector<Layers> layers;
    for (const auto& changed : take_events<ConsumerLayersChanged>(consumer)) {
      layers.push_back(changed.current);
    }
    return layers;
  }

  /// All streams run and the consumer gets the first.
  void start_at_lowest() {
    send_key_frames();
    send_reports();
    consume({0, 0});
    send_key_frames();
    ASSERT_THAT(take_streams(), ElementsAre(0));
    EXPECT_THAT(take_layer_events(), ElementsAre(Layers{0, 0}));
    take_key_frame_requests();
    next_frame();
  }
  void next_frame() { world.advance(33ms, 33ms); }

  std::array<uint16_t, 3> next_{100, 30000, 65530};
};

TEST_P(SimulcastTest, OnlyThePreferredStreamGoesOut) {
  send_key_frames();
  send_reports();
  consume({1, 0});
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(1));
  send(1);
  EXPECT_THAT(take_streams(), IsEmpty()) << "no key frame yet";
  send_key_frames();
  send(0);
  send(1);
  send(2);
  EXPECT_THAT(take_streams(), ElementsAre(1, 1));
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{1, 0}));
}

TEST_P(SimulcastTest, SwitchesUpAtAKeyFrameWithoutAGap) {  // SIM-01
  start_at_lowest();
  send(0);
  prefer({2, 0});
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(2));
  next_frame();
  send(0);
  send(2);
  const auto before = take();
  ASSERT_EQ(before.size(), 2U) << "the old stream goes on until the new one has a key frame";
  next_frame();
  send(2, {.key_frame = true});
  send(0);
  next_frame();
  send(2);
  const auto after = take();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].size, 102U);
  EXPECT_EQ(after[0].sequence, before[1].sequence + 1);
  EXPECT_EQ(after[0].timestamp, before[1].timestamp + kFrame - 30) << "33 ms on one time line";
  EXPECT_EQ(after[1].sequence, after[0].sequence + 1);
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{2, 0}));
}

TEST_P(SimulcastTest, AnIncompleteFrameBeforeTheSwitchLeavesAMissingNumber) {  // SIM-02
  start_at_lowest();
  send(0, {.marker = false});
  prefer({2, 0});
  next_frame();
  send(2, {.key_frame = true});
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 2U);
  EXPECT_EQ(arrivals[1].sequence, arrivals[0].sequence + 2);
}

TEST_P(SimulcastTest, WaitsForTheSenderReportOfTheNewStream) {  // SIM-03
  send_key_frames();
  send_report(0);
  consume({0, 0});
  send_key_frames();
  take_streams();
  prefer({2, 0});
  take_key_frame_requests();
  send_key_frames();
  EXPECT_THAT(take_streams(), ElementsAre(0));
  send_report(2);
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(2));
  next_frame();
  send_key_frames();
  EXPECT_THAT(take_streams(), ElementsAre(0, 2));
}

TEST_P(SimulcastTest, AFrameThatIsTooOldCostsOneMoreKeyFrame) {  // SIM-05
  start_at_lowest();
  send(0);
  const uint32_t highest = take().back().timestamp;
  prefer({2, 0});
  take_key_frame_requests();
  // The first request may be repeated after a second; until then it is one.
  world.advance(10ms);
  send(2, {.key_frame = true, .timestamp_behind = 18'000});
  EXPECT_THAT(take_streams(), IsEmpty());
  send(2, {.key_frame = true, .timestamp_behind = 18'000});
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 1U);
  EXPECT_EQ(arrivals[0].timestamp, highest + 1);
}

TEST_P(SimulcastTest, LatePacketsFromBeforeTheSwitchAreDropped) {  // SIM-06
  start_at_lowest();
  send(0);
  const uint16_t late = next_[2]++;
  prefer({2, 0});
  next_frame();
  send(2, {.key_frame = true});
  send_numbered(2, late, {});
  send(2);
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 3U);
  EXPECT_EQ(arrivals[2].sequence, arrivals[1].sequence + 1);
}

TEST_P(SimulcastTest, MovesUpWhenTheLowStreamDies) {  // SIM-07
  start_at_lowest();
  for (int i = 0; i < 60; ++i) {
    send(1);
    send(2);
    next_frame();
  }
  EXPECT_THAT(take_streams(), IsEmpty());
  take_key_frame_requests();
  send(1, {.key_frame = true});
  EXPECT_THAT(take_streams(), ElementsAre(1));
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{1, 0}));
}

TEST_P(SimulcastTest, TellsWhenNoStreamIsLeft) {  // SIM-08
  start_at_lowest();
  world.advance(3s);
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{}));
  next_frame();
  send_key_frames();
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{0, 0}));
}

TEST_P(SimulcastTest, PacketsBeforeTheKeyFramesFirstOneAreSentBehindIt) {  // CON-04
  start_at_lowest();
  prefer({2, 0});
  const uint16_t first = next_[2]++;
  send(2);
  EXPECT_THAT(take_streams(), IsEmpty());
  send_numbered(2, first, {.key_frame = true, .marker = false});
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 2U);
  EXPECT_EQ(arrivals[1].sequence, arrivals[0].sequence + 1);
}

TEST_P(SimulcastTest, ReceiversAskForKeyFramesOfWhatTheyGet) {
  start_at_lowest();
  prefer({2, 0});
  take_key_frame_requests();
  send_pli();
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(0));
}

TEST_P(SimulcastTest, NumbersGoOnAfterAPause) {  // CON-05
  start_at_lowest();
  send(0);
  const auto before = take();
  at_receiver([&](MediaLoop& loop) { loop.set_consumer_paused(consumer, true); });
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{}));
  for (int i = 0; i < 30; ++i) {
    send(0);
    next_frame();
  }
  at_receiver([&](MediaLoop& loop) { loop.set_consumer_paused(consumer, false); });
  world.settle();
  EXPECT_THAT(take_key_frame_requests(), ElementsAre(0));
  send(0);
  EXPECT_THAT(take_streams(), IsEmpty());
  send(0, {.key_frame = true});
  const auto after = take();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].sequence, before.back().sequence + 1);
  EXPECT_THAT(take_layer_events(), ElementsAre(Layers{0, 0}));
}

INSTANTIATE_TEST_SUITE_P(Loops, SimulcastTest, ::testing::ValuesIn(kReceiverLoops), kLoopName);

}  // namespace
}  // namespace sluice::media::test
