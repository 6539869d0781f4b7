// The send arena without sockets: chains, order, ownership of destinations, limits, recycling.
#include "net/send_queue.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/allocation_counter.h"

namespace sluice::net {
namespace {

SocketAddress peer(uint16_t port) {
  return {IpAddress::v4(0x7f000001), port};
}

bool put(SendQueue& queue, Destination& destination, std::string_view text,
         Priority priority = Priority::kHigh) {
  uint8_t* room = queue.reserve(text.size());
  if (room == nullptr) {
    return false;
  }
  std::memcpy(room, text.data(), text.size());
  queue.commit(text.size(), destination, priority);
  return true;
}

/// What waits, as "port:text".
std::vector<std::string> waiting(SendQueue& queue) {
  std::vector<std::string> out;
  queue.for_each_pending([&](Destination& destination, Bytes bytes) {
    out.push_back(std::to_string(destination.remote().port) + ":" + std::string(as_text(bytes)));
  });
  return out;
}

using Texts = std::vector<std::string>;

TEST(SendQueue, GroupsByDestinationInOrderOfFirstCommit) {
  SendQueue queue;
  Destination a(peer(1), 0);
  Destination b(peer(2), 0);
  put(queue, b, "b1");
  put(queue, a, "a1");
  put(queue, b, "b2");
  put(queue, a, "a2");
  EXPECT_EQ(waiting(queue), Texts({"2:b1", "2:b2", "1:a1", "1:a2"}));
  EXPECT_EQ(queue.pending(), 4u);
}

TEST(SendQueue, UncommittedReservationVanishes) {
  SendQueue queue;
  Destination a(peer(1), 0);
  ASSERT_NE(queue.reserve(1000), nullptr);
  put(queue, a, "x");
  queue.reserve(1000);
  queue.commit(0, a);
  EXPECT_EQ(waiting(queue), Texts({"1:x"}));
}

TEST(SendQueue, CommitMayBeShorterThanTheReservation) {
  SendQueue queue(4096);
  Destination a(peer(1), 0);
  for (int i = 0; i < 100; ++i) {
    uint8_t* room = queue.reserve(1500);
    ASSERT_NE(room, nullptr) << i;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(room) % 16, 0u);
    *room = 'x';
    queue.commit(1, a);
  }
  EXPECT_EQ(queue.pending(), 100u);
}

TEST(SendQueue, RefusesWhenBytesRunOut) {
  SendQueue queue(4096);
  Destination a(peer(1), 0);
  EXPECT_TRUE(put(queue, a, std::string(4000, 'x')));
  EXPECT_EQ(queue.reserve(200), nullptr);
  EXPECT_EQ(queue.counters().refused, 1u);
  queue.clear();
  EXPECT_NE(queue.reserve(200), nullptr);
}

TEST(SendQueue, RefusesWhenEntriesRunOut) {
  SendQueue queue(4096, 2);
  Destination a(peer(1), 0);
  EXPECT_TRUE(put(queue, a, "1"));
  EXPECT_TRUE(put(queue, a, "2"));
  EXPECT_FALSE(put(queue, a, "3"));
}

TEST(SendQueue, AsksForAFlushWhenFull) {
  SendQueue queue(4096, 2);
  Destination a(peer(1), 0);
  queue.on_full(
      [](void* context) {
        auto& full = *static_cast<SendQueue*>(context);
        full.clear();
        full.recycle(0);
      },
      &queue);
  EXPECT_TRUE(put(queue, a, "1"));
  EXPECT_TRUE(put(queue, a, "2"));
  EXPECT_TRUE(put(queue, a, "3"));
  EXPECT_EQ(waiting(queue), Texts({"1:3"}));
  EXPECT_EQ(queue.counters().refused, 0u);
}

TEST(SendQueue, DestroyedDestinationStillSends) {
  SendQueue queue;
  Destination a(peer(1), 0);
  {
    Destination short_lived(peer(9), 0, IpAddress::v4(0x0a000001));
    put(queue, short_lived, "close alert");
    put(queue, a, "a1");
  }
  EXPECT_EQ(waiting(queue), Texts({"9:close alert", "1:a1"}));
  EXPECT_EQ(queue.first(0)->local(), IpAddress::v4(0x0a000001));
}

TEST(SendQueue, MovedDestinationKeepsItsChain) {
  SendQueue queue;
  Destination a(peer(1), 0);
  Destination b(peer(2), 0);
  Destination c(peer(3), 0);
  put(queue, a, "a1");
  put(queue, b, "b1");
  put(queue, c, "c1");
  Destination moved = std::move(b);
  put(queue, moved, "b2");
  EXPECT_EQ(waiting(queue), Texts({"1:a1", "2:b1", "2:b2", "3:c1"}));
  a = std::move(moved);  // the old a still has something to say
  EXPECT_EQ(waiting(queue), Texts({"1:a1", "2:b1", "2:b2", "3:c1"}));
}

TEST(SendQueue, SendsToStrangersWithoutADestination) {
  SendQueue queue;
  for (size_t i = 0; i < SendQueue::kOwnerless; ++i) {
    *queue.reserve(1) = 'x';
    ASSERT_TRUE(queue.commit_to(1, peer(static_cast<uint16_t>(i + 1)), 0));
  }
  queue.reserve(1);
  EXPECT_FALSE(queue.commit_to(1, peer(999), 0));
  EXPECT_EQ(queue.pending(), SendQueue::kOwnerless);
  queue.clear();
  queue.reserve(1);
  EXPECT_TRUE(queue.commit_to(1, peer(999), 0));
}

TEST(SendQueue, DestinationMayOutliveTheQueue) {
  Destination a(peer(1), 0);
  {
    SendQueue queue;
    put(queue, a, "a1");
  }
  EXPECT_FALSE(a.has_pending());
}

TEST(SendQueue, PopTakesFromTheFront) {
  SendQueue queue;
  Destination a(peer(1), 0);
  Destination b(peer(2), 0);
  put(queue, a, "a1");
  put(queue, b, "b1");
  put(queue, a, "a2");
  queue.pop(a, 1);
  EXPECT_EQ(waiting(queue), Texts({"1:a2", "2:b1"}));
  queue.pop(a, 1);
  EXPECT_FALSE(a.has_pending());
  EXPECT_EQ(waiting(queue), Texts({"2:b1"}));
  put(queue, a, "a3");
  EXPECT_EQ(waiting(queue), Texts({"2:b1", "1:a3"}));
}

TEST(SendQueue, SocketsAreApart) {
  SendQueue queue;
  Destination a(peer(1), 0);
  Destination b(peer(2), 7);
  Destination tcp = Destination::over_tcp(42);
  put(queue, a, "a1");
  put(queue, b, "b1");
  put(queue, tcp, "t1");
  EXPECT_EQ(queue.first(7), &b);
  EXPECT_EQ(queue.first(kTcpSocket), &tcp);
  EXPECT_EQ(queue.drop_socket(7), 1u);
  EXPECT_EQ(queue.first(7), nullptr);
  EXPECT_EQ(queue.pending(), 2u);
}

TEST(SendQueue, RecycleMovesTheRestToTheFront) {
  SendQueue queue(4096);
  Destination a(peer(1), 0);
  Destination b(peer(2), 0);
  put(queue, a, std::string(1000, 'x'));
  put(queue, b, "b1");
  put(queue, a, "a2");
  put(queue, b, "b2");
  queue.pop(a, 1);
  const size_t before = queue.bytes_used();
  queue.recycle(100);
  EXPECT_LT(queue.bytes_used(), before - 900);
  EXPECT_EQ(waiting(queue), Texts({"1:a2", "2:b1", "2:b2"}));
  put(queue, a, "a3");
  EXPECT_EQ(waiting(queue), Texts({"1:a2", "1:a3", "2:b1", "2:b2"}));
}

TEST(SendQueue, RecycleDropsLowPriorityAndOldestFirst) {
  SendQueue queue;
  Destination a(peer(1), 0);
  put(queue, a, "high1");
  put(queue, a, "low1", Priority::kLow);
  put(queue, a, "low2", Priority::kLow);
  put(queue, a, "high2");
  queue.recycle(3);
  EXPECT_EQ(waiting(queue), Texts({"1:high1", "1:low2", "1:high2"}));
  queue.recycle(1);
  EXPECT_EQ(waiting(queue), Texts({"1:high2"}));
  EXPECT_EQ(queue.counters().dropped, 3u);
  queue.recycle(0);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(a.has_pending());
}

TEST(SendQueue, RecycleFreesOwnerlessDestinationsThatLoseEverything) {
  SendQueue queue;
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < SendQueue::kOwnerless; ++i) {
      *queue.reserve(1) = 'x';
      ASSERT_TRUE(queue.commit_to(1, peer(static_cast<uint16_t>(i + 1)), 0));
    }
    queue.recycle(0);
  }
}

TEST(SendQueue, SteadyStateAllocatesNothing) {
  SendQueue queue;
  std::vector<Destination> destinations;
  for (uint16_t i = 1; i <= 50; ++i) {
    destinations.emplace_back(peer(i), uint8_t{0});
  }
  const size_t before = test::allocation_count();
  for (int turn = 0; turn < 10; ++turn) {
    for (Destination& destination : destinations) {
      for (int i = 0; i < 4; ++i) {
        queue.reserve(1500)[0] = 1;
        queue.commit(1200, destination);
      }
    }
    while (Destination* first = queue.first(0)) {
      queue.pop(*first, 1);
    }
    queue.recycle(0);
  }
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace sluice::net
