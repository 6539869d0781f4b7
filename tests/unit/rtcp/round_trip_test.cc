// Measured round trips and what a peer can make of them (media-plane 6.6).
#include "protocol/rtcp/round_trip.h"

#include <gtest/gtest.h>

namespace sluice::rtcp {
namespace {

constexpr uint32_t kNow = 0x01234567;

/// A report that says the round trip took this long.
bool report(RoundTrip& trip, Micros took) {
  const uint32_t delay = to_compact(20ms);
  return trip.on_report(kNow, kNow - delay - to_compact(took), delay);
}

TEST(RoundTrip, IsUnknownUntilItIsMeasured) {
  RoundTrip trip;
  EXPECT_EQ(trip.value(), 0ms);
  EXPECT_EQ(trip.for_timers(), 0ms);
  EXPECT_TRUE(report(trip, 250ms));
  EXPECT_EQ(trip.value(), 250ms);
  EXPECT_EQ(trip.for_timers(), 250ms);
}

TEST(RoundTrip, AReportThatTellsNothingChangesNothing) {  // RTC-26, RTC-27
  RoundTrip trip;
  EXPECT_TRUE(report(trip, 250ms));
  EXPECT_FALSE(trip.on_report(kNow, 0, 5));
  EXPECT_FALSE(trip.on_report(kNow, kNow - 5, 0));
  EXPECT_FALSE(trip.on_report(kNow, kNow - 5, 6));
  EXPECT_EQ(trip.value(), 250ms);
}

TEST(RoundTrip, ImpossibleTimesAreNoMeasurement) {
  RoundTrip trip;
  EXPECT_TRUE(report(trip, 10s));
  EXPECT_TRUE(report(trip, 125ms));
  EXPECT_FALSE(report(trip, 10001ms));
  EXPECT_FALSE(report(trip, 8h));
  EXPECT_EQ(trip.value(), 125ms);
}

TEST(RoundTrip, TimersStayWithinBoundsWhateverAPeerReports) {
  RoundTrip trip;
  EXPECT_TRUE(trip.on_report(kNow, kNow - 2, 1));
  EXPECT_LT(trip.value(), 100us);
  EXPECT_EQ(trip.for_timers(), 5ms);
  EXPECT_TRUE(report(trip, 9s));
  EXPECT_EQ(trip.for_timers(), 1s);
}

TEST(RoundTrip, TheLeastIsOfTheLastEight) {
  RoundTrip trip;
  for (const Micros took : {80ms, 100ms, 100ms, 100ms, 100ms, 100ms, 100ms}) {
    EXPECT_TRUE(report(trip, took));
    EXPECT_EQ(trip.least(), 0ms);
  }
  EXPECT_TRUE(report(trip, 125ms));
  EXPECT_NEAR(static_cast<double>(trip.least().count()), 80'000, 50);
  EXPECT_TRUE(report(trip, 125ms));
  EXPECT_NEAR(static_cast<double>(trip.least().count()), 100'000, 50);
}

}  // namespace
}  // namespace sluice::rtcp
