// When two codecs are the same (ortc-model 3.2.1).
#include "protocol/ortc/codec_match.h"

#include <gtest/gtest.h>

namespace sluice::ortc {
namespace {

RtpCodec video(std::string_view name, ParameterMap parameters = {}) {
  RtpCodec codec;
  codec.mime_type = "video/" + std::string(name);
  codec.clock_rate = 90000;
  codec.parameters = std::move(parameters);
  return codec;
}

RtpCodec audio(std::string_view name, uint32_t clock_rate, uint8_t channels,
               ParameterMap parameters = {}) {
  RtpCodec codec;
  codec.mime_type = "audio/" + std::string(name);
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.parameters = std::move(parameters);
  return codec;
}

bool strict(const RtpCodec& a, const RtpCodec& b) {
  return codecs_match(a, b, CodecMatch::kStrict);
}

bool loose(const RtpCodec& a, const RtpCodec& b) {
  return codecs_match(a, b, CodecMatch::kLoose);
}

RtpCodec vp9(ParameterValue profile) {
  return video("VP9", {{"profile-id", std::move(profile)}});
}

RtpCodec h264(ParameterValue packetization_mode) {
  return video("H264", {{"packetization-mode", std::move(packetization_mode)}});
}

RtpCodec multiopus(ParameterMap parameters) {
  return audio("multiopus", 48000, 6, std::move(parameters));
}

TEST(CodecMatch, NameIgnoresCase) {
  EXPECT_TRUE(strict(video("VP8"), video("vp8")));
  EXPECT_TRUE(strict(audio("OPUS", 48000, 2), audio("opus", 48000, 2)));
  EXPECT_FALSE(strict(video("VP8"), video("VP80")));
  EXPECT_FALSE(strict(video("VP8"), video("VP9")));
}

TEST(CodecMatch, ClockRateAndChannelsMustBeEqual) {
  EXPECT_FALSE(strict(audio("opus", 48000, 2), audio("opus", 48000, 1)));
  EXPECT_FALSE(strict(audio("ISAC", 16000, 1), audio("ISAC", 32000, 1)));
  RtpCodec with_channels = video("VP8");
  with_channels.channels = uint8_t{1};
  EXPECT_FALSE(strict(with_channels, video("VP8")));
}

TEST(CodecMatch, OpusFormatParametersDoNotCount) {
  EXPECT_TRUE(strict(audio("opus", 48000, 2, {{"useinbandfec", int64_t{1}}}),
                     audio("opus", 48000, 2, {{"stereo", int64_t{1}}})));
}

TEST(CodecMatch, MultiopusComparesStreamsInBothModes) {
  const RtpCodec six = multiopus({{"num_streams", int64_t{4}}, {"coupled_streams", int64_t{2}}});
  const RtpCodec mapped = multiopus({{"channel_mapping", "0,4,1,2,3,5"},
                                     {"num_streams", int64_t{4}},
                                     {"coupled_streams", int64_t{2}}});
  const RtpCodec other_streams =
      multiopus({{"num_streams", int64_t{3}}, {"coupled_streams", int64_t{2}}});
  const RtpCodec other_coupled =
      multiopus({{"num_streams", int64_t{4}}, {"coupled_streams", int64_t{3}}});
  const RtpCodec as_text = multiopus({{"num_streams", "4"}, {"coupled_streams", int64_t{2}}});
  for (const auto match : {strict, loose}) {
    EXPECT_TRUE(match(six, mapped));
    EXPECT_FALSE(match(six, other_streams));
    EXPECT_FALSE(match(six, other_coupled));
    EXPECT_FALSE(match(six, as_text));
    EXPECT_FALSE(match(six, multiopus({})));
    EXPECT_TRUE(match(multiopus({}), multiopus({})));
  }
}

TEST(CodecMatch, Vp9ProfileIsComparedWithItsType) {
  EXPECT_TRUE(strict(vp9(int64_t{2}), vp9(int64_t{2})));
  EXPECT_FALSE(strict(vp9(int64_t{2}), vp9(int64_t{0})));
  EXPECT_FALSE(strict(vp9("2"), vp9(int64_t{2})));
  EXPECT_FALSE(strict(vp9("0"), video("VP9")));
  EXPECT_TRUE(strict(vp9(int64_t{0}), video("VP9")));
  EXPECT_TRUE(strict(vp9(""), video("VP9")));
  EXPECT_TRUE(loose(vp9(int64_t{2}), video("VP9")));
}

TEST(CodecMatch, H264PacketizationModeIsComparedWithItsType) {
  EXPECT_TRUE(strict(h264(int64_t{1}), h264(int64_t{1})));
  EXPECT_FALSE(strict(h264("1"), h264(int64_t{1})));
  EXPECT_FALSE(strict(h264(int64_t{1}), video("H264")));
  EXPECT_TRUE(strict(h264(int64_t{0}), video("H264")));
  EXPECT_TRUE(loose(h264(int64_t{1}), video("H264")));
}

TEST(CodecMatch, H264ProfileCountsInStrictModeOnly) {
  const RtpCodec high = video("H264", {{"profile-level-id", "64001f"}});
  const RtpCodec invalid = video("H264", {{"profile-level-id", "CHICKEN"}});
  EXPECT_FALSE(strict(high, video("H264")));
  EXPECT_FALSE(strict(invalid, invalid));
  EXPECT_TRUE(loose(high, video("H264")));
  EXPECT_TRUE(loose(invalid, video("H264")));
}

TEST(CodecMatch, Av1ProfileDoesNotCount) {
  EXPECT_TRUE(strict(video("AV1", {{"profile", int64_t{1}}}), video("AV1")));
}

TEST(CodecMatch, AdaptingWritesTheNegotiatedLevel) {
  RtpCodec local = video("H264", {{"foo", "bar"}, {"profile-level-id", "42E034"}});
  const RtpCodec remote = video("H264", {{"profile-level-id", "42e01f"}});
  ASSERT_TRUE(match_and_adapt_codec(local, remote));
  EXPECT_EQ(local.parameters, (ParameterMap{{"foo", "bar"}, {"profile-level-id", "42e01f"}}));
}

TEST(CodecMatch, AdaptingRemovesAnEmptyLevel) {
  RtpCodec local = video("H264", {{"profile-level-id", ""}});
  ASSERT_TRUE(match_and_adapt_codec(local, video("H264")));
  EXPECT_TRUE(local.parameters.empty());
}

TEST(CodecMatch, AdaptingLeavesACodecThatDoesNotMatch) {
  RtpCodec local = video("H264", {{"profile-level-id", "64001F"}});
  EXPECT_FALSE(match_and_adapt_codec(local, video("H264")));
  EXPECT_EQ(local.parameters, (ParameterMap{{"profile-level-id", "64001F"}}));
}

}  // namespace
}  // namespace sluice::ortc
