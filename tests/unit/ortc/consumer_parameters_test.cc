// What one receiver gets (ortc-model 3.5, 3.6, Appendix A.4).
#include "protocol/ortc/consumer_parameters.h"

#include <gmock/gmock.h>

#include <utility>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kRouter = R"([
    {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
    {"mimeType": "video/VP8", "clockRate": 90000}])";

constexpr std::string_view kSimulcast = R"({
    "mid": "0", "rtcp": {"cname": "abc"},
    "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}}],
    "encodings": [
      {"rid": "r0", "scalabilityMode": "L1T3", "maxBitrate": 100000, "active": true},
      {"rid": "r1", "scalabilityMode": "L1T3", "maxBitrate": 300000, "dtx": true},
      {"rid": "r2", "scalabilityMode": "L1T3", "maxBitrate": 900000}]})";

constexpr std::string_view kVideoFeedback =
    R"([{"type": "nack"}, {"type": "nack", "parameter": "pli"}, {"type": "ccm", "parameter": "fir"},
        {"type": "goog-remb"}, {"type": "transport-cc"}])";

constexpr std::string_view kRtx =
    R"({"mimeType": "video/rtx", "clockRate": 90000, "preferredPayloadType": 102,
        "parameters": {"apt": 101}})";

std::string vp8() {
  return R"({"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 101,
             "rtcpFeedback": )" +
         std::string(kVideoFeedback) + "}";
}

std::string vp8_and_rtx() {
  return vp8() + ", " + std::string(kRtx);
}

std::string extension(std::string_view extension_uri, int id, std::string_view kind = "video") {
  return R"({"kind": ")" + std::string(kind) + R"(", "uri": ")" + std::string(extension_uri) +
         R"(", "preferredId": )" + std::to_string(id) + "}";
}

std::string bandwidth_extensions() {
  return extension(uri::kTransportWideCc, 5) + ", " + extension(uri::kAbsSendTime, 4);
}

RtpCapabilities endpoint(std::string_view codecs, std::string_view extensions) {
  return must(read<RtpCapabilities>(R"({"codecs": [)" + std::string(codecs) +
                                    R"(], "headerExtensions": [)" + std::string(extensions) +
                                    "]}"));
}

RtpCapabilities full() {
  return endpoint(vp8_and_rtx(), bandwidth_extensions());
}

RtpParameters consumable_of(std::string_view producer, MediaKind kind = MediaKind::kVideo,
                            std::string_view media_codecs = kRouter) {
  TestTransport transport(media_codecs);
  return must(transport.produce(kind, producer)).consumable;
}

/// A consumer whose SSRC is 100000000.
Result<RtpParameters> consume(const RtpParameters& consumable, const RtpCapabilities& capabilities,
                              ConsumerOptions options = {.enable_rtx = true}) {
  SsrcAllocator ssrcs(0, 1);
  return get_consumer_rtp_parameters(consumable, capabilities, options, ssrcs);
}

/// A consumer of the simulcast.
RtpParameters consume(const RtpCapabilities& capabilities,
                      ConsumerOptions options = {.enable_rtx = true}) {
  return must(consume(consumable_of(kSimulcast), capabilities, options));
}

/// The single encoding of a consumer of VP8 with these encodings.
std::string encoding_for(std::string_view encodings) {
  const std::string producer =
      R"({"mid": "0", "codecs": [{"mimeType": "video/VP8", "payloadType": 96,
          "clockRate": 90000}], "encodings": )" +
      std::string(encodings) + "}";
  return member_of(must(consume(consumable_of(producer), full())), "encodings");
}

// ---- Appendix A.4, row by row

TEST(ConsumerParameters, A4BothBandwidthExtensions) {
  EXPECT_EQ(text_of(consume(full())), normal(R"({
      "codecs": [
        {"mimeType": "video/VP8", "payloadType": 101, "clockRate": 90000, "parameters": {},
         "rtcpFeedback": [{"type": "nack", "parameter": ""}, {"type": "nack", "parameter": "pli"},
                          {"type": "ccm", "parameter": "fir"},
                          {"type": "transport-cc", "parameter": ""}]},
        {"mimeType": "video/rtx", "payloadType": 102, "clockRate": 90000,
         "parameters": {"apt": 101}, "rtcpFeedback": []}],
      "headerExtensions": [
        {"uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "id": 4,
         "encrypt": false, "parameters": {}},
        {"uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
         "id": 5, "encrypt": false, "parameters": {}}],
      "encodings": [{"ssrc": 100000000, "rtx": {"ssrc": 100000001}, "scalabilityMode": "L3T3",
                     "maxBitrate": 900000}],
      "rtcp": {"cname": "abc", "reducedSize": true}})"));
}

TEST(ConsumerParameters, A4AbsSendTimeOnly) {
  const RtpParameters consumer = consume(endpoint(vp8_and_rtx(), extension(uri::kAbsSendTime, 4)));
  EXPECT_EQ(feedback(consumer), "nack,nack pli,ccm fir,goog-remb");
}

TEST(ConsumerParameters, A4NeitherBandwidthExtension) {
  const RtpParameters consumer = consume(endpoint(vp8_and_rtx(), extension(uri::kMid, 1)));
  EXPECT_EQ(feedback(consumer), "nack,nack pli,ccm fir");
  EXPECT_THAT(extension_ids(consumer), ElementsAre(1));
}

TEST(ConsumerParameters, A4ExtensionsWithOtherIds) {
  const RtpParameters consumer = consume(endpoint(
      vp8_and_rtx(), extension(uri::kTransportWideCc, 4) + ", " + extension(uri::kAbsSendTime, 5)));
  EXPECT_THAT(extension_ids(consumer), IsEmpty());
  EXPECT_EQ(feedback(consumer), "nack,nack pli,ccm fir");
}

TEST(ConsumerParameters, A4EndpointWithoutRtx) {
  const RtpParameters consumer = consume(endpoint(vp8(), bandwidth_extensions()));
  EXPECT_THAT(payload_types(consumer), ElementsAre(101));
  EXPECT_EQ(consumer.encodings[0].rtx_ssrc, std::nullopt);
  EXPECT_EQ(feedback(consumer), "nack,nack pli,ccm fir,transport-cc");
}

TEST(ConsumerParameters, A4RtxSwitchedOff) {
  const RtpParameters consumer =
      consume(endpoint(vp8_and_rtx(), extension(uri::kMid, 1)), {.enable_rtx = false});
  EXPECT_THAT(payload_types(consumer), ElementsAre(101));
  EXPECT_EQ(feedback(consumer), "nack pli,ccm fir");
  EXPECT_EQ(consumer.encodings[0].rtx_ssrc, std::nullopt);
}

TEST(ConsumerParameters, A4PipeKeepsEveryEncoding) {
  EXPECT_EQ(member_of(consume(full(), {.pipe = true, .enable_rtx = true}), "encodings"), normal(R"([
      {"ssrc": 100000000, "rtx": {"ssrc": 100000032}, "scalabilityMode": "L1T3",
       "maxBitrate": 100000, "dtx": false, "active": true},
      {"ssrc": 100000001, "rtx": {"ssrc": 100000033}, "scalabilityMode": "L1T3",
       "maxBitrate": 300000, "dtx": true},
      {"ssrc": 100000002, "rtx": {"ssrc": 100000034}, "scalabilityMode": "L1T3",
       "maxBitrate": 900000, "dtx": false}])"));
}

TEST(ConsumerParameters, A4PipeWithoutRtx) {
  const RtpParameters consumer =
      consume(endpoint(vp8(), bandwidth_extensions()), {.pipe = true, .enable_rtx = true});
  ASSERT_EQ(consumer.encodings.size(), 3u);
  for (const RtpEncodingParameters& encoding : consumer.encodings) {
    EXPECT_EQ(encoding.rtx_ssrc, std::nullopt);
  }
}

TEST(ConsumerParameters, A4ModeIsTheFirstThatIsGiven) {
  EXPECT_EQ(encoding_for(R"([{"ssrc": 1}, {"ssrc": 2, "scalabilityMode": "L1T2"},
                             {"ssrc": 3, "scalabilityMode": "L1T2"}])"),
            normal(R"([{"ssrc": 100000000, "rtx": {"ssrc": 100000001},
                        "scalabilityMode": "L3T2"}])"));
}

TEST(ConsumerParameters, A4TwoEncodingsWithoutMode) {
  EXPECT_EQ(encoding_for(R"([{"ssrc": 1}, {"ssrc": 2}])"),
            normal(R"([{"ssrc": 100000000, "rtx": {"ssrc": 100000001},
                        "scalabilityMode": "L2T1"}])"));
}

TEST(ConsumerParameters, A4OneEncodingWithoutMode) {
  EXPECT_EQ(encoding_for(R"([{"ssrc": 1}])"),
            normal(R"([{"ssrc": 100000000, "rtx": {"ssrc": 100000001}}])"));
}

TEST(ConsumerParameters, A4ModeOfASingleStreamIsUnchanged) {
  const RtpParameters consumable = consumable_of(
      R"({"mid": "0", "codecs": [{"mimeType": "video/VP9", "payloadType": 96,
          "clockRate": 90000}], "encodings": [{"scalabilityMode": "L3T3_KEY"}]})",
      MediaKind::kVideo, R"([{"mimeType": "video/VP9", "clockRate": 90000}])");
  const RtpParameters consumer =
      must(consume(consumable, endpoint(R"({"mimeType": "video/VP9", "clockRate": 90000})", "")));
  EXPECT_EQ(consumer.encodings[0].scalability_mode, "L3T3_KEY");
}

TEST(ConsumerParameters, A4RtxAlthoughTheProducerHasNone) {
  const RtpParameters consumable = consumable_of(
      R"({"mid": "0", "codecs": [{"mimeType": "video/VP8", "payloadType": 96,
          "clockRate": 90000}]})");
  const RtpParameters consumer = must(consume(consumable, full()));
  EXPECT_THAT(payload_types(consumer), ElementsAre(101, 102));
  EXPECT_EQ(consumer.encodings[0].rtx_ssrc, Ssrc(100000001));
}

TEST(ConsumerParameters, A4AptOfTheEndpointIsIgnored) {
  const RtpParameters consumer = consume(endpoint(
      vp8() + R"(, {"mimeType": "video/rtx", "clockRate": 90000, "preferredPayloadType": 99,
                    "parameters": {"apt": 44}})",
      ""));
  EXPECT_THAT(payload_types(consumer), ElementsAre(101, 102));
  EXPECT_EQ(consumer.codecs[1].parameters, (ParameterMap{{"apt", int64_t{101}}}));
}

TEST(ConsumerParameters, A4EndpointWithRtxOnly) {
  EXPECT_EQ(outcome(consume(consumable_of(kSimulcast), endpoint(kRtx, ""))), "UnsupportedError");
}

TEST(ConsumerParameters, A4AudioHasNoFeedbackByDefault) {
  const RtpParameters consumable = consumable_of(kAudioProducer, MediaKind::kAudio);
  const RtpParameters consumer =
      must(consume(consumable,
                   endpoint(R"({"mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
                   "rtcpFeedback": [{"type": "nack"}, {"type": "transport-cc"}]})",
                            extension(uri::kTransportWideCc, 5, "audio") + ", " +
                                extension(uri::kAbsSendTime, 4, "audio")),
                   {.enable_rtx = default_enable_rtx(MediaKind::kAudio)}));
  EXPECT_EQ(feedback(consumer), "");
  EXPECT_THAT(extension_ids(consumer), ElementsAre(4));
  EXPECT_EQ(*consumer.codecs[0].parameters.integer("useinbandfec"), 1);
}

TEST(ConsumerParameters, A4KindOfAnExtensionDoesNotCount) {
  const RtpParameters consumer =
      consume(endpoint(vp8_and_rtx(), extension(uri::kTransportWideCc, 5, "audio")));
  EXPECT_THAT(extension_ids(consumer), ElementsAre(5));
}

// ---- further rules of 3.6

TEST(ConsumerParameters, FeedbackIsTheEndpointsInItsOrder) {
  const RtpParameters consumer = consume(endpoint(
      R"({"mimeType": "video/VP8", "clockRate": 90000,
          "rtcpFeedback": [{"type": "foo", "parameter": "FOO"}, {"type": "ccm", "parameter": "fir"},
                           {"type": "nack"}, {"type": "NACK"}]})",
      ""));
  EXPECT_EQ(feedback(consumer), "foo FOO,ccm fir,nack,NACK");
}

TEST(ConsumerParameters, SsrcsHaveNineDigitsAndDiffer) {
  SsrcAllocator ssrcs;
  const RtpParameters consumable = consumable_of(kSimulcast);
  std::vector<uint32_t> seen;
  for (int i = 0; i < 50; ++i) {
    const RtpParameters consumer =
        must(get_consumer_rtp_parameters(consumable, full(), {.enable_rtx = true}, ssrcs));
    const uint32_t ssrc = consumer.encodings[0].ssrc->value;
    EXPECT_GE(ssrc, 100'000'000u);
    EXPECT_LT(ssrc, 999'999'999u);
    EXPECT_EQ(consumer.encodings[0].rtx_ssrc, Ssrc(ssrc + 1));
    EXPECT_THAT(seen, testing::Not(testing::Contains(ssrc)));
    seen.push_back(ssrc);
    seen.push_back(ssrc + 1);
  }
}

TEST(ConsumerParameters, ACodecThatTheEndpointLacksIsLeftOutWithItsRtx) {
  constexpr std::string_view kTwoCodecs = R"([{"mimeType": "video/VP8", "clockRate": 90000},
                                              {"mimeType": "video/VP9", "clockRate": 90000}])";
  const RtpParameters consumable = consumable_of(
      R"({"mid": "0", "codecs": [
          {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
          {"mimeType": "video/VP9", "payloadType": 98, "clockRate": 90000}]})",
      MediaKind::kVideo, kTwoCodecs);
  const RtpParameters consumer = must(consume(
      consumable,
      endpoint(R"({"mimeType": "video/VP9", "clockRate": 90000}, )" + std::string(kRtx), "")));
  EXPECT_THAT(payload_types(consumer), ElementsAre(102, 103));
}

TEST(ConsumerParameters, RtxInFrontIsNoMediaCodec) {
  RtpParameters consumable = consumable_of(kSimulcast);
  std::swap(consumable.codecs[0], consumable.codecs[1]);
  EXPECT_FALSE(can_consume(consumable, full()));
  EXPECT_EQ(outcome(consume(consumable, full())), "UnsupportedError");
}

// ---- can_consume, 3.5

TEST(CanConsume, NeedsACodecThatIsNotRtx) {
  const RtpParameters consumable = consumable_of(kSimulcast);
  EXPECT_TRUE(can_consume(consumable, endpoint(vp8(), "")));
  EXPECT_FALSE(can_consume(consumable, endpoint(kRtx, "")));
  EXPECT_FALSE(can_consume(consumable, endpoint("", "")));
  EXPECT_FALSE(
      can_consume(consumable, endpoint(R"({"mimeType": "video/VP9", "clockRate": 90000})", "")));
}

TEST(CanConsume, ComparesStrictly) {
  const RtpParameters consumable = consumable_of(kVideoProducer, MediaKind::kVideo, kMediaCodecs);
  const auto h264 = [](std::string_view parameters) {
    return endpoint(R"({"mimeType": "video/H264", "clockRate": 90000, "parameters": )" +
                        std::string(parameters) + "}",
                    "");
  };
  EXPECT_TRUE(
      can_consume(consumable, h264(R"({"packetization-mode": 1, "profile-level-id": "4d001f"})")));
  EXPECT_FALSE(
      can_consume(consumable, h264(R"({"packetization-mode": 0, "profile-level-id": "4d001f"})")));
  EXPECT_FALSE(
      can_consume(consumable, h264(R"({"packetization-mode": 1, "profile-level-id": "42e01f"})")));
}

TEST(CanConsume, PayloadTypesAndFeedbackPlayNoRole) {
  EXPECT_TRUE(can_consume(
      consumable_of(kSimulcast),
      endpoint(R"({"mimeType": "video/vp8", "clockRate": 90000, "preferredPayloadType": 1})", "")));
}

}  // namespace
}  // namespace sluice::ortc
