// Whole calls over one bottleneck (media-plane 8.9): how much of the link is used, how long the
// queue gets, how fast changes of the link are found, and how two flows share it.
#include <gtest/gtest.h>

#include "call.h"

namespace sluice::bwe::test {
namespace {

constexpr uint64_t kSeeds = 5;

/// Simulcast as a consumer gets it: the highest layer that fits.
BitRate layers(BitRate available) {
  for (const uint64_t kbps : {2600, 1200, 500}) {
    if (available >= kilobits(kbps)) {
      return kilobits(kbps);
    }
  }
  return kilobits(150);
}

/// The part of `capacity` that a flow used in [from, to).
double utilisation(const Flow& flow, BitRate capacity, Micros from, Micros to) {
  return to_kbps(flow.received(from, to)) / to_kbps(capacity);
}

TEST(Scenario, OneMegabitIsUsedWithinTenSeconds) {
  for (const Micros delay : {ms(5), ms(25), ms(100)}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << "delay " << to_ms(delay) << " seed " << seed);
      Call call(seed, {.delay = delay, .bandwidth = kilobits(1000)}, {{}});
      call.run_until(seconds(60));
      const Flow& flow = call.flow();
      EXPECT_GT(utilisation(flow, kilobits(1000), ms(0), seconds(10)), 0.85);
      EXPECT_LT(flow.queue_delay(0.95, ms(0), seconds(10)), ms(150));
      EXPECT_GT(utilisation(flow, kilobits(1000), seconds(10), seconds(60)), 0.88);
      EXPECT_LT(flow.queue_delay(0.95, seconds(10), seconds(60)), ms(100));
    }
  }
}

TEST(Scenario, JitterCostsLittle) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Call call(seed, {.delay = ms(25), .jitter = ms(20), .bandwidth = kilobits(1000)}, {{}});
    call.run_until(seconds(60));
    EXPECT_GT(utilisation(call.flow(), kilobits(1000), seconds(10), seconds(60)), 0.85);
    EXPECT_LT(call.flow().queue_delay(0.95, seconds(10), seconds(60)), ms(150));
  }
}

TEST(Scenario, StepDownIsFollowedWithinTwoSeconds) {
  for (const size_t queue : {32'000, 64'000, 200'000}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << "queue " << queue << " seed " << seed);
      net::Impairments link{.delay = ms(25), .bandwidth = kilobits(2000), .queue_bytes = queue};
      Call call(seed, link, {{}});
      const Micros step = seconds(20) + seed * ms(730);
      call.run_until(step);
      link.bandwidth = kilobits(700);
      call.link().set_impairments(link);
      call.run_until(step + seconds(25));
      const Flow& flow = call.flow();
      EXPECT_LT(flow.fell_to(kilobits(700), step) - step, seconds(2));
      EXPECT_GT(utilisation(flow, kilobits(700), step + seconds(5), step + seconds(25)), 0.80);
      EXPECT_LT(flow.queue_delay(0.95, step + seconds(10), step + seconds(25)), ms(150));
    }
  }
}

TEST(Scenario, RandomLossOfFivePercentIsNoLimit) {
  for (const Micros delay : {ms(5), ms(25), ms(100)}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << "delay " << to_ms(delay) << " seed " << seed);
      Call call(seed, {.loss = 0.05, .delay = delay, .bandwidth = kilobits(1000)}, {{}});
      call.run_until(seconds(60));
      EXPECT_GT(utilisation(call.flow(), kilobits(1000), seconds(10), seconds(60)), 0.80);
    }
  }
}

TEST(Scenario, TwoFlowsShareTheLink) {
  for (const uint64_t kbps : {1000, 2000, 4000}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << kbps << " kbit/s, seed " << seed);
      Call call(seed, {.delay = ms(25), .bandwidth = kilobits(kbps), .queue_bytes = kbps * 40},
                {{}, {}});
      call.run_until(seconds(90));
      const BitRate first = call.flow(0).received(seconds(30), seconds(90));
      const BitRate second = call.flow(1).received(seconds(30), seconds(90));
      const double ratio = to_kbps(first) / to_kbps(second);
      EXPECT_GT(ratio, 0.6);
      EXPECT_LT(ratio, 1.6);
      EXPECT_GT(to_kbps(first) + to_kbps(second), 0.85 * static_cast<double>(kbps));
      EXPECT_LT(call.flow(0).queue_delay(0.95, seconds(30), seconds(90)), ms(150));
    }
  }
}

TEST(Scenario, LatecomerGetsItsShare) {
  for (const uint64_t kbps : {1000, 2000, 4000}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << kbps << " kbit/s, seed " << seed);
      Call call(seed, {.delay = ms(25), .bandwidth = kilobits(kbps), .queue_bytes = kbps * 40},
                {{}, {.starts = seconds(20)}});
      call.run_until(seconds(140));
      const double ratio = to_kbps(call.flow(0).received(seconds(60), seconds(140))) /
                           to_kbps(call.flow(1).received(seconds(60), seconds(140)));
      EXPECT_GT(ratio, 0.6);
      EXPECT_LT(ratio, 1.6);
    }
  }
}

TEST(Scenario, CrossTrafficIsLeftItsPart) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Call call(seed, {.delay = ms(25), .bandwidth = kilobits(2000), .queue_bytes = 80'000}, {{}});
    call.run_until(seconds(20));
    call.link().set_cross_traffic(kilobits(800), call.now());
    call.run_until(seconds(60));
    EXPECT_GT(utilisation(call.flow(), kilobits(1200), seconds(30), seconds(60)), 0.75);
    EXPECT_LT(call.flow().queue_delay(0.95, seconds(30), seconds(60)), ms(150));
  }
}

TEST(Scenario, LiftedLinkIsFoundWithinFiveSeconds) {
  for (const Micros delay : {ms(5), ms(25), ms(100)}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << "delay " << to_ms(delay) << " seed " << seed);
      net::Impairments link{.delay = delay, .bandwidth = kilobits(300)};
      Call call(seed, link, {{.desired = kilobits(2600), .media = layers}});
      const Micros step = seconds(20) + seed * ms(730);
      call.run_until(step);
      ASSERT_LT(call.flow().controller().available(), kilobits(500));
      link.bandwidth = kilobits(4000);
      call.link().set_impairments(link);
      call.run_until(step + seconds(10));
      EXPECT_LT(call.flow().reached(kilobits(2500), step) - step, seconds(5));
    }
  }
}

TEST(Scenario, LiftedConfigurationIsFoundWithinFiveSeconds) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Call call(seed, {.delay = ms(25), .bandwidth = kilobits(4000)},
              {{.desired = kilobits(2600), .media = layers}});
    ASSERT_TRUE(call.flow().controller().set_max(kilobits(300), call.now()));
    const Micros step = seconds(10);
    call.run_until(step);
    ASSERT_TRUE(call.flow().controller().set_max(BitRate(0), call.now()));
    call.run_until(step + seconds(5));
    EXPECT_LT(call.flow().reached(kilobits(2500), step) - step, seconds(5));
  }
}

TEST(Scenario, NewLimitOfTheLinkIsFollowedWithinTwoSeconds) {
  for (const Micros delay : {ms(5), ms(25), ms(100)}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(testing::Message() << "delay " << to_ms(delay) << " seed " << seed);
      net::Impairments link{.delay = delay, .bandwidth = kilobits(4000)};
      Call call(seed, link, {{.desired = kilobits(2600), .media = layers}});
      const Micros step = seconds(10) + seed * ms(730);
      call.run_until(step);
      ASSERT_GT(call.flow().controller().available(), kilobits(2500));
      link.bandwidth = kilobits(300);
      call.link().set_impairments(link);
      call.run_until(step + seconds(20));
      EXPECT_LT(call.flow().fell_to(kilobits(300), step) - step, seconds(2));
      EXPECT_LT(call.flow().queue_delay(0.95, step + seconds(10), step + seconds(20)), ms(150));
    }
  }
}

TEST(Scenario, StandingQueueIsEmptied) {
  // A buffer of more than two seconds, filled when the link gets slow, and what is then sent would
  // need half a minute to let it drain.
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    net::Impairments link{.delay = ms(25), .bandwidth = kilobits(2000), .queue_bytes = 200'000};
    Call call(seed, link, {{}});
    call.run_until(seconds(20));
    link.bandwidth = kilobits(500);
    call.link().set_impairments(link);
    call.run_until(seconds(40));
    EXPECT_LT(call.flow().queue_delay(0.95, seconds(30), seconds(40)), ms(150));
  }
}

TEST(Scenario, LostFeedbackDoesNotMatterMuch) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Call call(seed, {.delay = ms(25), .bandwidth = kilobits(1000)}, {{}},
              net::Impairments{.loss = 0.2, .delay = ms(25)});
    call.run_until(seconds(60));
    EXPECT_GT(utilisation(call.flow(), kilobits(1000), seconds(5), seconds(60)), 0.85);
    EXPECT_LT(call.flow().queue_delay(0.95, seconds(5), seconds(60)), ms(150));
  }
}

TEST(Scenario, ReorderedPacketsAreNoCongestion) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Call call(
        seed,
        {.reorder = 0.02, .delay = ms(25), .reorder_hold = ms(30), .bandwidth = kilobits(1000)},
        {{}});
    call.run_until(seconds(60));
    EXPECT_GT(utilisation(call.flow(), kilobits(1000), seconds(5), seconds(60)), 0.80);
  }
}

TEST(Scenario, WideNumbersWrap) {
  // 400 packets per second for 200 s.
  Call call(1, {.delay = ms(25), .bandwidth = kilobits(6000), .queue_bytes = 100'000},
            {{.desired = kilobits(4000)}});
  call.run_until(seconds(200));
  EXPECT_GT(call.flow().packets_sent(), 70'000);
  EXPECT_GT(utilisation(call.flow(), kilobits(4000), seconds(10), seconds(200)), 0.95);
}

}  // namespace
}  // namespace sluice::bwe::test
