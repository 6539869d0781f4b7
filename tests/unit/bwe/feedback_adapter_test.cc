// What feedback says about sent packets (media-plane 8.4), from feedback as it is on the wire.
#include "protocol/bwe/feedback_adapter.h"

#include <gtest/gtest.h>

#include "support.h"

namespace sluice::bwe::test {
namespace {

class FeedbackAdapterTest : public testing::Test {
 protected:
  void send(uint32_t first, uint32_t count, Micros start = Micros(0), Micros gap = ms(10)) {
    for (uint32_t i = 0; i < count; ++i) {
      sent_.add(SeqNum(static_cast<uint16_t>(first + i)), {.sent = start + i * gap, .size = 100});
    }
  }
  FeedbackNews process(const FeedbackPacket& packet, Micros now) {
    return adapter_.process(packet.parsed(), sent_, now);
  }

  SentPackets sent_;
  FeedbackAdapter adapter_;
};

TEST_F(FeedbackAdapterTest, ReceivedAndLostPackets) {
  send(10, 5);
  const auto news = process({10, {{10, ms(1000)}, {12, ms(1021)}, {14, ms(1040)}}}, ms(90));
  ASSERT_EQ(news.received.size(), 3);
  EXPECT_EQ(news.lost, 2);
  EXPECT_EQ(news.recovered, 0);
  EXPECT_EQ(news.told(), 5);
  EXPECT_EQ(news.received[1].sent, ms(20));
  EXPECT_EQ(news.received[1].size, 100);
  EXPECT_EQ(news.received[1].arrival - news.received[0].arrival, ms(21));
  EXPECT_EQ(news.received[2].arrival - news.received[0].arrival, ms(40));
  EXPECT_EQ(sent_.bytes_in_flight(), 0);
}

TEST_F(FeedbackAdapterTest, Bwe07NeverSentNumbersAreIgnored) {  // BWE-07
  send(10, 5);
  // Some ahead of all that was sent, some behind, and a whole feedback of strangers.
  auto news = process({8, {{8, ms(1000)}, {14, ms(1010)}, {17, ms(1020)}}}, ms(90));
  EXPECT_EQ(news.received.size(), 1);
  EXPECT_EQ(news.lost, 4);
  news = process({40'000, {{40'000, ms(1000)}, {40'001, ms(1010)}}}, ms(90));
  EXPECT_TRUE(news.received.empty());
  EXPECT_EQ(news.lost, 0);
  EXPECT_FALSE(news.round_trip);
}

TEST_F(FeedbackAdapterTest, FeedbackBeforeAnythingWasSent) {
  const auto news = process({0, {{0, ms(1000)}, {5, ms(1010)}}}, ms(90));
  EXPECT_TRUE(news.received.empty());
  EXPECT_EQ(news.lost, 0);
}

TEST_F(FeedbackAdapterTest, NumbersWrapWithinAFeedback) {
  send(65'533, 6);
  const auto news = process(
      {65'533, {{65'533, ms(1000)}, {65'535, ms(1010)}, {0, ms(1020)}, {2, ms(1040)}}}, ms(90));
  EXPECT_EQ(news.received.size(), 4);
  EXPECT_EQ(news.lost, 2);
  EXPECT_EQ(news.received.back().number - news.received.front().number, 5);
}

TEST_F(FeedbackAdapterTest, ReferenceTimeWraps) {
  send(0, 3);
  // 250 us after the last reference time before the wrap; 64 ms later the wrapped one.
  auto news = process({0, 1, (1 << 23) - 1, {0x2001}, {1}}, ms(100));
  ASSERT_EQ(news.received.size(), 1);
  const Micros first = news.received[0].arrival;
  news = process({1, 1, -(1 << 23), {0x2001}, {1}}, ms(164));
  ASSERT_EQ(news.received.size(), 1);
  EXPECT_EQ(news.received[0].arrival - first, ms(64));
  // From -1 to 0 is nothing special.
  news = process({2, 1, -(1 << 23) + 2, {0x2001}, {1}}, ms(292));
  EXPECT_EQ(news.received[0].arrival - first, ms(192));
}

TEST_F(FeedbackAdapterTest, ReferenceTimesOfNonsenseDoNotAddUp) {
  send(0, 30'000, Micros(0), us(100));
  // Each says that half of the range has passed since the one before.
  for (uint16_t i = 0; i < 30'000; ++i) {
    const int32_t reference = i % 2 == 0 ? 0 : (1 << 23) - 1;
    const auto news = process({i, 1, reference, {0x2001}, {1}}, seconds(3));
    ASSERT_EQ(news.received.size(), 1);
    ASSERT_LE(news.received[0].arrival, seconds(3) + FeedbackAdapter::kMaxClockOffset + ms(64));
    ASSERT_GE(news.received[0].arrival, seconds(3) - FeedbackAdapter::kMaxClockOffset);
  }
}

TEST_F(FeedbackAdapterTest, LostPacketThatTurnsUpIsLate) {
  send(0, 4);
  EXPECT_EQ(process({0, {{0, ms(1000)}, {2, ms(1020)}}}, ms(60)).lost, 1);
  // The receiver starts over at the late one and repeats what came after it.
  const auto news = process({1, {{1, ms(1025)}, {2, ms(1020)}, {3, ms(1030)}}}, ms(80));
  ASSERT_EQ(news.received.size(), 2);
  EXPECT_EQ(news.received[0].sent, ms(10));
  EXPECT_TRUE(news.received[0].late);
  EXPECT_FALSE(news.received[1].late);
  EXPECT_EQ(news.lost, 0);
  EXPECT_EQ(news.recovered, 1);
  EXPECT_EQ(news.told(), 1);
}

TEST_F(FeedbackAdapterTest, PacketsOfALostFeedbackAreNeitherReceivedNorLost) {
  send(0, 10);
  process({0, {{0, ms(1000)}, {1, ms(1010)}}}, ms(50));
  // The feedback about 2..5 never comes.
  const auto news = process({6, {{6, ms(1060)}, {8, ms(1080)}}}, ms(150));
  EXPECT_EQ(news.received.size(), 2);
  EXPECT_EQ(news.lost, 1);
  EXPECT_TRUE(news.gap);
  EXPECT_EQ(sent_.bytes_in_flight(), 100);
  // When it comes after all, what arrived counts.
  const auto late = process({2, {{2, ms(1020)}, {5, ms(1050)}}}, ms(160));
  EXPECT_EQ(late.received.size(), 2);
  EXPECT_EQ(late.lost, 0);
  EXPECT_FALSE(process({9, {{9, ms(1090)}}}, ms(170)).gap);
}

TEST_F(FeedbackAdapterTest, ResultsAreInOrderOfArrival) {
  send(0, 3);
  const auto news = process({0, {{0, ms(1000)}, {1, ms(1050)}, {2, ms(1020)}}}, ms(90));
  ASSERT_EQ(news.received.size(), 3);
  EXPECT_EQ(news.received[1].sent, ms(20));
  EXPECT_EQ(news.received[2].sent, ms(10));
}

TEST_F(FeedbackAdapterTest, RoundTripLeavesOutTheWaitForTheFeedback) {
  send(0, 3);
  // The newest, sent at 20, arrived 5 ms before the last arrival.
  const auto news = process({0, {{0, ms(1000)}, {1, ms(1050)}, {2, ms(1045)}}}, ms(90));
  ASSERT_TRUE(news.round_trip);
  EXPECT_EQ(*news.round_trip, ms(90 - 20 - 5));
}

TEST_F(FeedbackAdapterTest, ThousandPacketsInOneFeedback) {
  send(1000, 1000, Micros(0), ms(1));
  std::vector<FeedbackPacket::Arrival> arrivals;
  for (uint16_t i = 0; i < 1000; ++i) {
    if (i % 10 != 5) {
      arrivals.push_back({static_cast<uint16_t>(1000 + i), ms(5000 + i)});
    }
  }
  const auto news = process({1000, arrivals}, ms(1100));
  EXPECT_EQ(news.received.size(), 900);
  EXPECT_EQ(news.lost, 100);
  EXPECT_EQ(news.received[899].arrival - news.received[0].arrival, ms(999));
}

TEST_F(FeedbackAdapterTest, ClaimsOfLossCountOnceAndNotBeyondWhatWasSent) {
  send(0, 100);
  // Eight runs of 8191 missing packets in 36 bytes, again and again.
  const FeedbackPacket bomb(0, 65'528, 0,
                            {0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff}, {});
  EXPECT_EQ(process(bomb, ms(2000)).lost, 100);
  for (int i = 0; i < 1000; ++i) {
    const auto news = process(bomb, ms(2000));
    ASSERT_EQ(news.lost, 0);
    ASSERT_TRUE(news.received.empty());
  }
  EXPECT_EQ(sent_.capacity(), SentPackets::kInitialCapacity);
  EXPECT_EQ(sent_.bytes_in_flight(), 0);
}

TEST_F(FeedbackAdapterTest, EmptyFeedbackHasNoEffect) {
  send(0, 3);
  const auto news = process({0, 0, 5, {}, {}}, ms(90));
  EXPECT_TRUE(news.received.empty());
  EXPECT_EQ(news.lost, 0);
  EXPECT_EQ(sent_.bytes_in_flight(), 300);
}

}  // namespace
}  // namespace sluice::bwe::test
