// The VP8 payload descriptor: its fields, its key frames, and every way to be cut short.
#include "protocol/codecs/vp8.h"

#include <gtest/gtest.h>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

TEST(Vp8Descriptor, Vp801DescriptorCutShortIsNone) {  // VP8-01, V8E
  const Payload payload = from_hex("b0 f0 92 34 56 e4 00");
  const auto whole = parse_vp8(payload);
  ASSERT_TRUE(whole);
  ASSERT_EQ(whole->size, 6);
  for (size_t size = 0; size < whole->size; ++size) {
    EXPECT_FALSE(parse_vp8(Bytes(payload).first(size))) << size;
  }
  EXPECT_TRUE(parse_vp8(Bytes(payload).first(whole->size)));
}

TEST(Vp8Descriptor, AllFieldsAreRead) {
  const auto d = parse_vp8(from_hex("b3 f0 92 34 56 e4 00"));
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->starts_partition);
  EXPECT_EQ(d->partition, 3);
  EXPECT_EQ(d->picture_id, 0x1234);
  EXPECT_EQ(d->picture_id_offset, 2);
  EXPECT_EQ(d->picture_id_size, 2);
  EXPECT_EQ(d->tl0_picture_index, 0x56);
  EXPECT_EQ(d->tl0_offset, 4);
  EXPECT_EQ(d->temporal_layer, 3);
  EXPECT_TRUE(d->layer_sync);
  EXPECT_EQ(d->key_index, 4);
}

TEST(Vp8Descriptor, Vp802StartOfFirstPartitionWithKeyBitIsKeyFrame) {  // VP8-02, V8F
  EXPECT_TRUE(parse_vp8(from_hex("10 00"))->key_frame);
  EXPECT_FALSE(parse_vp8(from_hex("10 01"))->key_frame);
  EXPECT_FALSE(parse_vp8(from_hex("00 00"))->key_frame) << "not the start of a partition";
  EXPECT_FALSE(parse_vp8(from_hex("10"))->key_frame) << "without a frame header";
}

TEST(Vp8Descriptor, Vp803LaterPartitionIsNoKeyFrame) {  // VP8-03
  EXPECT_FALSE(parse_vp8(from_hex("11 00"))->key_frame);
}

TEST(Vp8Descriptor, Vp813WithoutExtensionThereAreNoIds) {  // VP8-13, V8F
  const auto d = parse_vp8(from_hex("10 00"));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->size, 1);
  EXPECT_FALSE(d->has_picture_id || d->has_tl0 || d->has_temporal_layer || d->has_key_index);
}

TEST(Vp8Descriptor, Vp813OneBytePictureId) {  // VP8-13, V8G
  const auto d = parse_vp8(from_hex("d0 80 11 00"));
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->has_picture_id);
  EXPECT_EQ(d->picture_id, 17);
  EXPECT_EQ(d->picture_id_size, 1);
  EXPECT_TRUE(d->starts_partition);
  EXPECT_TRUE(d->key_frame);
}

TEST(Vp8Descriptor, Vp813TemporalLayerAndKeyIndexAlone) {  // VP8-13, V8H
  const auto d = parse_vp8(from_hex("88 3e e4 00"));
  ASSERT_TRUE(d);
  EXPECT_FALSE(d->has_picture_id);
  EXPECT_FALSE(d->has_tl0);
  EXPECT_TRUE(d->has_temporal_layer);
  EXPECT_EQ(d->temporal_layer, 3);
  EXPECT_TRUE(d->layer_sync);
  EXPECT_EQ(d->key_index, 4);
  EXPECT_FALSE(d->key_frame);
}

}  // namespace
}  // namespace sluice::codecs
