// Reliable messages arrive once, whole and in order, whatever the path does.
#include <numeric>

#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

Options large() {
  return {.max_send_message_size = 4 << 20,
          .max_receive_message_size = 4 << 20,
          .send_buffer_size = 4 << 20};
}

TEST(Transfer, EverySizeOnACleanPath) {
  World world(clean_link(), large(), large());
  world.connect();
  const std::vector<size_t> sizes = {0,    1,    2,    3,    4,     1159,   1160,   1161,
                                     2319, 2320, 2321, 4096, 65536, 262143, 262144, 1 << 20};
  for (size_t i = 0; i < sizes.size(); ++i) {
    world.send_all(world.a, 3, pattern(sizes[i], i));
    world.send_all(world.b, 4, pattern(sizes[i], i + 100));
  }
  ASSERT_TRUE(world.run_until([&] {
    return world.b.messages.size() == sizes.size() && world.a.messages.size() == sizes.size();
  }));
  for (size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(world.b.messages[i].payload, pattern(sizes[i], i)) << sizes[i];
    EXPECT_EQ(world.a.messages[i].payload, pattern(sizes[i], i + 100)) << sizes[i];
    EXPECT_EQ(world.b.messages[i].stream, 3);
    EXPECT_EQ(world.b.messages[i].ppid, sizes[i] == 0 ? ppid::kEmptyBinary : ppid::kBinary);
  }
  EXPECT_EQ(world.a.association->stats().timeouts, 0u);
  EXPECT_EQ(world.a.association->stats().fast_retransmits, 0u);
}

class RoughTransfer : public testing::TestWithParam<uint64_t> {};

TEST_P(RoughTransfer, OrderedMessagesOfAllSizes) {
  World world(rough_link(), large(), large(), GetParam());
  world.connect();
  std::vector<size_t> sizes = {0, 1, 100, 1160, 1161, 5000, 65536, 262144, 1 << 20, 17};
  for (size_t i = 0; i < sizes.size(); ++i) {
    world.send_all(world.a, 0, pattern(sizes[i], i));
    world.send_all(world.b, 0, pattern(sizes[i], i + 50));
  }
  ASSERT_TRUE(world.run_until([&] {
    return world.b.messages.size() >= sizes.size() && world.a.messages.size() >= sizes.size();
  }));
  world.run_for(5s);
  ASSERT_EQ(world.b.messages.size(), sizes.size());
  ASSERT_EQ(world.a.messages.size(), sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(world.b.messages[i].payload, pattern(sizes[i], i)) << sizes[i];
    EXPECT_EQ(world.a.messages[i].payload, pattern(sizes[i], i + 50)) << sizes[i];
  }
  EXPECT_EQ(world.a.association->buffered_amount(), 0u);
}

TEST_P(RoughTransfer, UnorderedMessagesArriveOnceEach) {
  World world(rough_link(), large(), large(), GetParam());
  world.connect();
  constexpr size_t kCount = 300;
  for (size_t i = 0; i < kCount; ++i) {
    world.send_all(world.a, static_cast<uint16_t>(i % 3), pattern(1 + i * 37 % 9000, i),
                   {.ordered = false});
  }
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() >= kCount; }));
  world.run_for(5s);
  ASSERT_EQ(world.b.messages.size(), kCount);
  std::vector<std::vector<uint8_t>> received;
  std::vector<std::vector<uint8_t>> sent;
  for (size_t i = 0; i < kCount; ++i) {
    received.push_back(world.b.messages[i].payload);
    sent.push_back(pattern(1 + i * 37 % 9000, i));
  }
  std::ranges::sort(received);
  std::ranges::sort(sent);
  EXPECT_EQ(received, sent);
}

TEST_P(RoughTransfer, ManyStreamsEachInOrder) {
  World world(rough_link(), {.outgoing_streams = 64}, {.incoming_streams = 64}, GetParam());
  world.connect();
  constexpr size_t kRounds = 20;
  for (size_t round = 0; round < kRounds; ++round) {
    for (uint16_t stream = 0; stream < 64; ++stream) {
      world.send_all(world.a, stream, pattern(10 + round * 200, round * 64 + stream));
    }
  }
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == kRounds * 64; }));
  std::map<uint16_t, size_t> next;
  for (const Message& message : world.b.messages) {
    const size_t round = next[message.stream]++;
    ASSERT_EQ(message.payload, pattern(10 + round * 200, round * 64 + message.stream));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoughTransfer, testing::Range<uint64_t>(1, 9));

// media-plane 9.6: 10,000 stream ids.
TEST(Transfer, TenThousandStreams) {
  World world(rough_link(), {.outgoing_streams = 10000}, {.incoming_streams = 10000});
  world.connect();
  for (uint32_t stream = 0; stream < 10000; ++stream) {
    world.send_all(world.a, static_cast<uint16_t>(stream), pattern(20, stream));
  }
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 10000; }));
  std::vector<bool> seen(10000);
  for (const Message& message : world.b.messages) {
    EXPECT_EQ(message.payload, pattern(20, message.stream));
    EXPECT_FALSE(seen[message.stream]);
    seen[message.stream] = true;
  }
}

Identity identity_with_tsn(uint32_t tsn) {
  Identity identity = Identity::generate();
  identity.initial_tsn = tsn;
  return identity;
}

TEST(Transfer, TsnsWrap) {
  World world(rough_link(), End({}, identity_with_tsn(0xFFFFFFF0)),
              End({}, identity_with_tsn(0xFFFFFFFF)));
  world.connect();
  for (size_t i = 0; i < 100; ++i) {
    world.send_all(world.a, 1, pattern(3000, i));
    world.send_all(world.b, 1, pattern(2000, i));
  }
  ASSERT_TRUE(world.run_until(
      [&] { return world.b.messages.size() == 100 && world.a.messages.size() == 100; }));
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(world.b.messages[i].payload, pattern(3000, i));
    EXPECT_EQ(world.a.messages[i].payload, pattern(2000, i));
  }
}

TEST(Transfer, StreamSequenceNumbersWrap) {
  World world(net::Impairments{.loss = 0.01, .reorder = 0.02, .delay = 1ms});
  world.connect();
  constexpr size_t kCount = 70000;
  for (size_t i = 0; i < kCount; ++i) {
    uint8_t raw[4];
    store_be32(raw, static_cast<uint32_t>(i));
    world.send_all(world.a, 7, raw);
  }
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == kCount; }));
  for (size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(load_be32(world.b.messages[i].payload.data()), i);
  }
}

// A message on a quiet stream does not wait for all the large ones of others.
TEST(Transfer, SmallMessageOvertakesLargeOnesOfOtherStreams) {
  World world(net::Impairments{.delay = 20ms, .bandwidth = BitRate(8'000'000)}, large(), large());
  world.connect();
  for (size_t i = 0; i < 8; ++i) {
    ASSERT_EQ(world.send(world.a, static_cast<uint16_t>(1 + i % 2), pattern(200000, i)),
              SendResult::kAccepted);
  }
  world.run_for(50ms);
  ASSERT_EQ(world.send(world.a, 9, pattern(10)), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] {
    return std::ranges::any_of(world.b.messages, [](const Message& m) { return m.stream == 9; });
  }));
  EXPECT_LE(world.b.messages.size(), 2u);
}

// Equal streams take turns.
TEST(Transfer, StreamsTakeTurns) {
  World world(net::Impairments{.delay = 5ms, .bandwidth = BitRate(2000000), .queue_bytes = 1 << 20},
              large(), large());
  world.connect();
  for (size_t i = 0; i < 30; ++i) {
    for (uint16_t stream = 1; stream <= 3; ++stream) {
      ASSERT_EQ(world.send(world.a, stream, pattern(4000, i)), SendResult::kAccepted);
    }
  }
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 90; }));
  std::map<uint16_t, size_t> count;
  for (const Message& message : world.b.messages) {
    ++count[message.stream];
    EXPECT_LE(std::max({count[1], count[2], count[3]}) - std::min({count[1], count[2], count[3]}),
              1u);
  }
}

TEST(Transfer, PayloadIdentifiersPassThrough) {
  World world;
  world.connect();
  const auto hello = as_bytes("hello");
  for (const uint32_t id : {51u, 53u, 0u, 1234567u}) {
    EXPECT_EQ(world.a.association->send(1, id, hello, {}, world.now), SendResult::kAccepted);
  }
  EXPECT_EQ(world.a.association->send(1, ppid::kString, {}, {}, world.now), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 5; }));
  EXPECT_EQ(world.b.messages[0].ppid, 51u);
  EXPECT_EQ(world.b.messages[1].ppid, 53u);
  EXPECT_EQ(world.b.messages[2].ppid, 0u);
  EXPECT_EQ(world.b.messages[3].ppid, 1234567u);
  EXPECT_EQ(text(world.b.messages[3]), "hello");
  EXPECT_EQ(world.b.messages[4].ppid, ppid::kEmptyString);
  EXPECT_TRUE(world.b.messages[4].payload.empty());
}

}  // namespace
}  // namespace sluice::sctp
