// The forwarding path allocates nothing in steady state: between the arrival of a packet and the
// moment when its copies wait in the send queue, encrypted, neither the sender's loop nor the
// receiver's asks for memory.

#include <gtest/gtest.h>

#include <tuple>

#include "streams.h"
#include "support/allocation_counter.h"

namespace sluice::media::test {
namespace {

/// Parameters: the loop of the receivers, and whether what they may be sent is estimated.
class AllocationTest : public ::testing::TestWithParam<std::tuple<unsigned, bool>> {
 protected:
  AllocationTest() : world(2) {
    const auto [loop_index, estimated] = GetParam();
    sender = &world.connect(0);
    video = world.next_handle();
    audio = world.next_handle();
    world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(video_producer(video, sender->handle));
      loop.add_producer(audio_producer(audio, sender->handle));
    });
    for (uint32_t i = 0; i < 5; ++i) {
      auto& receiver = world.connect(loop_index);
      world.command(loop_index, [&](MediaLoop& loop) {
        auto one = video_consumer(world.next_handle(), receiver.handle, video, 700000001 + 10 * i);
        auto two = audio_consumer(world.next_handle(), receiver.handle, audio, 800000001 + 10 * i);
        if (estimated) {
          one.rate_feedback = bwe::RateFeedback::kTransportCc;
        }
        loop.add_consumer(one);
        loop.add_consumer(two);
      });
    }
    if (loop_index != 0) {
      world.command(0, [&](MediaLoop& loop) {
        loop.set_remote_loop(video, loop_index, true);
        loop.set_remote_loop(audio, loop_index, true);
      });
    }
    world.settle();
  }

  /// What the loops do with one protected packet, in allocations; the harness around it is not.
  uint64_t forward(const RtpFields& fields) {
    Buffer packet = sender->peer->protect_rtp(sluice::test::make_rtp(fields));
    net::Datagram datagram;
    datagram.data = packet;
    datagram.remote = sender->address;
    datagram.local_ip = *IpAddress::parse("192.0.2.1");
    const size_t before = sluice::test::allocation_count();
    world.loop(0).on_datagrams({&datagram, 1}, world.now());
    for (unsigned loop = 0; loop < 2; ++loop) {
      world.loop(loop).on_turn(world.now());
      world.loop(loop).on_timers(world.now());
    }
    const size_t allocated = sluice::test::allocation_count() - before;
    sent += world.queue(0).pending() + world.queue(1).pending();
    world.queue(0).clear();
    world.queue(1).clear();
    return allocated;
  }

  LoopWorld world;
  LoopWorld::Connection* sender;
  Handle video = 0;
  Handle audio = 0;
  size_t sent = 0;
};

TEST_P(AllocationTest, AForwardedPacketAllocatesNothingInSteadyState) {
  uint16_t seq = 1;
  uint32_t timestamp = 90000;
  const auto frame = [&](bool key_frame) {
    uint64_t count = forward(video_packet(seq, key_frame, timestamp));
    count += forward(audio_packet(seq, timestamp));
    ++seq;
    timestamp += 3000;
    world.advance(10ms);
    return count;
  };
  // Histories, rings and tables grow to the size that the stream needs.
  frame(true);
  for (int i = 0; i < 1500; ++i) {
    frame(false);
  }
  sent = 0;
  uint64_t total = 0;
  for (int i = 0; i < 500; ++i) {
    total += frame(false);
  }
  EXPECT_EQ(total, 0u);
  EXPECT_GE(sent, 500u * 2 * 5) << "the packets were not forwarded";
}

INSTANTIATE_TEST_SUITE_P(SameAndOtherLoop, AllocationTest,
                         ::testing::Combine(::testing::Values(0U, 1U), ::testing::Bool()));

}  // namespace
}  // namespace sluice::media::test
