// Validation and normalisation of RTP parameters (ortc-model 3.1, V5 to V9, Appendix A.5).
#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::HasSubstr;

std::string params(std::string_view json) {
  return reading<RtpParameters>(json);
}

RtpParameters read_params(std::string_view json) {
  return must(read<RtpParameters>(json));
}

/// Parameters without codecs but with these members.
std::string with(std::string_view members) {
  return R"({"codecs": [], )" + std::string(members) + "}";
}

std::string with_encoding(std::string_view members) {
  return with(R"("encodings": [{)" + std::string(members) + "}]");
}

RtpEncodingParameters encoding(std::string_view members) {
  return read_params(with_encoding(members)).encodings.at(0);
}

std::string with_codec(std::string_view members) {
  return R"({"codecs": [{)" + std::string(members) + "}]}";
}

// ---- Appendix A.5

TEST(ParametersA5, ReducedSizeBecomesTrue) {
  EXPECT_EQ(member_of(read_params(with(R"("rtcp": {"reducedSize": false})")), "rtcp"),
            R"({"reducedSize":true})");
}

TEST(ParametersA5, EncodingMembersThatAreNotValidated) {
  EXPECT_EQ(text_of(encoding(R"("dtx": "true", "maxBitrate": "abc", "foo": 1)")),
            R"({"dtx":false,"foo":1,"maxBitrate":"abc"})");
}

TEST(ParametersA5, RtxWithoutSsrc) {
  EXPECT_EQ(params(with_encoding(R"("rtx": {})")), "TypeError");
}

TEST(ParametersA5, MidMustBeATextUnlessItIsFalsy) {
  EXPECT_EQ(params(with(R"("mid": 5)")), "TypeError");
  EXPECT_EQ(member_of(read_params(with(R"("mid": 0)")), "mid"), "absent");
  EXPECT_EQ(member_of(read_params(with(R"("mid": null)")), "mid"), "absent");
  EXPECT_EQ(member_of(read_params(with(R"("mid": "0")")), "mid"), R"("0")");
}

TEST(ParametersA5, VideoHasNoChannels) {
  EXPECT_EQ(read_params(with_codec(R"("mimeType": "video/VP8", "clockRate": 90000,
                                      "payloadType": 96, "channels": 1)"))
                .codecs[0]
                .channels,
            std::nullopt);
}

TEST(ParametersA5, CodecWithoutPayloadType) {
  EXPECT_EQ(params(with_codec(R"("mimeType": "video/VP8", "clockRate": 90000)")), "TypeError");
}

TEST(ParametersA5, AptAsText) {
  EXPECT_EQ(params(with_codec(R"("mimeType": "video/rtx", "clockRate": 90000,
                                 "payloadType": 97, "parameters": {"apt": "96"})")),
            "TypeError");
}

TEST(ParametersA5, BooleanExtensionParameter) {
  EXPECT_EQ(params(with(R"("headerExtensions": [{"uri": "urn:x", "id": 1,
                                                 "parameters": {"a": true}}])")),
            "TypeError");
}

// ---- V5

TEST(ParametersV5, MustBeAnObjectWithCodecs) {
  EXPECT_EQ(params(R"({"codecs": []})"), "ok");
  for (const std::string_view json : {"", "null", "1", "[]", "{}", R"({"codecs": null})",
                                      R"({"codecs": {}})", R"({"codecs": [1]})"}) {
    EXPECT_EQ(params(json), "TypeError") << json;
  }
}

TEST(ParametersV5, OtherMembersMayBeAbsentOrFalsy) {
  for (const std::string_view member : {"headerExtensions", "encodings", "rtcp"}) {
    for (const std::string_view value : {"null", "0", "false", "\"\""}) {
      EXPECT_EQ(params(with("\"" + std::string(member) + "\": " + std::string(value))), "ok")
          << member << value;
    }
    for (const std::string_view value : {"1", "true", "\"x\""}) {
      EXPECT_EQ(params(with("\"" + std::string(member) + "\": " + std::string(value))), "TypeError")
          << member << value;
    }
  }
}

TEST(ParametersV5, AbsentMembersAreWrittenAsDefaults) {
  EXPECT_EQ(text_of(read_params(R"({"codecs": []})")), normal(R"({
      "codecs": [], "headerExtensions": [], "encodings": [], "rtcp": {"reducedSize": true}})"));
}

TEST(ParametersV5, MsidIsKeptWhenItIsAText) {
  EXPECT_EQ(read_params(with(R"("msid": "a b")")).msid, "a b");
  EXPECT_EQ(read_params(with(R"("msid": 5)")).msid, "");
}

TEST(ParametersV5, MoreEncodingsThanTheLimit) {
  std::string encodings = "{}";
  for (size_t i = 0; i < kMaxEncodings; ++i) {
    encodings += ",{}";
  }
  const auto result = read<RtpParameters>(with("\"encodings\": [" + encodings + "]"));
  ASSERT_EQ(outcome(result), "TypeError");
  EXPECT_THAT(result.error().message, HasSubstr("at most 32"));
}

// ---- V6

TEST(ParametersV6, CodecsGetDefaults) {
  EXPECT_EQ(member_of(read_params(with_codec(
                          R"("mimeType": "audio/opus", "clockRate": 48000, "payloadType": 0)")),
                      "codecs"),
            normal(R"([{"mimeType": "audio/opus", "clockRate": 48000, "payloadType": 0,
                        "channels": 1, "parameters": {}, "rtcpFeedback": []}])"));
}

TEST(ParametersV6, PayloadTypeMustBeANumberOf8Bits) {
  for (const std::string_view value : {"\"96\"", "null", "true", "256", "-1", "96.5"}) {
    EXPECT_EQ(params(with_codec(R"("mimeType": "audio/opus", "clockRate": 48000, "payloadType": )" +
                                std::string(value))),
              "TypeError")
        << value;
  }
}

// ---- V7

TEST(ParametersV7, HeaderExtensions) {
  const RtpParameters parsed = read_params(with(
      R"("headerExtensions": [{"uri": "urn:x", "id": 1},
                              {"uri": "urn:y", "id": 2, "encrypt": true,
                               "parameters": {"apt": "not special here", "b": 2}}])"));
  EXPECT_EQ(member_of(parsed, "headerExtensions"), normal(R"([
      {"uri": "urn:x", "id": 1, "encrypt": false, "parameters": {}},
      {"uri": "urn:y", "id": 2, "encrypt": true,
       "parameters": {"apt": "not special here", "b": 2}}])"));
}

TEST(ParametersV7, WrongHeaderExtensions) {
  for (const std::string_view value :
       {"1", R"({"id": 1})", R"({"uri": "", "id": 1})", R"({"uri": "urn:x"})",
        R"({"uri": "urn:x", "id": "1"})", R"({"uri": "urn:x", "id": 256})",
        R"({"uri": "urn:x", "id": 1, "encrypt": "yes"})"}) {
    EXPECT_EQ(params(with(R"("headerExtensions": [)" + std::string(value) + "]")), "TypeError")
        << value;
  }
  EXPECT_EQ(params(with(R"("headerExtensions": [{"uri": "urn:x", "id": 1, "encrypt": null}])")),
            "ok");
}

// ---- V8

TEST(ParametersV8, EncodingsMustBeObjects) {
  EXPECT_EQ(params(with(R"("encodings": [1])")), "TypeError");
  EXPECT_EQ(params(with(R"("encodings": [null])")), "TypeError");
}

TEST(ParametersV8, Ssrcs) {
  EXPECT_EQ(encoding(R"("ssrc": 4294967295)").ssrc, Ssrc(4294967295));
  for (const std::string_view value : {"null", "false", "\"\"", "0"}) {
    EXPECT_EQ(encoding(R"("ssrc": )" + std::string(value)).ssrc, std::nullopt) << value;
  }
  for (const std::string_view value : {"\"1111\"", "true", "4294967296", "-1", "1.5", "{}"}) {
    EXPECT_EQ(params(with_encoding(R"("ssrc": )" + std::string(value))), "TypeError") << value;
  }
}

TEST(ParametersV8, Rids) {
  EXPECT_EQ(encoding(R"("rid": "r0")").rid, "r0");
  EXPECT_EQ(encoding(R"("rid": null)").rid, "");
  EXPECT_EQ(params(with_encoding(R"("rid": 5)")), "TypeError");
}

TEST(ParametersV8, Rtx) {
  EXPECT_EQ(encoding(R"("rtx": {"ssrc": 7})").rtx_ssrc, Ssrc(7));
  EXPECT_EQ(encoding(R"("rtx": null)").rtx_ssrc, std::nullopt);
  for (const std::string_view value :
       {"7", "true", "[]", R"({"ssrc": "7"})", R"({"ssrc": null})"}) {
    EXPECT_EQ(params(with_encoding(R"("rtx": )" + std::string(value))), "TypeError") << value;
  }
}

TEST(ParametersV8, DtxIsTrueOnlyIfItIsTrue) {
  EXPECT_EQ(encoding(R"("dtx": true)").dtx, true);
  for (const std::string_view value : {"false", "1", "\"true\"", "null", "{}"}) {
    EXPECT_EQ(encoding(R"("dtx": )" + std::string(value)).dtx, false) << value;
  }
}

TEST(ParametersV8, ScalabilityMode) {
  EXPECT_EQ(encoding(R"("scalabilityMode": "L1T3")").scalability_mode, "L1T3");
  EXPECT_EQ(encoding(R"("scalabilityMode": 0)").scalability_mode, "");
  EXPECT_EQ(params(with_encoding(R"("scalabilityMode": 3)")), "TypeError");
}

TEST(ParametersV8, MaxBitrate) {
  EXPECT_EQ(encoding(R"("maxBitrate": 300000)").max_bitrate, 300000u);
  EXPECT_EQ(encoding(R"("maxBitrate": 300000.75)").max_bitrate, 300000u);
  EXPECT_EQ(encoding(R"("maxBitrate": 4294967295)").max_bitrate, 4294967295u);
  EXPECT_EQ(encoding(R"("maxBitrate": null)").max_bitrate, std::nullopt);
  for (const std::string_view value : {"-1", "4294967296", "1e300", "18446744073709551615"}) {
    EXPECT_EQ(params(with_encoding(R"("maxBitrate": )" + std::string(value))), "TypeError")
        << value;
  }
}

TEST(ParametersV8, UnknownMembersSurvive) {
  EXPECT_EQ(text_of(encoding(R"("active": false, "maxFramerate": null, "x": {"y": [1, "é"]})")),
            normal(R"({"dtx": false, "active": false, "maxFramerate": null,
                       "x": {"y": [1, "é"]}})"));
}

// ---- V9

TEST(ParametersV9, Rtcp) {
  EXPECT_EQ(read_params(with(R"("rtcp": {"cname": "x", "mux": true})")).rtcp,
            (RtcpParameters{"x", true}));
  EXPECT_EQ(member_of(read_params(with(R"("rtcp": {"cname": ""})")), "rtcp"),
            R"({"reducedSize":true})");
  EXPECT_EQ(params(with(R"("rtcp": {"cname": 5})")), "TypeError");
  EXPECT_EQ(params(with(R"("rtcp": [])")), "TypeError");
}

// ---- round trip

TEST(ParametersRoundTrip, ThroughText) {
  for (const std::string_view json : {kAudioProducer, kVideoProducer}) {
    const RtpParameters parameters = read_params(json);
    EXPECT_EQ(read_params(text_of(parameters)), parameters);
  }
}

TEST(ParametersRoundTrip, ThroughMemory) {
  for (const std::string_view json : {kAudioProducer, kVideoProducer}) {
    const RtpParameters parameters = read_params(json);
    EXPECT_EQ(must(reread(parameters)), parameters);
  }
}

}  // namespace
}  // namespace sluice::ortc
