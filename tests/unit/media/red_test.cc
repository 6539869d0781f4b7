// RED on its way through a loop: whole, in the router's terms, to receivers that know it, and its
// primary block as Opus to the others (decisions/020).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint8_t kRed = 63;
constexpr uint8_t kRouterRed = 101;

/// What came to the receiver: payload type, number and payload.
struct Arrival {
  int payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  Buffer payload;
};

/// The parameter: the receiver's loop.
class RedTest : public OneToOne, public ::testing::TestWithParam<unsigned> {
 protected:
  RedTest() : OneToOne(GetParam()) {
    ProducerSetup setup = audio_producer(producer, sender->handle);
    setup.red = {.payload_type = kRed, .mapped_payload_type = kRouterRed};
    produce(setup);
  }

  void consume(bool red, bool ignore_dtx = false) {
    ConsumerSetup setup = audio_consumer(consumer, receiver->handle, producer, kConsumerSsrc);
    if (red) {
      setup.payload_types.push_back(kRouterRed);
    }
    setup.ignore_dtx = ignore_dtx;
    OneToOne::consume(setup);
  }

  /// RED with one copy of what came before, and `primary`.
  void send_red(uint16_t sequence, const Buffer& copy, const Buffer& primary) {
    RtpFields fields = audio_packet(sequence, 960u * sequence);
    fields.payload_type = kRed;
    fields.payload = {0x80 | kOpus, 0x0f, 0x00, static_cast<uint8_t>(copy.size()), kOpus};
    fields.payload.insert(fields.payload.end(), copy.begin(), copy.end());
    fields.payload.insert(fields.payload.end(), primary.begin(), primary.end());
    send(fields);
  }
  void send_opus(uint16_t sequence, const Buffer& payload) {
    RtpFields fields = audio_packet(sequence, 960u * sequence);
    fields.payload = payload;
    send(fields);
  }

  std::vector<Arrival> take() {
    std::vector<Arrival> arrivals;
    for (const Buffer& packet : OneToOne::take()) {
      const auto view = parse(packet);
      arrivals.push_back({.payload_type = view.payload_type().value,
                          .sequence = view.sequence_number().value,
                          .timestamp = view.timestamp().value,
                          .payload = Buffer(view.payload().begin(), view.payload().end())});
    }
    return arrivals;
  }
};

const Buffer kFirst{0x78, 1, 1, 1};
const Buffer kSecond{0x78, 2, 2};
const Buffer kThird{0x78, 3, 3, 3, 3};

TEST_P(RedTest, GoesWholeToAReceiverThatKnowsIt) {
  consume(/*red=*/true);
  send_red(1, kFirst, kSecond);
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 1u);
  EXPECT_EQ(arrivals[0].payload_type, kRouterRed);
  EXPECT_THAT(arrivals[0].payload, ElementsAre(0x80 | kRouterOpus, 0x0f, 0x00, 4, kRouterOpus, 0x78,
                                               1, 1, 1, 0x78, 2, 2));
}

TEST_P(RedTest, GoesAsOpusToAReceiverThatDoesNot) {
  consume(/*red=*/false);
  send_red(1, kFirst, kSecond);
  send_opus(2, kFirst);
  send_red(3, kSecond, kThird);
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 3u);
  for (size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i].payload_type, kRouterOpus);
    EXPECT_EQ(arrivals[i].sequence, static_cast<uint16_t>(arrivals[0].sequence + i));
    EXPECT_EQ(arrivals[i].timestamp, arrivals[0].timestamp + 960 * i);
  }
  EXPECT_EQ(arrivals[0].payload, kSecond);
  EXPECT_EQ(arrivals[1].payload, kFirst);
  EXPECT_EQ(arrivals[2].payload, kThird);
}

TEST_P(RedTest, BothFormsMixInOneStream) {
  consume(/*red=*/true);
  send_opus(1, kFirst);
  send_red(2, kFirst, kSecond);
  send_opus(3, kThird);
  std::vector<int> types;
  for (const Arrival& arrival : take()) {
    types.push_back(arrival.payload_type);
  }
  EXPECT_THAT(types, ElementsAre(kRouterOpus, kRouterRed, kRouterOpus));
}

TEST_P(RedTest, WhatCannotBeReadIsDropped) {
  consume(/*red=*/true);
  RtpFields fields = audio_packet(1, 960);
  fields.payload_type = kRed;
  for (const Buffer& payload : {Buffer{0x80 | kOpus, 0x0f, 0x00, 200, kOpus, 1, 2},
                                Buffer{77, 1, 2}, Buffer{0x80 | kOpus}}) {
    fields.payload = payload;
    send(fields);
    ++fields.sequence_number;
  }
  EXPECT_THAT(take(), IsEmpty());
  send_red(fields.sequence_number, kFirst, kSecond);
  EXPECT_EQ(take().size(), 1u) << "the stream goes on";
}

TEST_P(RedTest, AnEmptyPrimaryBlockIsNothingForAReceiverWithoutRed) {
  consume(/*red=*/false);
  send_red(1, kFirst, kSecond);
  send_red(2, kSecond, {});
  send_red(3, {}, kThird);
  const auto arrivals = take();
  ASSERT_EQ(arrivals.size(), 2u);
  EXPECT_EQ(arrivals[1].sequence, static_cast<uint16_t>(arrivals[0].sequence + 1)) << "no gap";
}

TEST_P(RedTest, SilenceIsLeftOutOnRequestInBothForms) {
  consume(/*red=*/true, /*ignore_dtx=*/true);
  const Buffer silence{0x78};
  send_opus(1, silence);
  send_red(2, kFirst, silence);
  EXPECT_THAT(take(), IsEmpty());
  send_red(3, silence, kSecond);
  EXPECT_EQ(take().size(), 1u);
}

TEST_P(RedTest, StatisticsNameWhatIsEncoded) {
  consume(/*red=*/true);
  send_red(1, kFirst, kSecond);
  std::vector<RtpStreamStats> in;
  at_sender([&](MediaLoop& loop) { in = loop.producer_stats(producer); });
  ASSERT_EQ(in.size(), 1u);
  EXPECT_EQ(in[0].mime_type, "audio/opus");
  EXPECT_EQ(in[0].packet_count, 1u);
}

INSTANTIATE_TEST_SUITE_P(Loops, RedTest, ::testing::ValuesIn(kReceiverLoops), kLoopName);

}  // namespace
}  // namespace sluice::media::test
