// The history of sent packets: numbering, growth, age and bytes in flight (media-plane 8.3).
#include "protocol/bwe/sent_packets.h"

#include <gtest/gtest.h>

#include "support.h"

namespace sluice::bwe::test {
namespace {

void add(SentPackets& sent, uint16_t wide, Micros at, uint16_t size = 100) {
  sent.add(SeqNum(wide), {.sent = at, .size = size});
}

/// Sends `count` packets from `first` on, one per millisecond.
void add_many(SentPackets& sent, uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    add(sent, static_cast<uint16_t>(first + i), ms(first + i));
  }
}

TEST(SentPackets, ReceivedPacketIsFoundOnce) {
  SentPackets sent;
  sent.add(SeqNum(7), {.sent = ms(5), .size = 1200, .cluster = ClusterId(3)});
  const int64_t number = sent.extended(SeqNum(7));
  const auto found = sent.received(number);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->packet.sent, ms(5));
  EXPECT_EQ(found->packet.size, 1200);
  EXPECT_EQ(found->packet.cluster, ClusterId(3));
  EXPECT_FALSE(found->late);
  EXPECT_FALSE(sent.received(number));
}

TEST(SentPackets, LostPacketMayTurnUpLate) {
  SentPackets sent;
  add(sent, 7, ms(5));
  const int64_t number = sent.extended(SeqNum(7));
  EXPECT_TRUE(sent.lost(number));
  EXPECT_FALSE(sent.lost(number));
  const auto found = sent.received(number);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->late);
  EXPECT_FALSE(sent.lost(number));
}

TEST(SentPackets, NumbersGoOnOverTheWrap) {
  SentPackets sent;
  add(sent, 65'534, ms(0));
  add(sent, 65'535, ms(1));
  add(sent, 0, ms(2));
  add(sent, 1, ms(3));
  EXPECT_EQ(sent.extended(SeqNum(1)) - sent.extended(SeqNum(65'534)), 3);
  EXPECT_EQ(sent.received(sent.extended(SeqNum(65'535)))->packet.sent, ms(1));
  EXPECT_EQ(sent.received(sent.extended(SeqNum(0)))->packet.sent, ms(2));
}

TEST(SentPackets, NeverSentNumbersAreUnknown) {
  SentPackets sent;
  EXPECT_FALSE(sent.received(sent.extended(SeqNum(0))));
  add_many(sent, 100, 10);
  for (const SeqNum wide : {SeqNum(0), SeqNum(99), SeqNum(110), SeqNum(111), SeqNum(32'000),
                            SeqNum(33'000), SeqNum(65'535)}) {
    EXPECT_FALSE(sent.received(sent.extended(wide))) << wide.value;
    EXPECT_FALSE(sent.lost(sent.extended(wide))) << wide.value;
  }
}

TEST(SentPackets, RepeatedAndOlderNumbersAreIgnored) {
  SentPackets sent;
  add(sent, 100, ms(0));
  add(sent, 100, ms(9), 500);
  add(sent, 99, ms(9), 500);
  EXPECT_EQ(sent.bytes_in_flight(), 100);
  EXPECT_EQ(sent.received(sent.extended(SeqNum(100)))->packet.sent, ms(0));
}

TEST(SentPackets, SkippedNumbersAreNoPackets) {
  SentPackets sent;
  add(sent, 10, ms(0));
  add(sent, 15, ms(1));
  EXPECT_FALSE(sent.received(sent.extended(SeqNum(12))));
  EXPECT_TRUE(sent.received(sent.extended(SeqNum(15))));
  EXPECT_EQ(sent.bytes_in_flight(), 200);
}

TEST(SentPackets, BytesInFlightAreThoseNotToldOf) {
  SentPackets sent;
  add_many(sent, 0, 10);
  EXPECT_EQ(sent.bytes_in_flight(), 1000);
  sent.told_below(sent.extended(SeqNum(4)));
  EXPECT_EQ(sent.bytes_in_flight(), 600);
  sent.told_below(sent.extended(SeqNum(2)));
  EXPECT_EQ(sent.bytes_in_flight(), 600);
  sent.told_below(sent.end() + 100);
  EXPECT_EQ(sent.bytes_in_flight(), 0);
  add(sent, 10, ms(10));
  EXPECT_EQ(sent.bytes_in_flight(), 100);
}

TEST(SentPackets, StaysSmallWhileFeedbackComes) {
  SentPackets sent;
  for (uint32_t i = 0; i < 200'000; ++i) {
    add(sent, static_cast<uint16_t>(i), us(i * 100));
    if (i % 100 == 99) {
      sent.told_below(sent.end());
    }
  }
  EXPECT_EQ(sent.capacity(), SentPackets::kInitialCapacity);
}

TEST(SentPackets, GrowsWhileNothingIsToldUpToItsLimit) {
  SentPackets sent;
  add_many(sent, 0, 1024);
  EXPECT_EQ(sent.capacity(), 1024);
  add_many(sent, 1024, 1);
  EXPECT_EQ(sent.capacity(), 2048);
  EXPECT_EQ(sent.received(sent.extended(SeqNum(0)))->packet.sent, ms(0));
  for (uint32_t i = 1025; i < 100'000; ++i) {
    add(sent, static_cast<uint16_t>(i), us(i * 100));
  }
  EXPECT_EQ(sent.capacity(), SentPackets::kMaxCapacity);
  EXPECT_EQ(sent.bytes_in_flight(), SentPackets::kMaxCapacity * 100);
}

TEST(SentPackets, PacketsOlderThanAMinuteAreForgotten) {
  SentPackets sent;
  add_many(sent, 0, 10);
  add(sent, 10, seconds(60) + ms(5));
  EXPECT_FALSE(sent.received(sent.extended(SeqNum(4))));
  EXPECT_TRUE(sent.received(sent.extended(SeqNum(5))));
  EXPECT_EQ(sent.bytes_in_flight(), 600);
  add(sent, 11, seconds(200));
  EXPECT_EQ(sent.bytes_in_flight(), 100);
  EXPECT_TRUE(sent.received(sent.extended(SeqNum(11))));
}

TEST(SentPackets, AJumpOverHalfOfTheNumbersStartsOver) {
  SentPackets sent;
  add_many(sent, 0, 10);
  add(sent, 32'760, ms(20));
  EXPECT_LE(sent.capacity(), SentPackets::kMaxCapacity);
  EXPECT_TRUE(sent.received(sent.extended(SeqNum(32'760))));
  EXPECT_GE(sent.bytes_in_flight(), 0);
}

}  // namespace
}  // namespace sluice::bwe::test
