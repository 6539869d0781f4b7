// What a transport may send is estimated, and its consumers get the layers that fit: whole calls
// over links with limits that change (media-plane 7.6 and 8, ortc-model 4.4 and 4.5).

#include <gtest/gtest.h>

#include "bandwidth_world.h"

namespace sluice::media::test {
namespace {

constexpr Micros kDelay = 25ms;

net::Impairments link(uint64_t kbps) {
  return {.delay = kDelay, .bandwidth = BitRate{kbps * 1000}};
}

/// The loop of the receivers; the sender is on loop 0.
class Bandwidth : public ::testing::TestWithParam<unsigned> {
 protected:
  Bandwidth() : call(2) {}

  void expect_continuous(const BandwidthWorld::Receiver& receiver, Micros from) {
    for (const Playback& playback : receiver.playbacks) {
      EXPECT_EQ(playback.repeated(), 0u);
      EXPECT_EQ(playback.missing(from), 0u);
      EXPECT_EQ(playback.backward(), 0u);
      EXPECT_LT(playback.longest_freeze(from), 300ms);
    }
  }

  BandwidthWorld call;
};

TEST_P(Bandwidth, ALiftedLimitIsUsedWithinFiveSeconds) {
  const Handle video = call.add_video();
  auto& receiver = call.add_receiver(link(300), GetParam());
  call.consume(receiver, video);
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  EXPECT_LT(call.available_kbps(receiver), 400u);
  const Micros lifted = call.world.now();
  call.limit(receiver, link(4000));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) > 2500; }, 10s), 5s);
  EXPECT_LT(call.run_until([&] { return call.layer(receiver) == 2; }, 10s), 5s);
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, lifted);
}

TEST_P(Bandwidth, ANewLimitIsKeptWithinTwoSeconds) {
  const Handle video = call.add_video();
  auto& receiver = call.add_receiver(link(4000), GetParam());
  call.consume(receiver, video);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, call.world.now() - 10s);
  call.limit(receiver, link(300));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) <= 300; }, 10s), 2s);
  call.run(1s);
  // The queue that the time until then left behind is gone, and the lowest layer flows.
  const Micros settled = call.world.now() + 5s;
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  expect_continuous(receiver, settled);
}

TEST_P(Bandwidth, HalfAMegabitTakesAConsumerDownAndItComesBack) {
  const Handle video = call.add_video();
  auto& receiver = call.add_receiver(link(4000), GetParam());
  call.consume(receiver, video);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 2);
  call.limit(receiver, link(500));
  EXPECT_LT(call.run_until([&] { return call.layer(receiver) == 0; }, 10s), 3s);
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  const Micros lifted = call.world.now();
  call.limit(receiver, link(4000));
  EXPECT_LT(call.run_until([&] { return call.layer(receiver) == 2; }, 10s), 5s);
  call.run(10s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, lifted);
}

TEST_P(Bandwidth, PriorityDecidesWhoGetsTheBetterLayer) {
  const Handle one = call.add_video();
  const Handle two = call.add_video();
  auto& receiver = call.add_receiver(link(3300), GetParam());
  const size_t first = call.consume(receiver, one, 1);
  const size_t second = call.consume(receiver, two, 3);
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
