// The ends of an association: a peer that vanishes, heartbeats, ABORT, SHUTDOWN (RFC 9260 sections
// 8, 9).
#include "protocol/sctp/error_cause.h"
#include "protocol/sctp/heartbeat.h"
#include "protocol/sctp/packet.h"
#include "unit/sctp/raw_peer.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

TEST(End, PeerVanishesWhileSending) {
  World world;
  world.connect();
  world.set_link({.loss = 1});
  ASSERT_EQ(world.send(world.a, 1, pattern(100000)), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kClosed; }));
  ASSERT_EQ(world.a.count<Closed>(), 1u);
  EXPECT_EQ(world.a.all<Closed>()[0].reason, "the peer does not answer any more");
  // The timer doubles from about a quarter of a second to a minute, ten times.
  EXPECT_GT(world.now, 100s);
  EXPECT_LT(world.now, 400s);
  EXPECT_FALSE(world.a.association->next_timeout());
  EXPECT_FALSE(world.a.association->poll_transmit(world.now));
  EXPECT_EQ(world.a.association->buffered_amount(), 0u);
}

TEST(End, PeerVanishesWhileIdle) {
  World world;
  world.connect();
  world.set_link({.loss = 1});
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kClosed; }));
  EXPECT_LT(world.now, 420s);
}

TEST(End, PeerVanishesDuringAReset) {
  World world;
  world.connect();
  world.set_link({.loss = 1});
  world.a.association->reset_streams(std::vector<uint16_t>{1}, world.now);
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kClosed; }));
}

// A short outage is survived, and what was lost in it arrives.
TEST(End, OutageOfAMinute) {
  World world;
  world.connect();
  world.set_link({.loss = 1});
  for (size_t i = 0; i < 10; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(2000, i)), SendResult::kAccepted);
  }
  world.run_for(60s);
  world.set_link(clean_link());
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 10; }, 70s));
}

TEST(Heartbeat, EveryThirtySecondsWhenIdle) {
  World world;
  world.connect();
  size_t heartbeats = 0;
  world.filter = [&](Bytes packet, bool from_a) {
    heartbeats += from_a && packet[12] == chunk::kHeartbeat ? 1 : 0;
    return true;
  };
  world.run_for(301s);
  EXPECT_GE(heartbeats, 9u);
  EXPECT_LE(heartbeats, 10u);
  EXPECT_EQ(world.a.state(), State::kConnected);
  // Traffic shows as well that the peer is there.
  heartbeats = 0;
  for (int i = 0; i < 60; ++i) {
    world.send_all(world.a, 1, pattern(10));
    world.run_for(5s);
  }
  EXPECT_EQ(heartbeats, 0u);
}

TEST(Heartbeat, MeasuresTheRoundTrip) {
  World world(clean_link(5ms));
  world.connect();
  world.set_link(clean_link(100ms));
  world.run_for(31s);
  EXPECT_GT(*world.a.association->stats().rtt, 20ms);
}

TEST(Heartbeat, OnlyTheRightAnswerCounts) {
  Heartbeat heartbeat(0s);
  std::vector<uint8_t> buffer(200);
  EXPECT_EQ(heartbeat.next_timeout(), std::optional(30s));
  EXPECT_FALSE(heartbeat.on_timeout(30s));
  PacketBuilder packet(buffer, 1);
  heartbeat.write(packet, 1s, 30s);
  const Bytes sent = packet.finish();
  const Bytes info = sent.subspan(16);
  EXPECT_EQ(heartbeat.next_timeout(), std::optional(31s));
  auto wrong = std::vector<uint8_t>(info.begin(), info.end());
  wrong.back() ^= 1;
  EXPECT_FALSE(heartbeat.on_ack(wrong, 30100ms));
  EXPECT_FALSE(heartbeat.on_ack({}, 30100ms));
  EXPECT_EQ(heartbeat.on_ack(info, 30100ms), std::optional(100ms));
  EXPECT_FALSE(heartbeat.on_ack(info, 30100ms));  // once
  // And without any, it says so.
  EXPECT_FALSE(heartbeat.on_timeout(60s));
  PacketBuilder again(buffer, 1);
  heartbeat.write(again, 1s, 60s);
  EXPECT_FALSE(heartbeat.on_timeout(60500ms));
  EXPECT_TRUE(heartbeat.on_timeout(61s));
  EXPECT_EQ(heartbeat.next_timeout(), std::optional(90s));
}

TEST(Abort, CloseTellsThePeer) {
  World world;
  world.connect();
  world.send_all(world.a, 1, pattern(50000));
  world.a.association->close();
  EXPECT_EQ(world.a.state(), State::kClosed);
  world.run_for(1s);
  EXPECT_EQ(world.b.state(), State::kClosed);
  ASSERT_EQ(world.b.count<Closed>(), 1u);
  EXPECT_EQ(world.b.all<Closed>()[0].reason, "aborted by the peer: user-initiated abort");
  EXPECT_EQ(world.a.count<Closed>(), 0u);
  EXPECT_FALSE(world.a.association->next_timeout());
  EXPECT_FALSE(world.b.association->next_timeout());
}

TEST(Abort, CloseInEveryStateIsFinalAndQuiet) {
  {
    World world;
    world.a.association->close();
    world.a.association->connect(world.now);
    world.run_for(1s);
    EXPECT_EQ(world.packets_from_a(), 0u);
    EXPECT_EQ(world.a.state(), State::kClosed);
  }
  {
    World world;
    world.a.association->connect(world.now);
    world.a.association->close();
    world.run_for(10s);
    EXPECT_EQ(world.packets_from_a(), 0u);  // nobody to tell
    EXPECT_TRUE(world.a.events.empty());
  }
  {
    World world;
    world.connect();
    world.a.association->close();
    world.a.association->close();
    world.a.association->shutdown();
    world.run_for(10s);
    EXPECT_EQ(world.a.count<Closed>(), 0u);
  }
}

TEST(Abort, ReflectedTagIsThePeersOwn) {
  RawPeer peer;
  peer.connect();
  peer.send({{chunk::kAbort, kReflectedTag, {}}}, peer.remote_tag());
  EXPECT_EQ(peer.association.state(), State::kConnected);
  peer.send({{chunk::kAbort, kReflectedTag, {}}}, peer.tag);
  EXPECT_EQ(peer.association.state(), State::kClosed);
  peer.send({{chunk::kInit, 0, peer.init()}}, 0);
  EXPECT_TRUE(peer.take().empty());
}

TEST(Shutdown, DeliversEverythingFirst) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    World world(rough_link(), Options{}, Options{}, seed);
    world.connect();
    for (size_t i = 0; i < 10; ++i) {
      ASSERT_EQ(world.send(world.a, 1, pattern(20000, i)), SendResult::kAccepted);
      ASSERT_EQ(world.send(world.b, 1, pattern(20000, i)), SendResult::kAccepted);
    }
    world.a.association->shutdown();
    EXPECT_EQ(world.send(world.a, 1, pattern(1)), SendResult::kNotConnected);
    ASSERT_TRUE(world.run_until(
        [&] { return world.a.state() == State::kClosed && world.b.state() == State::kClosed; }));
    EXPECT_EQ(world.a.messages.size(), 10u) << seed;
    EXPECT_EQ(world.b.messages.size(), 10u) << seed;
    EXPECT_EQ(world.a.count<Closed>(), 1u);
    EXPECT_EQ(world.b.count<Closed>(), 1u);
    EXPECT_FALSE(world.a.association->next_timeout());
  }
}

TEST(Shutdown, BothAtOnce) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    World world(rough_link(), Options{}, Options{}, seed);
    world.connect();
    ASSERT_EQ(world.send(world.a, 1, pattern(5000)), SendResult::kAccepted);
    ASSERT_EQ(world.send(world.b, 1, pattern(5000)), SendResult::kAccepted);
    world.a.association->shutdown();
    world.b.association->shutdown();
    ASSERT_TRUE(world.run_until(
        [&] { return world.a.state() == State::kClosed && world.b.state() == State::kClosed; }));
    EXPECT_EQ(world.a.messages.size(), 1u);
    EXPECT_EQ(world.b.messages.size(), 1u);
  }
}

TEST(Shutdown, PeerVanishes) {
  World world;
  world.connect();
  world.set_link({.loss = 1});
  world.a.association->shutdown();
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kClosed; }));
}

// The peer missed our SHUTDOWN COMPLETE, and its association is over for us.
TEST(Shutdown, StrayShutdownAckIsAnswered) {
  RawPeer peer;
  peer.connect();
  peer.association.shutdown();
  ASSERT_TRUE(peer.take_chunk(chunk::kShutdown));
  peer.send({{chunk::kShutdownAck, 0, {}}});
  EXPECT_EQ(peer.association.state(), State::kClosed);
  const auto complete = peer.take();
  ASSERT_EQ(complete.size(), 1u);
  EXPECT_EQ(complete[0].tag, peer.tag);
  EXPECT_EQ(complete[0].chunks[0].type, chunk::kShutdownComplete);
  EXPECT_EQ(complete[0].chunks[0].flags, 0);
  peer.send({{chunk::kShutdownAck, 0, {}}});
  const auto again = peer.take();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].tag, peer.remote_tag());
  EXPECT_EQ(again[0].chunks[0].flags, kReflectedTag);
}

// A peer that restarts while we wait for the last word of its former self.
TEST(Shutdown, InitIsAnsweredWithShutdownAck) {
  RawPeer peer;
  peer.connect();
  peer.send({{chunk::kShutdown, 0, {0, 0, 0, 0}}});
  ASSERT_TRUE(peer.take_chunk(chunk::kShutdownAck));
  peer.send({{chunk::kInit, 0, peer.init()}}, 0);
  const auto chunks = peer.take_chunks();
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0].type, chunk::kShutdownAck);
  peer.send({{chunk::kShutdownComplete, 0, {}}});
  EXPECT_EQ(peer.association.state(), State::kClosed);
}

TEST(Shutdown, ChunksOfOtherStatesDoNothing) {
  RawPeer peer;
  peer.connect();
  peer.send({{chunk::kShutdownAck, 0, {}}});
  peer.send({{chunk::kShutdownComplete, 0, {}}});
  peer.send({{chunk::kCookieAck, 0, {}}});
  peer.send({{chunk::kInitAck, 0, peer.init()}});
  EXPECT_EQ(peer.association.state(), State::kConnected);
  EXPECT_TRUE(peer.take().empty());
}

}  // namespace
}  // namespace sluice::sctp
