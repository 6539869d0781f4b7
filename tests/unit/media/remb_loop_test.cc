// Whole loops with peers that know goog-remb and abs-send-time, but no transport-cc: what a
// receiver tells decides which layers it gets, and what we tell a sender decides how much it sends
// (media-plane 8.7 and 8.8).

#include <gtest/gtest.h>

#include "bandwidth_world.h"

namespace sluice::media::test {
namespace {

constexpr BandwidthWorld::ConsumeOptions kWithRemb{.feedback = bwe::RateFeedback::kRemb};

// --- a receiver ----------------------------------------------------------------------------------

class RembReceiver : public ::testing::Test {
 protected:
  BandwidthWorld::Receiver& receive(const net::Impairments& limited) {
    const Handle video = call.add_video();
    auto& receiver = call.add_receiver(limited);
    call.consume(receiver, video, kWithRemb);
    return receiver;
  }

  BandwidthWorld call;
};

TEST_F(RembReceiver, GetsHigherLayersWhenALimitIsLifted) {
  auto& receiver = receive(limited_to(300));
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  EXPECT_LT(call.available_kbps(receiver), 400u);
  const Micros lifted = call.world.now();
  call.limit(receiver, limited_to(4000));
  // Its estimate follows what it gets by some eight percent a second, with nothing to probe it by.
  EXPECT_LT(call.run_until([&] { return call.layer(receiver) == 2; }, 60s), 45s);
  EXPECT_GT(receiver.padding, 0u) << "only padding lets the estimate rise above one layer's rate";
  call.run(10s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, lifted);
}

TEST_F(RembReceiver, GetsALowerLayerUnderALimit) {
  auto& receiver = receive(limited_to(4000));
  call.run(45s);
  EXPECT_EQ(call.layer(receiver), 2);
  call.limit(receiver, limited_to(500));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) <= 500; }, 10s), 2s);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 0);
  expect_continuous(receiver, call.world.now() - 5s);
}

// --- a sender ------------------------------------------------------------------------------------

/// A sender that encodes at what it is told, behind a link with a limit, and one receiver.
class RembSender : public ::testing::Test {
 protected:
  static constexpr uint8_t kAbsSendTime = 2;

  RembSender() : sender(world.connect()), receiver(world.connect()), producer(world.next_handle()) {
    ProducerSetup setup = video_producer(producer, sender.transport());
    setup.extension_ids = {};
    setup.extension_ids.set(rtp::ExtensionKind::kAbsSendTime, kAbsSendTime);
    setup.rate_feedback = bwe::RateFeedback::kRemb;
    const auto consumer =
        video_consumer(world.next_handle(), receiver.transport(), producer, kSsrc);
    world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(setup);
      loop.add_consumer(consumer);
    });
    source = &sender.add_source({.ssrc = kVideoSsrc,
                                 .rtx_ssrc = kVideoRtxSsrc,
                                 .payload_type = kVp8,
                                 .rtx_payload_type = kVp8Rtx,
                                 .video = true,
                                 .frame_size = 1200,
                                 .key_frame_size = 3000,
                                 .abs_send_time_id = kAbsSendTime,
                                 .remb_ceiling = BitRate{2'500'000}});
    sink = &receiver.add_sink({.ssrc = kSsrc, .rtx_ssrc = kSsrc + 1, .video = true});
    world.each_step = [this](Micros now) {
      sender.step(now);
      receiver.step(now);
    };
  }

  void limit(uint64_t kbps) {
    auto& connection = sender.connection();
    if (connection.uplink) {
      connection.uplink->set_impairments(limited_to(kbps));
      return;
    }
    connection.uplink = std::make_unique<net::ImpairedLink>(1, limited_to(kbps));
    connection.downlink = std::make_unique<net::ImpairedLink>(2, net::Impairments{.delay = 25ms});
  }
  /// What it was told last.
  [[nodiscard]] uint64_t told_kbps() const {
    return source->remb().value_or(BitRate{}).value / 1000;
  }
  Micros run_until(const std::function<bool()>& reached, Micros most) {
    const Micros start = world.now();
    while (!reached() && world.now() - start < most) {
      world.advance(10ms, 1ms);
    }
    return world.now() - start;
  }

  static constexpr uint32_t kSsrc = 700000001;
  LoopWorld world{1, 16384};
  Endpoint sender;
  Endpoint receiver;
  Handle producer;
  MediaSource* source = nullptr;
  MediaSink* sink = nullptr;
};

TEST_F(RembSender, UsesItsLinkWithoutFillingTheQueue) {
  limit(1000);
  world.advance(20s, 1ms);
  const Micros from = world.now();
  world.advance(20s, 1ms);
  const Micros to = world.now();
  world.advance(1s, 1ms);
  EXPECT_GT(told_kbps(), 700u);
  EXPECT_LT(told_kbps(), 1200u);
  const auto delivered = sluice::test::delivery(*source, *sink, from, to, 200ms);
  EXPECT_EQ(delivered.lost, 0u);
  EXPECT_GE(delivered.share_in_time(), 0.95);
}

TEST_F(RembSender, IsToldOfANewLimitWithinTwoSeconds) {
  limit(2000);
  world.advance(30s, 1ms);
  ASSERT_GT(told_kbps(), 1000u);
  limit(500);
  EXPECT_LT(run_until([&] { return told_kbps() <= 500; }, 10s), 2s);
  world.advance(10s, 1ms);
  EXPECT_GT(told_kbps(), 300u);
  EXPECT_LT(told_kbps(), 600u);
}

}  // namespace
}  // namespace sluice::media::test
