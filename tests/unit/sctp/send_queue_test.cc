// Whose turn it is in the send queue: streams share by bytes, messages stay whole, resets hold a
// stream and no other.
#include "protocol/sctp/send_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace sluice::sctp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SendQueueTest : public ::testing::Test {
 protected:
  SendQueueTest() { queue.set_stream_count(100); }

  void push(uint16_t stream, size_t size, std::optional<Micros> expires_at = {}) {
    amounts.add(stream, size);
    queue.push({.stream = stream, .payload = std::vector<uint8_t>(size), .expires_at = expires_at});
  }
  /// The stream of the message whose turn it is, which is taken; -1 without one.
  int take() {
    const OutgoingMessage* const head = queue.peek(now);
    if (head == nullptr) {
      return -1;
    }
    const int stream = head->stream;
    queue.take(taken);
    return stream;
  }
  std::vector<int> take_all() {
    std::vector<int> order;
    for (int stream = take(); stream >= 0; stream = take()) {
      order.push_back(stream);
    }
    return order;
  }

  BufferedAmounts amounts;
  SendQueue queue{amounts};
  MessageList taken;
  Micros now = 1s;
};

TEST_F(SendQueueTest, OneStreamKeepsItsOrder) {
  push(5, 100);
  push(5, 10);
  push(5, 1000);
  EXPECT_THAT(take_all(), ElementsAre(5, 5, 5));
  std::vector<std::pair<size_t, uint16_t>> messages;
  for (const OutgoingMessage& message : taken) {
    messages.emplace_back(message.payload.size(), message.ssn);
  }
  EXPECT_THAT(messages, ElementsAre(std::pair(100, 0), std::pair(10, 1), std::pair(1000, 2)));
}

TEST_F(SendQueueTest, StreamsWithEqualMessagesTakeTurns) {
  for (int i = 0; i < 3; ++i) {
    for (uint16_t stream = 1; stream <= 3; ++stream) {
      push(stream, 500);
    }
  }
  EXPECT_THAT(take_all(), ElementsAre(1, 2, 3, 1, 2, 3, 1, 2, 3));
}

// However long the messages of each are, after any time busy streams have sent as many bytes, give
// or take one message.
TEST_F(SendQueueTest, BusyStreamsShareByBytes) {
  const std::map<uint16_t, size_t> sizes = {{1, 10'000}, {2, 1000}, {3, 100}, {4, 3333}};
  for (const auto& [stream, size] : sizes) {
    for (size_t queued = 0; queued < 200'000; queued += size) {
      push(stream, size);
    }
  }
  std::map<uint16_t, size_t> sent;
  for (size_t total = 0; total < 400'000;) {
    const int stream = take();
    ASSERT_GE(stream, 0);
    sent[static_cast<uint16_t>(stream)] += taken.back().payload.size();
    total += taken.back().payload.size();
    size_t least = SIZE_MAX, most = 0;
    for (const auto& [id, size] : sizes) {
      least = std::min(least, sent[id]);
      most = std::max(most, sent[id]);
    }
    ASSERT_LE(most - least, 20'000) << "after " << total;
  }
}

TEST_F(SendQueueTest, AQuietStreamDoesNotWaitForWhatOthersQueued) {
  for (int i = 0; i < 5; ++i) {
    push(1, 50'000);
  }
  EXPECT_EQ(take(), 1);
  push(2, 100);
  EXPECT_EQ(take(), 2);
  EXPECT_EQ(take(), 1);
}

// Time that a stream was silent is no credit for later.
TEST_F(SendQueueTest, SilenceIsNotSavedUp) {
  for (int i = 0; i < 20; ++i) {
    push(1, 10'000);
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(take(), 1);
  }
  for (int i = 0; i < 10; ++i) {
    push(2, 10'000);
  }
  std::vector<int> order = take_all();
  order.resize(6);
  EXPECT_EQ(std::ranges::count(order, 2), 3);
}

TEST_F(SendQueueTest, StreamsThatDoNotExistYetWait) {
  push(100, 10);
  push(1, 10);
  EXPECT_THAT(take_all(), ElementsAre(1));
  EXPECT_FALSE(queue.empty());
  queue.set_stream_count(101);
  EXPECT_THAT(take_all(), ElementsAre(100));
}

TEST_F(SendQueueTest, AResetStopsItsStreamOnly) {
  push(1, 10);
  queue.push_reset(1);
  push(1, 20);
  push(2, 500);
  EXPECT_THAT(take_all(), ElementsAre(1, 2));
  EXPECT_THAT(queue.take_ready_resets(), ElementsAre(1));
  EXPECT_THAT(queue.take_ready_resets(), IsEmpty());
  queue.finish_reset(1, true);
  EXPECT_THAT(take_all(), ElementsAre(1));
  EXPECT_EQ(taken.back().ssn, 0);  // numbered anew
}

TEST_F(SendQueueTest, ARefusedResetKeepsTheNumbers) {
  push(1, 10);
  queue.push_reset(1);
  push(1, 20);
  EXPECT_THAT(take_all(), ElementsAre(1));
  queue.finish_reset(1, false);
  EXPECT_THAT(take_all(), ElementsAre(1));
  EXPECT_EQ(taken.back().ssn, 1);
}

TEST_F(SendQueueTest, ExpiredMessagesGiveTheirBytesBack) {
  push(1, 100, now + 10ms);
  push(1, 200);
  push(2, 300, now + 10ms);
  now += 20ms;
  EXPECT_EQ(take(), 1);
  EXPECT_EQ(taken.back().payload.size(), 200u);
  EXPECT_EQ(take(), -1);
  EXPECT_EQ(queue.expired_count(), 2u);
  EXPECT_EQ(amounts.of(2), 0u);
  EXPECT_EQ(amounts.total(), 200u);  // taken, not acknowledged
}

}  // namespace
}  // namespace sluice::sctp
