// What is read from H265 payloads, and which temporal layers a consumer gets.
#include "protocol/codecs/h265.h"

#include <gtest/gtest.h>

#include "protocol/codecs/payload.h"
#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

bool is_key(std::string_view hex) {
  const auto payload = parse_h265(from_hex(hex));
  return payload && payload->key_frame;
}

TEST(H265, H26501KeyFrameStarts) {  // H265-01
  EXPECT_TRUE(is_key("26 01 aa")) << "IDR_W_RADL alone";
  EXPECT_TRUE(is_key("2a 01 aa")) << "CRA alone";
  EXPECT_TRUE(is_key("40 01 aa")) << "VPS alone";
  EXPECT_TRUE(is_key("60 01 0003 4e01aa 0003 4001aa")) << "VPS second in an AP";
  EXPECT_TRUE(is_key("62 01 93 aa")) << "start of an FU of IDR_W_RADL";
  EXPECT_TRUE(is_key("62 01 a1 aa")) << "start of an FU of an SPS";
}

TEST(H265, OtherPacketsAreNoKeyFrameStart) {
  EXPECT_FALSE(is_key("02 01 aa")) << "TRAIL_R";
  EXPECT_FALSE(is_key("4e 01 aa")) << "SEI";
  EXPECT_FALSE(is_key("62 01 13 aa")) << "middle of an FU";
  EXPECT_FALSE(is_key("62 01 81 aa")) << "start of an FU of TRAIL_R";
  EXPECT_FALSE(is_key("60 01 00ff 4001aa")) << "the AP ends inside the unit";
  EXPECT_FALSE(is_key("2c 01 aa")) << "type 22 is reserved";
}

TEST(H265, ShortOrForbiddenHeadersAreNone) {
  EXPECT_FALSE(parse_h265({}));
  EXPECT_FALSE(parse_h265(from_hex("26")));
  EXPECT_FALSE(parse_h265(from_hex("26 01")));
  EXPECT_FALSE(parse_h265(from_hex("26 00 aa"))) << "temporal id 0 is forbidden";
}

TEST(H265, TemporalLayerAndSwitchingPoints) {
  const auto tsa = parse_h265(from_hex("06 02 aa"));
  ASSERT_TRUE(tsa);
  EXPECT_EQ(tsa->temporal_layer, 1);
  EXPECT_TRUE(tsa->switching_up);
  EXPECT_TRUE(tsa->switching_up_all);
  const auto stsa = parse_h265(from_hex("62 03 05 aa"));  // in the middle of an FU
  ASSERT_TRUE(stsa);
  EXPECT_EQ(stsa->temporal_layer, 2);
  EXPECT_TRUE(stsa->switching_up);
  EXPECT_FALSE(stsa->switching_up_all);
  EXPECT_FALSE(parse_h265(from_hex("02 02 aa"))->switching_up);
}

class H265Receiver {
 public:
  H265Receiver() { processor_.sync(); }

  bool passes(std::string_view hex) {
    const Payload payload = from_hex(hex);
    return processor_.process(parser_.parse(payload, {}), payload, false).forward;
  }
  void target(int temporal) { processor_.set_target_layers(0, temporal); }
  [[nodiscard]] int temporal() const { return processor_.current_temporal_layer(); }

 private:
  PayloadParser parser_{Codec::kH265};
  PayloadProcessor processor_{Codec::kH265, {.temporal_layers = 3}};
};

constexpr std::string_view kIdr = "26 01 aa";
constexpr std::string_view kTrail0 = "02 01 aa", kTrail1 = "02 02 aa", kTrail2 = "02 03 aa";
constexpr std::string_view kTsa1 = "06 02 aa", kStsa1 = "0a 02 aa", kStsa2 = "0a 03 aa";

TEST(H265Selection, LayersAboveTheTargetAreDropped) {
  H265Receiver receiver;
  receiver.target(1);
  EXPECT_TRUE(receiver.passes(kIdr));
  EXPECT_TRUE(receiver.passes(kTrail1));
  EXPECT_FALSE(receiver.passes(kTrail2));
  EXPECT_FALSE(receiver.passes(kStsa2));
}

TEST(H265Selection, UpWaitsForASwitchingPointOfEachLayer) {
  H265Receiver receiver;
  receiver.target(0);
  EXPECT_TRUE(receiver.passes(kIdr));
  receiver.target(2);
  EXPECT_FALSE(receiver.passes(kTrail1));
  EXPECT_FALSE(receiver.passes(kStsa2)) << "layer 1 is still missing";
  EXPECT_TRUE(receiver.passes(kStsa1));
  EXPECT_EQ(receiver.temporal(), 1);
  EXPECT_FALSE(receiver.passes(kTrail2));
  EXPECT_TRUE(receiver.passes(kStsa2));
  EXPECT_EQ(receiver.temporal(), 2);
}

TEST(H265Selection, TsaOpensAllLayersAbove) {
  H265Receiver receiver;
  receiver.target(0);
  EXPECT_TRUE(receiver.passes(kIdr));
  receiver.target(2);
  EXPECT_TRUE(receiver.passes(kTsa1));
  EXPECT_TRUE(receiver.passes(kTrail2));
}

TEST(H265Selection, KeyFrameOpensAllLayers) {
  H265Receiver receiver;
  receiver.target(0);
  receiver.target(2);
  EXPECT_TRUE(receiver.passes(kIdr));
  EXPECT_TRUE(receiver.passes(kTrail2));
}

TEST(H265Selection, DownIsAtOnceAndNoTargetSendsNothing) {
  H265Receiver receiver;
  receiver.target(2);
  EXPECT_TRUE(receiver.passes(kIdr));
  receiver.target(0);
  EXPECT_FALSE(receiver.passes(kTrail1));
  EXPECT_TRUE(receiver.passes(kTrail0));
  EXPECT_EQ(receiver.temporal(), 0);
  receiver.target(-1);
  EXPECT_FALSE(receiver.passes(kTrail0));
  EXPECT_EQ(receiver.temporal(), -1);
}

TEST(H265Selection, WithoutATargetAllGoesOut) {
  H265Receiver receiver;
  EXPECT_TRUE(receiver.passes(kTrail2));
  EXPECT_TRUE(receiver.passes("26"));
}

}  // namespace
}  // namespace sluice::codecs
