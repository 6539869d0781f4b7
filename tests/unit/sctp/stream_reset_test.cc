// Resetting and adding streams between two of our own (RFC 6525, RFC 8831 section 6.7).
#include <algorithm>
#include <numeric>

#include "protocol/sctp/packet.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

std::vector<uint16_t> all_streams(const std::vector<StreamsReset>& events) {
  std::vector<uint16_t> streams;
  for (const StreamsReset& event : events) {
    streams.insert(streams.end(), event.streams.begin(), event.streams.end());
  }
  std::ranges::sort(streams);
  return streams;
}

size_t peer_resets(const End& end, uint16_t stream) {
  size_t count = 0;
  for (const PeerStreamsReset& event : end.all<PeerStreamsReset>()) {
    count += static_cast<size_t>(std::ranges::count(event.streams, stream));
  }
  return count;
}

TEST(StreamReset, SCT_05_PeersResetIsAnswered) {
  World world;
  world.connect();
  world.send_all(world.a, 3, as_bytes("one"));
  world.send_all(world.b, 3, as_bytes("two"));
  ASSERT_TRUE(world.run_until([&] { return !world.a.messages.empty(); }));
  world.a.association->reset_streams(std::vector<uint16_t>{3}, world.now);
  world.run_for(2s);
  EXPECT_EQ(peer_resets(world.b, 3), 1u);
  EXPECT_EQ(peer_resets(world.a, 3), 1u);
  ASSERT_EQ(world.a.count<StreamsReset>(), 1u);
  EXPECT_TRUE(world.a.all<StreamsReset>()[0].performed);
  ASSERT_EQ(world.b.count<StreamsReset>(), 1u);
  EXPECT_TRUE(world.b.all<StreamsReset>()[0].performed);
  // The stream can be used again at once, in both directions.
  world.send_all(world.a, 3, as_bytes("three"));
  world.send_all(world.b, 3, as_bytes("four"));
  ASSERT_TRUE(world.run_until(
      [&] { return world.a.messages.size() == 2 && world.b.messages.size() == 2; }));
  EXPECT_EQ(text(world.b.messages[1]), "three");
  EXPECT_EQ(text(world.a.messages[1]), "four");
}

TEST(StreamReset, IsNotAnsweredByWhatIsNoDataChannel) {
  World world(clean_link(), {}, {.data_channels = false});
  world.connect();
  world.a.association->reset_streams(std::vector<uint16_t>{3}, world.now);
  world.run_for(2s);
  EXPECT_EQ(peer_resets(world.b, 3), 1u);
  EXPECT_EQ(world.a.count<PeerStreamsReset>(), 0u);
}

TEST(StreamReset, UnusedStreamsToo) {
  World world;
  world.connect();
  world.a.association->reset_streams(std::vector<uint16_t>{7, 9}, world.now);
  world.run_for(2s);
  EXPECT_EQ(peer_resets(world.a, 7), 1u);
  EXPECT_EQ(peer_resets(world.a, 9), 1u);
}

TEST(StreamReset, ComesAfterWhatWasSentAndBeforeWhatFollows) {
  World world(net::Impairments{.delay = 20ms, .bandwidth = BitRate(4'000'000)},
              {.send_buffer_size = 2 << 20}, {});
  world.connect();
  for (size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(100000, i)), SendResult::kAccepted);
  }
  world.a.association->reset_streams(std::vector<uint16_t>{1}, world.now);
  for (size_t i = 5; i < 8; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(100000, i)), SendResult::kAccepted);
  }
  size_t before_reset = 0;
  ASSERT_TRUE(world.run_until([&] {
    if (before_reset == 0 && world.b.count<PeerStreamsReset>() == 1) {
      before_reset = world.b.messages.size();
    }
    return world.b.messages.size() == 8;
  }));
  EXPECT_EQ(before_reset, 5u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(world.b.messages[i].payload, pattern(100000, i));
  }
}

TEST(StreamReset, AskingThePeer) {
  World world;
  world.connect();
  world.send_all(world.b, 4, as_bytes("one"));
  ASSERT_TRUE(world.run_until([&] { return !world.a.messages.empty(); }));
  world.a.association->ask_reset(std::vector<uint16_t>{4});
  world.run_for(2s);
  EXPECT_EQ(peer_resets(world.a, 4), 1u);
  EXPECT_EQ(world.b.count<StreamsReset>(), 1u);
  EXPECT_EQ(peer_resets(world.b, 4), 1u);  // a data channel's other half
  world.send_all(world.b, 4, as_bytes("two"));
  ASSERT_TRUE(world.run_until([&] { return world.a.messages.size() == 2; }));
}

// media-plane 9.6: reset storms. Both sides reset the same streams again and again while they are
// used, over a rough path: nothing gets stuck, and the answers come to an end.
class ResetStorm : public testing::TestWithParam<uint64_t> {};

TEST_P(ResetStorm, EndsAndLeavesUsableStreams) {
  World world(rough_link(), Options{.send_buffer_size = 4 << 20},
              Options{.send_buffer_size = 4 << 20}, GetParam());
  world.connect();
  std::vector<uint16_t> streams(64);
  std::iota(streams.begin(), streams.end(), uint16_t{0});
  size_t sent = 0;
  for (int round = 0; round < 10; ++round) {
    for (const uint16_t stream : streams) {
      world.send_all(world.a, stream, pattern(200, sent));
      world.send_all(world.b, stream, pattern(200, sent));
      ++sent;
    }
    world.a.association->reset_streams(streams, world.now);
    if (round % 2 == 0) {
      world.b.association->reset_streams(streams, world.now);
    }
    world.run_for(round * 7ms);
  }
  ASSERT_TRUE(world.run_until(
      [&] { return world.a.messages.size() == sent && world.b.messages.size() == sent; }));
  world.run_for(30s);
  const uint64_t quiet = world.packets_from_a();
  world.run_for(20s);
  EXPECT_LE(world.packets_from_a(), quiet + 4) << "resets answer each other for ever";
  for (const uint16_t stream : streams) {
    world.send_all(world.a, stream, pattern(30, stream));
  }
  EXPECT_TRUE(world.run_until([&] { return world.b.messages.size() == sent + 64; }));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ResetStorm, testing::Range<uint64_t>(1, 9));

TEST(StreamReset, TenThousandAtOnce) {
  World world(rough_link(), {.outgoing_streams = 10000, .incoming_streams = 10000},
              {.outgoing_streams = 10000, .incoming_streams = 10000});
  world.connect();
  std::vector<uint16_t> streams(10000);
  std::iota(streams.begin(), streams.end(), uint16_t{0});
  world.a.association->reset_streams(streams, world.now);
  ASSERT_TRUE(world.run_until([&] {
    return all_streams(world.a.all<StreamsReset>()) == streams &&
           all_streams(world.b.all<StreamsReset>()) == streams;
  }));
}

// The request overtakes data that belongs to before it.
TEST(StreamReset, WaitsForDataThatIsStillMissing) {
  World world;
  world.connect();
  bool drop = true;
  world.filter = [&](Bytes packet, bool from_a) {
    ChunkReader chunks = PacketView::parse(packet)->chunks();
    const bool data = chunks.next()->type == chunk::kData;
    return !(from_a && data && std::exchange(drop, drop && !data));
  };
  world.send_all(world.a, 1, as_bytes("late"));
  world.flush();
  world.a.association->reset_streams(std::vector<uint16_t>{1}, world.now);
  world.send_all(world.a, 1, as_bytes("new"));
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 2; }));
  EXPECT_EQ(text(world.b.messages[0]), "late");
  EXPECT_EQ(text(world.b.messages[1]), "new");
  EXPECT_EQ(peer_resets(world.b, 1), 1u);
  EXPECT_EQ(world.a.count<StreamsReset>(), 1u);
}

TEST(AddStreams, SCT_04_StreamBeyondTheNegotiatedOnes) {
  World world(clean_link(), {.outgoing_streams = 1024}, {.incoming_streams = 1024});
  world.connect();
  EXPECT_EQ(world.a.association->outgoing_streams(), 1024);
  world.send_all(world.a, 1100, as_bytes("hello"));
  world.send_all(world.a, 5, as_bytes("others go on"));
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 2; }));
  EXPECT_EQ(text(world.b.messages[0]), "others go on");
  EXPECT_EQ(world.b.messages[1].stream, 1100);
  EXPECT_EQ(world.a.association->outgoing_streams(), 1120);  // in steps of 32
  EXPECT_EQ(world.a.all<StreamsAdded>()[0].outgoing_streams, 1120);
}

TEST(AddStreams, UpToTheLast) {
  World world(rough_link(), {.outgoing_streams = 16}, {});
  world.connect();
  world.send_all(world.a, 100, as_bytes("a"));
  world.send_all(world.a, Association::kMaxStream, as_bytes("b"));
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 2; }));
  EXPECT_EQ(world.a.association->outgoing_streams(), 65535);
  EXPECT_EQ(world.send(world.a, 65535, as_bytes("c")), SendResult::kInvalidStream);
}

}  // namespace
}  // namespace sluice::sctp
