// Sub-scores of intervals, their weighted mean, and the silence of encodings.
#include "protocol/rtcp/score.h"

#include <gtest/gtest.h>

#include "protocol/rtcp/inactivity.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

using Change = InactivityWatch::Change;

TEST(SubScore, ReceivedNothingExpectedIsPerfect) {
  EXPECT_EQ(sub_score(ReceivedInterval{}), 10);
}

TEST(SubScore, Rec14NothingReceivedOfTenIsZero) {  // REC-14
  EXPECT_EQ(sub_score(ReceivedInterval{.expected = 10}), 0);
}

TEST(SubScore, ReceivedLossCounts) {
  EXPECT_EQ(sub_score(ReceivedInterval{.expected = 100, .received = 100}), 10);
  // 10 of the 90 received: (80/90)^4.
  EXPECT_EQ(sub_score(ReceivedInterval{.expected = 100, .received = 90}), 6);
  EXPECT_EQ(sub_score(ReceivedInterval{.expected = 100, .received = 50}), 0);
  EXPECT_EQ(sub_score(ReceivedInterval{.expected = 100, .received = 20}), 0);
  EXPECT_EQ(sub_score(ReceivedInterval{.expected = 100, .received = 110}), 10);
}

TEST(SubScore, Rec15AllLossRepairedAtFirstTryIsNearlyPerfect) {  // REC-15
  const ReceivedInterval received{
      .expected = 100, .received = 90, .repaired = 10, .retransmitted = 10, .has_rtx = true};
  EXPECT_EQ(sub_score(received), 9);
  const SentInterval sent{.sent = 100, .lost = 10, .repaired = 10, .retransmitted = 10};
  EXPECT_EQ(sub_score(sent), 9);
}

TEST(SubScore, RepeatedRetransmissionsMakeARepairWorthLess) {
  const SentInterval once{.sent = 100, .lost = 20, .repaired = 20, .retransmitted = 20};
  const SentInterval thrice{.sent = 100, .lost = 20, .repaired = 20, .retransmitted = 60};
  EXPECT_GT(sub_score(once), sub_score(thrice));
  EXPECT_GT(sub_score(thrice), sub_score(SentInterval{.sent = 100, .lost = 20}));
}

TEST(SubScore, RepairsBeyondTheLossDependOnRtx) {
  const ReceivedInterval with_rtx{
      .expected = 100, .received = 100, .repaired = 30, .retransmitted = 30, .has_rtx = true};
  EXPECT_EQ(sub_score(with_rtx), 10) << "repairs of an earlier interval";
  const ReceivedInterval without{
      .expected = 100, .received = 100, .repaired = 30, .retransmitted = 30, .has_rtx = false};
  // lost 30, weight (1/1.3)^4 = 0.350, 30 - 10.5 = 19 lost: 0.81^4.
  EXPECT_EQ(sub_score(without), 4);
}

TEST(SubScore, MoreRepairsThanPacketsStayInRange) {
  EXPECT_LE(sub_score(ReceivedInterval{.expected = 1, .received = 1, .repaired = 1000}), 10);
  EXPECT_EQ(sub_score(ReceivedInterval{
                .expected = 10, .received = 10, .repaired = 1000, .retransmitted = 100'000}),
            0);
}

TEST(SubScore, SentNothingIsPerfect) {
  EXPECT_EQ(sub_score(SentInterval{.lost = 5}), 10);
}

TEST(SubScore, SentLossIsCappedAtWhatWasSent) {
  EXPECT_EQ(sub_score(SentInterval{.sent = 10, .lost = 1000}), 0);
  EXPECT_EQ(sub_score(SentInterval{.sent = 100, .lost = 10}), 7);
}

TEST(Score, BeginsAtTen) {
  EXPECT_EQ(Score(ms(0)).value(), 10);
}

TEST(Score, NewerSubScoresWeighMore) {
  Score score(ms(0));
  score.add(10, ms(0));
  score.add(0, ms(0));
  EXPECT_EQ(score.value(), 3);  // 10/3
  score.add(10, ms(0));
  EXPECT_EQ(score.value(), 7);  // (10 + 30)/6
}

TEST(Score, Only24SubScoresAreRemembered) {
  Score score(ms(0));
  for (int i = 0; i < 30; ++i) {
    score.add(0, ms(0));
  }
  for (int i = 0; i < 10; ++i) {
    score.add(10, ms(0));
  }
  // Weights 15 to 24 of 1 to 24: 1950/300. With all 40 remembered it would be 5.
  EXPECT_EQ(score.value(), 7);
}

TEST(Score, ChangesOnlyWithTheRoundedValue) {
  Score score(ms(0));
  EXPECT_FALSE(score.add(10, ms(0)));
  EXPECT_TRUE(score.add(5, ms(0)));   // 20/3 -> 7
  EXPECT_FALSE(score.add(7, ms(0)));  // 41/6 -> 7
}

TEST(Score, ResetForgetsThePast) {
  Score score(ms(0));
  for (int i = 0; i < 24; ++i) {
    score.add(0, ms(0));
  }
  EXPECT_TRUE(score.reset(10, ms(1)));
  EXPECT_FALSE(score.reset(10, ms(1)));
  EXPECT_FALSE(score.add(10, ms(2)));
  EXPECT_EQ(score.value(), 10);
}

TEST(Score, RisingFromZeroRestartsActiveSince) {
  Score score(ms(5));
  EXPECT_EQ(score.active_since(), ms(5));
  score.add(4, ms(10));
  score.add(9, ms(20));
  EXPECT_EQ(score.active_since(), ms(5));
  score.reset(0, ms(30));
  score.reset(10, ms(40));
  EXPECT_EQ(score.active_since(), ms(40));
}

TEST(ReceiveScore, TakesDifferencesBetweenSenderReports) {
  ReceiveScore score(true, ms(0));
  EXPECT_FALSE(score.on_sender_report({.expected = 100, .received = 100}, true, ms(0)));
  EXPECT_TRUE(score.on_sender_report({.expected = 200, .received = 150}, true, ms(1000)));
  EXPECT_EQ(score.value(), 3);  // 10 and 0
}

TEST(ReceiveScore, InactiveStreamsAreNotScored) {
  ReceiveScore score(true, ms(0));
  score.reset(0, ms(0));
  EXPECT_FALSE(score.on_sender_report({.expected = 100, .received = 100}, false, ms(0)));
  EXPECT_EQ(score.value(), 0);
  // The loss of the inactive time does not count later.
  score.on_sender_report({.expected = 200, .received = 100}, false, ms(0));
  score.reset(10, ms(1000));
  score.on_sender_report({.expected = 300, .received = 200}, true, ms(2000));
  EXPECT_EQ(score.value(), 10);
}

TEST(SendScore, TakesDifferencesBetweenReceiverReports) {
  SendScore score(ms(0));
  EXPECT_FALSE(score.on_receiver_report({.sent = 100, .cumulative_lost = 0}, ms(0)));
  EXPECT_TRUE(score.on_receiver_report({.sent = 200, .cumulative_lost = 100}, ms(1000)));
  EXPECT_EQ(score.value(), 3);  // 10 and 0
  // Loss that falls is no loss.
  score.on_receiver_report({.sent = 300, .cumulative_lost = -5}, ms(2000));
  EXPECT_EQ(score.value(), 7);  // 10, 0 and 10
}

TEST(InactivityWatch, Rec16SilenceOf1500MsAndTheNextPacket) {  // REC-16
  InactivityWatch watch(true, false, ms(0));
  ReceiveScore score(true, ms(0));
  EXPECT_EQ(watch.on_packet(true, ms(100)), Change::kNone);
  EXPECT_EQ(watch.next_timeout(), ms(1600));
  EXPECT_EQ(watch.on_timeout(ms(1599)), Change::kNone);
  ASSERT_EQ(watch.on_timeout(ms(1600)), Change::kInactive);
  EXPECT_TRUE(score.reset(0, ms(1600)));
  EXPECT_EQ(watch.on_timeout(ms(9000)), Change::kNone);
  ASSERT_EQ(watch.on_packet(true, ms(9000)), Change::kActive);
  EXPECT_TRUE(score.reset(10, ms(9000)));
  EXPECT_EQ(score.active_since(), ms(9000));
  EXPECT_EQ(watch.next_timeout(), ms(10'500));
}

TEST(InactivityWatch, Rec16WithDtx5000Ms) {  // REC-16
  InactivityWatch watch(true, true, ms(0));
  EXPECT_EQ(watch.on_timeout(ms(4999)), Change::kNone);
  EXPECT_EQ(watch.on_timeout(ms(5000)), Change::kInactive);
}

TEST(InactivityWatch, Rec17PaddingIsNoSignOfLife) {  // REC-17
  InactivityWatch watch(true, false, ms(0));
  for (int at = 0; at <= 2000; at += 20) {
    EXPECT_EQ(watch.on_packet(false, ms(at)), Change::kNone);
  }
  EXPECT_EQ(watch.on_timeout(ms(2000)), Change::kInactive);
  EXPECT_EQ(watch.on_packet(false, ms(2020)), Change::kNone);
  EXPECT_FALSE(watch.active());
}

TEST(InactivityWatch, Rec18SingleEncodingIsNeverInactive) {  // REC-18
  InactivityWatch watch(false, false, ms(0));
  EXPECT_FALSE(watch.next_timeout());
  EXPECT_EQ(watch.on_timeout(ms(100'000)), Change::kNone);
  EXPECT_TRUE(watch.active());
}

}  // namespace
}  // namespace sluice::rtcp
