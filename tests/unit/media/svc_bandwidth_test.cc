// A consumer of a VP9 stream with spatial layers behind a link with a limit: it gets as many layers
// as fit, more when the limit rises and fewer when it falls (media-plane 7.4, 7.6 and 8).

#include <gtest/gtest.h>

#include "bandwidth_world.h"

namespace sluice::media::test {
namespace {

using Scheme = BandwidthWorld::Scheme;

class SvcBandwidth : public ::testing::TestWithParam<Scheme> {
 protected:
  BandwidthWorld::Receiver& receive(const net::Impairments& limited) {
    const Handle video = call.add_video(GetParam());
    auto& receiver = call.add_receiver(limited);
    call.consume(receiver, video);
    return receiver;
  }
  /// How long it takes until that layer is the highest that goes out, at most ten seconds.
  Micros time_to_layer(const BandwidthWorld::Receiver& receiver, int layer) {
    return call.run_until([&] { return call.layer(receiver) == layer; }, 10s);
  }

  BandwidthWorld call;
};

TEST_P(SvcBandwidth, RisesLayerByLayerWithTheLimit) {
  auto& receiver = receive(limited_to(300));
  call.run(20s);
  EXPECT_EQ(call.layer(receiver), 0);
  const Micros lifted = call.world.now();
  call.limit(receiver, limited_to(1600));
  EXPECT_LT(time_to_layer(receiver, 1), 5s);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 1) << "the third layer does not fit";
  call.limit(receiver, limited_to(4000));
  EXPECT_LT(time_to_layer(receiver, 2), 5s);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 2);
  expect_continuous(receiver, lifted);
}

TEST_P(SvcBandwidth, FallsLayerByLayerWithTheLimit) {
  auto& receiver = receive(limited_to(4000));
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 2);
  call.limit(receiver, limited_to(1600));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) <= 1600; }, 10s), 2s);
  EXPECT_LT(call.run_until([&] { return call.layer(receiver) < 2; }, 10s), 2s);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 1);
  expect_continuous(receiver, call.world.now() - 5s);
  call.limit(receiver, limited_to(300));
  EXPECT_LT(call.run_until([&] { return call.available_kbps(receiver) <= 300; }, 10s), 2s);
  call.run(15s);
  EXPECT_EQ(call.layer(receiver), 0);
  expect_continuous(receiver, call.world.now() - 5s);
}

INSTANTIATE_TEST_SUITE_P(Prediction, SvcBandwidth,
                         ::testing::Values(Scheme::kSvc, Scheme::kKeyFrameSvc),
                         [](const auto& instance) {
                           return instance.param == Scheme::kSvc ? "Full" : "KeyFrames";
                         });

}  // namespace
}  // namespace sluice::media::test
