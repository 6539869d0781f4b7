// Report blocks made of a received stream's counts.
#include "protocol/rtcp/reception_stats.h"

#include <gtest/gtest.h>

#include "support.h"

namespace sluice::rtcp {
namespace {

constexpr Ssrc kSsrc(0x22);

TEST(LossFraction, IsRoundedAndCapped) {
  EXPECT_EQ(loss_fraction(0, 0), 0);
  EXPECT_EQ(loss_fraction(5, 0), 0);
  EXPECT_EQ(loss_fraction(1, 2), 128);
  EXPECT_EQ(loss_fraction(1, 3), 85);
  EXPECT_EQ(loss_fraction(2, 3), 171);
  EXPECT_EQ(loss_fraction(10, 10), 255);
}

TEST(ReceptionStats, ReportsTheInterval) {
  ReceptionStats stats;
  stats.make_block(kSsrc, {.expected = 100, .received = 100}, ms(0));
  const ReportBlock block = stats.make_block(
      kSsrc, {.expected = 200, .received = 150, .extended_highest = 0x10005, .jitter = 33},
      ms(1000));
  EXPECT_EQ(block.ssrc, kSsrc);
  EXPECT_EQ(block.fraction_lost, 128);
  EXPECT_EQ(block.cumulative_lost, 50);
  EXPECT_EQ(block.extended_highest, 0x10005u);
  EXPECT_EQ(block.jitter, 33u);
}

TEST(ReceptionStats, FractionIsOfTheIntervalAndLossOfTheWhole) {
  ReceptionStats stats;
  stats.make_block(kSsrc, {.expected = 100, .received = 50}, ms(0));
  const ReportBlock block = stats.make_block(kSsrc, {.expected = 200, .received = 150}, ms(1000));
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 50);
}

TEST(ReceptionStats, Rtc10DuplicatesMakeTheReportedLossNegative) {  // RTC-10
  ReceptionStats stats;
  const ReportBlock block = stats.make_block(kSsrc, {.expected = 10, .received = 13}, ms(0));
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, -3);
  EXPECT_EQ(stats.packets_lost(), 0u) << "statistics show no negative loss";
}

TEST(ReceptionStats, NothingExpectedIsNothingLost) {
  ReceptionStats stats;
  stats.make_block(kSsrc, {.expected = 10, .received = 5}, ms(0));
  const ReportBlock block = stats.make_block(kSsrc, {.expected = 10, .received = 5}, ms(1000));
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 5);
}

TEST(ReceptionStats, WorstReceiverReplacesSmallerOwnLoss) {
  ReceptionStats stats;
  // 10 of 100 lost here, half lost at the worst consumer.
  ReportBlock block = stats.make_block(kSsrc, {.expected = 100, .received = 90}, ms(0), 128);
  EXPECT_EQ(block.fraction_lost, 128);
  EXPECT_EQ(block.cumulative_lost, 50);
  EXPECT_EQ(stats.fraction_lost(), 128);
  // Own loss larger: it counts itself.
  block = stats.make_block(kSsrc, {.expected = 200, .received = 120}, ms(5000), 10);
  EXPECT_EQ(block.fraction_lost, 179);
  EXPECT_EQ(block.cumulative_lost, 120);
}

TEST(ReceptionStats, SequenceResetStartsTheIntervalsAgain) {
  ReceptionStats stats;
  stats.make_block(kSsrc, {.expected = 1000, .received = 990}, ms(0));
  stats.on_sequence_reset();
  const ReportBlock block = stats.make_block(kSsrc, {.expected = 2000, .received = 1000}, ms(1000));
  EXPECT_EQ(block.fraction_lost, 128);
  EXPECT_EQ(block.cumulative_lost, 1010);
}

TEST(ReceptionStats, TotalsThatFallAreAReset) {
  ReceptionStats stats;
  stats.make_block(kSsrc, {.expected = 1000, .received = 1000}, ms(0));
  EXPECT_EQ(stats.make_block(kSsrc, {.expected = 4, .received = 2}, ms(1000)).fraction_lost, 128);
}

TEST(ReceptionStats, WithoutSenderReportNoneIsNamed) {
  ReceptionStats stats;
  const ReportBlock block = stats.make_block(kSsrc, {}, ms(1000));
  EXPECT_EQ(block.last_sr, 0u);
  EXPECT_EQ(block.delay_since_sr, 0u);
  EXPECT_FALSE(stats.sender_info());
}

TEST(ReceptionStats, NamesTheLastSenderReportAndItsAge) {
  ReceptionStats stats;
  stats.on_sender_report({.ntp = {0x11223344, 0x55667788}}, ms(1000));
  stats.on_sender_report({.ntp = {0x11223345, 0x55667788}, .rtp = Timestamp(9)}, ms(2000));
  const ReportBlock block = stats.make_block(kSsrc, {}, ms(2500));
  EXPECT_EQ(block.last_sr, 0x33455566u);
  EXPECT_EQ(block.delay_since_sr, 32768u);
  EXPECT_EQ(stats.sender_info()->rtp, Timestamp(9));
  EXPECT_EQ(stats.sender_info_at(), ms(2000));
}

TEST(ReportEcho, DelayOfAReportIsNeverZero) {
  ReportEcho echo;
  EXPECT_EQ(echo.last(), 0u);
  EXPECT_EQ(echo.delay(ms(500)), 0u);
  echo.on_report({1, 0}, ms(1000));
  EXPECT_EQ(echo.delay(ms(1000)), 1u);
  EXPECT_EQ(echo.last(), 0x10000u);
  EXPECT_EQ(echo.delay(ms(2000)), 65536u);
}

}  // namespace
}  // namespace sluice::rtcp
