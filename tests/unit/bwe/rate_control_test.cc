// How rates grow and fall: AIMD, link capacity, acknowledged rate, and small arithmetic
// (media-plane 8.5.4, 8.5.5).
#include <gtest/gtest.h>

#include <cmath>

#include "protocol/bwe/acked_rate.h"
#include "protocol/bwe/aimd_rate_control.h"
#include "protocol/bwe/link_capacity.h"
#include "protocol/bwe/windowed_extreme.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

// --- arithmetic ----------------------------------------------------------------------------------

TEST(Rate, Arithmetic) {
  EXPECT_EQ(rate_of(1000, ms(100)), BitRate(80'000));
  EXPECT_EQ(bytes_in(kilobits(80), ms(100)), 1000);
  EXPECT_EQ(time_for(1000, kilobits(80)), ms(100));
  EXPECT_EQ(scaled(kilobits(100), 1.5), kilobits(150));
}

TEST(Rate, NothingOverflows) {
  EXPECT_EQ(scaled(BitRate(UINT64_MAX), 10), kHighestRate);
  EXPECT_EQ(rate_of(UINT64_MAX, us(1)), kHighestRate);
  EXPECT_EQ(rate_of(1, Micros(0)), kHighestRate);
  EXPECT_EQ(bytes_in(BitRate(UINT64_MAX), seconds(1)), 125'000'000'000);
}

TEST(WindowedExtreme, ForgetsWhatIsOlderThanTheWindow) {
  WindowedMin<int> least(seconds(10));
  EXPECT_FALSE(least.get(ms(0)));
  least.update(5, ms(0));
  least.update(7, ms(500));
  least.update(6, seconds(4));
  EXPECT_EQ(least.get(seconds(4)), 5);
  EXPECT_EQ(least.get(ms(9'999)), 5);
  EXPECT_EQ(least.get(seconds(10)), 6);
  EXPECT_EQ(least.get(seconds(13)), 6);
  EXPECT_FALSE(least.get(seconds(14)));
}

TEST(WindowedExtreme, Largest) {
  WindowedMax<int> most(seconds(1));
  most.update(5, ms(0));
  most.update(9, ms(50));
  most.update(7, ms(500));
  EXPECT_EQ(most.get(ms(600)), 9);
  EXPECT_EQ(most.get(ms(1'200)), 7);
}

// --- link capacity -------------------------------------------------------------------------------

TEST(LinkCapacity, MovesByItsWeights) {
  LinkCapacity capacity;
  EXPECT_FALSE(capacity.estimate());
  capacity.on_overuse(kilobits(1000));
  EXPECT_EQ(capacity.estimate(), kilobits(1000));
  capacity.on_overuse(kilobits(1200));
  EXPECT_EQ(capacity.estimate(), kilobits(1010));
  capacity.on_probe(kilobits(2010));
  EXPECT_EQ(capacity.estimate(), kilobits(1510));
  capacity.reset();
  EXPECT_FALSE(capacity.estimate());
}

TEST(LinkCapacity, BoundsAreThreeDeviations) {
  LinkCapacity capacity;
  capacity.on_overuse(kilobits(1000));
  // The least variance, 0.4: a deviation of sqrt(400).
  EXPECT_EQ(capacity.lower(), kilobits(940));
  EXPECT_EQ(capacity.upper(), kilobits(1060));
  // Very different samples: the greatest, 2.5.
  for (int i = 0; i < 100; ++i) {
    capacity.on_overuse(i % 2 == 0 ? kilobits(500) : kilobits(1500));
  }
  const double estimate = to_kbps(*capacity.estimate());
  EXPECT_NEAR(to_kbps(capacity.upper()), estimate + 3 * std::sqrt(2.5 * estimate), 0.01);
  EXPECT_NEAR(to_kbps(capacity.lower()), estimate - 3 * std::sqrt(2.5 * estimate), 0.01);
}

// --- AIMD ----------------------------------------------------------------------------------------

/// One at 1 Mbit/s that has been told so at 0.
AimdRateControl started(BitRate rate = kilobits(1000)) {
  AimdRateControl control;
  control.set_estimate(rate, ms(0));
  control.set_rtt(ms(100));
  return control;
}

TEST(AimdRateControl, GrowsByEightPercentPerSecond) {
  auto control = started();
  // The first normal report ends the hold and starts the clock.
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(1000), ms(0)), BitRate(1'001'000));
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(1000), ms(1000)),
            BitRate(1'001'000 + 80'080));
  // After a pause no more than for one second.
  EXPECT_NEAR(to_kbps(control.update(LinkUsage::kNormal, kilobits(2000), seconds(60))),
              1081.08 * 1.08, 0.1);
}

TEST(AimdRateControl, StaysNearWhatGetsThrough) {
  auto control = started();
  for (int i = 0; i < 100; ++i) {
    control.update(LinkUsage::kNormal, kilobits(700), seconds(i));
  }
  EXPECT_EQ(control.rate(), kilobits(1060));  // 1.5 * 700 + 10
  // It is not lowered when less gets through.
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(300), seconds(101)), kilobits(1060));
}

TEST(AimdRateControl, DoesNotGrowWhileTheApplicationLimits) {
  auto control = started();
  control.set_application_limited(true);
  control.update(LinkUsage::kNormal, kilobits(1000), ms(0));
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(1000), seconds(1)), kilobits(1000));
  // The time does not count afterwards.
  control.set_application_limited(false);
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(1000), seconds(1)), BitRate(1'001'000));
}

TEST(AimdRateControl, OveruseCutsToEightyFivePercentOfWhatGetsThrough) {
  struct Row {
    std::optional<BitRate> acked;
    BitRate expected;
  };
  for (const Row& row : {
           Row{kilobits(900), kilobits(765)},
           Row{kilobits(400), kilobits(340)},
           Row{kilobits(1300), kilobits(1000)},  // more than there is: no reason to change
           Row{kilobits(10), kLowestRate},
           Row{std::nullopt, kilobits(500)},
       }) {
    auto control = started();
    EXPECT_EQ(control.update(LinkUsage::kOveruse, row.acked, seconds(1)), row.expected);
  }
}

TEST(AimdRateControl, KnownCapacityLimitsTheCut) {
  auto control = started();
  control.update(LinkUsage::kOveruse, kilobits(1000), seconds(1));  // 850, capacity 1000
  control.set_estimate(kilobits(900), seconds(2));
  // 85 % of 1100 is more than the rate: 85 % of the capacity then.
  EXPECT_EQ(control.update(LinkUsage::kOveruse, kilobits(1100), seconds(3)), kilobits(850));
}

TEST(AimdRateControl, HoldsWhileTheQueueDrains) {
  auto control = started();
  control.update(LinkUsage::kOveruse, kilobits(900), seconds(1));
  EXPECT_EQ(control.update(LinkUsage::kUnderuse, kilobits(900), seconds(2)), kilobits(765));
  EXPECT_EQ(control.update(LinkUsage::kUnderuse, kilobits(900), seconds(3)), kilobits(765));
  control.update(LinkUsage::kNormal, kilobits(900), seconds(4));
  EXPECT_GT(control.update(LinkUsage::kNormal, kilobits(765), seconds(5)), kilobits(770));
}

TEST(AimdRateControl, GrowsByPacketsOnceTheCapacityIsKnown) {
  auto control = started();
  control.update(LinkUsage::kOveruse, kilobits(1000), seconds(1));  // 850, capacity 1000
  control.update(LinkUsage::kNormal, kilobits(850), seconds(2));
  const BitRate before = control.rate();
  // 9600 bits per 2 * (100 ms + 100 ms).
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(850), seconds(3)),
            BitRate(before.value + 24'000));
}

TEST(AimdRateControl, GrowsByAFifthPerSecondAtMostWhenSlow) {
  auto control = started(kilobits(100));
  control.update(LinkUsage::kOveruse, kilobits(100), seconds(1));  // 85
  control.update(LinkUsage::kNormal, kilobits(85), seconds(2));
  const BitRate before = control.rate();
  EXPECT_EQ(control.update(LinkUsage::kNormal, kilobits(85), seconds(3)),
            BitRate(before.value + before.value / 5));
}

TEST(AimdRateControl, GrowsFastAgainBeyondTheCapacity) {
  auto control = started();
  control.update(LinkUsage::kOveruse, kilobits(1000), seconds(1));  // upper bound 1060
  control.set_estimate(kilobits(1100), seconds(2));
  control.update(LinkUsage::kNormal, kilobits(1080), seconds(2));
  EXPECT_FALSE(control.link_capacity().estimate());
  // What arrives of the time before a reduction does not count.
  control = started();
  control.update(LinkUsage::kOveruse, kilobits(1000), seconds(1));
  control.update(LinkUsage::kNormal, kilobits(1200), seconds(2));
  EXPECT_TRUE(control.link_capacity().estimate());
}

TEST(AimdRateControl, CapacityFarAboveIsForgotten) {
  auto control = started();
  control.update(LinkUsage::kOveruse, kilobits(1000), seconds(1));
  control.update(LinkUsage::kOveruse, kilobits(500), seconds(3));
  EXPECT_EQ(control.link_capacity().estimate(), kilobits(500));
}

TEST(AimdRateControl, ReductionsNeedTimeToShow) {
  struct Row {
    Micros rtt;
    Micros interval;
  };
  for (const Row& row : {Row{ms(100), ms(100)}, Row{ms(1), ms(10)}, Row{seconds(2), ms(200)}}) {
    auto control = started();
    control.set_rtt(row.rtt);
    EXPECT_TRUE(control.may_reduce(kilobits(900), seconds(1)));
    control.update(LinkUsage::kOveruse, kilobits(900), seconds(1));  // 765
    EXPECT_FALSE(control.may_reduce(kilobits(800), seconds(1) + row.interval - us(1)));
    EXPECT_TRUE(control.may_reduce(kilobits(800), seconds(1) + row.interval));
    // Less than half of the rate gets through: no time to wait.
    EXPECT_TRUE(control.may_reduce(kilobits(380), seconds(1)));
  }
}

TEST(AimdRateControl, ProbeSetsTheRateAndHintsAtTheCapacity) {
  auto control = started();
  control.on_probe(kilobits(3000), seconds(1));
  EXPECT_EQ(control.rate(), kilobits(3000));
  EXPECT_EQ(control.link_capacity().estimate(), kilobits(3000));
}

TEST(AimdRateControl, FindsItsStartAfterFiveSeconds) {
  AimdRateControl control;
  for (int i = 0; i <= 5; ++i) {
    control.update(LinkUsage::kNormal, kilobits(800), seconds(i));
    EXPECT_FALSE(control.estimate());
  }
  control.update(LinkUsage::kNormal, kilobits(800), ms(5001));
  EXPECT_NEAR(to_kbps(control.estimate().value()), 800, 1.1);
}

TEST(AimdRateControl, OveruseIsAStartToo) {
  AimdRateControl control;
  control.update(LinkUsage::kOveruse, std::nullopt, seconds(1));
  EXPECT_FALSE(control.estimate());
  control.update(LinkUsage::kOveruse, kilobits(2000), seconds(1));
  EXPECT_EQ(control.estimate(), kilobits(1700));
}

// --- acknowledged rate ---------------------------------------------------------------------------

/// Packets of `size` bytes every 10 ms from `from` to `to`.
void arrive(AckedRate& rate, int from_ms, int to_ms, size_t size) {
  for (int at = from_ms; at < to_ms; at += 10) {
    rate.on_packet(ms(at), size);
  }
}

TEST(AckedRate, FirstEstimateAfterHalfASecond) {
  AckedRate rate;
  arrive(rate, 0, 500, 1250);
  EXPECT_FALSE(rate.rate());
  rate.on_packet(ms(500), 1250);
  EXPECT_EQ(rate.rate(), kilobits(1000));
}

TEST(AckedRate, NewSampleCountsByItsFit) {
  AckedRate rate;
  arrive(rate, 0, 510, 1250);  // 1000 kbit/s, variance 50
  // A window of 150 ms at half the rate: u = 10 * 500 / 1000 = 5, u^2 = 25, prior 55.
  arrive(rate, 510, 650, 625);
  ASSERT_EQ(rate.rate(), kilobits(1000));
  rate.on_packet(ms(650), 625);
  // The window holds one packet of the old size and fourteen of the new one.
  const double sample = (1250 + 14 * 625) * 8 / 150.0;
  const double u2 = (10 * (1000 - sample) / 1000) * (10 * (1000 - sample) / 1000);
  EXPECT_NEAR(to_kbps(*rate.rate()), (u2 * 1000 + 55 * sample) / (u2 + 55), 0.01);
}

TEST(AckedRate, FollowsFasterWhenAChangeIsExpected) {
  AckedRate usual;
  AckedRate prepared;
  arrive(usual, 0, 3000, 2500);
  arrive(prepared, 0, 3000, 2500);
  prepared.expect_change();
  arrive(usual, 3000, 3360, 250);
  arrive(prepared, 3000, 3360, 250);
  EXPECT_LT(*prepared.rate(), scaled(*usual.rate(), 0.75));
}

TEST(AckedRate, RaisedMediaIsNoOutlier) {
  // In the middle of a window.
  for (const int raised : {3000, 3040, 3080, 3120}) {
    AckedRate rate;
    arrive(rate, 0, raised, 1250);
    rate.on_raised();
    arrive(rate, raised, raised + 310, 3750);
    EXPECT_GT(*rate.rate(), kilobits(2400)) << raised;
  }
}

TEST(AckedRate, GapLongerThanTheWindowStartsItOver) {
  AckedRate rate;
  arrive(rate, 0, 510, 1250);
  rate.on_packet(seconds(10), 1250);
  arrive(rate, 10'010, 10'160, 1250);
  EXPECT_NEAR(to_kbps(*rate.rate()), 1000, 80);
}

TEST(AckedRate, WhatIsNotKnownIsNotMissing) {
  AckedRate rate;
  for (int at = 0; at < 5000; at += 10) {
    // Every fifth report of 100 ms is lost.
    if (at % 500 >= 400) {
      rate.on_gap();
    } else {
      rate.on_packet(ms(at), 1250);
    }
  }
  // Not one window of half a second is known, as the first estimate needs.
  EXPECT_FALSE(rate.rate());
  arrive(rate, 5000, 5510, 1250);
  for (int at = 5510; at < 9000; at += 10) {
    if (at % 500 >= 400) {
      rate.on_gap();
    } else {
      rate.on_packet(ms(at), 1250);
    }
  }
  EXPECT_NEAR(to_kbps(*rate.rate()), 1000, 1);
}

TEST(AckedRate, ClockThatGoesBackStartsTheWindowOver) {
  AckedRate rate;
  arrive(rate, 10'000, 10'510, 1250);
  arrive(rate, 0, 2000, 1250);
  EXPECT_NEAR(to_kbps(*rate.rate()), 1000, 1);
}

}  // namespace
}  // namespace sluice::bwe::test
