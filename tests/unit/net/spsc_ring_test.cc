// The ring between two loops: order, bounds, batches, and two real threads.
#include "net/spsc_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace sluice::net {
namespace {

TEST(SpscRing, RoundsCapacityUpToAPowerOfTwo) {
  EXPECT_EQ(SpscRing<int>(1).capacity(), 2u);
  EXPECT_EQ(SpscRing<int>(5).capacity(), 8u);
  EXPECT_EQ(SpscRing<int>(8).capacity(), 8u);
}

TEST(SpscRing, KeepsOrderOverManyWraps) {
  SpscRing<int> ring(4);
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < round % 5; ++i) {
      next_in += ring.push(next_in) ? 1 : 0;
    }
    int value = -1;
    while (ring.pop(value)) {
      EXPECT_EQ(value, next_out++);
    }
  }
  EXPECT_EQ(next_in, next_out);
  EXPECT_GT(next_in, 100);
}

TEST(SpscRing, RefusesWhenFullAndLeavesTheItem) {
  SpscRing<std::unique_ptr<int>> ring(2);
  EXPECT_TRUE(ring.push(std::make_unique<int>(1)));
  EXPECT_TRUE(ring.push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(ring.push(std::move(third)));
  ASSERT_TRUE(third);
  EXPECT_EQ(ring.size(), 2u);
  std::unique_ptr<int> out;
  EXPECT_TRUE(ring.pop(out));
  EXPECT_EQ(*out, 1);
  EXPECT_TRUE(ring.push(std::move(third)));
}

TEST(SpscRing, PushesTheFrontOfABatchThatDoesNotFit) {
  SpscRing<int> ring(4);
  std::array<int, 6> items = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(ring.push_batch(items), 4u);
  std::array<int, 8> out{};
  EXPECT_EQ(ring.pop_batch(std::span(out).first(3)), 3u);
  EXPECT_EQ(ring.push_batch(std::span(items).subspan(4)), 2u);
  EXPECT_EQ(ring.pop_batch(std::span(out).subspan(3)), 3u);
  EXPECT_EQ(std::vector<int>(out.begin(), out.begin() + 6), std::vector<int>({1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(ring.empty());
}

TEST(SpscRing, ConsumesInPlaceUpToALimit) {
  SpscRing<int> ring(8);
  std::array<int, 5> items = {1, 2, 3, 4, 5};
  ring.push_batch(items);
  int sum = 0;
  EXPECT_EQ(ring.consume([&](int& value) { sum += value; }, 2), 2u);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(ring.consume([&](int& value) { sum += value; }), 3u);
  EXPECT_EQ(sum, 15);
  EXPECT_EQ(ring.consume([&](int&) { FAIL(); }), 0u);
}

TEST(SpscRing, CarriesEverythingBetweenTwoThreads) {
  // The payload is reached through a pointer, so that a missing barrier shows as a data race.
  struct Item {
    uint64_t number = 0;
    std::unique_ptr<uint64_t> payload;
  };
  constexpr uint64_t kItems = 50'000;
  SpscRing<Item> ring(64);
  std::thread producer([&] {
    std::vector<Item> batch;
    for (uint64_t next = 0; next < kItems || !batch.empty();) {
      while (batch.size() < 7 && next < kItems) {
        batch.push_back({next, std::make_unique<uint64_t>(next * 3)});
        ++next;
      }
      const size_t pushed = ring.push_batch(batch);
      batch.erase(batch.begin(), batch.begin() + static_cast<ptrdiff_t>(pushed));
      if (pushed == 0) {
        std::this_thread::yield();
      }
    }
  });
  uint64_t expected = 0;
  bool in_order = true;
  while (expected < kItems) {
    const size_t consumed = ring.consume(
        [&](Item& item) {
          in_order = in_order && item.number == expected && *item.payload == expected * 3;
          item.payload.reset();
          ++expected;
        },
        5);
    if (consumed == 0) {
      std::this_thread::yield();
    }
  }
  producer.join();
  EXPECT_TRUE(in_order);
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace sluice::net
