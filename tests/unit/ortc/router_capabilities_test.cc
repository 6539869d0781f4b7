// From mediaCodecs to router capabilities (ortc-model 3.2, Appendix A.1).
#include "protocol/ortc/router_capabilities.h"

#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kOpus =
    R"({"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2})";

/// A list of `count` codecs.
std::string repeated(std::string_view codec, size_t count) {
  std::string list = "[";
  for (size_t i = 0; i < count; ++i) {
    list.append(i == 0 ? "" : ",").append(codec);
  }
  return list + "]";
}

// ---- Appendix A.1, row by row

struct Row {
  std::string_view name;
  std::string_view codecs;
  std::string_view outcome;
  std::vector<int> types;
};

class RouterCapabilitiesVector : public testing::TestWithParam<Row> {};

TEST_P(RouterCapabilitiesVector, IsAsInAppendixA1) {
  const Row& row = GetParam();
  const Result<RtpCapabilities> router = router_of(row.codecs);
  ASSERT_EQ(outcome(router), row.outcome);
  if (router) {
    EXPECT_EQ(payload_types(*router), row.types);
  }
}

INSTANTIATE_TEST_SUITE_P(
    A1, RouterCapabilitiesVector,
    testing::Values(
        Row{"OpusAndEveryVideoCodec",
            R"([
              {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
              {"mimeType": "video/VP8", "clockRate": 90000},
              {"mimeType": "video/VP9", "clockRate": 90000, "parameters": {"profile-id": 2}},
              {"mimeType": "video/H264", "clockRate": 90000,
               "parameters": {"packetization-mode": 1, "profile-level-id": "42e01f"}},
              {"mimeType": "video/AV1", "clockRate": 90000}])",
            "ok",
            {100, 101, 102, 103, 104, 105, 106, 107, 108}},
        Row{"StaticType", R"([{"mimeType": "audio/PCMU", "clockRate": 8000}])", "ok", {0}},
        Row{"ChosenInsteadOfStaticType",
            R"([
              {"mimeType": "audio/PCMU", "clockRate": 8000, "preferredPayloadType": 100},
              {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2}])",
            "ok",
            {100, 101}},
        Row{"ChosenTypeWasGivenOutBefore",
            R"([
              {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
              {"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 100}])",
            "TypeError",
            {}},
        Row{"ChosenTypeWasGivenToRtxBefore",
            R"([
              {"mimeType": "video/VP8", "clockRate": 90000},
              {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
               "preferredPayloadType": 101}])",
            "TypeError",
            {}},
        Row{"ChosenTypeLeavesThePool",
            R"([
              {"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 100},
              {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2}])",
            "ok",
            {100, 101, 102}},
        Row{"SameStaticTypeTwice",
            R"([
              {"mimeType": "audio/CN", "clockRate": 8000},
              {"mimeType": "audio/CN", "clockRate": 16000}])",
            "TypeError",
            {}},
        Row{"ChosenTypeZero",
            R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
                                   "preferredPayloadType": 0}])",
            "ok",
            {0}},
        Row{"ChosenTypeAbove127",
            R"([{"mimeType": "audio/opus", "clockRate": 48000,
                                       "channels": 2, "preferredPayloadType": 200}])",
            "ok",
            {200}},
        Row{"ChosenTypeAsText",
            R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
                                     "preferredPayloadType": "100"}])",
            "TypeError",
            {}},
        Row{"OpusWithoutChannels",
            R"([{"mimeType": "audio/opus", "clockRate": 48000}])",
            "UnsupportedError",
            {}},
        Row{"OpusAt44100",
            R"([{"mimeType": "audio/opus", "clockRate": 44100, "channels": 2}])",
            "UnsupportedError",
            {}},
        Row{"MultiopusWithoutParameters",
            R"([{"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6}])",
            "UnsupportedError",
            {}},
        Row{"MultiopusWithStreams",
            R"([
              {"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
               "parameters": {"num_streams": 4, "coupled_streams": 2}}])",
            "ok",
            {100}},
        Row{"Rtx", R"([{"mimeType": "video/rtx", "clockRate": 90000}])", "UnsupportedError", {}},
        Row{"NoClockRate", R"([{"mimeType": "audio/PCMU"}])", "TypeError", {}},
        Row{"NoMimeType", R"([{"clockRate": 8000}])", "TypeError", {}},
        Row{"EmptyMimeType", R"([{"mimeType": "", "clockRate": 8000}])", "TypeError", {}},
        Row{"MimeTypeWithoutName",
            R"([{"mimeType": "audio/", "clockRate": 8000}])",
            "TypeError",
            {}},
        Row{"MimeTypeOfNoMedia",
            R"([{"mimeType": "text/PCMU", "clockRate": 8000}])",
            "TypeError",
            {}},
        Row{"BooleanParameter",
            R"([{"mimeType": "audio/PCMU", "clockRate": 8000,
                                     "parameters": {"a": true}}])",
            "TypeError",
            {}},
        Row{"ListParameter",
            R"([{"mimeType": "audio/PCMU", "clockRate": 8000,
                                  "parameters": {"a": [1]}}])",
            "TypeError",
            {}},
        Row{"NullParameter",
            R"([{"mimeType": "audio/PCMU", "clockRate": 8000,
                                  "parameters": {"a": null}}])",
            "TypeError",
            {}},
        Row{"OpusThenChosen125ThenH264",
            R"([
              {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
              {"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 125},
              {"mimeType": "video/H264", "clockRate": 90000}])",
            "ok",
            {100, 125, 101, 102, 103}},
        Row{"Nothing", "[]", "ok", {}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(RouterCapabilities, MultiopusKeepsTheTablesParametersUnderTheGivenOnes) {
  const RtpCapabilities router = must(router_of(R"([
      {"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
       "parameters": {"num_streams": 4, "coupled_streams": 2, "channel_mapping": "0,1,4,5,2,3"}},
      {"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 8,
       "parameters": {"num_streams": 5, "coupled_streams": 3}}])"));
  ASSERT_EQ(router.codecs.size(), 2u);
  EXPECT_EQ(router.codecs[0].parameters, (ParameterMap{{"channel_mapping", "0,1,4,5,2,3"},
                                                       {"num_streams", int64_t{4}},
                                                       {"coupled_streams", int64_t{2}}}));
  EXPECT_EQ(router.codecs[1].parameters, (ParameterMap{{"channel_mapping", "0,6,1,2,3,4,5,7"},
                                                       {"num_streams", int64_t{5}},
                                                       {"coupled_streams", int64_t{3}}}));
}

TEST(RouterCapabilities, KindFollowsTheMimeType) {
  const RtpCapabilities router = must(router_of(
      R"([{"kind": "video", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2}])"));
  ASSERT_EQ(router.codecs.size(), 1u);
  EXPECT_EQ(router.codecs[0].kind, MediaKind::kAudio);
}

TEST(RouterCapabilities, SixteenVideoCodecsUseThePoolUp) {
  constexpr std::string_view kVp8 = R"({"mimeType": "video/VP8", "clockRate": 90000})";
  const std::vector<int> types = payload_types(must(router_of(repeated(kVp8, 16))));
  ASSERT_EQ(types.size(), 32u);
  EXPECT_EQ(types[27], 127);
  EXPECT_EQ(types[28], 96);
  EXPECT_EQ(types[30], 98);
  EXPECT_EQ(types[31], 99);
  EXPECT_EQ(outcome(router_of(repeated(kVp8, 17))), "Error");
}

TEST(RouterCapabilities, RtxMayFindThePoolEmptyToo) {
  std::string codecs = repeated(kOpus, 31);
  codecs.back() = ',';
  codecs += R"({"mimeType": "video/VP8", "clockRate": 90000}])";
  EXPECT_EQ(outcome(router_of(codecs)), "Error");
}

TEST(RouterCapabilities, ThirtyTwoAudioCodecsUseThePoolUp) {
  const std::vector<int> types = payload_types(must(router_of(repeated(kOpus, 32))));
  ASSERT_EQ(types.size(), 32u);
  for (int i = 0; i < 28; ++i) {
    EXPECT_EQ(types[static_cast<size_t>(i)], 100 + i);
  }
  for (int i = 28; i < 32; ++i) {
    EXPECT_EQ(types[static_cast<size_t>(i)], 96 + i - 28);
  }
  EXPECT_EQ(outcome(router_of(repeated(kOpus, 33))), "Error");
}

TEST(RouterCapabilities, CanonicalSpellingComesFromTheTable) {
  const RtpCapabilities router =
      must(router_of(R"([{"mimeType": "AUDIO/pcma", "clockRate": 8000}])"));
  ASSERT_EQ(router.codecs.size(), 1u);
  EXPECT_EQ(router.codecs[0].mime_type, "audio/PCMA");
}

// ---- whole values

TEST(RouterCapabilities, CodecsAreAsTheExampleOfSection25) {
  const RtpCapabilities router = must(router_of(R"([
      {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
       "parameters": {"useinbandfec": 1}},
      {"mimeType": "video/VP8", "clockRate": 90000}])"));
  EXPECT_EQ(member_of(router, "codecs"), normal(R"([
      {"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
       "rtcpFeedback": [{"type": "nack", "parameter": ""},
                        {"type": "transport-cc", "parameter": ""}],
       "parameters": {"useinbandfec": 1}, "preferredPayloadType": 100},
      {"kind": "video", "mimeType": "video/VP8", "clockRate": 90000,
       "rtcpFeedback": [{"type": "nack", "parameter": ""}, {"type": "nack", "parameter": "pli"},
                        {"type": "ccm", "parameter": "fir"},
                        {"type": "goog-remb", "parameter": ""},
                        {"type": "transport-cc", "parameter": ""}],
       "parameters": {}, "preferredPayloadType": 101},
      {"kind": "video", "mimeType": "video/rtx", "preferredPayloadType": 102, "clockRate": 90000,
       "parameters": {"apt": 101}, "rtcpFeedback": []}])"));
}

TEST(RouterCapabilities, HeaderExtensionsAreTheTableOfSection24) {
  std::vector<std::string> rows;
  for (const RtpHeaderExtension& extension : must(router_of("[]")).header_extensions) {
    EXPECT_FALSE(extension.preferred_encrypt);
    rows.push_back(std::string(to_text(extension.kind)) + " " + extension.uri + " " +
                   std::to_string(extension.preferred_id) + " " + extension.direction);
  }
  constexpr const char* kTcc =
      "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
  EXPECT_THAT(
      rows,
      ElementsAre("audio urn:ietf:params:rtp-hdrext:sdes:mid 1 sendrecv",
                  "video urn:ietf:params:rtp-hdrext:sdes:mid 1 sendrecv",
                  "video urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id 2 recvonly",
                  "video urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id 3 recvonly",
                  "audio http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time 4 sendrecv",
                  "video http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time 4 sendrecv",
                  "audio " + std::string(kTcc) + " 5 recvonly",
                  "video " + std::string(kTcc) + " 5 sendrecv",
                  "video https://aomediacodec.github.io/av1-rtp-spec/"
                  "#dependency-descriptor-rtp-header-extension 8 sendrecv",
                  "audio urn:ietf:params:rtp-hdrext:ssrc-audio-level 10 sendrecv",
                  "video urn:3gpp:video-orientation 11 sendrecv",
                  "video urn:ietf:params:rtp-hdrext:toffset 12 sendrecv",
                  "audio http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time 13 sendrecv",
                  "video http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time 13 sendrecv",
                  "audio http://www.webrtc.org/experiments/rtp-hdrext/playout-delay 14 sendrecv",
                  "video http://www.webrtc.org/experiments/rtp-hdrext/playout-delay 14 sendrecv"));
}

TEST(RouterCapabilities, AreValidAsTheCapabilitiesOfAnEndpoint) {
  const RtpCapabilities router = must(router_of(kMediaCodecs));
  EXPECT_EQ(must(read<RtpCapabilities>(text_of(router))), router);
  EXPECT_EQ(must(reread(router)), router);
}

// ---- rows of section 8

TEST(RouterCapabilities, Ortc23ThreeCodecsAndTwoRtx) {  // ORTC-23
  const RtpCapabilities router = must(router_of(kMediaCodecs));
  EXPECT_THAT(payload_types(router), ElementsAre(100, 101, 102, 103, 104));
  EXPECT_EQ(router.codecs[0].parameters,
            (ParameterMap{{"useinbandfec", int64_t{1}}, {"foo", "bar"}}));
  EXPECT_EQ(router.codecs[2].mime_type, "video/rtx");
  EXPECT_EQ(router.codecs[2].parameters, (ParameterMap{{"apt", int64_t{101}}}));
  EXPECT_EQ(router.codecs[4].parameters, (ParameterMap{{"apt", int64_t{103}}}));
}

TEST(RouterCapabilities, Ortc24UnknownCodecsAreNotSupported) {  // ORTC-24
  EXPECT_EQ(outcome(router_of(R"([{"mimeType": "audio/x-aiff", "clockRate": 8000}])")),
            "UnsupportedError");
  EXPECT_EQ(outcome(router_of(R"([{"mimeType": "video/3gpp", "clockRate": 90000}])")),
            "UnsupportedError");
}

TEST(RouterCapabilities, Ortc25MediaCodecsMustBeAList) {  // ORTC-25
  EXPECT_EQ(outcome(router_of("{}")), "TypeError");
  EXPECT_EQ(outcome(router_of("null")), "TypeError");
  EXPECT_EQ(outcome(router_of(R"("opus")")), "TypeError");
  EXPECT_EQ(outcome(router_of("[1]")), "TypeError");
}

TEST(RouterCapabilities, MediaCodecsMayBeAbsent) {
  EXPECT_EQ(outcome(router_of("")), "ok");
}

TEST(RouterCapabilities, Ortc27MediaCodecsAreNotModified) {  // ORTC-27
  const auto codecs = must(read<std::vector<RtpCodecCapability>>(kMediaCodecs));
  const auto before = codecs;
  ASSERT_TRUE(generate_router_rtp_capabilities(codecs));
  EXPECT_EQ(codecs, before);
}

TEST(RouterCapabilities, Ortc28GivenFeedbackIsIgnored) {  // ORTC-28
  const RtpCapabilities router =
      must(router_of(R"([{"mimeType": "video/VP8", "clockRate": 90000, "rtcpFeedback": []},
                    {"mimeType": "video/VP9", "clockRate": 90000,
                     "rtcpFeedback": [{"type": "foo"}]}])"));
  for (const size_t index : {0u, 2u}) {
    EXPECT_EQ(router.codecs.at(index).rtcp_feedback.size(), 5u);
    EXPECT_EQ(router.codecs.at(index).rtcp_feedback[1], (RtcpFeedback{"nack", "pli"}));
  }
}

TEST(RouterCapabilities, Ortc29WithoutCodecsTheExtensionsStay) {  // ORTC-29
  const RtpCapabilities router = must(router_of("[]"));
  EXPECT_TRUE(router.codecs.empty());
  EXPECT_EQ(router.header_extensions.size(), 16u);
}

TEST(RouterCapabilities, Ortc131TypesAndMergedParameters) {  // ORTC-131
  const RtpCapabilities router = must(router_of(R"([
      {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
       "parameters": {"useinbandfec": 1, "foo": "bar"}},
      {"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 125,
       "rtcpFeedback": []},
      {"mimeType": "video/H264", "clockRate": 90000,
       "parameters": {"level-asymmetry-allowed": 1, "profile-level-id": "42e01f",
                      "foo": "bar"}}])"));
  EXPECT_THAT(payload_types(router), ElementsAre(100, 125, 101, 102, 103));
  EXPECT_EQ(router.codecs[2].parameters, (ParameterMap{{"apt", int64_t{125}}}));
  EXPECT_EQ(router.codecs[3].parameters, (ParameterMap{{"level-asymmetry-allowed", int64_t{1}},
                                                       {"profile-level-id", "42e01f"},
                                                       {"foo", "bar"}}));
  EXPECT_EQ(router.codecs[4].parameters, (ParameterMap{{"apt", int64_t{102}}}));
}

TEST(RouterCapabilities, Ortc132ChannelsAndNameMustBeSupported) {  // ORTC-132
  EXPECT_EQ(
      outcome(router_of(R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 1}])")),
      "UnsupportedError");
  EXPECT_EQ(outcome(router_of(R"([{"mimeType": "audio/chicken", "clockRate": 8000}])")),
            "UnsupportedError");
}

TEST(RouterCapabilities, Ortc133TheErrorSaysThatTypesCannotBeAllocated) {  // ORTC-133
  const Result<RtpCapabilities> router = router_of(repeated(kOpus, 100));
  ASSERT_EQ(outcome(router), "Error");
  EXPECT_THAT(router.error().message, HasSubstr("cannot allocate"));
}

}  // namespace
}  // namespace sluice::ortc
