// scalabilityMode texts (ortc-model 4.2).
#include "protocol/ortc/scalability_mode.h"

#include <gtest/gtest.h>

namespace sluice::ortc {

// Found by tests through the namespace of the type.
static void PrintTo(const ScalabilityMode& mode, std::ostream* out) {
  *out << int{mode.spatial_layers} << "/" << int{mode.temporal_layers} << (mode.ksvc ? " K" : "");
}

namespace {

constexpr ScalabilityMode kNoLayers{1, 1, false};

TEST(ScalabilityMode, Ortc11TheTable) {  // ORTC-11
  EXPECT_EQ(parse_scalability_mode("L1T3"), (ScalabilityMode{1, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L3T2_KEY"), (ScalabilityMode{3, 2, true}));
  EXPECT_EQ(parse_scalability_mode("S2T3"), (ScalabilityMode{2, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L20T3"), (ScalabilityMode{20, 3, false}));
  EXPECT_EQ(parse_scalability_mode("S200T3"), kNoLayers);
  EXPECT_EQ(parse_scalability_mode("L4T7_KEY_SHIFT"), (ScalabilityMode{4, 7, true}));
  EXPECT_EQ(parse_scalability_mode("foo"), kNoLayers);
  EXPECT_EQ(parse_scalability_mode(""), kNoLayers);
  EXPECT_EQ(parse_scalability_mode("S0T3"), kNoLayers);
  EXPECT_EQ(parse_scalability_mode("S1T0"), kNoLayers);
}

TEST(ScalabilityMode, Scm01TextsWithLayers) {  // SCM-01
  EXPECT_EQ(parse_scalability_mode("L1T3"), (ScalabilityMode{1, 3, false}));
  EXPECT_EQ(parse_scalability_mode("S1T3"), (ScalabilityMode{1, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L3T2_KEY"), (ScalabilityMode{3, 2, true}));
  EXPECT_EQ(parse_scalability_mode("S2T3"), (ScalabilityMode{2, 3, false}));
  EXPECT_EQ(parse_scalability_mode("S20T3"), (ScalabilityMode{20, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L3T3_KEY_SHIFT"), (ScalabilityMode{3, 3, true}));
}

TEST(ScalabilityMode, Scm02TextsWithoutLayers) {  // SCM-02
  for (const std::string_view text : {"foo", "", "S0T3", "S1T0", "S200T3"}) {
    EXPECT_EQ(parse_scalability_mode(text), kNoLayers) << text;
  }
}

TEST(ScalabilityMode, NeedsThePatternFromTheStart) {
  for (const std::string_view text : {"l1t3", " L1T3", "LT3", "L1", "L1T", "L1t3", "L01T3", "L1T03",
                                      "M1T3", "L-1T3", "L1 T3", "L", "S"}) {
    EXPECT_EQ(parse_scalability_mode(text), kNoLayers) << text;
  }
}

TEST(ScalabilityMode, WhateverFollowsIsIgnored) {
  EXPECT_EQ(parse_scalability_mode("L1T3foo"), (ScalabilityMode{1, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L1T3_KE"), (ScalabilityMode{1, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L2T3h"), (ScalabilityMode{2, 3, false}));
  EXPECT_EQ(parse_scalability_mode("L2T300"), (ScalabilityMode{2, 30, false}));
  EXPECT_EQ(parse_scalability_mode("L2T3h_KEY"), (ScalabilityMode{2, 3, false}));
}

TEST(ScalabilityMode, TwoDigitsAtMost) {
  EXPECT_EQ(parse_scalability_mode("L99T99"), (ScalabilityMode{99, 99, false}));
  EXPECT_EQ(parse_scalability_mode("L100T1"), kNoLayers);
}

}  // namespace
}  // namespace sluice::ortc
