// Setting up: one side first, both at once, over a rough path, not at all, and again (RFC 9260
// section 5).
#include "protocol/sctp/handshake.h"

#include "protocol/sctp/error_cause.h"
#include "unit/sctp/raw_peer.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

void expect_works(World& world) {
  world.send_all(world.a, 1, as_bytes("to b"));
  world.send_all(world.b, 1, as_bytes("to a"));
  ASSERT_TRUE(
      world.run_until([&] { return !world.a.messages.empty() && !world.b.messages.empty(); }));
  EXPECT_EQ(text(world.b.messages.back()), "to b");
  EXPECT_EQ(text(world.a.messages.back()), "to a");
}

TEST(Handshake, Simultaneous) {
  World world;
  world.a.association->connect(world.now);
  world.b.association->connect(world.now);
  EXPECT_EQ(world.a.state(), State::kConnecting);
  world.connect();
  EXPECT_EQ(world.a.count<Connected>(), 1u);
  EXPECT_EQ(world.b.count<Connected>(), 1u);
  EXPECT_LT(world.now, 1100ms);
  expect_works(world);
}

TEST(Handshake, PacketsFromBeforeConnectAreDropped) {
  World world;
  world.a.association->connect(world.now);
  world.run_for(200ms);
  EXPECT_EQ(world.b.state(), State::kNew);
  EXPECT_EQ(world.b.association->stats().packets_received, 0u);
  EXPECT_EQ(world.packets_from_b(), 0u);
  world.b.association->connect(world.now);
  world.connect();
  expect_works(world);
}

class RoughHandshake : public testing::TestWithParam<uint64_t> {};

TEST_P(RoughHandshake, EndsInOneAssociation) {
  net::Impairments link = rough_link();
  link.loss = 0.3;
  World world(link, Options{}, Options{}, GetParam());
  world.connect();
  EXPECT_EQ(world.a.count<Connected>(), 1u);
  EXPECT_EQ(world.b.count<Connected>(), 1u);
  expect_works(world);
  EXPECT_EQ(world.a.count<Restarted>() + world.b.count<Restarted>(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoughHandshake, testing::Range<uint64_t>(1, 21));

TEST(Handshake, StreamsAreTheSmallerOfBothSides) {
  World world(clean_link(), {.outgoing_streams = 100, .incoming_streams = 50},
              {.outgoing_streams = 40, .incoming_streams = 70});
  world.connect();
  EXPECT_EQ(world.a.all<Connected>()[0].outgoing_streams, 70);
  EXPECT_EQ(world.a.all<Connected>()[0].incoming_streams, 40);
  EXPECT_EQ(world.b.all<Connected>()[0].outgoing_streams, 40);
  EXPECT_EQ(world.b.all<Connected>()[0].incoming_streams, 70);
  EXPECT_EQ(world.a.association->outgoing_streams(), 70);
}

// INIT 8 times again, with the interval doubling from a second to a minute.
TEST(Handshake, FailsWithoutAnAnswer) {
  World world(net::Impairments{.loss = 1});
  world.a.association->connect(world.now);
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kFailed; }));
  EXPECT_EQ(world.packets_from_a(), 9u);
  EXPECT_EQ(world.now, 1s + (1s + 2s + 4s + 8s + 16s + 32s + 60s + 60s + 60s));
  ASSERT_EQ(world.a.count<Failed>(), 1u);
  EXPECT_FALSE(world.a.association->next_timeout());
  EXPECT_EQ(world.send(world.a, 1, as_bytes("x")), SendResult::kNotConnected);
}

TEST(Handshake, FailsWhenTheCookieIsNeverConfirmed) {
  World world;
  // B answers INIT but never sends one that arrives, and its COOKIE ACK is lost.
  world.a.association->connect(world.now);
  world.b.association->connect(world.now);
  world.filter = [](Bytes packet, bool from_a) {
    return from_a || (packet[12] != chunk::kCookieAck && packet[12] != chunk::kInit &&
                      packet[12] != chunk::kCookieEcho && packet[12] != chunk::kHeartbeat);
  };
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kFailed; }));
  EXPECT_EQ(world.a.count<Failed>(), 1u);
}

TEST(Handshake, AbortWhileConnectingFails) {
  RawPeer peer;
  peer.association.connect(peer.now);
  const auto init = peer.take_chunk(chunk::kInit);
  ASSERT_TRUE(init);
  peer.send({{chunk::kAbort, 0, {0, 4, 0, 4}}}, InitChunk::parse(init->value)->fields.tag);
  EXPECT_EQ(peer.association.state(), State::kFailed);
  const auto events = peer.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<Failed>(events[0]).reason, "aborted by the peer: out of resource");
}

TEST(Handshake, InitMustBeAloneAndWithoutTag) {
  RawPeer peer;
  peer.association.connect(peer.now);
  peer.take();
  peer.send({{chunk::kInit, 0, peer.init()}}, 5);
  peer.send({{chunk::kInit, 0, peer.init()}, {chunk::kCookieAck, 0, {}}}, 0);
  peer.send({{chunk::kInit, 0, peer.init()}, {chunk::kInit, 0, peer.init()}}, 0);
  EXPECT_TRUE(peer.take().empty());
  peer.send({{chunk::kInit, 0, peer.init()}}, 0);
  EXPECT_TRUE(peer.take_chunk(chunk::kInitAck));
}

TEST(Handshake, InitWithoutTagIsIgnoredWithoutStreamsAborted) {
  RawPeer peer;
  peer.association.connect(peer.now);
  peer.take();
  auto init = peer.init();
  store_be32(init.data(), 0);
  peer.send({{chunk::kInit, 0, init}}, 0);
  EXPECT_TRUE(peer.take().empty());
  init = peer.init();
  store_be16(&init[8], 0);
  peer.send({{chunk::kInit, 0, init}}, 0);
  const auto packets = peer.take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].tag, peer.tag);
  EXPECT_EQ(packets[0].chunks[0].type, chunk::kAbort);
  EXPECT_EQ(first_cause(packets[0].chunks[0].value), cause::kInvalidParameter);
  EXPECT_EQ(peer.association.state(), State::kConnecting);
  init = peer.init();
  append_record(init, parameter::kHostName, as_bytes("example.org"));
  peer.send({{chunk::kInit, 0, init}}, 0);
  const auto abort = peer.take_chunk(chunk::kAbort);
  ASSERT_TRUE(abort);
  EXPECT_EQ(first_cause(abort->value), cause::kUnresolvableAddress);
}

struct BadInitAck {
  const char* name;
  std::function<void(std::vector<uint8_t>&)> damage;
  uint16_t cause;  // of the ABORT, 0 for none
};

class BadInitAcks : public testing::TestWithParam<BadInitAck> {};

TEST_P(BadInitAcks, Fail) {
  RawPeer peer;
  peer.association.connect(peer.now);
  const uint32_t tag = InitChunk::parse(peer.take_chunk(chunk::kInit)->value)->fields.tag;
  auto value = peer.init();
  GetParam().damage(value);
  peer.send({{chunk::kInitAck, 0, value}}, tag);
  EXPECT_EQ(peer.association.state(), State::kFailed);
  const auto abort = peer.take_chunk(chunk::kAbort);
  EXPECT_EQ(abort ? first_cause(abort->value) : 0, GetParam().cause);
  EXPECT_TRUE(peer.take().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadInitAcks,
    testing::Values(BadInitAck{"NoCookie", [](auto&) {}, cause::kMissingParameter},
                    BadInitAck{"HugeCookie",
                               [](auto& value) {
                                 append_record(value, parameter::kStateCookie,
                                               std::vector<uint8_t>(1200));
                               },
                               cause::kMissingParameter},
                    BadInitAck{"NoTag", [](auto& value) { store_be32(value.data(), 0); }, 0},
                    BadInitAck{"NoStreams", [](auto& value) { store_be16(&value[10], 0); },
                               cause::kInvalidParameter}),
    [](const auto& row) { return row.param.name; });

TEST(Handshake, StaleCookieErrorStartsOver) {
  RawPeer peer;
  peer.association.connect(peer.now);
  const uint32_t tag = InitChunk::parse(peer.take_chunk(chunk::kInit)->value)->fields.tag;
  auto init_ack = peer.init();
  append_record(init_ack, parameter::kStateCookie, std::vector<uint8_t>(20));
  for (int i = 0; i < 3; ++i) {
    peer.send({{chunk::kInitAck, 0, init_ack}}, tag);
    ASSERT_TRUE(peer.take_chunk(chunk::kCookieEcho));
    peer.send({{chunk::kError, 0, error_cause_u32(cause::kStaleCookie, 1)}}, tag);
    ASSERT_TRUE(peer.take_chunk(chunk::kInit)) << i;
  }
  peer.send({{chunk::kInitAck, 0, init_ack}}, tag);
  peer.send({{chunk::kError, 0, error_cause_u32(cause::kStaleCookie, 1)}}, tag);
  EXPECT_EQ(peer.association.state(), State::kFailed);
}

// The peer's process is gone and another one begins on the same path.
TEST(Handshake, RestartOfThePeer) {
  World world;
  world.connect();
  expect_works(world);
  world.send_all(world.a, 2, pattern(30000));
  world.run_for(5ms);
  world.b = End({});
  world.b.association->connect(world.now);
  ASSERT_TRUE(world.run_until([&] { return world.b.state() == State::kConnected; }));
  ASSERT_TRUE(world.run_until([&] { return world.a.count<Restarted>() == 1; }));
  EXPECT_EQ(world.a.state(), State::kConnected);
  EXPECT_EQ(world.a.count<Connected>(), 1u);
  world.a.messages.clear();
  world.b.messages.clear();
  expect_works(world);
  // Stream numbers of before the restart mean nothing.
  for (int i = 0; i < 3; ++i) {
    world.send_all(world.a, 1, pattern(10, i));
  }
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 4; }));
  world.run_for(1s);
  EXPECT_EQ(world.a.association->buffered_amount(), 0u);
}

TEST(Handshake, RestartKeepsWhatWasNotSentYet) {
  World world(clean_link(), {.send_buffer_size = 2 << 20});
  world.connect();
  for (size_t i = 0; i < 8; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(100000, i)), SendResult::kAccepted);
  }
  world.flush();  // the first is on its way
  world.b = End({});
  world.b.association->connect(world.now);
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 7; }));
  for (size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(world.b.messages[i].payload, pattern(100000, i + 1));
  }
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
}

// A restart with messages that the application has not taken yet.
TEST(Handshake, RestartWithUntakenMessages) {
  World world;
  world.connect();
  world.a.takes_messages = false;
  for (size_t i = 0; i < 10; ++i) {
    world.send_all(world.b, 1, pattern(20000, i));
  }
  world.run_for(2s);
  world.b = End({});
  world.b.association->connect(world.now);
  ASSERT_TRUE(world.run_until([&] { return world.b.state() == State::kConnected; }));
  world.run_for(1s);
  world.a.takes_messages = true;
  world.a.take_events();
  EXPECT_EQ(world.a.messages.size(), 10u);
  EXPECT_EQ(world.a.count<Restarted>(), 1u);
  EXPECT_EQ(world.a.association->stats().receive_window, Options{}.receive_buffer_size);
}

// An INIT alone, as anybody could send it, does nothing to an association that is up.
TEST(Handshake, InitsDoNotHarmAnAssociation) {
  RawPeer peer;
  peer.connect();
  RawPeer stranger;
  stranger.tag = 0x99999999;
  for (int i = 0; i < 100; ++i) {
    peer.send({{chunk::kInit, 0, stranger.init()}}, 0);
  }
  const auto packets = peer.take();  // one answer waits at most
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].tag, 0x99999999u);
  const auto init_ack = InitChunk::parse(packets[0].chunks[0].value);
  ASSERT_TRUE(init_ack);
  EXPECT_NE(init_ack->fields.tag, peer.remote_tag());
  peer.send_data(whole(1, 0, as_bytes("still here")));
  EXPECT_EQ(peer.messages().size(), 1u);
}

// A cookie of before the association came up must not replace it (row C of the table).
TEST(Handshake, CookieOfAnEarlierAttemptIsIgnored) {
  World world;
  std::vector<uint8_t> late;
  world.filter = [&](Bytes packet, bool from_a) {
    if (from_a && packet[12] == chunk::kCookieEcho && late.empty()) {
      late.assign(packet.begin(), packet.end());
    }
    return true;
  };
  world.connect();
  expect_works(world);
  // B restarts; the cookie that it gave before is worthless.
  world.b = End({});
  world.b.association->connect(world.now);
  ASSERT_TRUE(world.run_until([&] { return world.b.state() == State::kConnected; }));
  world.b.association->on_packet(late, world.now);
  EXPECT_EQ(world.b.count<Restarted>(), 0u);
  EXPECT_EQ(world.b.association->stats().bad_cookies, 1u);
}

TEST(Handshake, FirstRoundTripIsMeasured) {
  World world(clean_link(30ms));
  world.connect();
  EXPECT_EQ(world.a.association->stats().rtt, std::optional(60ms));
}

}  // namespace
}  // namespace sluice::sctp
