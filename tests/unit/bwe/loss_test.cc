// Loss: the ceiling it sets, REMB, and how it is counted (media-plane 8.2, 8.5.6, 8.7).
#include <gtest/gtest.h>

#include <cmath>

#include "protocol/bwe/loss_based.h"
#include "protocol/bwe/loss_history.h"
#include "protocol/bwe/report_loss.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

constexpr BitRate kStart = kilobits(1000);

class LossBasedTest : public testing::Test {
 protected:
  /// Reports of 100 packets every 100 ms, until `end`; `lost` of each 100 are lost.
  void report(int64_t lost, Micros end) {
    for (; now_ < end; now_ += ms(100)) {
      control_.on_report(lost, 100, now_);
    }
  }
  /// Puts the start phase behind, with a bit of loss so that the rate stays. A window has just
  /// ended.
  void pass_start_phase() { report(5, seconds(3) + ms(100)); }

  Micros now_{0};
  LossBased control_{RateFeedback::kTransportCc, kStart, Micros(0)};
};

TEST_F(LossBasedTest, GrowsByEightPercentPerSecondWithoutLoss) {
  pass_start_phase();
  ASSERT_EQ(control_.rate(), kStart);
  // It takes a second to see that there is none.
  report(0, seconds(4));
  EXPECT_EQ(control_.rate(), kStart);
  report(0, seconds(10));
  EXPECT_GT(to_kbps(control_.rate()), 1000 * std::pow(1.08, 6));
  EXPECT_LT(to_kbps(control_.rate()), 1000 * std::pow(1.08, 7));
}

TEST_F(LossBasedTest, TwoPercentIsHardlyAnyLoss) {
  pass_start_phase();
  report(2, seconds(10));
  EXPECT_GT(control_.rate(), kilobits(1400));
}

TEST_F(LossBasedTest, StaysBetweenTwoAndTenPercent) {
  pass_start_phase();
  report(3, seconds(10));
  EXPECT_EQ(control_.rate(), kStart);
  report(10, seconds(20));
  EXPECT_EQ(control_.rate(), kStart);
}

TEST_F(LossBasedTest, FallsByHalfOfTheLoss) {
  pass_start_phase();
  control_.set_rtt(ms(50));
  control_.on_report(40, 100, now_);
  EXPECT_EQ(control_.rate(), kilobits(800));
  // Not again within 300 ms and a round trip time.
  control_.on_report(40, 100, now_ + ms(349));
  EXPECT_EQ(control_.rate(), kilobits(800));
  control_.on_report(40, 100, now_ + ms(350));
  EXPECT_EQ(control_.rate(), kilobits(640));
}

TEST_F(LossBasedTest, AFewPacketsSayNothing) {
  pass_start_phase();
  control_.on_report(19, 19, now_ + ms(10));
  EXPECT_EQ(control_.rate(), kStart);
}

TEST_F(LossBasedTest, DoubtfulLossWaitsForASecond) {
  pass_start_phase();
  control_.on_report(12, 100, now_);
  EXPECT_EQ(control_.rate(), kStart);
  control_.on_report(12, 100, now_ + ms(899));
  EXPECT_EQ(control_.rate(), kStart);
  control_.on_report(12, 100, now_ + ms(900));
  EXPECT_EQ(control_.rate(), kilobits(940));
}

TEST_F(LossBasedTest, PacketsThatTurnUpTakeTheirLossBack) {
  pass_start_phase();
  control_.on_report(12, 100, now_);
  control_.on_report(-10, 100, now_ + ms(1000));
  EXPECT_GE(control_.rate(), kStart);
  EXPECT_DOUBLE_EQ(control_.loss(now_), 0.01);
}

TEST_F(LossBasedTest, LossIsOldNewsWithoutPackets) {
  pass_start_phase();
  control_.on_report(50, 100, now_);
  EXPECT_DOUBLE_EQ(control_.loss(now_ + ms(2400)), 0.5);
  EXPECT_DOUBLE_EQ(control_.loss(now_ + ms(2500)), 0);
}

TEST_F(LossBasedTest, OldReportsDoNotGrow) {
  pass_start_phase();
  report(0, seconds(5));
  const BitRate before = control_.rate();
  for (Micros at = now_ + seconds(6); at < now_ + seconds(20); at += ms(25)) {
    control_.update(at);
  }
  EXPECT_EQ(control_.rate(), before);
}

TEST_F(LossBasedTest, JumpsToTheDelayBasedRateInTheStartPhase) {
  control_.set_delay_based(kilobits(2500), ms(100));
  EXPECT_EQ(control_.rate(), kilobits(2500));
  report(0, ms(2100));
  control_.set_delay_based(kilobits(9000), now_);
  EXPECT_LT(control_.rate(), kilobits(3000));
}

TEST_F(LossBasedTest, DelayBasedRateIsALimit) {
  pass_start_phase();
  control_.set_delay_based(kilobits(500), now_);
  EXPECT_EQ(control_.rate(), kilobits(500));
  // Under some loss the rate can follow up to where it was.
  report(5, now_ + seconds(2));
  control_.set_delay_based(kilobits(900), now_);
  EXPECT_EQ(control_.rate(), kilobits(900));
  control_.set_delay_based(kilobits(2000), now_);
  EXPECT_EQ(control_.rate(), kStart);
}

TEST_F(LossBasedTest, SettingInOfLossHoldsTheRateInUse) {
  pass_start_phase();
  control_.set_delay_based(kilobits(1000), now_);
  for (; now_ < seconds(60); now_ += ms(100)) {
    control_.on_report(0, 100, now_);
  }
  for (; now_ < seconds(70); now_ += ms(100)) {
    control_.on_report(5, 100, now_);
  }
  control_.set_delay_based(kilobits(5000), now_);
  EXPECT_EQ(control_.rate(), kilobits(1000));
}

TEST_F(LossBasedTest, ProbeIsTakenOver) {
  pass_start_phase();
  control_.on_probe(kilobits(3000), now_);
  EXPECT_EQ(control_.rate(), kilobits(3000));
}

TEST_F(LossBasedTest, LimitsApplyAtOnce) {
  control_.set_limits(kilobits(30), kilobits(400));
  EXPECT_EQ(control_.rate(), kilobits(400));
  control_.set_limits(kilobits(500), kilobits(400));
  EXPECT_EQ(control_.rate(), kilobits(500));
}

TEST_F(LossBasedTest, RembIsALimitForFiveSeconds) {
  pass_start_phase();
  control_.on_remb(kilobits(300), now_);
  EXPECT_EQ(control_.rate(), kilobits(300));
  control_.update(now_ + seconds(5));
  EXPECT_EQ(control_.rate(), kilobits(300));
  control_.update(now_ + seconds(5) + us(1));
  EXPECT_EQ(control_.rate(), kStart);
}

TEST_F(LossBasedTest, RembOfNothingLiftsTheLimit) {
  pass_start_phase();
  control_.on_remb(kilobits(300), now_);
  control_.on_remb(BitRate(0), now_ + ms(100));
  EXPECT_EQ(control_.rate(), kStart);
}

TEST(LossBasedRemb, WithoutRembThereIsNoGrowth) {
  LossBased control(RateFeedback::kRemb, kStart, Micros(0));
  Micros now{0};
  const auto report = [&](Micros end) {
    for (; now < end; now += seconds(1)) {
      control.on_report(0, 100, now);
    }
  };
  control.on_remb(kilobits(1500), now);
  EXPECT_EQ(control.rate(), kilobits(1500));
  report(seconds(5));
  control.on_remb(kilobits(300), now);
  report(seconds(10));
  EXPECT_EQ(control.rate(), kilobits(300));
  // It expires, and the rate stays where it was.
  report(seconds(30));
  EXPECT_EQ(control.rate(), kilobits(300));
  control.on_remb(kilobits(2000), now);
  report(seconds(33));
  EXPECT_GT(control.rate(), kilobits(340));
}

// --- counting ------------------------------------------------------------------------------------

TEST(LossHistory, NewerFeedbacksWeighMore) {
  LossHistory history;
  EXPECT_EQ(history.loss(), 0);
  history.add(0.3);
  EXPECT_DOUBLE_EQ(history.loss(), 0.3);
  history.add(0);
  EXPECT_DOUBLE_EQ(history.loss(), 0.3 / 3);
  history.add(0.6);
  EXPECT_DOUBLE_EQ(history.loss(), (0.3 * 1 + 0.6 * 3) / 6);
}

TEST(LossHistory, TwentyFourFeedbacksCount) {
  LossHistory history;
  history.add(1);
  for (int i = 0; i < 24; ++i) {
    history.add(0);
  }
  EXPECT_EQ(history.loss(), 0);
  history.add(1);
  EXPECT_DOUBLE_EQ(history.loss(), 24.0 / 300);
}

rtcp::ReportBlock block(uint32_t ssrc, uint32_t highest, int32_t lost) {
  return {.ssrc = Ssrc(ssrc), .cumulative_lost = lost, .extended_highest = highest};
}

TEST(ReportLoss, GrowthSinceTheLastReport) {
  ReportLoss reports;
  EXPECT_EQ(reports.on_report(block(1, 1000, 7), seconds(1)).packets, 0);
  EXPECT_EQ(reports.on_report(block(2, 500, 0), seconds(1)).packets, 0);
  const auto interval = reports.on_report(block(1, 1100, 12), seconds(2));
  EXPECT_EQ(interval.packets, 100);
  EXPECT_EQ(interval.lost, 5);
  EXPECT_EQ(reports.on_report(block(1, 1150, 9), seconds(3)).lost, -3);
  EXPECT_EQ(reports.on_report(block(2, 520, 1), seconds(3)).packets, 20);
}

TEST(ReportLoss, CountersThatGoBackStartOver) {
  ReportLoss reports;
  reports.on_report(block(1, 1000, 7), seconds(1));
  EXPECT_EQ(reports.on_report(block(1, 900, 0), seconds(2)).packets, 0);
  EXPECT_EQ(reports.on_report(block(1, 950, 0), seconds(3)).packets, 50);
  EXPECT_EQ(reports.on_report(block(1, 0xffff0000, 0), seconds(4)).packets, 0);
}

TEST(ReportLoss, StreamThatReportedLongestAgoGivesWay) {
  ReportLoss reports;
  for (uint32_t i = 0; i < 1000; ++i) {
    reports.on_report(block(100 + i, 0, 0), ms(i));
  }
  EXPECT_EQ(reports.on_report(block(1099, 10, 0), seconds(2)).packets, 10);
  EXPECT_EQ(reports.on_report(block(1099 - 31, 10, 0), seconds(2)).packets, 10);
  EXPECT_EQ(reports.on_report(block(1099 - 32, 10, 0), seconds(2)).packets, 0);
}

}  // namespace
}  // namespace sluice::bwe::test
