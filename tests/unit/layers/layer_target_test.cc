// Choice of layers by what streams live, what is preferred and what bit rate there is.
#include "protocol/layers/layer_target.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::layers {
namespace {

constexpr Micros kStart = 100s;

/// Three simulcast streams with three temporal layers, or one SVC stream with 3x3 layers, whose
/// rates a test sets.
class LayerTargetTest : public ::testing::Test {
 protected:
  void simulcast(uint8_t streams = 3, uint8_t temporal = 3) {
    streams_.clear();
    for (int i = 0; i < streams; ++i) {
      streams_.emplace_back(LayerRates::Options{.temporal_layers = temporal});
      revive(static_cast<size_t>(i), 0s);
      streams_.back().clock = ClockPair{};
    }
  }
  void svc(uint8_t spatial = 3, uint8_t temporal = 3) {
    streams_.clear();
    streams_.emplace_back(
        LayerRates::Options{.spatial_layers = spatial, .temporal_layers = temporal});
    revive(0, 0s);
  }
  void revive(size_t stream, Micros since) {
    streams_[stream].received = true;
    streams_[stream].score = 10;
    streams_[stream].active_since = since;
  }
  /// Traffic of `kbps` in one layer over the whole window before `now_`.
  void traffic(size_t stream, uint8_t spatial, uint8_t temporal, uint64_t kbps) {
    for (Micros at = now_ - 2400ms; at <= now_; at += 100ms) {
      streams_[stream].rates.count(spatial, temporal, kbps * 1000 / 8 / 10, at);
    }
  }
  /// 80 kbit/s in the lowest stream, 320 and 960 above, shared by temporal layers as 2:1:1.
  void simulcast_traffic() {
    const uint64_t totals[] = {80, 320, 960};
    for (size_t stream = 0; stream < streams_.size(); ++stream) {
      traffic(stream, 0, 0, totals[stream] / 2);
      traffic(stream, 0, 1, totals[stream] / 4);
      traffic(stream, 0, 2, totals[stream] / 4);
    }
  }

  /// As a transport distributes: steps until nothing more fits. What is left of `bitrate`.
  uint64_t spend(LayerTarget& target, uint64_t bitrate) {
    target.begin_round();
    while (const uint64_t used = target.increase(bitrate, std::nullopt, streams_, now_)) {
      bitrate -= used;
    }
    return bitrate;
  }

  std::vector<StreamState> streams_;
  Micros now_ = kStart;
};

using Simulcast = LayerTargetTest;
using Svc = LayerTargetTest;

LayerTarget::Options options(Scheme scheme, bool managed = false) {
  return {.scheme = scheme, .spatial_layers = 3, .temporal_layers = 3, .managed = managed};
}

TEST_F(Simulcast, WantsWhatIsPreferred) {
  simulcast();
  LayerTarget target(options(Scheme::kSimulcast));
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{2, 2}));
  target.set_preferred({1, 0});
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{1, 0}));
}

TEST_F(Simulcast, PreferencesAboveWhatExistsMeanTheHighest) {  // SIM-10
  simulcast();
  LayerTarget target(options(Scheme::kSimulcast));
  target.set_preferred({9, 9});
  EXPECT_EQ(target.preferred(), (Layers{2, 2}));
}

TEST_F(Simulcast, MovesUpWhenOnlyBetterStreamsLive) {  // SIM-07
  simulcast();
  LayerTarget target(options(Scheme::kSimulcast));
  target.set_preferred({0, 2});
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{0, 2}));
  streams_[0].score = 0;
  streams_[1].score = 0;
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{2, 0}));
}

TEST_F(Simulcast, BelowThePreferredStreamAllTemporalLayersAreTaken) {
  simulcast();
  LayerTarget target(options(Scheme::kSimulcast));
  target.set_preferred({2, 0});
  streams_[2].score = 0;
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{1, 2}));
}

TEST_F(Simulcast, NothingWhenAllStreamsAreDead) {  // SIM-08
  simulcast();
  LayerTarget target(options(Scheme::kSimulcast));
  ASSERT_TRUE(target.set_target(target.wanted(streams_, now_), streams_));
  for (StreamState& stream : streams_) {
    stream.score = 0;
  }
  EXPECT_EQ(target.wanted(streams_, now_), Layers{});
  EXPECT_TRUE(target.set_target(target.wanted(streams_, now_), streams_));
  EXPECT_EQ(target.target(), Layers{});
}

TEST_F(Simulcast, NoSwitchToAStreamWithoutSenderReport) {  // SIM-03
  simulcast();
  LayerTarget target(options(Scheme::kSimulcast));
  target.set_preferred({0, 2});
  target.set_target(target.wanted(streams_, now_), streams_);
  ASSERT_EQ(target.reference(), 0);
  streams_[2].clock.reset();
  target.set_preferred({2, 2});
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{1, 2}));
  streams_[2].clock = ClockPair{};
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{2, 2}));
}

TEST_F(Simulcast, AReferenceThatSendsNoReportsIsReplaced) {
  simulcast();
  streams_[0].clock.reset();
  LayerTarget target(options(Scheme::kSimulcast));
  target.set_target({0, 0}, streams_);
  EXPECT_EQ(target.reference(), 0);
  target.set_target({1, 0}, streams_);
  EXPECT_EQ(target.reference(), 1);
  target.set_target({2, 0}, streams_);
  EXPECT_EQ(target.reference(), 1);
}

TEST_F(Simulcast, AYoungStreamWaitsWhileAnOldOneIsUsed) {  // SIM-09
  simulcast();
  simulcast_traffic();
  revive(2, now_ - 1s);
  LayerTarget target(options(Scheme::kSimulcast, /*managed=*/true));
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{1, 2}));
  spend(target, 10'000'000);
  EXPECT_EQ(target.provisional(), (Layers{1, 2}));
  now_ += 1s;
  simulcast_traffic();
  spend(target, 10'000'000);
  EXPECT_EQ(target.provisional(), (Layers{2, 2}));
}

TEST_F(Simulcast, StepsCostWhatTheyAdd) {
  simulcast();
  simulcast_traffic();
  LayerTarget target(options(Scheme::kSimulcast, true));
  target.begin_round();
  const auto step = [&] { return target.increase(1'000'000, std::nullopt, streams_, now_); };
  EXPECT_EQ(step(), 40'000U);
  EXPECT_EQ(target.provisional(), (Layers{0, 0}));
  EXPECT_EQ(step(), 20'000U);
  EXPECT_EQ(step(), 20'000U);
  EXPECT_EQ(target.provisional(), (Layers{0, 2}));
  // The base of the next stream replaces all of this one.
  EXPECT_EQ(step(), 80'000U);
  EXPECT_EQ(target.provisional(), (Layers{1, 0}));
}

TEST_F(Simulcast, StopsWhereTheRateEnds) {
  simulcast();
  simulcast_traffic();
  LayerTarget target(options(Scheme::kSimulcast, true));
  EXPECT_EQ(spend(target, 260'000), 20'000U);
  EXPECT_EQ(target.provisional(), (Layers{1, 1}));
  EXPECT_TRUE(target.apply(0s, streams_, now_));
  EXPECT_EQ(target.target(), (Layers{1, 1}));
  EXPECT_EQ(spend(target, 10'000), 10'000U);
  EXPECT_TRUE(target.apply(0s, streams_, now_));
  EXPECT_EQ(target.target(), Layers{});
}

TEST_F(Simulcast, NeverAboveThePreferredLayers) {
  simulcast();
  simulcast_traffic();
  LayerTarget target(options(Scheme::kSimulcast, true));
  target.set_preferred({1, 1});
  spend(target, 10'000'000);
  EXPECT_EQ(target.provisional(), (Layers{1, 1}));
}

TEST_F(Simulcast, NoUpgradeForTenSecondsAfterCongestion) {  // SIM-11
  simulcast();
  simulcast_traffic();
  LayerTarget target(options(Scheme::kSimulcast, true));
  spend(target, 10'000'000);
  target.apply(now_ - 9s, streams_, now_);
  target.set_current_spatial(2);
  spend(target, 120'000);
  target.apply(now_ - 9s, streams_, now_);
  ASSERT_EQ(target.target(), (Layers{0, 2}));
  target.set_current_spatial(0);

  now_ += 9s;
  simulcast_traffic();
  spend(target, 10'000'000);
  EXPECT_EQ(target.provisional(), (Layers{0, 2}));
  now_ += 1s;
  simulcast_traffic();
  spend(target, 10'000'000);
  EXPECT_EQ(target.provisional(), (Layers{2, 2}));
}

TEST_F(Simulcast, AYoungConsumerDoesNotBecomeConservative) {
  simulcast();
  simulcast_traffic();
  LayerTarget target(options(Scheme::kSimulcast, true));
  spend(target, 10'000'000);
  target.apply(now_ - 5s, streams_, now_);
  target.set_current_spatial(2);
  spend(target, 120'000);
  target.apply(now_ - 5s, streams_, now_);
  target.set_current_spatial(0);
  spend(target, 10'000'000);
  EXPECT_EQ(target.provisional(), (Layers{2, 2}));
}

TEST_F(Simulcast, LossWidensOrNarrowsAnEstimateThatIsBlindToIt) {
  simulcast();
  simulcast_traffic();
  LayerTarget target(options(Scheme::kSimulcast, true));
  target.begin_round();
  EXPECT_EQ(target.increase(38'000, std::nullopt, streams_, now_), 0U);
  EXPECT_EQ(target.increase(38'000, 5, streams_, now_), 0U);
  EXPECT_EQ(target.increase(38'000, 1, streams_, now_), 38'000U);
  target.begin_round();
  EXPECT_EQ(target.increase(44'000, 20, streams_, now_), 0U);
  EXPECT_EQ(target.increase(45'000, 20, streams_, now_), 40'000U);
}

TEST_F(Svc, LayersAddUp) {
  svc();
  traffic(0, 0, 0, 100);
  traffic(0, 1, 0, 200);
  traffic(0, 2, 0, 600);
  LayerTarget target({.scheme = Scheme::kSvc, .spatial_layers = 3, .managed = true});
  EXPECT_EQ(spend(target, 1'000'000), 100'000U);
  EXPECT_EQ(target.provisional(), (Layers{2, 0}));
  EXPECT_EQ(target.desired_bitrate(0, streams_, now_), 900'000U);
}

TEST_F(Svc, KeyFrameSvcReplacesTheLowerLayer) {
  svc();
  traffic(0, 0, 0, 100);
  traffic(0, 1, 0, 200);
  traffic(0, 2, 0, 600);
  LayerTarget target({.scheme = Scheme::kKeyFrameSvc, .spatial_layers = 3, .managed = true});
  EXPECT_EQ(spend(target, 1'000'000), 400'000U);
  EXPECT_EQ(target.provisional(), (Layers{2, 0}));
  EXPECT_EQ(target.desired_bitrate(0, streams_, now_), 600'000U);
}

TEST_F(Svc, SkipsSpatialLayersWithoutTraffic) {
  svc();
  LayerTarget target(options(Scheme::kSvc));
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{2, 2})) << "nothing measured yet";
  traffic(0, 0, 0, 100);
  traffic(0, 1, 0, 200);
  EXPECT_EQ(target.wanted(streams_, now_), (Layers{1, 2}));
}

TEST_F(Svc, NothingOfADeadStream) {
  svc();
  traffic(0, 0, 0, 100);
  streams_[0].score = 0;
  LayerTarget target(options(Scheme::kSvc, true));
  EXPECT_EQ(target.wanted(streams_, now_), Layers{});
  EXPECT_EQ(spend(target, 1'000'000), 1'000'000U);
}

TEST_F(Svc, TheMaximumBitrateCountsWhenItIsHigher) {
  svc();
  traffic(0, 0, 0, 100);
  LayerTarget target(options(Scheme::kSvc, true));
  EXPECT_EQ(target.desired_bitrate(2'000'000, streams_, now_), 2'000'000U);
  EXPECT_EQ(target.desired_bitrate(50'000, streams_, now_), 100'000U);
}

}  // namespace
}  // namespace sluice::layers
