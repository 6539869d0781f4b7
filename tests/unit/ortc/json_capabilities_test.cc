// Validation and normalisation of RTP capabilities (ortc-model 3.1, V1 to V4).
#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::HasSubstr;

std::string caps(std::string_view json) {
  return reading<RtpCapabilities>(json);
}

/// Capabilities with one codec.
std::string codec(std::string_view json) {
  return R"({"codecs": [)" + std::string(json) + "]}";
}

/// PCMU with one more member.
std::string pcmu_with(std::string_view member) {
  return codec(R"({"mimeType": "audio/PCMU", "clockRate": 8000, )" + std::string(member) + "}");
}

/// Capabilities with the mid extension and these members.
std::string extension(std::string_view members) {
  return R"({"headerExtensions": [{)" + std::string(members) + "}]}";
}

RtpCodecCapability codec_of(std::string_view json) {
  return must(read<RtpCapabilities>(json)).codecs.at(0);
}

// ---- V1

TEST(CapabilitiesV1, MustBeAnObject) {
  EXPECT_EQ(caps("{}"), "ok");
  for (const std::string_view json : {"", "null", "[]", "1", "\"x\"", "true"}) {
    EXPECT_EQ(caps(json), "TypeError") << json;
  }
}

TEST(CapabilitiesV1, ListsMayBeAbsentOrFalsy) {
  for (const std::string_view value : {"null", "0", "false", "\"\"", "[]"}) {
    EXPECT_EQ(caps(R"({"codecs": )" + std::string(value) + "}"), "ok") << value;
    EXPECT_EQ(caps(R"({"headerExtensions": )" + std::string(value) + "}"), "ok") << value;
  }
  for (const std::string_view value : {"{}", "1", "true", "\"x\""}) {
    EXPECT_EQ(caps(R"({"codecs": )" + std::string(value) + "}"), "TypeError") << value;
    EXPECT_EQ(caps(R"({"headerExtensions": )" + std::string(value) + "}"), "TypeError") << value;
  }
}

TEST(CapabilitiesV1, ListsHaveALimitThatTheErrorNames) {
  std::string list = R"({"codecs": [)";
  for (size_t i = 0; i < kMaxCodecs + 1; ++i) {
    list += i == 0 ? "1" : ",1";
  }
  const auto result = read<RtpCapabilities>(list + "]}");
  ASSERT_EQ(outcome(result), "TypeError");
  EXPECT_THAT(result.error().message, HasSubstr("at most 512"));
}

// ---- V2

TEST(CapabilitiesV2, CodecsMustBeObjects) {
  EXPECT_EQ(caps(codec("1")), "TypeError");
  EXPECT_EQ(caps(codec("null")), "TypeError");
  EXPECT_EQ(caps(codec("[]")), "TypeError");
}

TEST(CapabilitiesV2, MimeTypes) {
  const auto with_mime = [](std::string_view value) {
    return caps(codec(R"({"clockRate": 8000, "mimeType": )" + std::string(value) + "}"));
  };
  for (const std::string_view value :
       {R"("audio/x")", R"("AUDIO/opus")", R"("Video/a b")", R"("video/é")"}) {
    EXPECT_EQ(with_mime(value), "ok") << value;
  }
  for (const std::string_view value : {R"("audio/")", R"("audio")", R"(" audio/x")", R"("text/x")",
                                       R"("audio/\n")", R"("")", "1", "null", R"(["audio/x"])"}) {
    EXPECT_EQ(with_mime(value), "TypeError") << value;
  }
  EXPECT_EQ(caps(codec(R"({"clockRate": 8000})")), "TypeError");
}

TEST(CapabilitiesV2, KindFollowsTheMimeType) {
  EXPECT_EQ(codec_of(pcmu_with(R"("kind": "video")")).kind, MediaKind::kAudio);
  EXPECT_EQ(codec_of(pcmu_with(R"("kind": 5)")).kind, MediaKind::kAudio);
  EXPECT_EQ(codec_of(codec(R"({"mimeType": "VIDEO/x", "clockRate": 1})")).kind, MediaKind::kVideo);
}

TEST(CapabilitiesV2, PreferredPayloadType) {
  const auto type_of = [](std::string_view value) {
    return codec_of(pcmu_with(R"("preferredPayloadType": )" + std::string(value)))
        .preferred_payload_type;
  };
  EXPECT_EQ(type_of("0"), PayloadType(0));
  EXPECT_EQ(type_of("255"), PayloadType(255));
  EXPECT_EQ(type_of("96.0"), PayloadType(96));
  EXPECT_EQ(type_of("null"), std::nullopt);
  EXPECT_EQ(type_of("\"\""), std::nullopt);
  EXPECT_EQ(type_of("false"), std::nullopt);
  for (const std::string_view value : {"\"96\"", "true", "256", "-1", "96.5", "[96]"}) {
    EXPECT_EQ(caps(pcmu_with(R"("preferredPayloadType": )" + std::string(value))), "TypeError")
        << value;
  }
}

TEST(CapabilitiesV2, ClockRateMustBeANumber) {
  const auto with_rate = [](std::string_view value) {
    return caps(codec(R"({"mimeType": "audio/x", "clockRate": )" + std::string(value) + "}"));
  };
  EXPECT_EQ(with_rate("0"), "ok");
  EXPECT_EQ(with_rate("4294967295"), "ok");
  for (const std::string_view value : {"4294967296", "-1", "\"8000\"", "null", "1e300"}) {
    EXPECT_EQ(with_rate(value), "TypeError") << value;
  }
}

TEST(CapabilitiesV2, Channels) {
  EXPECT_EQ(codec_of(pcmu_with(R"("channels": 2)")).channels, 2);
  EXPECT_EQ(codec_of(pcmu_with(R"("channels": "2")")).channels, 1);
  EXPECT_EQ(codec_of(pcmu_with(R"("x": 0)")).channels, 1);
  EXPECT_EQ(codec_of(codec(R"({"mimeType": "video/x", "clockRate": 1, "channels": 2})")).channels,
            std::nullopt);
  EXPECT_EQ(caps(pcmu_with(R"("channels": 256)")), "TypeError");
}

TEST(CapabilitiesV2, ParametersAreTextsOrNumbers) {
  EXPECT_EQ(codec_of(pcmu_with(R"("parameters": {"a": 1, "b": "", "c": 1.5, "d": -2, "e": 3.0})"))
                .parameters,
            (ParameterMap{
                {"a", int64_t{1}}, {"b", ""}, {"c", 1.5}, {"d", int64_t{-2}}, {"e", int64_t{3}}}));
  for (const std::string_view value : {"true", "null", "{}", "[]"}) {
    EXPECT_EQ(caps(pcmu_with(R"("parameters": {"a": )" + std::string(value) + "}")), "TypeError")
        << value;
  }
}

TEST(CapabilitiesV2, WholeParametersHave32Bits) {
  const auto with_value = [](std::string_view value) {
    return caps(pcmu_with(R"("parameters": {"a": )" + std::string(value) + "}"));
  };
  EXPECT_EQ(with_value("2147483647"), "ok");
  EXPECT_EQ(with_value("-2147483648"), "ok");
  for (const std::string_view value :
       {"2147483648", "-2147483649", "1e300", "18446744073709551615", "1e999"}) {
    EXPECT_EQ(with_value(value), "TypeError") << value;
  }
}

TEST(CapabilitiesV2, ParametersThatAreNoObjectAreNone) {
  for (const std::string_view value : {"null", "1", "\"a=b\"", "false"}) {
    EXPECT_TRUE(codec_of(pcmu_with(R"("parameters": )" + std::string(value))).parameters.empty())
        << value;
  }
}

TEST(CapabilitiesV2, AptMustBeANumber) {
  EXPECT_EQ(caps(pcmu_with(R"("parameters": {"apt": 96})")), "ok");
  EXPECT_EQ(caps(pcmu_with(R"("parameters": {"apt": "96"})")), "TypeError");
  EXPECT_EQ(caps(pcmu_with(R"("parameters": {"apt": ""})")), "TypeError");
}

// ---- V3

TEST(CapabilitiesV3, Feedback) {
  const RtpCodecCapability parsed = codec_of(pcmu_with(
      R"("rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                          {"type": "x", "parameter": 5}, {"type": "y", "parameter": null}])"));
  EXPECT_EQ(parsed.rtcp_feedback,
            (std::vector<RtcpFeedback>{{"nack", ""}, {"nack", "pli"}, {"x", ""}, {"y", ""}}));
  for (const std::string_view value : {"1", "null", "{}", R"({"type": ""})", R"({"type": 1})"}) {
    EXPECT_EQ(caps(pcmu_with(R"("rtcpFeedback": [)" + std::string(value) + "]")), "TypeError")
        << value;
  }
}

TEST(CapabilitiesV3, FeedbackThatIsNoListIsNone) {
  for (const std::string_view value : {"null", "1", "\"nack\"", "{}", "true"}) {
    EXPECT_TRUE(
        codec_of(pcmu_with(R"("rtcpFeedback": )" + std::string(value))).rtcp_feedback.empty())
        << value;
  }
}

// ---- V4

TEST(CapabilitiesV4, HeaderExtensionsGetDefaults) {
  const RtpCapabilities parsed = must(
      read<RtpCapabilities>(extension(R"("kind": "audio", "uri": "urn:x", "preferredId": 1)")));
  EXPECT_EQ(parsed.header_extensions,
            (std::vector<RtpHeaderExtension>{{MediaKind::kAudio, "urn:x", 1, false, "sendrecv"}}));
}

TEST(CapabilitiesV4, HeaderExtensionsKeepWhatIsGiven) {
  const RtpCapabilities parsed = must(read<RtpCapabilities>(
      extension(R"("kind": "video", "uri": "urn:x", "preferredId": 255, "preferredEncrypt": true,
                   "direction": "chicken")")));
  EXPECT_EQ(parsed.header_extensions,
            (std::vector<RtpHeaderExtension>{{MediaKind::kVideo, "urn:x", 255, true, "chicken"}}));
}

TEST(CapabilitiesV4, WrongHeaderExtensions) {
  for (const std::string_view members :
       {R"("uri": "urn:x", "preferredId": 1)", R"("kind": "", "uri": "urn:x", "preferredId": 1)",
        R"("kind": "Audio", "uri": "urn:x", "preferredId": 1)",
        R"("kind": "audio", "preferredId": 1)", R"("kind": "audio", "uri": "", "preferredId": 1)",
        R"("kind": "audio", "uri": "urn:x")",
        R"("kind": "audio", "uri": "urn:x", "preferredId": "1")",
        R"("kind": "audio", "uri": "urn:x", "preferredId": 256)",
        R"("kind": "audio", "uri": "urn:x", "preferredId": 1, "preferredEncrypt": 1)",
        R"("kind": "audio", "uri": "urn:x", "preferredId": 1, "direction": true)"}) {
    EXPECT_EQ(caps(extension(members)), "TypeError") << members;
  }
  EXPECT_EQ(caps(R"({"headerExtensions": [1]})"), "TypeError");
}

TEST(CapabilitiesV4, FalsyMembersAreAbsent) {
  EXPECT_EQ(caps(extension(R"("kind": "audio", "uri": "urn:x", "preferredId": 0,
                              "preferredEncrypt": 0, "direction": null)")),
            "ok");
}

// ---- errors and limits

TEST(CapabilitiesErrors, NameTheMemberTheValueAndWhatWasExpected) {
  const auto result = read<RtpCapabilities>(
      R"({"codecs": [{"mimeType": "audio/x", "clockRate": 1},
                     {"mimeType": "audio/y", "clockRate": "fast"}]})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            R"(it.codecs[1].clockRate: got "fast", expected a whole number from 0 to 4294967295)");
}

TEST(CapabilitiesErrors, AreShortAndValidText) {
  std::string value;
  for (int i = 0; i < 1000; ++i) {
    value += "é";
  }
  const auto result = read<RtpCapabilities>(
      pcmu_with(R"("parameters": {"k)" + value + R"(": [")" + value + R"("]})"));
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message.size(), 400u);
  // Cut between two bytes of a character the text would be no JSON any more.
  std::string quoted = "\"";
  for (const char c : result.error().message) {
    quoted += c == '"' || c == '\\' ? '\'' : c;
  }
  EXPECT_EQ(parsing(quoted + "\""), "ok");
}

TEST(CapabilitiesErrors, CodecsHaveLimitsOfParametersAndFeedback) {
  std::string parameters;
  std::string feedback_list;
  for (int i = 0; i < 129; ++i) {
    parameters += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    feedback_list += i == 0 ? R"({"type":"x"})" : R"(,{"type":"x"})";
  }
  EXPECT_EQ(caps(pcmu_with(R"("parameters": {)" + parameters + "}")), "TypeError");
  EXPECT_EQ(caps(pcmu_with(R"("rtcpFeedback": [)" + feedback_list + "]")), "TypeError");
}

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const std::string_view text : {"", " ", "{", "{}}", "nul", "{'a': 1}", "\"\xff\"", "[1,]"}) {
    EXPECT_EQ(parsing(text), "TypeError") << text;
  }
}

TEST(ParseJson, RefusesDeepNesting) {
  EXPECT_EQ(parsing(std::string(32, '[') + std::string(32, ']')), "ok");
  EXPECT_EQ(parsing(std::string(33, '[') + std::string(33, ']')), "TypeError");
}

}  // namespace
}  // namespace sluice::ortc
