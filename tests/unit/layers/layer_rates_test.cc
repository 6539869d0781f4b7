#include "protocol/layers/layer_rates.h"

#include <gtest/gtest.h>

namespace sluice::layers {
namespace {

constexpr Micros kNow = 50s;

TEST(LayerRates, BinsAndSums) {
  LayerRates rates({.spatial_layers = 2, .temporal_layers = 2});
  rates.count(0, 0, 0, kNow - 2400ms);
  rates.count(0, 0, 1000, kNow);
  rates.count(0, 1, 500, kNow);
  rates.count(1, 0, 4000, kNow);
  // Over a window of 2.5 s.
  EXPECT_EQ(rates.layer(0, 0, kNow), 3200U);
  EXPECT_EQ(rates.layer(0, 1, kNow), 1600U);
  EXPECT_EQ(rates.spatial_layer(0, kNow), 4800U);
  EXPECT_EQ(rates.up_to(1, 0, kNow), 4800U + 12800U);
  EXPECT_EQ(rates.up_to(1, 1, kNow), 0U) << "no traffic in that layer itself";
  EXPECT_EQ(rates.total(kNow), 17600U);
}

TEST(LayerRates, OldTrafficIsForgotten) {
  LayerRates rates({});
  rates.count(0, 0, 1000, kNow);
  EXPECT_GT(rates.total(kNow + 2400ms), 0U);
  EXPECT_EQ(rates.total(kNow + 2500ms), 0U);
}

TEST(LayerRates, DiscontinuousTransmissionIsRememberedLonger) {
  LayerRates rates({.dtx = true});
  rates.count(0, 0, 1000, kNow);
  EXPECT_GT(rates.total(kNow + 5900ms), 0U);
  EXPECT_EQ(rates.total(kNow + 6s), 0U);
}

TEST(LayerRates, UnannouncedLayersCountAsTheHighest) {
  LayerRates rates({.spatial_layers = 2, .temporal_layers = 2});
  rates.count(7, 7, 1000, kNow);
  EXPECT_GT(rates.layer(1, 1, kNow), 0U);
  EXPECT_EQ(rates.total(kNow), rates.layer(1, 1, kNow));
}

TEST(LayerRates, AStreamThatBeganIsNotTakenForASlowOne) {
  LayerRates rates({});
  // 800 kbit/s from its first moment on.
  for (Micros passed{0}; passed <= 6s; passed += 20ms) {
    rates.count(0, 0, 2000, kNow + passed);
    if (passed >= 500ms) {
      EXPECT_NEAR(static_cast<double>(rates.total(kNow + passed)), 800'000, 110'000) << passed;
    }
  }
  // One packet alone is no rate.
  EXPECT_EQ(rates.total(kNow + 20s), 0U);
  rates.count(0, 0, 2000, kNow + 20s);
  EXPECT_EQ(rates.total(kNow + 20s), 32'000U);
}

TEST(LayerRates, TellsWhenAStreamBegins) {
  LayerRates rates({.spatial_layers = 2});
  EXPECT_TRUE(rates.count(0, 0, 1000, kNow));
  EXPECT_FALSE(rates.count(1, 0, 1000, kNow));
  EXPECT_FALSE(rates.count(0, 0, 1000, kNow + 2s));
  EXPECT_TRUE(rates.count(0, 0, 1000, kNow + 10s));
}

}  // namespace
}  // namespace sluice::layers
