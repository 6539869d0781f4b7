// The VP9 payload descriptor in both modes, and every way to be cut short.
#include "protocol/codecs/vp9.h"

#include <gtest/gtest.h>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

void expect_no_descriptor_below(const Payload& payload, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    EXPECT_FALSE(parse_vp9(Bytes(payload).first(i))) << i;
  }
  EXPECT_TRUE(parse_vp9(Bytes(payload).first(size)));
}

TEST(Vp9Descriptor, Vp901DescriptorCutShortIsNone) {                   // VP9-01
  expect_no_descriptor_below(from_hex("ac 92 34 54 07 aa"), 5);        // non-flexible
  expect_no_descriptor_below(from_hex("fc 92 34 54 03 05 02 aa"), 7);  // flexible, 3 references
  expect_no_descriptor_below(from_hex("8c 12 aa"), 2);                 // short id
  expect_no_descriptor_below(from_hex("0c aa"), 1);                    // nothing optional
}

TEST(Vp9Descriptor, NonFlexibleFieldsAreRead) {
  const auto d = parse_vp9(from_hex("ed 92 34 b5 07 aa"));
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->inter_picture_predicted);
  EXPECT_FALSE(d->flexible);
  EXPECT_TRUE(d->start_of_frame);
  EXPECT_TRUE(d->end_of_frame);
  EXPECT_FALSE(d->has_scalability_structure);
  EXPECT_TRUE(d->not_for_upper_layers);
  EXPECT_EQ(d->picture_id, 0x1234);
  EXPECT_EQ(d->picture_id_size, 2);
  EXPECT_EQ(d->temporal_layer, 5);
  EXPECT_TRUE(d->switching_up);
  EXPECT_EQ(d->spatial_layer, 2);
  EXPECT_TRUE(d->inter_layer_predicted);
  EXPECT_TRUE(d->has_tl0);
  EXPECT_EQ(d->tl0_picture_index, 7);
}

TEST(Vp9Descriptor, FlexibleModeHasNoTl0) {
  const auto d = parse_vp9(from_hex("bc 05 22 aa"));
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->flexible);
  EXPECT_FALSE(d->has_tl0);
  EXPECT_EQ(d->picture_id, 5);
  EXPECT_EQ(d->picture_id_size, 1);
  EXPECT_EQ(d->temporal_layer, 1);
  EXPECT_EQ(d->spatial_layer, 1);
}

TEST(Vp9Descriptor, AtMostThreeReferencesAreRead) {
  EXPECT_TRUE(parse_vp9(from_hex("50 03 03 03")));
}

TEST(Vp9Descriptor, KeyFrameIsTheStartOfTheLowestLayerWithoutPrediction) {
  EXPECT_TRUE(parse_vp9(from_hex("08 aa"))->key_frame) << "without layers";
  EXPECT_FALSE(parse_vp9(from_hex("48 aa"))->key_frame) << "predicted";
  EXPECT_FALSE(parse_vp9(from_hex("04 aa"))->key_frame) << "not the start";
  EXPECT_TRUE(parse_vp9(vp9_payload({.spatial_layer = 0}))->key_frame);
  EXPECT_FALSE(parse_vp9(vp9_payload({.spatial_layer = 1}))->key_frame);
}

}  // namespace
}  // namespace sluice::codecs
