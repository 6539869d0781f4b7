// The simulated link in virtual time.
#include "net/impaired_link.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace sluice::net {
namespace {

std::vector<uint8_t> numbered(uint32_t number, size_t size = 100) {
  std::vector<uint8_t> bytes(size);
  store_be32(bytes.data(), number);
  return bytes;
}

struct Arrival {
  Micros at;
  uint32_t number;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// Takes out everything, at the times that the link names.
std::vector<Arrival> drain(ImpairedLink& link) {
  std::vector<Arrival> out;
  while (const auto due = link.next_due()) {
    EXPECT_FALSE(link.pop_due(*due - 1us));
    const auto datagram = link.pop_due(*due);
    EXPECT_TRUE(datagram);
    out.push_back({*due, load_be32(datagram->data())});
  }
  return out;
}

std::vector<Arrival> run(uint64_t seed, const Impairments& settings, uint32_t count = 1000,
                         Micros spacing = 1ms) {
  ImpairedLink link(seed, settings);
  for (uint32_t i = 0; i < count; ++i) {
    link.push(spacing * i, numbered(i));
  }
  return drain(link);
}

TEST(ImpairedLink, PerfectLinkDeliversAtOnceAndInOrder) {
  const auto arrivals = run(1, {});
  ASSERT_EQ(arrivals.size(), 1000u);
  for (uint32_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i], (Arrival{1ms * i, i}));
  }
}

TEST(ImpairedLink, DelayShiftsEverything) {
  const auto arrivals = run(1, {.delay = 40ms});
  EXPECT_EQ(arrivals.front().at, 40ms);
  EXPECT_EQ(arrivals.back().at, 999ms + 40ms);
}

TEST(ImpairedLink, LosesInBurstsOfTheGivenLength) {
  const uint32_t count = 100'000;
  const auto arrivals = run(3, {.bursts = {.enter = 0.01, .leave = 0.2, .loss = 1}}, count);
  uint32_t bursts = 0;
  uint32_t next = 0;
  for (const Arrival& arrival : arrivals) {
    bursts += arrival.number != next ? 1 : 0;
    next = arrival.number + 1;
  }
  const double lost = count - static_cast<double>(arrivals.size());
  EXPECT_NEAR(lost / count, 0.01 / 0.21, 0.005);
  EXPECT_NEAR(lost / bursts, 5, 0.5);
}

TEST(ImpairedLink, BurstsLeaveOtherDecisionsAsTheyAre) {
  const auto calm = run(5, {.loss = 0.1});
  const auto stormy = run(5, {.loss = 0.1, .bursts = {.enter = 0.02, .leave = 0.3}});
  EXPECT_LT(stormy.size(), calm.size());
  EXPECT_TRUE(std::ranges::includes(calm, stormy, {}, &Arrival::number, &Arrival::number));
}

TEST(ImpairedLink, LosesTheGivenShare) {
  const auto arrivals = run(1, {.loss = 0.1}, 10'000);
  EXPECT_GT(arrivals.size(), 8'800u);
  EXPECT_LT(arrivals.size(), 9'200u);
  EXPECT_TRUE(run(1, {.loss = 1.0}).empty());
}

TEST(ImpairedLink, SameSeedSameFate) {
  const Impairments all = {
      .loss = 0.1, .duplicate = 0.1, .reorder = 0.1, .delay = 20ms, .jitter = 10ms};
  EXPECT_EQ(run(5, all), run(5, all));
  EXPECT_NE(run(5, all), run(6, all));
}

TEST(ImpairedLink, JitterKeepsTheOrder) {
  const auto arrivals = run(1, {.delay = 20ms, .jitter = 15ms});
  ASSERT_EQ(arrivals.size(), 1000u);
  std::set<Micros> delays;
  for (uint32_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i].number, i);
    const Micros delay = arrivals[i].at - 1ms * i;
    EXPECT_GE(delay, 20ms);
    EXPECT_LE(delay, 35ms);
    delays.insert(delay);
  }
  EXPECT_GT(delays.size(), 50u);
}

TEST(ImpairedLink, ReorderingHoldsBackTheGivenShare) {
  const auto arrivals = run(1, {.reorder = 0.05, .delay = 20ms, .reorder_hold = 5500us}, 2000);
  ASSERT_EQ(arrivals.size(), 2000u);
  size_t late = 0;
  for (const Arrival& arrival : arrivals) {
    const Micros delay = arrival.at - 1ms * arrival.number;
    EXPECT_TRUE(delay == 20ms || delay == 25'500us);
    late += delay != 20ms ? 1 : 0;
  }
  EXPECT_GT(late, 60u);
  EXPECT_LT(late, 140u);
}

TEST(ImpairedLink, DuplicatesTheGivenShare) {
  const auto arrivals = run(1, {.duplicate = 0.2}, 5000);
  EXPECT_GT(arrivals.size(), 5'800u);
  EXPECT_LT(arrivals.size(), 6'200u);
}

TEST(ImpairedLink, BandwidthSpacesDatagrams) {
  // 100 bytes at 80 kbit/s take 10 ms each.
  ImpairedLink link(1, {.delay = 5ms, .bandwidth = BitRate(80'000)});
  for (uint32_t i = 0; i < 5; ++i) {
    link.push(0ms, numbered(i));
  }
  const auto arrivals = drain(link);
  ASSERT_EQ(arrivals.size(), 5u);
  for (uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(arrivals[i].at, 10ms * (i + 1) + 5ms);
  }
  // After a pause the link is idle again.
  link.push(1s, numbered(9));
  EXPECT_EQ(drain(link).at(0).at, 1015ms);
}

TEST(ImpairedLink, FullQueueDropsTheTail) {
  ImpairedLink link(1, {.bandwidth = BitRate(80'000), .queue_bytes = 300});
  for (uint32_t i = 0; i < 10; ++i) {
    link.push(0ms, numbered(i));
  }
  EXPECT_EQ(link.counters().queue_dropped, 7u);
  link.push(10ms, numbered(10));
  const auto arrivals = drain(link);
  ASSERT_EQ(arrivals.size(), 4u);
  EXPECT_EQ(arrivals[3], (Arrival{40ms, 10}));
}

TEST(ImpairedLink, CountsAddUp) {
  ImpairedLink link(9, {.loss = 0.2, .duplicate = 0.2, .reorder = 0.2});
  for (uint32_t i = 0; i < 1000; ++i) {
    link.push(1ms * i, numbered(i));
  }
  const size_t arrived = drain(link).size();
  const ImpairedLink::Counters& counters = link.counters();
  EXPECT_EQ(counters.pushed, 1000u);
  EXPECT_EQ(counters.delivered, arrived);
  EXPECT_EQ(counters.pushed - counters.lost + counters.duplicated, counters.delivered);
  EXPECT_GT(counters.reordered, 0u);
}

TEST(ImpairedLink, SettingsMayChangeOnTheWay) {
  ImpairedLink link(1, {.delay = 50ms});
  link.push(0ms, numbered(0));
  link.set_impairments({.loss = 1.0});
  link.push(1ms, numbered(1));
  EXPECT_EQ(drain(link), std::vector<Arrival>({{50ms, 0}}));
}

}  // namespace
}  // namespace sluice::net
