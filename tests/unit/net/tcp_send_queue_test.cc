// The byte queue of a TCP connection: framing, wrap, limits of size and of delay.
#include "net/tcp_send_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "net/tcp_framing.h"
#include "support/allocation_counter.h"

namespace sluice::net {
namespace {

using Push = TcpSendQueue::Push;

std::vector<uint8_t> frame(size_t size, uint8_t fill = 'x') {
  return std::vector<uint8_t>(size, fill);
}

std::vector<uint8_t> take(TcpSendQueue& queue, size_t count) {
  std::vector<uint8_t> out;
  for (const Bytes part : queue.pending()) {
    out.insert(out.end(), part.begin(), part.end());
  }
  out.resize(std::min(count, out.size()));
  queue.consume(out.size());
  return out;
}

TEST(TcpSendQueue, PrefixesEachFrame) {
  TcpSendQueue queue;
  EXPECT_EQ(queue.push(frame(3, 'a'), false, 0us), Push::kQueued);
  EXPECT_EQ(queue.push(frame(1, 'b'), true, 0us), Push::kQueued);
  EXPECT_EQ(take(queue, 100), std::vector<uint8_t>({0, 3, 'a', 'a', 'a', 0, 1, 'b'}));
  EXPECT_TRUE(queue.empty());
}

TEST(TcpSendQueue, SurvivesPartialWritesWrapsAndGrowth) {
  std::mt19937 random(3);
  TcpSendQueue queue;
  TcpFraming reader;
  uint32_t written = 0;
  uint32_t read = 0;
  const auto check = [&](MutableBytes got) {
    EXPECT_EQ(load_be32(got.data()), read++);
    EXPECT_TRUE(std::all_of(got.begin() + 4, got.end(),
                            [&](uint8_t byte) { return byte == static_cast<uint8_t>(read); }));
    return true;
  };
  for (int step = 0; step < 3000; ++step) {
    // Fills faster than it drains at first, then the other way round.
    const bool filling = step < 1500;
    for (uint32_t i = 0; i < (filling ? 2u : 1u); ++i) {
      auto bytes = frame(4 + random() % 200, static_cast<uint8_t>(written + 1));
      store_be32(bytes.data(), written++);
      ASSERT_EQ(queue.push(bytes, false, 0us), Push::kQueued);
    }
    auto bytes = take(queue, random() % (filling ? 150 : 400));
    reader.feed(bytes, check);
  }
  auto bytes = take(queue, SIZE_MAX);
  reader.feed(bytes, check);
  EXPECT_EQ(read, written);
}

TEST(TcpSendQueue, DropsWholeDroppableFramesPastTheLimit) {
  TcpSendQueue queue(1000);
  EXPECT_EQ(queue.push(frame(900), true, 0us), Push::kQueued);
  EXPECT_EQ(queue.push(frame(97), true, 0us), Push::kDropped);
  EXPECT_EQ(queue.push(frame(96), true, 0us), Push::kQueued);
  EXPECT_EQ(queue.size(), 1000u);
  EXPECT_EQ(queue.dropped(), 1u);
}

TEST(TcpSendQueue, NeverDropsOthersButGivesUpAtTwiceTheLimit) {
  TcpSendQueue queue(1000);
  EXPECT_EQ(queue.push(frame(998), true, 0us), Push::kQueued);
  EXPECT_EQ(queue.push(frame(500), false, 0us), Push::kQueued);
  EXPECT_EQ(queue.push(frame(499), false, 0us), Push::kOverflow);
  EXPECT_EQ(queue.push(frame(496), false, 0us), Push::kQueued);
}

TEST(TcpSendQueue, DropsDroppableFramesBehindHalfASecond) {
  TcpSendQueue queue;
  queue.push(frame(100), true, 0ms);
  queue.push(frame(100), true, 300ms);
  EXPECT_EQ(queue.push(frame(100), true, 500ms), Push::kQueued);
  EXPECT_EQ(queue.push(frame(100), true, 501ms), Push::kDropped);
  EXPECT_EQ(queue.push(frame(100), false, 501ms), Push::kQueued);
  // The oldest leaves: now the delay is that of the second.
  take(queue, 102);
  EXPECT_EQ(queue.delay(501ms), 201ms);
  EXPECT_EQ(queue.push(frame(100), true, 501ms), Push::kQueued);
}

TEST(TcpSendQueue, DelayEndsWithTheQueue) {
  TcpSendQueue queue;
  queue.push(frame(100), true, 0ms);
  EXPECT_EQ(queue.delay(400ms), 400ms);
  take(queue, 101);
  EXPECT_EQ(queue.delay(400ms), 400ms);
  take(queue, 1);
  EXPECT_EQ(queue.delay(10s), 0us);
  EXPECT_EQ(queue.push(frame(100), true, 10s), Push::kQueued);
}

TEST(TcpSendQueue, RefusesFramesThatHaveNoLength) {
  TcpSendQueue queue;
  EXPECT_EQ(queue.push({}, false, 0us), Push::kDropped);
  EXPECT_EQ(queue.push(frame(65'536), false, 0us), Push::kDropped);
  EXPECT_EQ(queue.push(frame(65'535), false, 0us), Push::kQueued);
}

TEST(TcpSendQueue, SteadyStateAllocatesNothing) {
  TcpSendQueue queue;
  const auto bytes = frame(1200);
  queue.push(bytes, true, 0us);
  queue.consume(queue.size());
  const size_t before = test::allocation_count();
  for (int i = 0; i < 1000; ++i) {
    queue.push(bytes, true, 0us);
    queue.push(bytes, true, 0us);
    queue.consume(queue.size());
  }
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace sluice::net
