// What the engine checks before a producer may exist (ortc-model 3.9, rows E1 to E12).
#include "protocol/ortc/engine_parameters.h"

#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::HasSubstr;

/// The engine's answer to parameters that no mapping has looked at.
Result<StreamType> check(std::string_view rtp_parameters, MediaKind kind = MediaKind::kVideo) {
  const Result<RtpParameters> engine =
      get_engine_rtp_parameters(must(read<RtpParameters>(rtp_parameters)));
  if (!engine) {
    return std::unexpected(engine.error());
  }
  return check_producer(kind, *engine);
}

constexpr std::string_view kVp8 =
    R"({"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000})";

/// Parameters with these codecs, the rest sound.
std::string with_codecs(std::string_view codecs) {
  return R"({"mid": "0", "encodings": [{}], "codecs": )" + std::string(codecs) + "}";
}

/// VP8 with these encodings.
std::string with_encodings(std::string_view encodings, std::string_view mid = "\"0\"",
                           std::string_view codecs = kVp8) {
  return R"({"mid": )" + std::string(mid) + R"(, "codecs": [)" + std::string(codecs) +
         R"(], "encodings": )" + std::string(encodings) + "}";
}

TEST(EngineParameters, E1NoCodecs) {
  EXPECT_EQ(outcome(check(with_codecs("[]"))), "TypeError");
}

TEST(EngineParameters, E2OnePayloadTypeTwice) {
  EXPECT_EQ(outcome(check(with_codecs(R"([
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/VP9", "payloadType": 96, "clockRate": 90000}])"))),
            "TypeError");
}

TEST(EngineParameters, E3RtxNeedsAPositiveWholeApt) {
  const auto with_apt = [](std::string_view parameters) {
    return outcome(check(with_codecs(R"([
        {"mimeType": "video/VP8", "payloadType": 0, "clockRate": 90000},
        {"mimeType": "video/VP9", "payloadType": 98, "clockRate": 90000},
        {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": )" +
                                     std::string(parameters) + "}]")));
  };
  EXPECT_EQ(with_apt(R"({"apt": 98})"), "ok");
  EXPECT_EQ(with_apt("{}"), "TypeError");
  EXPECT_EQ(with_apt(R"({"apt": 0})"), "TypeError");
  EXPECT_EQ(with_apt(R"({"apt": -98})"), "TypeError");
  EXPECT_EQ(with_apt(R"({"apt": 98.5})"), "TypeError");
  EXPECT_EQ(with_apt(R"({"apt": 354})"), "TypeError");  // 98 modulo 256
}

TEST(EngineParameters, E3AptMustNameAMediaCodec) {
  const auto with_target = [](std::string_view apt) {
    return outcome(check(with_codecs(R"([
        {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
        {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000,
         "parameters": {"apt": 96}},
        {"mimeType": "video/ulpfec", "payloadType": 98, "clockRate": 90000},
        {"mimeType": "video/rtx", "payloadType": 99, "clockRate": 90000, "parameters": {"apt": )" +
                                     std::string(apt) + "}}]")));
  };
  EXPECT_EQ(with_target("97"), "TypeError");
  EXPECT_EQ(with_target("98"), "TypeError");
  EXPECT_EQ(with_target("100"), "TypeError");
}

TEST(EngineParameters, E4NoMediaCodec) {
  EXPECT_EQ(outcome(check(with_codecs(
                R"([{"mimeType": "video/ulpfec", "payloadType": 98, "clockRate": 90000}])"))),
            "TypeError");
}

constexpr std::string_view kVp8WithRtx =
    R"({"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
       {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000,
        "parameters": {"apt": 96}})";

TEST(EngineParameters, E5CodecOfAnEncodingMustBeAMediaCodec) {
  EXPECT_EQ(outcome(check(with_encodings(R"([{"codecPayloadType": 96}])", "\"0\"", kVp8WithRtx))),
            "ok");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"codecPayloadType": 97}])", "\"0\"", kVp8WithRtx))),
            "TypeError");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"codecPayloadType": 95}])", "\"0\"", kVp8WithRtx))),
            "TypeError");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"codecPayloadType": 0}])", "\"0\"", kVp8WithRtx))),
            "TypeError");
}

TEST(EngineParameters, E5AbsentIsTheFirstMediaCodec) {
  const RtpParameters engine =
      must(get_engine_rtp_parameters(must(read<RtpParameters>(with_codecs(R"([
          {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000,
           "parameters": {"apt": 96}},
          {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
          {"mimeType": "video/VP9", "payloadType": 98, "clockRate": 90000}])")))));
  EXPECT_EQ(engine.encodings[0].codec_payload_type, PayloadType(96));
}

TEST(EngineParameters, E6RtxOfAnEncodingWithoutRtxCodecIsAccepted) {
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1, "rtx": {"ssrc": 2}}])"))), "ok");
}

TEST(EngineParameters, E7HeaderExtensionsMustBeKnownAndHaveAnId) {
  const auto with_extension = [](std::string_view extension) {
    return outcome(check(R"({"mid": "0", "encodings": [{}], "codecs": [)" + std::string(kVp8) +
                         R"(], "headerExtensions": [)" + std::string(extension) + "]}"));
  };
  EXPECT_EQ(with_extension(R"({"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1})"), "ok");
  EXPECT_EQ(with_extension(R"({"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 255})"), "ok");
  EXPECT_EQ(with_extension(R"({"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 0})"),
            "TypeError");
  EXPECT_EQ(with_extension(R"({"uri": "urn:ietf:params:rtp-hdrext:sdes:MID", "id": 1})"),
            "TypeError");
  EXPECT_EQ(with_extension(R"({"uri": "urn:chicken", "id": 1})"), "TypeError");
}

TEST(EngineParameters, E8AnEmptyMidIsAbsent) {
  EXPECT_EQ(outcome(check(with_encodings("[{}]", "\"\""))), "TypeError");  // E11
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1}])", "\"\""))), "ok");
}

TEST(EngineParameters, E9SpatialLayersInOneOfSeveralEncodings) {
  EXPECT_EQ(outcome(check(with_encodings(
                R"([{"ssrc": 1, "scalabilityMode": "L1T3"},
                    {"ssrc": 2, "scalabilityMode": "L1T3"}])"))),
            "ok");
  EXPECT_EQ(outcome(check(with_encodings(
                R"([{"ssrc": 1, "scalabilityMode": "L1T3"},
                    {"ssrc": 2, "scalabilityMode": "L2T3"}])"))),
            "TypeError");
}

TEST(EngineParameters, E10OneOfSeveralEncodingsWithoutSsrcAndRid) {
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1}, {"rid": "r1"}])"))), "ok");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1}, {}])"))), "TypeError");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1}, {"rtx": {"ssrc": 2}}])"))), "TypeError");
}

TEST(EngineParameters, E11NothingToRoutePacketsBy) {
  EXPECT_EQ(outcome(check(with_encodings("[{}]", "null"))), "TypeError");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1}])", "null"))), "ok");
  EXPECT_EQ(outcome(check(with_encodings(R"([{"rid": "r0"}])", "null"))), "ok");
  EXPECT_EQ(outcome(check(with_encodings("[{}]"))), "ok");
}

TEST(EngineParameters, E12TheCodecMustAllowTheType) {
  constexpr std::string_view kVp9 =
      R"({"mimeType": "video/VP9", "payloadType": 98, "clockRate": 90000})";
  EXPECT_EQ(outcome(check(with_encodings(R"([{"ssrc": 1}, {"ssrc": 2}])", "\"0\"", kVp9))),
            "TypeError");
  EXPECT_EQ(must(check(with_encodings(R"([{"scalabilityMode": "L3T3"}])", "\"0\"", kVp9))),
            StreamType::kSvc);
}

TEST(EngineParameters, TheTypeFollowsTheCodecOfTheFirstEncoding) {
  const std::string parameters = with_encodings(
      R"([{"codecPayloadType": 98, "scalabilityMode": "L3T3"}])", "\"0\"",
      std::string(kVp8) + R"(, {"mimeType": "video/VP9", "payloadType": 98, "clockRate": 90000})");
  EXPECT_EQ(must(check(parameters)), StreamType::kSvc);
}

TEST(EngineParameters, CodecsMustBeOfTheProducersKind) {
  EXPECT_EQ(outcome(check(with_encodings("[{}]"), MediaKind::kAudio)), "TypeError");
}

TEST(EngineParameters, DropWhatHasNoMeaning) {
  const RtpParameters engine = must(get_engine_rtp_parameters(must(read<RtpParameters>(R"({
      "mid": "0", "msid": "a b", "codecs": [
        {"mimeType": "VIDEO/vp8", "payloadType": 96, "clockRate": 90000},
        {"mimeType": "video/RTX", "payloadType": 97, "clockRate": 90000,
         "parameters": {"apt": 96}}],
      "encodings": [{"active": true, "maxBitrate": "abc"}]})"))));
  EXPECT_EQ(engine.msid, "");
  EXPECT_TRUE(engine.encodings[0].unknown.empty());
  EXPECT_EQ(engine.codecs[0].mime_type, "video/VP8");
  EXPECT_EQ(engine.codecs[1].mime_type, "video/rtx");
}

TEST(EngineParameters, ErrorsShowShortValidText) {
  // The mode is cut within its first 16 bytes, between the two bytes of a character.
  const Result<StreamType> result = check(
      with_encodings(R"([{"ssrc": 1}, {"ssrc": 2, "scalabilityMode": "L2T1___________ééééé"}])"));
  ASSERT_EQ(outcome(result), "TypeError");
  EXPECT_THAT(result.error().message, HasSubstr("scalabilityMode L2T1___________… in"));
}

}  // namespace
}  // namespace sluice::ortc
