// Looking up the layers that were current at a picture.
#include "protocol/codecs/layer_history.h"

#include <gtest/gtest.h>

namespace sluice::codecs {
namespace {

constexpr Layers temporal(int layer) {
  return {.spatial = 0, .temporal = static_cast<int8_t>(layer)};
}

TEST(LayerHistory, Vp911NewestChangeNotAboveCounts) {  // VP9-11, V9B
  constexpr int64_t s = 30767;
  constexpr Layers kNow = temporal(7);
  LayerHistory history;
  history.add(s, temporal(0));
  history.add(s + 1, temporal(1));
  history.add(s + 5, temporal(2));
  history.add(s + 6, temporal(0));
  EXPECT_EQ(history.at(s, kNow), temporal(0));
  EXPECT_EQ(history.at(s + 1, kNow), temporal(1));
  EXPECT_EQ(history.at(s + 2, kNow), temporal(1));
  EXPECT_EQ(history.at(s + 5, kNow), temporal(2));
  EXPECT_EQ(history.at(s + 6, kNow), temporal(0));
  history.add(s + 1000, temporal(1));
  history.add(s + 1001, temporal(2));  // 1001 behind: the first one goes
  EXPECT_EQ(history.at(s + 1000, kNow), temporal(1));
  EXPECT_EQ(history.at(s, kNow), temporal(1));
  history.add(s + 2001, temporal(0));  // picture id 0
  EXPECT_EQ(history.at(s + 2001, kNow), temporal(0));
  EXPECT_EQ(history.at(s, kNow), temporal(2));
}

TEST(LayerHistory, WithFewerThanTwoChangesTheCurrentLayersCount) {
  LayerHistory history;
  EXPECT_EQ(history.at(5, temporal(2)), temporal(2));
  history.add(5, temporal(1));
  EXPECT_EQ(history.at(4, temporal(2)), temporal(2));
}

TEST(LayerHistory, SecondChangeAtOnePictureReplacesTheFirst) {
  LayerHistory history;
  history.add(1, temporal(0));
  history.add(5, temporal(1));
  history.add(5, temporal(2));
  EXPECT_EQ(history.at(5, {}), temporal(2));
  EXPECT_EQ(history.at(4, {}), temporal(0));
}

TEST(LayerHistory, WhenFullTheOldestGoes) {
  LayerHistory history;
  constexpr int kLast = 3 * static_cast<int>(LayerHistory::kCapacity);
  for (int i = 0; i <= kLast; ++i) {
    history.add(i, temporal(i % 8));
  }
  constexpr int kOldest = kLast + 1 - static_cast<int>(LayerHistory::kCapacity);
  EXPECT_EQ(history.at(kLast, {}), temporal(kLast % 8));
  EXPECT_EQ(history.at(kOldest, {}), temporal(kOldest % 8));
  EXPECT_EQ(history.at(0, {}), temporal(kOldest % 8));
}

TEST(LayerHistory, ClearForgets) {
  LayerHistory history;
  history.add(1, temporal(0));
  history.add(2, temporal(1));
  history.clear();
  EXPECT_TRUE(history.empty());
  EXPECT_EQ(history.at(2, temporal(3)), temporal(3));
}

}  // namespace
}  // namespace sluice::codecs
