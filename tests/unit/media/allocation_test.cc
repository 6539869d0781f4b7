// The forwarding path allocates nothing in steady state: between the arrival of a packet and the
// moment when its copies wait in the send queue, encrypted, neither the sender's loop nor the
// receiver's asks for memory.

#include <gtest/gtest.h>

#include <array>
#include <tuple>

#include "protocol/rtcp/reports.h"
#include "streams.h"
#include "support/allocation_counter.h"
#include "unit/codecs/payload_builder.h"

namespace sluice::media::test {
namespace {

/// Parameters: the loop of the receivers, and whether what they may be sent is estimated.
class AllocationTest : public ::testing::TestWithParam<std::tuple<unsigned, bool>> {
 protected:
  AllocationTest() : world(2), sender(&world.connect(0)) {}

  void produce(const ProducerSetup& setup) {
    world.command(0, [&](MediaLoop& loop) { loop.add_producer(setup); });
  }
  /// On the receivers' loop, which the producer's loop is told of.
  void consume(ConsumerSetup setup) {
    const auto [loop_index, estimated] = GetParam();
    if (estimated && setup.video) {
      setup.rate_feedback = bwe::RateFeedback::kTransportCc;
    }
    world.command(loop_index, [&](MediaLoop& loop) { loop.add_consumer(setup); });
    if (loop_index != 0) {
      world.command(
          0, [&](MediaLoop& loop) { loop.set_remote_loop(setup.producer, loop_index, true); });
    }
    world.settle();
  }
  LoopWorld::Connection& add_receiver() { return world.connect(std::get<0>(GetParam())); }

  /// Sends `frame` often enough for histories, rings and tables to grow to the size that they need,
  /// then measures: what more frames make the loops allocate, and how many packets come of them.
  struct Measured {
    uint64_t allocations = 0;
    size_t packets = 0;
  };
  template <class Frame>
  Measured measure(Frame&& frame) {
    for (int i = 0; i < 1500; ++i) {
      frame(i);
      world.advance(10ms);
    }
    allocations_ = 0;
    sent_ = 0;
    for (int i = 1500; i < 1500 + kMeasured; ++i) {
      frame(i);
      world.advance(10ms);
    }
    return {.allocations = allocations_, .packets = sent_};
  }

  /// What the loops do with one protected packet is counted; the harness around it is not.
  void forward(const RtpFields& fields) {
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
    allocations_ += sluice::test::allocation_count() - before;
    sent_ += world.queue(0).pending() + world.queue(1).pending();
    world.queue(0).clear();
    world.queue(1).clear();
  }

  static constexpr int kMeasured = 500;
  LoopWorld world;
  LoopWorld::Connection* sender;

 private:
  uint64_t allocations_ = 0;
  size_t sent_ = 0;
};

TEST_P(AllocationTest, AForwardedPacketAllocatesNothingInSteadyState) {
  const Handle video = world.next_handle();
  const Handle audio = world.next_handle();
  produce(video_producer(video, sender->handle));
  produce(audio_producer(audio, sender->handle));
  for (uint32_t i = 0; i < 5; ++i) {
    const Handle receiver = add_receiver().handle;
    consume(video_consumer(world.next_handle(), receiver, video, 700000001 + 10 * i));
    consume(audio_consumer(world.next_handle(), receiver, audio, 800000001 + 10 * i));
  }
  const Measured measured = measure([&](int frame) {
    const auto sequence = static_cast<uint16_t>(frame + 1);
    const auto timestamp = static_cast<uint32_t>(3000 * frame);
    forward(video_packet(sequence, frame == 0, timestamp));
    forward(audio_packet(sequence, timestamp));
  });
  EXPECT_EQ(measured.allocations, 0u);
  EXPECT_GE(measured.packets, 5u * 2 * kMeasured) << "the packets were not forwarded";
}

// Receivers are spread over the layers, so that payloads are rewritten and numbers left out. What
// one gets of four pictures: one, two or four, by its temporal layer.
constexpr std::array<uint8_t, 4> kTemporalLayers = {0, 2, 1, 2};
constexpr std::array<bool, 4> kSwitchingUp = {false, true, true, false};
constexpr size_t kLayeredPackets = 3 * (1 + 2 + 4) * 500 / 4;
// Without feedback an estimate stays where it began, and nobody gets more than the lowest layer.
constexpr size_t kLowestPackets = 9 * 500 / 4;

TEST_P(AllocationTest, ASimulcastPacketAllocatesNothingInSteadyState) {
  const Handle video = world.next_handle();
  produce(simulcast_producer(video, sender->handle, 3));
  for (int8_t layers = 0; layers < 9; ++layers) {
    ConsumerSetup setup = simulcast_consumer(world.next_handle(), add_receiver().handle, video, 3);
    setup.preferred_layers = {static_cast<int8_t>(layers % 3), static_cast<int8_t>(layers / 3)};
    consume(setup);
  }
  const Measured measured = measure([&](int frame) {
    const auto picture = static_cast<size_t>(frame % 4);
    for (uint32_t stream = 0; stream < 3; ++stream) {
      RtpFields fields =
          video_packet(static_cast<uint16_t>(frame + 1), false, static_cast<uint32_t>(900 * frame));
      fields.ssrc = 0x1110 + 0x10 * stream;
      fields.payload = codecs::vp8_payload({.picture_id = static_cast<uint16_t>(frame & 0x7fff),
                                            .tl0 = static_cast<uint8_t>(frame / 4),
                                            .temporal_layer = kTemporalLayers[picture],
                                            .sync = kSwitchingUp[picture],
                                            .key_frame = frame < 40 && picture == 0});
      fields.payload.resize(100, 0x55);
      forward(fields);
      if (frame == 1) {
        Buffer buffer(64);
        ByteWriter writer(buffer);
        rtcp::write_sender_report(writer, Ssrc{fields.ssrc},
                                  {.ntp = rtcp::NtpTime::from_unix(world.now()),
                                   .rtp = Timestamp{fields.timestamp},
                                   .packets = 1,
                                   .octets = 100});
        sender->peer->send_rtcp(writer.written());
      }
    }
  });
  EXPECT_EQ(measured.allocations, 0u);
  EXPECT_GE(measured.packets, std::get<1>(GetParam()) ? kLowestPackets : kLayeredPackets)
      << "the packets were not forwarded";
}

TEST_P(AllocationTest, ASvcPacketAllocatesNothingInSteadyState) {
  const Handle video = world.next_handle();
  produce(svc_producer(video, sender->handle, 3));
  for (int8_t layers = 0; layers < 9; ++layers) {
    ConsumerSetup setup =
        svc_consumer(world.next_handle(), add_receiver().handle, video, /*key_frame_svc=*/true, 3);
    setup.preferred_layers = {static_cast<int8_t>(layers % 3), static_cast<int8_t>(layers / 3)};
    consume(setup);
  }
  uint16_t sequence = 1;
  const Measured measured = measure([&](int frame) {
    const auto picture = static_cast<size_t>(frame % 4);
    const bool key_frame = frame < 40 && picture == 0;
    for (uint8_t spatial = 0; spatial < 3; ++spatial) {
      RtpFields fields = video_packet(sequence++, false, static_cast<uint32_t>(900 * frame));
      fields.payload_type = kVp9;
      fields.marker = spatial == 2;
      fields.payload = codecs::vp9_payload({.picture_id = static_cast<uint16_t>(frame & 0x7fff),
                                            .spatial_layer = spatial,
                                            .temporal_layer = kTemporalLayers[picture],
                                            .switching_up = kSwitchingUp[picture],
                                            .predicted = !key_frame});
      fields.payload.resize(100, 0x55);
      forward(fields);
    }
  });
  EXPECT_EQ(measured.allocations, 0u);
  EXPECT_GE(measured.packets, std::get<1>(GetParam()) ? kLowestPackets : kLayeredPackets)
      << "the packets were not forwarded";
}

INSTANTIATE_TEST_SUITE_P(SameAndOtherLoop, AllocationTest,
                         ::testing::Combine(::testing::Values(0U, 1U), ::testing::Bool()));

}  // namespace
}  // namespace sluice::media::test
