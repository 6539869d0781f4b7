// Limits of the estimate and which changes are told (media-plane 8.2).
#include <gtest/gtest.h>

#include "protocol/bwe/available_rate.h"
#include "protocol/bwe/queue_drain.h"
#include "protocol/bwe/rate_limits.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

using Fall = RateLimits::Fall;

TEST(RateLimits, Defaults) {
  const RateLimits limits;
  EXPECT_EQ(limits.initial(), kilobits(600));
  EXPECT_EQ(limits.min(), kilobits(30));
  EXPECT_EQ(limits.max(), kilobits(600));
}

TEST(RateLimits, InitialIsAtLeastTheFloor) {
  RateLimits limits;
  limits.set_initial(kilobits(10));
  EXPECT_EQ(limits.initial(), kilobits(30));
  EXPECT_EQ(limits.max(), kilobits(30));
  limits.set_initial(kilobits(1000));
  EXPECT_EQ(limits.max(), kilobits(1000));
}

TEST(RateLimits, Bwe08MaximumIsNothingOrReasonable) {  // BWE-08
  RateLimits limits;
  EXPECT_TRUE(limits.set_min(kilobits(100)));
  for (const uint64_t bad : {1, 20'000, 29'999, 99'999}) {
    const auto result = limits.set_max(BitRate(bad));
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().kind, ErrorKind::kType);
    EXPECT_NE(result.error().message.find(std::to_string(bad)), std::string::npos);
  }
  EXPECT_EQ(limits.max(), kilobits(600));
  EXPECT_TRUE(limits.set_max(kilobits(100)));
  EXPECT_EQ(limits.max(), kilobits(100));
  EXPECT_TRUE(limits.set_max(BitRate(0)));
  EXPECT_EQ(limits.max(), kilobits(600));
  EXPECT_TRUE(limits.set_min(BitRate(0)));
  EXPECT_TRUE(limits.set_max(kilobits(30)));
}

TEST(RateLimits, Bwe08MinimumIsNothingOrReasonable) {  // BWE-08
  RateLimits limits;
  EXPECT_FALSE(limits.set_min(BitRate(20'000)));
  EXPECT_TRUE(limits.set_min(kilobits(5000)));  // no maximum is configured
  EXPECT_EQ(limits.max(), kilobits(5000));
  EXPECT_TRUE(limits.set_min(BitRate(0)));
  EXPECT_TRUE(limits.set_max(kilobits(200)));
  EXPECT_FALSE(limits.set_min(kilobits(201)));
  EXPECT_TRUE(limits.set_min(kilobits(200)));
  EXPECT_EQ(limits.min(), kilobits(200));
}

TEST(RateLimits, MaximumIsSomewhatMoreThanIsWanted) {
  RateLimits limits;
  limits.set_desired(kilobits(2000), Fall::kSlow, ms(0));
  EXPECT_EQ(limits.max(), kilobits(2700));
  EXPECT_EQ(limits.max_padding(), kilobits(2295));
  // Within 10 %: as before.
  limits.set_desired(kilobits(2190), Fall::kSlow, ms(0));
  EXPECT_EQ(limits.max(), kilobits(2700));
  limits.set_desired(kilobits(2300), Fall::kSlow, ms(0));
  EXPECT_EQ(limits.max(), kilobits(3105));
  // Little is wanted: the initial rate.
  limits.set_desired(kilobits(100), Fall::kAtOnce, ms(0));
  EXPECT_EQ(limits.max(), kilobits(600));
  EXPECT_TRUE(limits.set_max(kilobits(400)));
  EXPECT_EQ(limits.max(), kilobits(400));
}

TEST(RateLimits, WantsFallSlowlyUnlessForced) {
  RateLimits limits;
  limits.set_desired(kilobits(2000), Fall::kSlow, ms(0));
  limits.set_desired(kilobits(500), Fall::kSlow, seconds(4));
  EXPECT_EQ(limits.desired(), kilobits(1600));
  limits.set_desired(kilobits(1800), Fall::kSlow, seconds(4));
  EXPECT_EQ(limits.desired(), kilobits(1800));
  limits.set_desired(kilobits(500), Fall::kAtOnce, seconds(4));
  EXPECT_EQ(limits.desired(), kilobits(500));
}

TEST(RateLimits, AbsurdRatesDoNotOverflow) {
  RateLimits limits;
  limits.set_desired(BitRate(UINT64_MAX), Fall::kAtOnce, ms(0));
  EXPECT_TRUE(limits.set_max(BitRate(UINT64_MAX)));
  EXPECT_TRUE(limits.set_min(BitRate(UINT64_MAX)));
  EXPECT_GE(limits.max(), kilobits(600));
}

// --- events --------------------------------------------------------------------------------------

TEST(AvailableRate, Bwe11LargeChangesAreToldAtOnce) {  // BWE-11
  struct Row {
    uint64_t kbps;
    bool told;
  };
  for (const Row& row : {Row{740, true}, Row{749, true}, Row{750, false}, Row{999, false},
                         Row{1500, false}, Row{1501, true}, Row{1510, true}}) {
    AvailableRate events;
    EXPECT_TRUE(events.update(kilobits(1000), ms(0)));
    EXPECT_EQ(events.update(kilobits(row.kbps), ms(100)), row.told) << row.kbps;
    EXPECT_TRUE(events.update(kilobits(row.kbps), row.told ? ms(1100) : ms(1000)));
  }
}

TEST(AvailableRate, Bwe11OthersOnceASecond) {  // BWE-11
  AvailableRate events;
  EXPECT_TRUE(events.update(kilobits(1000), ms(0)));
  EXPECT_FALSE(events.update(kilobits(1000), ms(999)));
  EXPECT_TRUE(events.update(kilobits(1000), ms(1000)));
  EXPECT_FALSE(events.update(kilobits(1000), ms(1999)));
}

TEST(AvailableRate, DistributionRestartsTheSecond) {
  AvailableRate events;
  events.update(kilobits(1000), ms(0));
  events.distributed(kilobits(1200), ms(900));
  EXPECT_FALSE(events.update(kilobits(1200), ms(1899)));
  EXPECT_TRUE(events.update(kilobits(1200), ms(1900)));
}

TEST(AvailableRate, ManySmallFallsAreALargeOne) {
  AvailableRate events;
  events.update(kilobits(1000), ms(0));
  EXPECT_FALSE(events.update(kilobits(900), ms(100)));
  EXPECT_FALSE(events.update(kilobits(800), ms(200)));
  EXPECT_TRUE(events.update(kilobits(740), ms(300)));
}

// --- standing queues -----------------------------------------------------------------------------

class QueueDrainTest : public testing::Test {
 protected:
  /// Feedback every 100 ms until `end`, with that much queue on a path of 50 ms.
  void run(Micros queue, Micros end, Micros propagation = ms(50)) {
    for (; now_ < end; now_ += ms(100)) {
      drain_.update(ms(50) + queue, propagation, kilobits(1000), now_);
    }
  }
  QueueDrain drain_;
  Micros now_{0};
};

TEST_F(QueueDrainTest, StartsWhenAQueueStands) {
  run(ms(249), seconds(5));
  EXPECT_FALSE(drain_.limit());
  run(ms(250), seconds(5) + ms(500));
  EXPECT_FALSE(drain_.limit());
  run(ms(250), seconds(5) + ms(600));
  EXPECT_EQ(drain_.limit(), kilobits(500));
  EXPECT_NEAR(to_kbps(drain_.base_limit().value()), 667, 1);
}

TEST_F(QueueDrainTest, ShortPeaksAreNoQueue) {
  for (int i = 0; i < 20; ++i) {
    run(ms(400), now_ + ms(500));
    run(ms(50), now_ + ms(100));
  }
  EXPECT_FALSE(drain_.limit());
}

TEST_F(QueueDrainTest, EndsWhenTheQueueIsGone) {
  run(ms(400), seconds(1));
  ASSERT_TRUE(drain_.limit());
  run(ms(100), ms(1100));
  EXPECT_TRUE(drain_.limit());
  run(ms(99), ms(1200));
  EXPECT_FALSE(drain_.limit());
  // And may begin again.
  run(ms(400), seconds(2));
  EXPECT_TRUE(drain_.limit());
}

TEST_F(QueueDrainTest, RemembersTheEmptyPath) {
  run(ms(400), seconds(1));
  // By now the least round trip of the last ten seconds has a queue in it.
  run(ms(300), ms(1200), ms(350));
  EXPECT_TRUE(drain_.limit());
}

TEST_F(QueueDrainTest, SomebodyElsesQueueIsLeftAlone) {
  run(ms(400), ms(600));
  ASSERT_TRUE(drain_.limit());
  run(ms(400), ms(1700));  // three times 400 ms after it began
  EXPECT_TRUE(drain_.limit());
  run(ms(400), ms(1800));
  EXPECT_FALSE(drain_.limit());
  run(ms(400), seconds(11));
  EXPECT_FALSE(drain_.limit());
  run(ms(400), seconds(12));
  EXPECT_TRUE(drain_.limit());
}

}  // namespace
}  // namespace sluice::bwe::test
