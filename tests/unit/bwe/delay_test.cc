// The parts of the delay-based estimate with traces: groups, trend, detector (media-plane 8.5.1 to
// 8.5.3).
#include <gtest/gtest.h>

#include <cmath>

#include "protocol/bwe/arrival_groups.h"
#include "protocol/bwe/delay_based.h"
#include "protocol/bwe/overuse_detector.h"
#include "protocol/bwe/trendline.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

// --- groups --------------------------------------------------------------------------------------

struct Step {
  int64_t sent_ms;
  int64_t arrival_ms;
  size_t size = 100;
};

/// Feeds packets that are learnt of when they arrive; returns the last result.
std::optional<GroupDelta> feed(ArrivalGroups& groups, const std::vector<Step>& steps) {
  std::optional<GroupDelta> delta;
  for (const Step& step : steps) {
    delta = groups.on_packet(ms(step.sent_ms), ms(step.arrival_ms), ms(step.arrival_ms), step.size);
  }
  return delta;
}

TEST(ArrivalGroups, DistanceOfTheLastTwoCompleteGroups) {
  ArrivalGroups groups;
  EXPECT_FALSE(feed(groups, {{0, 100}, {20, 121}}));
  const auto delta = groups.on_packet(ms(40), ms(143), ms(143), 100);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->send, ms(20));
  EXPECT_EQ(delta->arrival, ms(21));
  EXPECT_EQ(delta->size, 0);
}

TEST(ArrivalGroups, PacketsWithinFiveMillisecondsAreOneGroup) {
  ArrivalGroups groups;
  EXPECT_FALSE(feed(groups, {{0, 100, 300}, {3, 110, 300}, {5, 120, 300}, {30, 140}, {34, 145}}));
  const auto delta = groups.on_packet(ms(60), ms(170), ms(170), 100);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->send, ms(34 - 5));
  EXPECT_EQ(delta->arrival, ms(145 - 120));
  EXPECT_EQ(delta->size, 200 - 900);
}

TEST(ArrivalGroups, PacketsThatAQueuePressedTogetherAreOneGroup) {
  ArrivalGroups groups;
  // Sent 20 ms apart, arriving 1 ms apart.
  EXPECT_FALSE(feed(groups, {{0, 100}, {20, 200}, {40, 201}, {60, 202}}));
  const auto delta = groups.on_packet(ms(80), ms(230), ms(230), 100);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->send, ms(60));
  EXPECT_EQ(delta->arrival, ms(102));
  EXPECT_EQ(delta->size, 200);
}

TEST(ArrivalGroups, BurstEndsAfterAHundredMilliseconds) {
  ArrivalGroups groups;
  feed(groups, {{0, 100}, {20, 200}});
  int deltas = 0;
  // 6 ms apart when sent, 5 ms when they arrive: all would belong to the burst.
  for (int i = 1; i <= 40; ++i) {
    deltas += groups.on_packet(ms(20 + 6 * i), ms(200 + 5 * i), ms(200 + 5 * i), 100) ? 1 : 0;
  }
  EXPECT_EQ(deltas, 2);
}

TEST(ArrivalGroups, PacketsFromBeforeTheGroupAreIgnored) {
  ArrivalGroups groups;
  feed(groups, {{0, 100}, {40, 140}, {20, 150}});
  const auto delta = groups.on_packet(ms(80), ms(180), ms(180), 100);
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->arrival, ms(40));
  EXPECT_EQ(delta->size, 0);
}

TEST(ArrivalGroups, JumpOfTheReceiversClockStartsOver) {
  ArrivalGroups groups;
  feed(groups, {{0, 100}, {20, 120}});
  // 3 s further on the receiver's clock, 20 ms on ours.
  groups.on_packet(ms(40), ms(3140), ms(140), 100);
  EXPECT_FALSE(groups.on_packet(ms(60), ms(3160), ms(160), 100));
  EXPECT_FALSE(groups.on_packet(ms(80), ms(3180), ms(180), 100));
  EXPECT_TRUE(groups.on_packet(ms(100), ms(3200), ms(200), 100));
}

TEST(ArrivalGroups, ThreeReorderedGroupsStartOver) {
  ArrivalGroups groups;
  feed(groups, {{0, 1000}, {20, 1020}, {40, 1040}});
  // The receiver's clock goes back by half a second.
  EXPECT_FALSE(groups.on_packet(ms(60), ms(560), ms(1060), 100));
  EXPECT_FALSE(groups.on_packet(ms(80), ms(580), ms(1080), 100));
  EXPECT_TRUE(groups.on_packet(ms(100), ms(600), ms(1100), 100));
}

// --- trend ---------------------------------------------------------------------------------------

/// The slope after `count` groups, 20 ms apart when sent, whose delay grows by `gain` per second.
double slope_after(int count, double gain) {
  Trendline trend;
  const Micros arrival_gap = us(static_cast<int64_t>(20'000 * (1 + gain)));
  Micros arrival = seconds(5);
  for (int i = 0; i < count; ++i) {
    arrival += arrival_gap;
    trend.update({.send = ms(20), .arrival = arrival_gap}, arrival);
  }
  return trend.slope();
}

TEST(Trendline, NothingBeforeTwentyGroups) {
  EXPECT_EQ(slope_after(19, 0.5), 0);
  EXPECT_GT(slope_after(20, 0.5), 0);
}

TEST(Trendline, SlopeIsTheDelayGainedPerTime) {
  // Long after the start the smoothing lags behind by a constant, which has no slope.
  for (const double gain : {-0.2, -0.05, 0.0, 0.05, 0.2, 0.5}) {
    EXPECT_NEAR(slope_after(200, gain), gain / (1 + gain), 0.001) << gain;
  }
}

TEST(Trendline, ModifiedTrendGrowsWithCertainty) {
  Trendline trend;
  Micros arrival = seconds(5);
  for (int i = 1; i <= 200; ++i) {
    arrival += ms(22);
    trend.update({.send = ms(20), .arrival = ms(22)}, arrival);
    EXPECT_DOUBLE_EQ(trend.modified(), std::min(i, 60) * trend.slope() * 4.0);
  }
}

TEST(Trendline, EqualArrivalTimesKeepTheSlope) {
  Trendline trend;
  for (int i = 0; i < 50; ++i) {
    trend.update({.send = ms(20), .arrival = ms(0)}, seconds(5));
  }
  EXPECT_EQ(trend.slope(), 0);
}

// --- detector ------------------------------------------------------------------------------------

TEST(OveruseDetector, TrendMustStayAboveTheThreshold) {
  OveruseDetector detector;
  // 10 ms of half the first distance are not more than 10 ms, and one update is not enough.
  EXPECT_EQ(detector.update(20, 0.1, ms(20), ms(0)), LinkUsage::kNormal);
  EXPECT_EQ(detector.update(20, 0.1, ms(20), ms(20)), LinkUsage::kOveruse);
}

TEST(OveruseDetector, OneLongIntervalIsNotEnough) {
  OveruseDetector detector;
  EXPECT_EQ(detector.update(20, 0.1, ms(200), ms(0)), LinkUsage::kNormal);
}

TEST(OveruseDetector, FallingTrendIsNoOveruse) {
  OveruseDetector detector;
  detector.update(30, 0.3, ms(20), ms(0));
  EXPECT_EQ(detector.update(25, 0.2, ms(20), ms(20)), LinkUsage::kNormal);
  EXPECT_EQ(detector.update(25, 0.2, ms(20), ms(40)), LinkUsage::kOveruse);
}

TEST(OveruseDetector, StatesFollowTheTrend) {
  OveruseDetector detector;
  detector.update(20, 0.1, ms(20), ms(0));
  detector.update(20, 0.1, ms(20), ms(20));
  EXPECT_EQ(detector.usage(), LinkUsage::kOveruse);
  EXPECT_EQ(detector.update(-20, -0.1, ms(20), ms(40)), LinkUsage::kUnderuse);
  EXPECT_EQ(detector.update(0, 0, ms(20), ms(60)), LinkUsage::kNormal);
  // The time above the threshold counts from nothing again.
  EXPECT_EQ(detector.update(20, 0.1, ms(20), ms(80)), LinkUsage::kNormal);
}

TEST(OveruseDetector, ThresholdFollowsTheTrend) {
  struct Row {
    double modified;
    Micros after;
    double expected;
  };
  for (const Row& row : {
           Row{0, ms(50), 12.5 - 0.039 * 12.5 * 50},         // down, would be negative: the least
           Row{2, ms(10), 12.5 - 0.039 * 10.5 * 10},         // down
           Row{-2, ms(10), 12.5 - 0.039 * 10.5 * 10},        // the size counts
           Row{22.5, ms(100), 12.5 + 0.0087 * 10 * 100},     // up, slower
           Row{22.5, seconds(5), 12.5 + 0.0087 * 10 * 100},  // at most 100 ms
           Row{-22.5, ms(100), 12.5 + 0.0087 * 10 * 100},
           Row{27.4, ms(100), 12.5 + 0.0087 * 14.9 * 100},
           Row{27.6, ms(100), 12.5},  // a jump is not adapted to
           Row{1000, ms(100), 12.5},
       }) {
    OveruseDetector detector;
    detector.update(12.5, 0, ms(20), ms(0));
    detector.update(row.modified, 0, ms(20), row.after);
    EXPECT_DOUBLE_EQ(detector.threshold(), std::max(row.expected, 6.0)) << row.modified;
  }
}

TEST(OveruseDetector, ThresholdHasLimits) {
  OveruseDetector detector;
  Micros now = ms(0);
  for (int i = 0; i < 10'000; ++i) {
    now += ms(100);
    detector.update(detector.threshold() + 14, 0, ms(20), now);
  }
  EXPECT_EQ(detector.threshold(), OveruseDetector::kMaxThreshold);
  for (int i = 0; i < 100; ++i) {
    now += ms(100);
    detector.update(0, 0, ms(20), now);
  }
  EXPECT_EQ(detector.threshold(), OveruseDetector::kMinThreshold);
}

// --- together ------------------------------------------------------------------------------------

/// Sends a packet each 20 ms whose delay grows by `gain` per second.
LinkUsage usage_of(QueueTrend& queue, Micros& sent, Micros& arrival, double gain, int count) {
  for (int i = 0; i < count; ++i) {
    sent += ms(20);
    arrival += us(static_cast<int64_t>(20'000 * (1 + gain)));
    queue.on_packet(sent, arrival, arrival, 1200);
  }
  return queue.usage();
}

TEST(QueueTrend, GrowingAndDrainingQueue) {
  QueueTrend queue;
  Micros sent = ms(0);
  Micros arrival = ms(500);
  EXPECT_EQ(usage_of(queue, sent, arrival, 0, 100), LinkUsage::kNormal);
  EXPECT_EQ(usage_of(queue, sent, arrival, 0.3, 15), LinkUsage::kOveruse);
  EXPECT_EQ(usage_of(queue, sent, arrival, -0.3, 25), LinkUsage::kUnderuse);
  EXPECT_EQ(usage_of(queue, sent, arrival, 0, 60), LinkUsage::kNormal);
}

TEST(QueueTrend, SilenceOfTwoSecondsStartsOver) {
  QueueTrend queue;
  Micros sent = ms(0);
  Micros arrival = ms(500);
  usage_of(queue, sent, arrival, 0, 100);
  EXPECT_EQ(usage_of(queue, sent, arrival, 0.3, 15), LinkUsage::kOveruse);
  sent += seconds(3);
  arrival += seconds(3);
  EXPECT_EQ(usage_of(queue, sent, arrival, 0, 1), LinkUsage::kNormal);
}

// --- standing queue ------------------------------------------------------------------------------

/// One feedback about packets with these delays, in ms.
std::vector<PacketResult> waited(const std::vector<int64_t>& delays_ms) {
  std::vector<PacketResult> results;
  for (const int64_t delay : delays_ms) {
    results.push_back({.sent = ms(0), .arrival = ms(delay)});
  }
  return results;
}

TEST(StandingQueue, OnePacketThatDidNotWaitMeansThereIsNone) {
  StandingQueue queue;
  queue.on_feedback(waited({100, 104}), ms(0));
  EXPECT_TRUE(queue.empty());
  queue.on_feedback(waited({101, 140, 180}), ms(100));
  EXPECT_TRUE(queue.empty());
  queue.on_feedback(waited({110, 140, 180}), ms(200));
  EXPECT_FALSE(queue.empty());
}

TEST(StandingQueue, PacketsThatWereCalledLostDoNotCount) {
  StandingQueue queue;
  queue.on_feedback(waited({100}), ms(0));
  queue.on_feedback(waited({150}), ms(100));
  auto late = waited({100});
  late[0].late = true;
  queue.on_feedback(late, ms(200));
  EXPECT_FALSE(queue.empty());
}

TEST(StandingQueue, TheEmptyPathIsThatOfTheLastTenSeconds) {
  StandingQueue queue;
  queue.on_feedback(waited({100}), ms(0));
  for (Micros now = ms(100); now < seconds(12); now += ms(100)) {
    queue.on_feedback(waited({150}), now);
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace sluice::bwe::test
