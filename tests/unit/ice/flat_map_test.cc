#include "protocol/ice/flat_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <unordered_map>

#include "protocol/ice/tuple.h"
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

struct SameForAll {
  uint64_t operator()(const auto&) const { return 5; }
};
struct Identity {
  uint64_t operator()(uint32_t key) const { return key; }
};
/// Few distinct home places around the end of the array, so that runs merge and wrap, and erasures
/// must close gaps.
struct Clustered {
  uint64_t operator()(uint32_t key) const { return key % 7 * 3 - 12; }
};

TEST(FlatMap, Ice48TuplesWithOneHashStayDistinct) {  // ICE-48
  FlatMap<Tuple, uint32_t, SameForAll> map{SameForAll{}};
  for (uint16_t n = 1; n <= 20; ++n) {
    EXPECT_TRUE(map.insert(path(n), n));
  }
  EXPECT_TRUE(map.insert(tcp_path(1), 100));
  for (uint16_t n = 1; n <= 20; ++n) {
    EXPECT_EQ(*map.find(path(n)), n);
  }
  EXPECT_EQ(*map.find(tcp_path(1)), 100u);
  EXPECT_EQ(map.find(path(21)), nullptr);
  EXPECT_TRUE(map.erase(path(1)));
  EXPECT_EQ(map.find(path(1)), nullptr);
  EXPECT_EQ(*map.find(path(20)), 20u);
  EXPECT_EQ(*map.find(tcp_path(1)), 100u);
}

TEST(FlatMap, DoesNotInsertTwice) {
  FlatMap<uint32_t, uint32_t, Identity> map{Identity{}};
  EXPECT_TRUE(map.insert(1, 10));
  EXPECT_FALSE(map.insert(1, 11));
  EXPECT_EQ(*map.find(1), 10u);
  EXPECT_EQ(map.size(), 1u);
}

TEST(FlatMap, ErasesOnlyWhatIsThere) {
  FlatMap<uint32_t, uint32_t, Identity> map{Identity{}};
  EXPECT_FALSE(map.erase(1));
  map.insert(1, 10);
  EXPECT_FALSE(map.erase(17)) << "same place, another key";
  EXPECT_TRUE(map.erase(1));
  EXPECT_EQ(map.size(), 0u);
}

TEST(FlatMap, AgreesWithAnOrdinaryMap) {
  FlatMap<uint32_t, uint32_t, Clustered> map{Clustered{}};
  std::unordered_map<uint32_t, uint32_t> model;
  std::mt19937 random(1);
  for (uint32_t step = 0; step < 20000; ++step) {
    const auto key = static_cast<uint32_t>(random() % 64);
    if (random() % 2 == 0) {
      EXPECT_EQ(map.insert(key, step), model.emplace(key, step).second);
    } else {
      EXPECT_EQ(map.erase(key), model.erase(key) == 1);
    }
    ASSERT_EQ(map.size(), model.size());
    const auto probe = static_cast<uint32_t>(random() % 64);
    const uint32_t* found = map.find(probe);
    const auto expected = model.find(probe);
    ASSERT_EQ(found != nullptr, expected != model.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, expected->second);
    }
  }
}

}  // namespace
}  // namespace sluice::ice
