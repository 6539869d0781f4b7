// The rate and trend vectors of media-plane 6.11, at several clock bases.
#include "protocol/rtcp/rate_calculator.h"

#include <gtest/gtest.h>

#include <vector>

#include "support.h"

namespace sluice::rtcp {
namespace {

struct Step {
  int64_t offset_ms;
  uint64_t bytes;
  uint64_t rate;
};

/// RC8: start of the clock, some uptime, and 2^64 - 100 ms, which as a signed time is -100 ms.
const std::vector<Micros> kBases = {ms(0), ms(7'654'321'000), ms(-100)};

void expect_rates(uint32_t items, const std::vector<Step>& steps) {
  for (const Micros base : kBases) {
    RateCalculator rate(Millis(1000), 8000, items);
    for (const Step& step : steps) {
      const Micros now = base + ms(step.offset_ms);
      if (step.bytes > 0) {
        rate.update(step.bytes, now);
      }
      EXPECT_EQ(rate.rate(now), step.rate) << "base " << base.count() << " at " << step.offset_ms;
    }
  }
}

TEST(RateCalculator, Rec13Rc1OneUpdate) {
  expect_rates(100, {{0, 5, 40}});
}  // REC-13

TEST(RateCalculator, Rec13Rc2UpdatesWithinTheWindowAddUp) {  // REC-13
  expect_rates(100, {{0, 5, 40}, {100, 2, 56}, {300, 2, 72}, {999, 4, 104}});
}

TEST(RateCalculator, Rec13Rc3WindowPassesBy) {  // REC-13
  expect_rates(100, {{0, 5, 40}, {1000, 5, 40}, {2000, 5, 40}});
}

TEST(RateCalculator, Rec13Rc4OneBucketPerMillisecond) {  // REC-13
  expect_rates(
      1000, {{0, 5, 40}, {999, 2, 56}, {1001, 1, 24}, {1001, 1, 32}, {2000, 1, 24}, {3001, 0, 0}});
}

TEST(RateCalculator, Rec13Rc5BucketsMergeNeighbours) {  // REC-13
  expect_rates(
      100, {{0, 5, 40}, {999, 2, 56}, {1001, 1, 24}, {1001, 1, 32}, {2000, 1, 8}, {3001, 0, 0}});
}

TEST(RateCalculator, Rec13Rc6FewBuckets) {  // REC-13
  expect_rates(5, {{1000, 1, 8},
                   {1200, 1, 16},
                   {1400, 1, 24},
                   {1600, 1, 32},
                   {1800, 1, 40},
                   {2000, 1, 40},
                   {2200, 1, 40},
                   {2400, 1, 40},
                   {2600, 1, 40},
                   {2800, 1, 40}});
}

TEST(RateCalculator, Rec13Rc7UnevenBucketsDoNotOverflowTheRing) {  // REC-13
  expect_rates(3, {{0, 1, 8}, {333, 1, 16}, {666, 1, 24}, {999, 1, 32}});
  expect_rates(3, {{0, 1, 8},
                   {333, 1, 16},
                   {666, 1, 24},
                   {999, 1, 32},
                   {1332, 1, 32},
                   {1665, 1, 32},
                   {1998, 1, 32},
                   {5000, 0, 0}});
}

TEST(RateCalculator, UpdateOlderThanAllIsIgnored) {
  RateCalculator rate;
  rate.update(5, ms(1000));
  rate.update(100, ms(999));
  EXPECT_EQ(rate.rate(ms(1000)), 40u);
}

TEST(RateCalculator, LateUpdateWithinTheWindowCounts) {
  RateCalculator rate;
  rate.update(5, ms(1000));
  rate.update(5, ms(1500));
  rate.update(5, ms(1200));
  EXPECT_EQ(rate.rate(ms(1500)), 120u);
}

TEST(RateCalculator, ScaleAndWindowSetTheUnit) {
  RateCalculator packets(Millis(2500), RateCalculator::kPerSecond, 100);
  for (int i = 0; i < 125; ++i) {
    packets.update(1, ms(i * 20));
  }
  EXPECT_EQ(packets.rate(ms(2499)), 50u);
}

TEST(RateCalculator, ResetForgets) {
  RateCalculator rate;
  rate.update(5, ms(0));
  rate.reset();
  EXPECT_EQ(rate.bit_rate(ms(1)), BitRate(0));
}

TrendCalculator started() {
  TrendCalculator trend;
  trend.update(1000, ms(0));
  return trend;
}

TEST(TrendCalculator, Rec13FirstValueIsTaken) {  // REC-13
  EXPECT_EQ(started().value(), 1000u);
}

TEST(TrendCalculator, Rec13SinksWithTimeNotWithUpdates) {  // REC-13
  for (const auto& [first, second] : {std::pair{500, 1000}, std::pair{2000, 4000}}) {
    TrendCalculator twice = started();
    twice.update(200, ms(first));
    twice.update(200, ms(second));
    TrendCalculator once = started();
    once.update(200, ms(second));
    EXPECT_EQ(twice.value(), once.value());
    EXPECT_EQ(once.value(), static_cast<uint64_t>(1000 - 50 * second / 1000));
  }
}

TEST(TrendCalculator, Rec13HigherValueIsTakenAtOnce) {  // REC-13
  TrendCalculator trend = started();
  trend.update(200, ms(4000));
  trend.update(2000, ms(5000));
  EXPECT_EQ(trend.value(), 2000u);
}

TEST(TrendCalculator, Rec13ForceIsTakenAtOnce) {  // REC-13
  TrendCalculator trend = started();
  trend.force(0, ms(5000));
  EXPECT_EQ(trend.value(), 0u);
}

TEST(TrendCalculator, EarlierClockReadingDoesNotRaiseIt) {
  TrendCalculator trend = started();
  trend.update(200, ms(2000));
  trend.update(200, ms(1000));
  EXPECT_EQ(trend.value(), 900u);
}

TEST(TrendCalculator, DoesNotSinkBelowTheNewValue) {
  TrendCalculator trend = started();
  trend.update(200, ms(60'000));
  EXPECT_EQ(trend.value(), 200u);
}

}  // namespace
}  // namespace sluice::rtcp
