// What is the same for all codecs: which fields a parser fills, and what a processor decides when
// no layers are chosen.
#include "protocol/codecs/payload.h"

#include <gtest/gtest.h>

#include "protocol/codecs/frame_numbers.h"
#include "protocol/rtp/seq_numberer.h"
#include "unit/codecs/dependency_structures.h"

namespace sluice::codecs {
namespace {

TEST(PayloadParser, OpaqueCodecsTellNothing) {
  PayloadParser parser(Codec::kOther);
  const PayloadInfo info = parser.parse(from_hex("90 80 11 00"), from_hex("80 01 2f"));
  EXPECT_EQ(info.codec, Codec::kOther);
  EXPECT_FALSE(info.key_frame || info.has_descriptor || info.has_frame_number);
}

TEST(PayloadParser, EmptyPayloadsAreHarmless) {
  for (const Codec codec : {Codec::kOther, Codec::kOpus, Codec::kVp8, Codec::kVp9, Codec::kH264,
                            Codec::kH265, Codec::kAv1}) {
    PayloadParser parser(codec);
    const PayloadInfo info = parser.parse({}, {});
    EXPECT_EQ(info.codec, codec);
    EXPECT_FALSE(info.key_frame || info.has_descriptor);
  }
}

TEST(PayloadParser, Vp8FieldsAreTaken) {
  PayloadParser parser(Codec::kVp8);
  const PayloadInfo info = parser.parse(from_hex("90 f0 92 34 56 64 00"), {});
  EXPECT_TRUE(info.has_descriptor);
  EXPECT_TRUE(info.key_frame);
  EXPECT_TRUE(info.start_of_frame);
  EXPECT_EQ(info.picture_id, 0x1234);
  EXPECT_EQ(info.tl0_picture_index, 0x56);
  EXPECT_EQ(info.temporal_layer, 1);
  EXPECT_TRUE(info.layer_sync);
  EXPECT_EQ(info.descriptor_size, 6);
}

TEST(PayloadParser, Vp8KeyIndexAloneIsNoTemporalLayer) {
  PayloadParser parser(Codec::kVp8);
  const PayloadInfo info = parser.parse(from_hex("90 10 e4 00"), {});
  EXPECT_TRUE(info.has_descriptor);
  EXPECT_FALSE(info.has_temporal_layer);
  EXPECT_EQ(info.temporal_layer, 0);
}

TEST(PayloadParser, ResetForgetsTheLastPictureId) {
  PayloadParser parser(Codec::kVp8);
  EXPECT_EQ(parser.parse(from_hex("90 80 ff 00 00"), {}).picture_id, 0x7f00);
  EXPECT_EQ(parser.parse(from_hex("90 80 05 00"), {}).picture_id, 0x7f05);
  parser.reset();
  EXPECT_EQ(parser.parse(from_hex("90 80 05 00"), {}).picture_id, 5);
}

TEST(PayloadParser, Vp9FieldsAreTaken) {
  PayloadParser parser(Codec::kVp9);
  const PayloadInfo info = parser.parse(vp9_payload({.picture_id = 77,
                                                     .spatial_layer = 2,
                                                     .temporal_layer = 1,
                                                     .switching_up = true,
                                                     .predicted = true,
                                                     .begins = false}),
                                        {});
  EXPECT_TRUE(info.has_descriptor);
  EXPECT_FALSE(info.key_frame);
  EXPECT_EQ(info.picture_id, 77);
  EXPECT_EQ(info.spatial_layer, 2);
  EXPECT_EQ(info.temporal_layer, 1);
  EXPECT_TRUE(info.layer_sync);
  EXPECT_TRUE(info.inter_picture_predicted);
  EXPECT_FALSE(info.start_of_frame);
  EXPECT_TRUE(info.end_of_frame);
}

TEST(PayloadParser, Av1WithoutDescriptorHasItsKeyFramesFromTheNBit) {
  PayloadParser parser(Codec::kAv1);
  EXPECT_TRUE(parser.parse(from_hex("18 0a 0b"), {}).key_frame);
  EXPECT_FALSE(parser.parse(from_hex("10 0a 0b"), {}).key_frame);
  EXPECT_FALSE(parser.parse(from_hex("98 0a 0b"), {}).key_frame) << "continues an OBU";
  EXPECT_FALSE(parser.parse(from_hex("18"), {}).key_frame) << "without an OBU";
  EXPECT_FALSE(parser.parse(from_hex("18 0a 0b"), {}).has_descriptor);
}

TEST(PayloadParser, DescriptorWithStructureIsAKeyFrame) {
  LayeredStream stream(1, 1, false, 9);
  PayloadParser parser(Codec::kAv1);
  const auto key = stream.next_picture(true)[0];
  const Payload obus = from_hex("10 0a 0b");
  PayloadInfo info = parser.parse(obus, stream.descriptor(key, true, false));
  EXPECT_TRUE(info.key_frame);
  EXPECT_TRUE(info.has_dependencies);
  EXPECT_TRUE(info.start_of_frame);
  EXPECT_FALSE(info.end_of_frame);
  EXPECT_EQ(info.frame_number, 9);
  info = parser.parse(obus, stream.descriptor(key, false, true));
  EXPECT_FALSE(info.key_frame);
  EXPECT_TRUE(info.end_of_frame);
  info = parser.parse(obus, stream.descriptor(stream.next_picture()[0]));
  EXPECT_FALSE(info.key_frame);
  EXPECT_EQ(info.frame_number, 10);
}

TEST(PayloadParser, UnreadableDescriptorLeavesTheCodecsOwnMeans) {
  PayloadParser parser(Codec::kH264);
  const PayloadInfo info = parser.parse(from_hex("67 42"), from_hex("80 01 2f"));
  EXPECT_TRUE(info.key_frame);
  EXPECT_FALSE(info.has_dependencies);
}

TEST(PayloadParser, H264IdrCountsWhenConfigured) {
  PayloadParser strict(Codec::kH264);
  PayloadParser lenient(Codec::kH264, {.h264_idr_starts_key_frame = true});
  EXPECT_FALSE(strict.parse(from_hex("65 88"), {}).key_frame);
  EXPECT_TRUE(lenient.parse(from_hex("65 88"), {}).key_frame);
}

TEST(PayloadProcessor, Opu04IgnoredDtxLeavesNoGap) {  // OPU-04
  PayloadParser parser(Codec::kOpus);
  PayloadProcessor processor(Codec::kOpus, {.ignore_dtx = true});
  rtp::SeqNumberer<16> numbers;
  const Payload voice = from_hex("78 01 02 03");
  const Payload dtx = from_hex("78");
  std::vector<int64_t> sent;
  for (uint16_t i = 0; i < 10; ++i) {
    const Payload& payload = i % 3 == 1 ? dtx : voice;
    if (processor.process(parser.parse(payload, {}), payload, false).forward) {
      sent.push_back(numbers.input(i).value());
    } else {
      numbers.drop(i);
    }
  }
  EXPECT_EQ(sent, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(PayloadProcessor, DtxGoesOutUnlessIgnored) {
  PayloadParser parser(Codec::kOpus);
  PayloadProcessor processor(Codec::kOpus, {});
  const auto decision = processor.process(parser.parse(from_hex("78"), {}), from_hex("78"), true);
  EXPECT_TRUE(decision.forward);
  EXPECT_TRUE(decision.marker);
}

TEST(PayloadProcessor, WithoutTargetsAllGoesOutAsItCame) {
  LayeredStream stream(3, 3, false);
  PayloadParser av1(Codec::kAv1);
  PayloadProcessor processor(Codec::kAv1, {});
  processor.sync();
  const Payload obus = from_hex("10 0a 0b");
  for (int i = 0; i < 8; ++i) {
    for (const auto& frame : stream.next_picture(i == 0)) {
      for (const bool marker : {false, true}) {
        const auto decision =
            processor.process(av1.parse(obus, stream.descriptor(frame)), obus, marker);
        EXPECT_TRUE(decision.forward);
        EXPECT_EQ(decision.marker, marker);
        EXPECT_EQ(decision.rewrite.size, 0);
        EXPECT_FALSE(decision.frame_number);
      }
    }
  }
  PayloadParser vp9(Codec::kVp9);
  PayloadProcessor vp9_processor(Codec::kVp9, {});
  const Payload top = vp9_payload({.spatial_layer = 2, .temporal_layer = 2});
  EXPECT_TRUE(vp9_processor.process(vp9.parse(top, {}), top, false).forward);
}

TEST(PayloadProcessor, SpatialTargetAboveTheStreamsOwnIsItsHighest) {
  // A simulcast stream: its own spatial layer is 0, whatever its place among the encodings.
  PayloadParser parser(Codec::kVp9);
  PayloadProcessor processor(Codec::kVp9, {.spatial_layers = 1, .temporal_layers = 2});
  processor.sync();
  processor.set_target_layers(2, 1);
  const Payload key = vp9_payload({.picture_id = 1});
  EXPECT_TRUE(processor.process(parser.parse(key, {}), key, false).forward);
  EXPECT_EQ(processor.current_spatial_layer(), 0);
}

TEST(PayloadProcessor, FrameNumbersOfOtherCodecsFollowSyncToo) {
  PayloadParser parser(Codec::kVp8);
  PayloadProcessor processor(Codec::kVp8, {});
  const Payload payload = vp8_payload({.picture_id = 1, .tl0 = 1, .key_frame = true});
  const auto frame_number = [&](uint16_t number) {
    const Payload dd = dependency_descriptor({.frame_number = number});
    return processor.process(parser.parse(payload, dd), payload, false).frame_number;
  };
  processor.sync();
  EXPECT_EQ(frame_number(500), std::nullopt);
  processor.sync();
  EXPECT_EQ(frame_number(90), 501);
  EXPECT_EQ(frame_number(91), 502);
}

TEST(PayloadProcessor, MovesWithItsState) {
  PayloadParser parser(Codec::kVp8);
  PayloadProcessor first(Codec::kVp8, {});
  first.sync();
  const Payload payload =
      vp8_payload({.picture_id = 40, .tl0 = 1, .temporal_layer = 0, .key_frame = true});
  (void)first.process(parser.parse(payload, {}), payload, false);
  PayloadProcessor second = std::move(first);
  second.sync();
  const auto decision = second.process(parser.parse(payload, {}), payload, false);
  ASSERT_GT(decision.rewrite.size, 0);
  const auto out = PayloadParser(Codec::kVp8).parse(rewritten(payload, decision.rewrite), {});
  EXPECT_EQ(out.picture_id, 41);
}

TEST(FrameNumbers, GapsOfDroppedFramesStay) {
  FrameNumbers numbers;
  numbers.sync();
  EXPECT_EQ(numbers.map(65534), 65534);
  EXPECT_EQ(numbers.map(2), 2);
  EXPECT_EQ(numbers.map(65535), 65535);
  EXPECT_EQ(numbers.map(10), 10);
}

TEST(FrameNumbers, SyncContinuesBehindTheHighest) {
  FrameNumbers numbers;
  numbers.sync();
  EXPECT_EQ(numbers.map(65534), 65534);
  EXPECT_EQ(numbers.map(65530), 65530);
  numbers.sync();
  EXPECT_EQ(numbers.map(100), 65535);
  EXPECT_EQ(numbers.map(101), 0);
  EXPECT_EQ(numbers.map(104), 3);
}

}  // namespace
}  // namespace sluice::codecs
