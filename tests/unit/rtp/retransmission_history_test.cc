// NACK on the sending side: what is kept for retransmission and when it is sent again (media-plane
// 6.8).
#include "protocol/rtp/retransmission_history.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "protocol/rtp/source_ring.h"

namespace sluice::rtp {
namespace {

struct Record {
  uint32_t source = 0;
  uint16_t picture_id = 0;
};

class Sender {
 public:
  explicit Sender(uint16_t slots = 2500, Micros max_age = 2s, uint32_t clock_rate = 90000)
      : history({.slots = slots, .max_age = max_age, .clock_rate = clock_rate}) {}

  bool insert(uint16_t sequence, uint32_t timestamp, size_t size = 1000) {
    return history.insert(SeqNum{sequence}, Timestamp{timestamp}, size, sent_at,
                          {.source = sequence});
  }

  /// The window from the oldest record that may be sent again, as text: numbers in order, "_" for
  /// blanks.
  [[nodiscard]] std::string content() const {
    std::string out;
    for (size_t i = 0; i < history.size(); ++i) {
      const SeqNum sequence{static_cast<uint16_t>(history.oldest().value + i)};
      const Record* record = history.find(sequence);
      if (record == nullptr && out.empty()) {
        continue;
      }
      out += out.empty() ? "" : " ";
      out += record != nullptr ? std::to_string(record->source) : "_";
    }
    return out;
  }

  /// Handles a NACK and returns what is resent.
  std::vector<uint16_t> nack(uint16_t pid, uint16_t blp, Micros rtt = 100ms, Micros least = 0ms) {
    const ResendTiming timing{.round_trip = rtt, .least_round_trip = least};
    std::vector<uint16_t> out;
    for (uint32_t wanted = 1U | uint32_t{blp} << 1, s = pid; wanted != 0; wanted >>= 1, ++s) {
      const auto sequence = static_cast<uint16_t>(s);
      if ((wanted & 1) == 0) {
        continue;
      }
      const bool due = history.is_due(SeqNum{sequence}, now, timing);
      const bool resent =
          history.resend(SeqNum{sequence}, now, timing, [&](Timestamp, const Record& record) {
            EXPECT_EQ(record.source, sequence);
            out.push_back(sequence);
            return true;
          });
      EXPECT_EQ(resent, due);
    }
    return out;
  }

  RetransmissionHistory<Record> history;
  Micros sent_at{9s};
  Micros now{10s};
};

using Sequences = std::vector<uint16_t>;

TEST(RetransmissionHistory, Rb1Rec06InOrder) {  // RB1, REC-06
  Sender sender(4);
  sender.insert(10001, 1'000'000'000);
  sender.insert(10002, 1'000'000'000);
  sender.insert(10003, 1'000'000'200);
  sender.insert(10004, 1'000'000'200);
  EXPECT_EQ(sender.content(), "10001 10002 10003 10004");
}

TEST(RetransmissionHistory, Rb2Rec06OutOfOrder) {  // RB2, REC-06
  Sender sender(4);
  sender.insert(20004, 2'000'000'200);
  sender.insert(20001, 2'000'000'000);
  sender.insert(20003, 2'000'000'200);
  sender.insert(20002, 2'000'000'000);
  EXPECT_EQ(sender.content(), "20001 20002 20003 20004");
}

TEST(RetransmissionHistory, Rb3Rec06JumpBeyondTheWindow) {  // RB3, REC-06
  Sender sender(4);
  sender.insert(30001, 3'000'000'000);
  sender.insert(30002, 3'000'000'000);
  sender.insert(30003, 3'000'000'200);
  sender.insert(40000, 3'000'003'000);
  EXPECT_EQ(sender.content(), "40000");
}

TEST(RetransmissionHistory, Rb4Rec06BlanksDuplicatesAndWrongTimestamps) {  // RB4, REC-06
  Sender sender(10);
  constexpr uint32_t kBase = 4'000'000'000;
  EXPECT_TRUE(sender.insert(40002, kBase + 2));
  EXPECT_FALSE(sender.insert(40003, kBase + 1));
  EXPECT_TRUE(sender.insert(40004, kBase + 4));
  EXPECT_FALSE(sender.insert(40002, kBase + 2));
  EXPECT_TRUE(sender.insert(40008, kBase + 8));
  EXPECT_TRUE(sender.insert(40006, kBase + 6));
  EXPECT_TRUE(sender.insert(40000, kBase + 0));
  EXPECT_EQ(sender.content(), "40000 _ 40002 _ 40004 _ 40006 _ 40008");
}

TEST(RetransmissionHistory, Rb5Rec06HigherNumberWithLowerTimestamp) {  // RB5, REC-06
  Sender sender(4);
  sender.insert(10001, 1'000'000'001);
  sender.insert(10002, 1'000'000'002);
  sender.insert(10003, 1'000'000'003);
  EXPECT_FALSE(sender.insert(40000, 1'000'000'000));
  EXPECT_EQ(sender.content(), "10001 10002 10003");
}

TEST(RetransmissionHistory, Rb6Rec06TooOldToPrepend) {  // RB6, REC-06
  Sender sender(4);
  sender.insert(10001, 1'000'000'001);
  sender.insert(10002, 1'000'000'002);
  sender.insert(10003, 1'000'000'003);
  EXPECT_FALSE(sender.insert(10000, 1'000'000'003 - 2000 * 90 - 100));
  EXPECT_EQ(sender.content(), "10001 10002 10003");
}

TEST(RetransmissionHistory, Rb7Rec06LowerNumberWithHigherTimestamp) {  // RB7, REC-06
  Sender sender(4);
  sender.insert(24816, 1024930187);
  sender.insert(24980, 1025106407);
  sender.insert(18365, 1026593387);
  EXPECT_EQ(sender.content(), "18365");
}

TEST(RetransmissionHistory, Rb8Rec06LowerNeighbourWithHigherTimestamp) {  // RB8, REC-06
  Sender sender(4);
  sender.insert(33331, 1'000'000'001);
  sender.insert(33332, 1'000'000'002);
  sender.insert(33330, 1'000'000'003);
  EXPECT_EQ(sender.content(), "33330");
}

TEST(RetransmissionHistory, Rb9Rec06FarJumpTwice) {  // RB9, REC-06
  Sender sender(2500);
  sender.insert(12645, 828702743);
  sender.insert(33998, 2228092928);
  sender.insert(33998, 2228092928);
  EXPECT_EQ(sender.content(), "33998");
}

TEST(RetransmissionHistory, BetweenNeighboursTheTimestampMustFit) {
  Sender sender(10);
  sender.insert(10, 1000);
  sender.insert(14, 2000);
  sender.insert(15, 3000);
  EXPECT_FALSE(sender.insert(12, 999));
  EXPECT_FALSE(sender.insert(12, 2001));
  EXPECT_TRUE(sender.insert(12, 2000));
  EXPECT_FALSE(sender.insert(13, 1999));
  EXPECT_EQ(sender.content(), "10 _ 12 _ 14 15");
}

TEST(RetransmissionHistory, PrependsOnlyInsideTheLimitAndNotLater) {
  Sender sender(4);
  sender.insert(10, 1000);
  sender.insert(11, 2000);
  EXPECT_FALSE(sender.insert(7, 900));
  EXPECT_FALSE(sender.insert(9, 1001));
  EXPECT_TRUE(sender.insert(8, 1000));
  EXPECT_EQ(sender.content(), "8 _ 10 11");
}

TEST(RetransmissionHistory, Rec07AFullWindowLosesItsOldest) {  // REC-07
  Sender sender;
  for (uint32_t i = 0; i < 2500; ++i) {
    EXPECT_TRUE(sender.insert(static_cast<uint16_t>(64000 + i), 1000));
  }
  EXPECT_EQ(sender.history.size(), 2500u);
  EXPECT_EQ(sender.history.oldest(), SeqNum{64000});
  EXPECT_TRUE(sender.insert(static_cast<uint16_t>(64000 + 2500), 1000));
  EXPECT_EQ(sender.history.size(), 2500u);
  EXPECT_EQ(sender.history.oldest(), SeqNum{64001});
  EXPECT_EQ(sender.history.find(SeqNum{64000}), nullptr);
  EXPECT_EQ(sender.history.capacity(), 4096u);
}

TEST(RetransmissionHistory, BlanksAtTheFrontGoWithTheOldest) {
  Sender sender(4);
  sender.insert(10, 1000);
  sender.insert(13, 1000);
  sender.insert(14, 1000);
  EXPECT_EQ(sender.content(), "13 14");
}

TEST(RetransmissionHistory, Rec08LargePacketsAreNotStored) {  // REC-08
  Sender sender;
  EXPECT_TRUE(sender.insert(1, 1000, 1500));
  EXPECT_FALSE(sender.insert(2, 1000, 1501));
  EXPECT_EQ(sender.content(), "1");
}

TEST(RetransmissionHistory, Rec09TwiceWithinTheRoundTripIsOnce) {  // REC-09
  Sender sender;
  sender.insert(1, 1000);
  EXPECT_EQ(sender.nack(1, 0, 80ms), Sequences{1});
  sender.now += 80ms;
  EXPECT_EQ(sender.nack(1, 0, 80ms), Sequences{});
  sender.now += 1us;
  EXPECT_EQ(sender.nack(1, 0, 80ms), Sequences{1});
  EXPECT_EQ(sender.history.repaired(), 1u);
  EXPECT_EQ(sender.history.retransmitted(), 2u);
}

TEST(RetransmissionHistory, Rec09AnUnknownRoundTripIs100ms) {  // REC-09
  Sender sender;
  sender.insert(1, 1000);
  EXPECT_EQ(sender.nack(1, 0, 0us), Sequences{1});
  sender.now += 100ms;
  EXPECT_EQ(sender.nack(1, 0, 0us), Sequences{});
  sender.now += 1ms;
  EXPECT_EQ(sender.nack(1, 0, 0us), Sequences{1});
}

TEST(RetransmissionHistory, Rec10OldPacketsAreNotResent) {  // REC-10
  Sender sender;
  sender.insert(1, 500'000);
  sender.insert(2, 500'000 + 90);
  sender.insert(3, 500'000 + 2000 * 90);
  EXPECT_EQ(sender.nack(1, 1), (Sequences{1, 2}));
  sender.insert(4, 500'000 + 2001 * 90);
  sender.now += 1s;
  EXPECT_EQ(sender.nack(1, 7), (Sequences{2, 3, 4}));
}

TEST(RetransmissionHistory, Rec10AudioIsKeptForASecond) {  // REC-10
  Sender sender(2500, 1s, 48000);
  sender.insert(1, 0xffffff00);
  sender.insert(2, 0xffffff00 + 48000);
  EXPECT_EQ(sender.content(), "1 2");
  sender.insert(3, 0xffffff00 + 48001);
  EXPECT_EQ(sender.content(), "2 3");
}

TEST(RetransmissionHistory, Rec11ClearedWhenTheConsumerPauses) {  // REC-11
  Sender sender;
  for (uint16_t s = 1; s < 300; ++s) {
    sender.insert(s, 1000);
  }
  sender.history.clear();
  EXPECT_TRUE(sender.history.empty());
  EXPECT_EQ(sender.nack(1, 0xffff), Sequences{});
  // No remains of the old content show up as records.
  sender.insert(10, 2000);
  sender.insert(20, 2000);
  EXPECT_EQ(sender.content(), "10 _ _ _ _ _ _ _ _ _ 20");
}

TEST(RetransmissionHistory, ANackCoversSeventeenNumbers) {
  Sender sender;
  for (uint16_t i = 0; i < 22; ++i) {
    sender.insert(static_cast<uint16_t>(65530 + i), 1000);
  }
  EXPECT_EQ(sender.nack(65535, 0x8001), (Sequences{65535, 0, 15}));
  EXPECT_EQ(sender.nack(65530, 0xffff).size(), 17u - 2u);  // two were resent just now
}

TEST(RetransmissionHistory, ResendsPacketsSentWithReorderAndDuplicates) {
  Sender sender;
  for (const auto& [sequence, timestamp] : {std::pair{21006, 1533790901},
                                            {21007, 1533790901},
                                            {21008, 1533793871},
                                            {21009, 1533793871},
                                            {21010, 1533796931},
                                            {21009, 1533793871},
                                            {21008, 1533793871}}) {
    sender.insert(static_cast<uint16_t>(sequence), static_cast<uint32_t>(timestamp));
  }
  EXPECT_EQ(sender.nack(21006, 0xf), (Sequences{21006, 21007, 21008, 21009, 21010}));
}

TEST(RetransmissionHistory, WhatCannotBeSentDoesNotCount) {
  Sender sender;
  sender.insert(1, 1000);
  EXPECT_FALSE(sender.history.resend(SeqNum{1}, sender.now, {.round_trip = 100ms},
                                     [](Timestamp, const Record&) { return false; }));
  EXPECT_EQ(sender.history.retransmitted(), 0u);
  EXPECT_EQ(sender.nack(1, 0), Sequences{1});
}

TEST(RetransmissionHistory, WhatIsStillOnItsWayIsNotResent) {
  Sender sender;
  sender.sent_at = sender.now;
  sender.insert(1, 1000);
  sender.now += 79ms;
  EXPECT_EQ(sender.nack(1, 0, 100ms, 80ms), Sequences{});
  sender.now += 1ms;
  EXPECT_EQ(sender.nack(1, 0, 100ms, 80ms), Sequences{1});
  // While nothing is known of the round trip, a receiver is believed.
  sender.sent_at = sender.now;
  sender.insert(2, 1000);
  EXPECT_EQ(sender.nack(2, 0, 0ms), Sequences{2});
}

TEST(RetransmissionHistory, TimesSurviveTheWrapOfTheirLowBits) {
  Sender sender;
  sender.now = Micros{(int64_t{1} << 31) - 50'000};
  sender.sent_at = sender.now;
  sender.insert(1, 1000);
  sender.now += 100ms;
  EXPECT_EQ(sender.nack(1, 0, 100ms), Sequences{1});
  sender.now += 100ms;
  EXPECT_EQ(sender.nack(1, 0, 100ms), Sequences{});
  sender.now += 1ms;
  EXPECT_EQ(sender.nack(1, 0, 100ms), Sequences{1});
}

TEST(RetransmissionHistory, GrowingKeepsRecordsAndResendTimes) {
  Sender sender;
  sender.insert(65000, 1000);
  EXPECT_EQ(sender.history.capacity(), 256u);
  EXPECT_EQ(sender.nack(65000, 0), Sequences{65000});
  for (uint32_t i = 1; i < 1000; ++i) {
    sender.insert(static_cast<uint16_t>(65000 + i), 1000);
  }
  EXPECT_EQ(sender.history.capacity(), 1024u);
  EXPECT_EQ(sender.nack(65000, 1), Sequences{65001});
  for (uint32_t i = 0; i < 1000; ++i) {
    const auto s = static_cast<uint16_t>(65000 + i);
    ASSERT_NE(sender.history.find(SeqNum{s}), nullptr) << s;
    ASSERT_EQ(sender.history.find(SeqNum{s})->source, s);
  }
}

TEST(RetransmissionHistory, ASteadyStreamNeedsNoMoreRoomThanItsAge) {
  Sender sender;
  // Two seconds are 200 packets.
  for (uint32_t i = 0; i < 5000; ++i) {
    ASSERT_TRUE(sender.insert(static_cast<uint16_t>(i), 900 * i));
  }
  EXPECT_EQ(sender.history.capacity(), 256u);
  EXPECT_NE(sender.history.find(SeqNum{4799}), nullptr);
  EXPECT_EQ(sender.history.find(SeqNum{4798}), nullptr);
}

TEST(RetransmissionHistory, AfterALongSilenceNothingOldIsLeft) {
  Sender sender;
  for (uint16_t i = 0; i < 10; ++i) {
    sender.insert(i, 1000);
  }
  sender.insert(10, 1000 + 2000 * 90 + 1);
  EXPECT_EQ(sender.history.size(), 1u);
  EXPECT_EQ(sender.content(), "10");
}

TEST(RetransmissionHistory, ALatePacketGoesBetweenOldAndNewOnes) {
  Sender sender;
  sender.insert(1, 1000);
  sender.insert(4, 1000 + 90 * 1500);
  sender.insert(5, 1000 + 90 * 2500);  // number 1 is now too old
  EXPECT_FALSE(sender.insert(2, 2000)) << "too old by itself";
  EXPECT_TRUE(sender.insert(3, 1000 + 90 * 1000));
  EXPECT_EQ(sender.content(), "3 4 5");
}

TEST(RetransmissionHistory, TwoConsumersKeepTheirOwnRewriteOfOnePacket) {
  SourceRing<int> ring{SourceRingLimits{}};
  const uint32_t source = ring.push(42, 1000, 0s);
  RetransmissionHistory<Record> first{RetransmissionLimits{}};
  RetransmissionHistory<Record> second{RetransmissionLimits{}};
  first.insert(SeqNum{100}, Timestamp{0}, 1000, 1s, {.source = source, .picture_id = 3});
  second.insert(SeqNum{7}, Timestamp{0}, 1000, 1s, {.source = source, .picture_id = 2});
  EXPECT_EQ(first.find(SeqNum{100})->picture_id, 3);
  EXPECT_EQ(second.find(SeqNum{7})->picture_id, 2);
  EXPECT_EQ(ring.find(first.find(SeqNum{100})->source), ring.find(second.find(SeqNum{7})->source));
}

}  // namespace
}  // namespace sluice::rtp
