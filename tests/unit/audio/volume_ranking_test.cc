// Audio levels per interval: means, ranking, and when silence is told.
#include "protocol/audio/volume_ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/audio/level_average.h"

namespace sluice::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

VolumeRanking::Volumes volumes(const VolumeRanking::Event& event) {
  const auto* found = std::get_if<VolumeRanking::Volumes>(&event);
  return found == nullptr ? VolumeRanking::Volumes{} : *found;
}

bool silence(const VolumeRanking::Event& event) {
  return std::holds_alternative<VolumeRanking::Silence>(event);
}

bool nothing(const VolumeRanking::Event& event) {
  return std::holds_alternative<VolumeRanking::Nothing>(event);
}

TEST(LevelAverage, NeedsTenSamples) {  // OBS-02
  LevelAverage average;
  for (int i = 0; i < 9; ++i) {
    average.add(40);
  }
  EXPECT_FALSE(average.take());
  // What was too little does not count for the next interval.
  for (int i = 0; i < 9; ++i) {
    average.add(40);
  }
  EXPECT_FALSE(average.take());
}

TEST(LevelAverage, TenTimesForty) {  // OBS-03
  LevelAverage average;
  for (int i = 0; i < 10; ++i) {
    average.add(40);
  }
  EXPECT_EQ(average.take(), int8_t{-40});
  EXPECT_FALSE(average.take());
}

TEST(LevelAverage, RoundsToTheNearestLevel) {
  LevelAverage average;
  for (int i = 0; i < 5; ++i) {
    average.add(40);
    average.add(41);
  }
  average.add(41);
  EXPECT_EQ(average.take(), int8_t{-41});
}

TEST(LevelAverage, ManyQuietSamplesDoNotOverflow) {  // OBS-06
  LevelAverage average;
  for (int i = 0; i < 1000; ++i) {
    average.add(127);
  }
  EXPECT_EQ(average.take(), int8_t{-127});
}

TEST(AudioLevelOptions, RangesAreChecked) {  // OBS-01
  EXPECT_TRUE(validate({}));
  const auto loud = validate({.threshold = 1});
  ASSERT_FALSE(loud);
  EXPECT_EQ(loud.error().kind, ErrorKind::kType);
  EXPECT_THAT(loud.error().message, HasSubstr("threshold: 1"));
  EXPECT_FALSE(validate({.threshold = -128}));
  EXPECT_TRUE(validate({.threshold = -127}));
  EXPECT_TRUE(validate({.threshold = 0}));
  EXPECT_FALSE(validate({.max_entries = 0}));
  EXPECT_FALSE(validate({.max_entries = -10}));
  EXPECT_EQ(validate({.interval = Millis{1}})->interval, Millis{250});
  EXPECT_EQ(validate({.interval = Millis{60'000}})->interval, Millis{5000});
}

TEST(VolumeRanking, LoudestFirstUpToTheMaximum) {
  VolumeRanking ranking({.max_entries = 2, .threshold = -60});
  const std::vector<Volume> averages = {{1, -50}, {2, -61}, {3, -20}, {4, -60}};
  EXPECT_THAT(volumes(ranking.on_interval(averages)), ElementsAre(Volume{3, -20}, Volume{1, -50}));
}

TEST(VolumeRanking, TheThresholdItselfIsLoudEnough) {
  VolumeRanking ranking({.threshold = -60});
  const std::vector<Volume> averages = {{4, -60}};
  EXPECT_THAT(volumes(ranking.on_interval(averages)), ElementsAre(Volume{4, -60}));
}

TEST(VolumeRanking, SilenceIsToldOnceAndNotBeforeTheFirstVolumes) {  // OBS-04
  VolumeRanking ranking({});
  EXPECT_TRUE(nothing(ranking.on_interval({})));
  const std::vector<Volume> averages = {{1, -30}};
  EXPECT_THAT(volumes(ranking.on_interval(averages)), ElementsAre(Volume{1, -30}));
  EXPECT_TRUE(silence(ranking.on_interval({})));
  EXPECT_TRUE(nothing(ranking.on_interval({})));
  EXPECT_TRUE(nothing(ranking.on_interval({})));
}

TEST(VolumeRanking, PauseEndsWhatWasHeard) {
  VolumeRanking ranking({});
  EXPECT_TRUE(nothing(ranking.on_pause()));
  const std::vector<Volume> averages = {{1, -30}};
  ranking.on_interval(averages);
  EXPECT_TRUE(silence(ranking.on_pause()));
  EXPECT_TRUE(nothing(ranking.on_interval({})));
}

}  // namespace
}  // namespace sluice::audio
