// DatagramQueue keeps the boundaries and the order of datagrams within a bound.
#include "protocol/dtls/datagram_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::dtls {
namespace {

std::string pop_text(DatagramQueue& queue) {
  const std::optional<Bytes> datagram = queue.pop();
  return datagram ? std::string(as_text(*datagram)) : "(none)";
}

TEST(DatagramQueue, ReturnsEachDatagramWholeAndInOrder) {
  DatagramQueue queue(100);
  EXPECT_EQ(pop_text(queue), "(none)");
  queue.push(as_bytes("one"));
  queue.push({});
  queue.push(as_bytes("three"));
  EXPECT_EQ(pop_text(queue), "one");
  queue.push(as_bytes("four"));
  EXPECT_EQ(pop_text(queue), "");
  EXPECT_EQ(pop_text(queue), "three");
  EXPECT_EQ(pop_text(queue), "four");
  EXPECT_TRUE(queue.empty());
}

TEST(DatagramQueue, RefusesWhatDoesNotFit) {
  DatagramQueue queue(8);
  EXPECT_TRUE(queue.push(as_bytes("12345")));
  EXPECT_FALSE(queue.push(as_bytes("6789")));
  EXPECT_TRUE(queue.push(as_bytes("678")));
  EXPECT_EQ(queue.dropped(), 1u);
  EXPECT_EQ(pop_text(queue), "12345");
  EXPECT_EQ(pop_text(queue), "678");
  EXPECT_TRUE(queue.push(as_bytes("12345678")));
}

TEST(DatagramQueue, ForgetsEverythingWhenCleared) {
  DatagramQueue queue(8);
  queue.push(as_bytes("123"));
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(pop_text(queue), "(none)");
}

}  // namespace
}  // namespace sluice::dtls
