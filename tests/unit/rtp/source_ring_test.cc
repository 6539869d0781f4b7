// The ring of received packets that consumers' retransmissions refer to (media-plane 6.8, 12.7).
#include "protocol/rtp/source_ring.h"

#include <gtest/gtest.h>

#include <memory>

namespace sluice::rtp {
namespace {

using Ring = SourceRing<std::shared_ptr<int>>;

TEST(SourceRing, FindsWhatWasPushed) {
  Ring ring{SourceRingLimits{}};
  const uint32_t first = ring.push(std::make_shared<int>(1), 100, 0s);
  const uint32_t second = ring.push(std::make_shared<int>(2), 100, 0s);
  ASSERT_NE(ring.find(first), nullptr);
  EXPECT_EQ(**ring.find(first), 1);
  EXPECT_EQ(**ring.find(second), 2);
  EXPECT_EQ(ring.find(second + 1), nullptr);
  EXPECT_EQ(ring.bytes(), 200u);
}

TEST(SourceRing, EvictsByAge) {
  Ring ring({.max_age = 2s});
  const auto packet = std::make_shared<int>(1);
  const uint32_t index = ring.push(packet, 100, 1s);
  EXPECT_EQ(ring.next_expiry(), 3s + 1us);
  ring.push(std::make_shared<int>(2), 100, 3s);
  EXPECT_NE(ring.find(index), nullptr);
  ring.expire(3s + 1us);
  EXPECT_EQ(ring.find(index), nullptr);
  EXPECT_EQ(packet.use_count(), 1);  // given back
  EXPECT_EQ(ring.size(), 1u);
  ring.expire(10s);
  EXPECT_EQ(ring.next_expiry(), std::nullopt);
}

TEST(SourceRing, EvictsByCountAndBytes) {
  Ring by_count({.max_packets = 3});
  for (int i = 0; i < 5; ++i) {
    by_count.push(std::make_shared<int>(i), 1, 0s);
  }
  EXPECT_EQ(by_count.size(), 3u);
  EXPECT_EQ(by_count.find(1), nullptr);
  EXPECT_EQ(**by_count.find(2), 2);

  Ring by_bytes({.max_bytes = 1000});
  by_bytes.push(nullptr, 600, 0s);
  by_bytes.push(nullptr, 400, 0s);
  EXPECT_EQ(by_bytes.size(), 2u);
  by_bytes.push(nullptr, 1, 0s);
  EXPECT_EQ(by_bytes.size(), 2u);
  EXPECT_EQ(by_bytes.bytes(), 401u);
}

TEST(SourceRing, GrowsWithItsContent) {
  Ring ring({.max_packets = 2500});
  EXPECT_EQ(ring.capacity(), 64u);
  for (int i = 0; i < 2600; ++i) {
    ring.push(std::make_shared<int>(i), 1, 0s);
  }
  EXPECT_EQ(ring.capacity(), 4096u);
  for (uint32_t i = 100; i < 2600; ++i) {
    ASSERT_NE(ring.find(i), nullptr);
    ASSERT_EQ(**ring.find(i), static_cast<int>(i));
  }
  EXPECT_EQ(ring.find(99), nullptr);
}

TEST(SourceRing, IndicesAreNeverUsedAgain) {
  Ring ring{SourceRingLimits{}};
  const uint32_t before = ring.push(std::make_shared<int>(1), 1, 0s);
  ring.clear();
  EXPECT_EQ(ring.size(), 0u);
  EXPECT_EQ(ring.bytes(), 0u);
  const uint32_t after = ring.push(std::make_shared<int>(2), 1, 0s);
  EXPECT_GT(after, before);
  EXPECT_EQ(ring.find(before), nullptr);
}

}  // namespace
}  // namespace sluice::rtp
