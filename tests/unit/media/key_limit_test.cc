// SRTP keys may protect only so many packets (media-plane 4.2, RFC 3711 section 9.2): the transport
// whose keys are used up stops and says so, and no other one notices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streams.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KeyLimit : public ::testing::Test {
 protected:
  explicit KeyLimit(const srtp::KeyLimits& limits = {.rtp = 100}) : world(1, 4096, limits) {
    sender = &world.connect();
    receiver = &world.connect();
    producer = world.next_handle();
    world.command(
        0, [&](MediaLoop& loop) { loop.add_producer(audio_producer(producer, sender->handle)); });
  }

  void consume(uint32_t ssrc) {
    world.command(0, [&](MediaLoop& loop) {
      loop.add_consumer(audio_consumer(world.next_handle(), receiver->handle, producer, ssrc));
    });
  }
  void send(uint16_t first, uint16_t last) {
    for (uint16_t seq = first; seq <= last; ++seq) {
      sender->peer->send_rtp(audio_packet(seq));
    }
    world.settle();
  }
  /// Which transports told that their keys are used up.
  std::vector<Handle> exhausted() const {
    std::vector<Handle> handles;
    for (const LoopEvent& event : world.events) {
      const auto* transport = std::get_if<TransportEvent>(&event.event);
      if (transport != nullptr && std::holds_alternative<KeysExhausted>(*transport)) {
        handles.push_back(event.target);
      }
    }
    return handles;
  }

  LoopWorld world;
  LoopWorld::Connection* sender;
  LoopWorld::Connection* receiver;
  Handle producer = 0;
};

TEST_F(KeyLimit, OfReceivedPackets) {
  consume(800000001);
  send(1, 100);
  world.advance(1s);
  EXPECT_THAT(exhausted(), IsEmpty());
  EXPECT_EQ(receiver->peer->rtp.size(), 100u);
  send(101, 101);
  world.advance(1s);
  EXPECT_THAT(exhausted(), ElementsAre(sender->handle));
  EXPECT_EQ(receiver->peer->rtp.size(), 100u);
  // It stays so, whatever the peer does, and is told once.
  sender->peer->send_binding_request(world.now());
  send(102, 110);
  world.advance(5s);
  EXPECT_THAT(exhausted(), ElementsAre(sender->handle));
  EXPECT_EQ(receiver->peer->rtp.size(), 100u);
}

TEST_F(KeyLimit, OfSentPackets) {
  consume(800000001);
  consume(800000011);
  send(1, 50);
  world.advance(1s);
  EXPECT_THAT(exhausted(), IsEmpty());
  EXPECT_EQ(receiver->peer->rtp.size(), 100u);
  send(51, 51);
  world.advance(1s);
  EXPECT_THAT(exhausted(), ElementsAre(receiver->handle));
  send(52, 90);
  EXPECT_EQ(receiver->peer->rtp.size(), 100u);
  EXPECT_EQ(world.slab().in_use(), 0u);
}

class RtcpKeyLimit : public KeyLimit {
 protected:
  RtcpKeyLimit() : KeyLimit({.rtcp = 5}) {}
};

TEST_F(RtcpKeyLimit, OfReports) {
  const Buffer empty_report = {0x80, 201, 0, 1, 0, 0, 0, 1};
  for (int i = 0; i < 5; ++i) {
    sender->peer->send_rtcp(empty_report);
  }
  world.advance(1s);
  EXPECT_THAT(exhausted(), IsEmpty());
  sender->peer->send_rtcp(empty_report);
  world.advance(1s);
  EXPECT_THAT(exhausted(), ElementsAre(sender->handle));
}

}  // namespace
}  // namespace sluice::media::test
