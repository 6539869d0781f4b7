// What a transport may send is estimated, and its consumers get the layers that fit: whole calls
// over links with limits that change (media-plane 7.6 and 8, ortc-model 4.4 and 4.5).

#include <gtest/gtest.h>

#include "bandwidth_world.h"

namespace sluice::media::test {
namespace {

/// The loop of the receivers; the sender is on loop 0.
class Bandwidth : public ::testing::TestWithParam<unsigned> {
 protected:
  Bandwidth() : call(2) {}

  /// A receiver of one video behind a link with a limit.
  BandwidthWorld::Receiver& receive(const net::Impairments& limited) {
    const Handle video = call.add_video();
    auto& receiver = call.add_receiver(limited, GetParam());
    call.consume(receiver, video);
    return receiver;
  }
  /// How long it takes until a layer goes out, at most ten seconds.
  Micros time_to_layer(const BandwidthWorld::Receiver& receiver, int layer) {
    return call.run_until([&] { return call.layer(receiver) == layer; }, 10s);
  }

  BandwidthWorld call;
};

TEST_P(Bandwidth, ALiftedLimitIsUsedWithinFiveSeconds) {
  auto& receiver = receive(limited_to(300));
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  EXPECT_LT(call.available_kbps(receiver), 400u);
  const Micros lifted = call.world.now();
  call.limit(receiver, limited_to(4000));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) > 2500; }, 10s), 5s);
  EXPECT_LT(time_to_layer(receiver, 2), 5s);
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, lifted);
}

TEST_P(Bandwidth, ANewLimitIsKeptWithinTwoSeconds) {
  auto& receiver = receive(limited_to(4000));
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, call.world.now() - 10s);
  call.limit(receiver, limited_to(300));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) <= 300; }, 10s), 2s);
  call.run(1s);
  // The queue that the time until then left behind is gone, and the lowest layer flows.
  const Micros settled = call.world.now() + 5s;
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  expect_continuous(receiver, settled);
}

TEST_P(Bandwidth, TheLowestLayerGoesOnWhileTheQueueOfANewLimitDrains) {
  auto& receiver = receive(limited_to(4000));
  call.run(15s);
  call.limit(receiver, limited_to(300));  // and a queue of 64 KiB, 1.7 s
  ASSERT_LT(time_to_layer(receiver, 0), 2s);
  for (const Micros end = call.world.now() + 15s; call.world.now() < end;) {
    call.run(20ms);
    ASSERT_EQ(call.layer(receiver), 0);
  }
  expect_continuous(receiver, call.world.now() - 5s);
}

TEST_P(Bandwidth, HalfAMegabitTakesAConsumerDownAndItComesBack) {
  auto& receiver = receive(limited_to(4000));
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 2);
  call.limit(receiver, limited_to(500));
  EXPECT_LT(time_to_layer(receiver, 0), 3s);
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  const Micros lifted = call.world.now();
  call.limit(receiver, limited_to(4000));
  EXPECT_LT(time_to_layer(receiver, 2), 5s);
  call.run(10s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, lifted);
}

TEST_P(Bandwidth, PriorityDecidesWhoGetsTheBetterLayer) {
  const Handle one = call.add_video();
  const Handle two = call.add_video();
  auto& receiver = call.add_receiver(limited_to(3300), GetParam());
  const size_t first = call.consume(receiver, one, {.priority = 1});
  const size_t second = call.consume(receiver, two, {.priority = 3});
  call.run(15s);
  EXPECT_EQ(call.layer(receiver, first), 1);
  EXPECT_EQ(call.layer(receiver, second), 2);
  call.world.command(GetParam(), [&](MediaLoop& loop) {
    loop.set_consumer_priority(receiver.consumers[first], 5);
  });
  EXPECT_LT(call.run_until([&] { return call.layer(receiver, first) == 2; }, 10s), 1s);
  call.run(10s);
  EXPECT_EQ(call.layer(receiver, first), 2);
  EXPECT_EQ(call.layer(receiver, second), 1);
}

INSTANTIATE_TEST_SUITE_P(SameAndOtherLoop, Bandwidth, ::testing::Values(0U, 1U));

}  // namespace
}  // namespace sluice::media::test
