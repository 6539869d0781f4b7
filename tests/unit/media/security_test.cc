// What strangers and broken peers can do to a loop: nothing.

#include <gtest/gtest.h>

#include <random>

#include "media/fanout.h"
#include "streams.h"

namespace sluice::media::test {
namespace {

TEST(LoopSecurity, RandomDatagramsChangeNothingAndGetNoAnswer) {
  LoopWorld world;
  auto& peer = world.connect();
  const Handle audio = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, peer.handle));
    loop.add_consumer(audio_consumer(world.next_handle(), peer.handle, audio));
  });
  std::mt19937 random(1);
  const SocketAddress stranger = *SocketAddress::parse("203.0.113.66:9999");
  for (int i = 0; i < 20000; ++i) {
    Buffer noise(random() % 1500);
    for (uint8_t& byte : noise) {
      byte = static_cast<uint8_t>(random());
    }
    world.deliver(0, i % 2 == 0 ? stranger : peer.address, noise);
  }
  world.settle();
  EXPECT_TRUE(world.stray.empty());
  EXPECT_EQ(world.slab().in_use(), 0u);
  peer.peer->send_rtp(audio_packet(1));
  world.settle();
  EXPECT_EQ(peer.peer->rtp.size(), 1u);
}

TEST(LoopSecurity, Ice40MediaFromAnUnknownTupleIsDropped) {  // ICE-40, ICE-43
  LoopWorld world;
  auto& peer = world.connect();
  const Handle audio = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, peer.handle));
    loop.add_consumer(audio_consumer(world.next_handle(), peer.handle, audio));
  });
  const Buffer packet = peer.peer->protect_rtp(sluice::test::make_rtp(audio_packet(1)));
  world.deliver(0, *SocketAddress::parse("203.0.113.66:9999"), packet);
  world.settle();
  EXPECT_TRUE(peer.peer->rtp.empty());
  EXPECT_EQ(world.loop().counters().unknown_tuple, 1u);
}

TEST(LoopSecurity, Ice38MediaFromAnotherCheckedTupleIsForwardedAndSelectsIt) {  // ICE-38
  LoopWorld world;
  auto& peer = world.connect();
  const Handle audio = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, peer.handle));
    loop.add_consumer(audio_consumer(world.next_handle(), peer.handle, audio));
  });
  const SocketAddress moved = *SocketAddress::parse("203.0.113.5:1234");
  peer.peer->send_binding_request(world.now(), /*nominate=*/false);
  world.deliver(0, moved, *peer.peer->poll_transmit());
  world.settle();
  world.stray.clear();
  world.deliver(0, moved, peer.peer->protect_rtp(sluice::test::make_rtp(audio_packet(1))));
  world.settle();
  ASSERT_FALSE(world.stray.empty());
  EXPECT_EQ(world.stray.back().first, moved);
}

TEST(LoopSecurity, Ice39RtcpFromAnotherCheckedTupleIsProcessedWithoutSelectingIt) {  // ICE-39
  LoopWorld world;
  auto& peer = world.connect();
  const Handle audio = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, peer.handle));
    loop.add_consumer(audio_consumer(world.next_handle(), peer.handle, audio));
  });
  const SocketAddress moved = *SocketAddress::parse("203.0.113.5:1234");
  peer.peer->send_binding_request(world.now(), /*nominate=*/false);
  world.deliver(0, moved, *peer.peer->poll_transmit());
  world.settle();
  world.stray.clear();
  const Buffer empty_report = {0x80, 201, 0, 1, 0, 0, 0, 1};
  peer.peer->send_rtcp(empty_report);
  world.deliver(0, moved, *peer.peer->poll_transmit());
  world.settle();
  EXPECT_EQ(world.loop().counters().rtcp, 1u);
  peer.peer->send_rtp(audio_packet(1));
  world.settle();
  EXPECT_TRUE(world.stray.empty());
  EXPECT_EQ(peer.peer->rtp.size(), 1u);
}

TEST(LoopSecurity, DtlsBeforeIceIsNotAnswered) {
  LoopWorld world;
  auto& peer = world.add_transport();
  const Buffer hello(200, 22);
  world.deliver(0, peer.address, hello);
  world.settle();
  EXPECT_TRUE(world.stray.empty());
  EXPECT_EQ(world.loop().counters().unknown_tuple, 1u);
}

TEST(LoopSecurity, Ice42StunForAnUnknownUfragGetsNoAnswer) {  // ICE-42
  LoopWorld world;
  sluice::test::TestPeer stranger(ice::Credentials::generate(), world.backend());
  stranger.send_binding_request(world.now());
  world.deliver(0, *SocketAddress::parse("203.0.113.66:9999"), *stranger.poll_transmit());
  world.settle();
  EXPECT_TRUE(world.stray.empty());
  EXPECT_EQ(world.loop().counters().unknown_ufrag, 1u);
}

TEST(LoopSecurity, AWrongFingerprintFailsTheTransportAndSaysWhy) {
  LoopWorld world;
  auto& peer = world.add_transport();
  peer.peer->start(sluice::test::shared_dtls_context()->certificate().fingerprints(), world.now());
  auto wrong = peer.peer->fingerprints();
  for (auto& fingerprint : wrong) {
    fingerprint.value[0] ^= 1;
  }
  world.command(
      0, [&](MediaLoop& loop) { loop.connect_transport(peer.handle, dtls::Role::kClient, wrong); });
  world.advance(1s);
  std::string reason;
  for (const LoopEvent& event : world.events) {
    const auto* transport = std::get_if<TransportEvent>(&event.event);
    const auto* changed = transport ? std::get_if<DtlsStateChanged>(transport) : nullptr;
    if (changed != nullptr && changed->state == DtlsState::kFailed) {
      reason = changed->reason;
    }
  }
  EXPECT_FALSE(reason.empty());
  EXPECT_FALSE(peer.peer->connected());
}

TEST(LoopSecurity, Srt07PacketsOfNoProducerLeaveNothingBehind) {  // SRT-07
  LoopWorld world;
  auto& peer = world.connect();
  for (uint32_t ssrc = 1; ssrc <= 6000; ++ssrc) {
    auto fields = audio_packet(1);
    fields.ssrc = ssrc;
    peer.peer->send_rtp(fields);
  }
  world.settle();
  EXPECT_EQ(world.slab().in_use(), 0u);
  // More SSRCs than the table holds went by: had any stayed, this one would find no room.
  const Handle audio = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, peer.handle));
    loop.add_consumer(audio_consumer(world.next_handle(), peer.handle, audio));
  });
  peer.peer->send_rtp(audio_packet(1));
  world.settle();
  EXPECT_EQ(peer.peer->rtp.size(), 1u);
}

TEST(LoopSecurity, Str03AnUnknownPayloadTypeIsDropped) {  // STR-03
  LoopWorld world;
  auto& peer = world.connect();
  const Handle audio = world.next_handle();
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, peer.handle));
    loop.add_consumer(audio_consumer(world.next_handle(), peer.handle, audio));
  });
  auto fields = audio_packet(1);
  fields.payload_type = 77;
  peer.peer->send_rtp(fields);
  world.settle();
  EXPECT_TRUE(peer.peer->rtp.empty());
}

TEST(LoopSecurity, EverythingIsGivenBackWhenTransportsClose) {
  LoopWorld world;
  for (int round = 0; round < 20; ++round) {
    auto& peer = world.connect();
    const Handle audio = world.next_handle();
    const Handle consumer = world.next_handle();
    world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(audio_producer(audio, peer.handle));
      loop.add_consumer(audio_consumer(consumer, peer.handle, audio));
    });
    peer.peer->send_rtp(audio_packet(1));
    world.settle();
    world.command(0, [&](MediaLoop& loop) {
      loop.remove_consumer(consumer);
      loop.remove_producer(audio);
      loop.remove_transport(peer.handle);
    });
    world.settle();
  }
  EXPECT_EQ(world.loop().transport_count(), 0u);
  EXPECT_EQ(world.loop().fanout_count(), 0u);
  EXPECT_EQ(world.loop().table().ufrag_count(), 0u);
  EXPECT_EQ(world.loop().table().tuple_count(), 0u);
  EXPECT_EQ(world.slab().in_use(), 0u);
}

}  // namespace
}  // namespace sluice::media::test
