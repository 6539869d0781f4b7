// Partial reliability (RFC 3758, RFC 7496): what is given up, and that the rest goes on.
#include "unit/sctp/raw_peer.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

uint32_t number(const Message& message) {
  return load_be32(message.payload.data());
}

std::vector<uint8_t> numbered(uint32_t number, size_t size = 4) {
  std::vector<uint8_t> bytes = pattern(std::max<size_t>(size, 4), number);
  store_be32(bytes.data(), number);
  return bytes;
}

/// Drops packets from a with DATA, those whose numbers (from 0) `drop` wants.
auto drop_data(std::function<bool(size_t)> drop) {
  return [drop = std::move(drop), count = size_t{0}](Bytes packet, bool from_a) mutable {
    bool has_data = false;
    ChunkReader chunks = PacketView::parse(packet)->chunks();
    while (const auto chunk = chunks.next()) {
      has_data |= chunk->type == chunk::kData;
    }
    return !from_a || !has_data || !drop(count++);
  };
}

TEST(PartialReliability, SCT_08_NoRetransmitsLosesOnTheFirstLoss) {
  World world;
  world.connect();
  world.filter = drop_data([](size_t n) { return n == 1; });
  for (uint32_t i = 0; i < 6; ++i) {
    ASSERT_EQ(world.send(world.a, 1, numbered(i), {.ordered = false, .max_retransmits = 0}),
              SendResult::kAccepted);
    world.flush();  // a packet each
  }
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
  world.run_for(5s);
  std::vector<uint32_t> received;
  for (const Message& message : world.b.messages) {
    received.push_back(number(message));
  }
  EXPECT_EQ(received, (std::vector<uint32_t>{0, 2, 3, 4, 5}));
  const Stats stats = world.a.association->stats();
  EXPECT_EQ(stats.messages_abandoned, 1u);
  EXPECT_EQ(stats.chunks_sent, 6u);
  // The association goes on as if nothing had happened.
  world.send_all(world.a, 1, numbered(99));
  ASSERT_TRUE(world.run_until([&] { return number(world.b.messages.back()) == 99; }));
}

TEST(PartialReliability, LastMessageLostIsGivenUpByTheTimer) {
  World world;
  world.connect();
  world.filter = drop_data([](size_t) { return true; });
  ASSERT_EQ(world.send(world.a, 1, numbered(1), {.max_retransmits = 0}), SendResult::kAccepted);
  world.run_for(500ms);
  EXPECT_EQ(world.a.association->buffered_amount(), 0u);
  EXPECT_EQ(world.a.association->stats().chunks_sent, 1u);
  world.filter = nullptr;
  world.send_all(world.a, 1, numbered(2));
  ASSERT_TRUE(world.run_until([&] { return !world.b.messages.empty(); }));
  EXPECT_EQ(number(world.b.messages[0]), 2u);
}

TEST(PartialReliability, RetransmitsAsOftenAsAllowed) {
  for (const uint16_t allowed : {uint16_t{1}, uint16_t{3}}) {
    World world;
    world.connect();
    world.filter = drop_data([](size_t) { return true; });
    ASSERT_EQ(world.send(world.a, 1, numbered(1), {.max_retransmits = allowed}),
              SendResult::kAccepted);
    world.run_for(60s);
    EXPECT_EQ(world.a.association->stats().chunks_sent, 1u + allowed);
    EXPECT_EQ(world.a.association->buffered_amount(), 0u);
    EXPECT_EQ(world.a.state(), State::kConnected);
  }
}

TEST(PartialReliability, LifeTimeEndsRetransmission) {
  World world;
  world.connect();
  world.filter = drop_data([](size_t) { return true; });
  ASSERT_EQ(world.send(world.a, 1, numbered(1), {.max_packet_life_time = 1000ms}),
            SendResult::kAccepted);
  world.run_for(10s);
  const uint64_t sent = world.a.association->stats().chunks_sent;
  EXPECT_GE(sent, 2u);
  EXPECT_LE(sent, 4u);
  EXPECT_EQ(world.a.association->buffered_amount(), 0u);
  EXPECT_EQ(world.a.association->stats().messages_abandoned, 1u);
}

// A message that could not even begin within its time takes no number of its stream.
TEST(PartialReliability, LifeTimeEndsInTheQueue) {
  World world(net::Impairments{.delay = 5ms, .bandwidth = BitRate(400'000)},
              {.send_buffer_size = 1 << 20}, {});
  world.connect();
  ASSERT_EQ(world.send(world.a, 1, numbered(0, 200000)), SendResult::kAccepted);
  for (uint32_t i = 1; i <= 10; ++i) {
    ASSERT_EQ(world.send(world.a, 1, numbered(i), {.max_packet_life_time = 100ms}),
              SendResult::kAccepted);
  }
  ASSERT_EQ(world.send(world.a, 1, numbered(11)), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 2; }));
  EXPECT_EQ(number(world.b.messages[1]), 11u);
  EXPECT_EQ(world.a.association->stats().messages_abandoned, 10u);
}

TEST(PartialReliability, FullBufferIsRidOfExpiredMessagesFirst) {
  World world(net::Impairments{.delay = 5ms, .bandwidth = BitRate(100'000)},
              {.send_buffer_size = 100000}, {});
  world.connect();
  ASSERT_EQ(world.send(world.a, 1, pattern(50000)), SendResult::kAccepted);
  ASSERT_EQ(world.send(world.a, 2, pattern(50000), {.max_packet_life_time = 50ms}),
            SendResult::kAccepted);
  EXPECT_EQ(world.send(world.a, 3, pattern(30000)), SendResult::kBufferFull);
  world.run_for(200ms);
  EXPECT_EQ(world.send(world.a, 3, pattern(30000)), SendResult::kAccepted);
}

// The beginning of a message is out, the rest will never be: the peer must not wait for it.
TEST(PartialReliability, MessageGivenUpHalfSent) {
  World world(net::Impairments{.delay = 5ms, .bandwidth = BitRate(800'000)},
              {.send_buffer_size = 1 << 20}, {});
  world.connect();
  for (const bool ordered : {true, false}) {
    ASSERT_EQ(world.send(world.a, 1, numbered(1, 200000),
                         {.ordered = ordered, .max_packet_life_time = 300ms}),
              SendResult::kAccepted);
  }
  ASSERT_EQ(world.send(world.a, 1, numbered(2)), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] { return !world.b.messages.empty(); }, 10s));
  EXPECT_EQ(number(world.b.messages[0]), 2u);
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
  EXPECT_EQ(world.b.association->stats().receive_window, Options{}.receive_buffer_size);
}

class RoughPartial : public testing::TestWithParam<uint64_t> {};

// SCT-08 under loss: everything that arrives is whole, comes once and, if ordered, in order;
// nothing is stuck. SCT-07 (the permissive half): ordered and limited at the same time works.
TEST_P(RoughPartial, SCT_07_SCT_08_StreamOfMessages) {
  World world(rough_link(), Options{.send_buffer_size = 1 << 20}, Options{}, GetParam());
  world.connect();
  const std::vector<Reliability> kinds = {
      {.ordered = true, .max_retransmits = 0},
      {.ordered = false, .max_retransmits = 0},
      {.ordered = true, .max_packet_life_time = 50ms},
      {.ordered = false, .max_packet_life_time = 50ms},
      {.ordered = true, .max_retransmits = 2},
      {.ordered = true},
  };
  constexpr uint32_t kCount = 400;
  for (uint32_t i = 0; i < kCount; ++i) {
    for (uint16_t kind = 0; kind < kinds.size(); ++kind) {
      const size_t size = i % 7 == 0 ? 5000 : 50;
      ASSERT_EQ(world.send(world.a, kind, numbered(i, size), kinds[kind]), SendResult::kAccepted);
    }
    world.run_for(20ms);
  }
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }, 60s));
  world.run_for(2s);
  std::map<uint16_t, std::vector<uint32_t>> received;
  for (const Message& message : world.b.messages) {
    const uint32_t i = number(message);
    EXPECT_EQ(message.payload, numbered(i, i % 7 == 0 ? 5000 : 50));
    received[message.stream].push_back(i);
  }
  for (const auto& [stream, numbers] : received) {
    if (kinds[stream].ordered) {
      EXPECT_TRUE(std::ranges::is_sorted(numbers)) << stream;
    }
    std::vector<uint32_t> unique = numbers;
    std::ranges::sort(unique);
    EXPECT_EQ(std::ranges::adjacent_find(unique), unique.end()) << stream;
  }
  EXPECT_EQ(received[5].size(), kCount);
  EXPECT_GT(received[4].size(), kCount * 9 / 10);
  for (uint16_t stream = 0; stream < 2; ++stream) {
    EXPECT_LT(received[stream].size(), kCount) << stream;
    EXPECT_GT(received[stream].size(), kCount / 2) << stream;
  }
  EXPECT_EQ(world.b.association->stats().receive_window, Options{}.receive_buffer_size);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoughPartial, testing::Range<uint64_t>(1, 9));

TEST(PartialReliability, HasNoEffectOnAPeerThatDoesNotKnowIt) {
  RawPeer peer;
  peer.extensions.forward_tsn = false;
  peer.connect();
  EXPECT_EQ(
      peer.association.send(1, ppid::kBinary, as_bytes("x"), {.max_retransmits = 0}, peer.now),
      SendResult::kAccepted);
  EXPECT_TRUE(peer.take_chunk(chunk::kData));
  peer.now += 2s;
  peer.association.on_timeout(peer.now);
  EXPECT_TRUE(peer.take_chunk(chunk::kData));
}

// A FORWARD TSN that names more streams than fit one packet goes on in the next.
TEST(PartialReliability, ForwardTsnOfManyStreams) {
  World world(clean_link(), {.outgoing_streams = 2000}, {.incoming_streams = 2000});
  world.connect();
  world.send_all(world.a, 0, pattern(250000));  // opens the congestion window
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
  world.b.messages.clear();
  world.filter = drop_data([](size_t) { return true; });
  for (uint16_t stream = 0; stream < 1000; ++stream) {
    ASSERT_EQ(world.send(world.a, stream, numbered(stream), {.max_retransmits = 0}),
              SendResult::kAccepted);
  }
  for (int burst = 0; burst < 5; ++burst) {
    world.flush();
  }
  world.filter = nullptr;
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }, 5s));
  EXPECT_EQ(world.a.association->stats().messages_abandoned, 1000u);
  world.run_for(5s);
  for (uint16_t stream = 0; stream < 1000; ++stream) {
    world.send_all(world.a, stream, numbered(stream + 5000u));
  }
  EXPECT_TRUE(world.run_until([&] { return world.b.messages.size() == 1000; }, 30s));
}

}  // namespace
}  // namespace sluice::sctp
