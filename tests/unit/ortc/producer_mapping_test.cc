// From a producer's parameters to the mapping and to consumable parameters (ortc-model 3.3, 3.4,
// Appendix A.2, A.3).
#include "protocol/ortc/producer_mapping.h"

#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;

struct Mapped {
  RtpParameters producer;
  RtpMapping mapping;
  RtpParameters consumable;
};

Result<Mapped> map(std::string_view media_codecs, std::string_view rtp_parameters,
                   MediaKind kind = MediaKind::kVideo) {
  const RtpCapabilities router = must(router_of(media_codecs));
  Mapped mapped;
  mapped.producer = must(read<RtpParameters>(rtp_parameters));
  SsrcAllocator ssrcs(0, 1);
  Result<RtpMapping> mapping = get_producer_rtp_parameters_mapping(mapped.producer, router, ssrcs);
  if (!mapping) {
    return std::unexpected(mapping.error());
  }
  mapped.mapping = std::move(*mapping);
  mapped.consumable =
      must(get_consumable_rtp_parameters(kind, mapped.producer, router, mapped.mapping));
  return mapped;
}

/// Producer parameters with one codec of that name and with `parameters`.
std::string producer_of(std::string_view name, std::string_view parameters) {
  return R"({"mid": "0", "codecs": [{"mimeType": "video/)" + std::string(name) +
         R"(", "payloadType": 111, "clockRate": 90000, "parameters": )" + std::string(parameters) +
         "}]}";
}

std::string router_codec(std::string_view name, std::string_view parameters) {
  return R"([{"mimeType": "video/)" + std::string(name) +
         R"(", "clockRate": 90000, "parameters": )" + std::string(parameters) + "}]";
}

// ---- Appendix A.2, row by row

struct H264Row {
  std::string_view name;
  std::string_view producer;
  std::string_view router;
  std::string_view outcome;
  std::string_view level_id;  ///< of the producer afterwards; "absent" when the key is not there
};

class H264Vector : public testing::TestWithParam<H264Row> {};

TEST_P(H264Vector, IsAsInAppendixA2) {
  const H264Row& row = GetParam();
  const Result<Mapped> mapped =
      map(router_codec("H264", row.router), producer_of("H264", row.producer));
  ASSERT_EQ(outcome(mapped), row.outcome);
  if (mapped) {
    const ParameterValue* id = mapped->producer.codecs[0].parameters.find("profile-level-id");
    EXPECT_EQ(id == nullptr ? "absent" : std::get<std::string>(*id), row.level_id);
    EXPECT_EQ(mapped->consumable.codecs[0].parameters, mapped->producer.codecs[0].parameters);
  }
}

INSTANTIATE_TEST_SUITE_P(
    A2, H264Vector,
    testing::Values(
        H264Row{"NoneAndNone", "{}", "{}", "ok", "absent"},
        H264Row{"ProducerOnly", R"({"profile-level-id": "42e01f"})", "{}", "ok", "42e01f"},
        H264Row{"RouterOnly", "{}", R"({"profile-level-id": "42e01f"})", "ok", "42e01f"},
        H264Row{"HigherWithAsymmetry",
                R"({"profile-level-id": "42e034", "level-asymmetry-allowed": 1})",
                R"({"profile-level-id": "42e01f", "level-asymmetry-allowed": 1})", "ok", "42e034"},
        H264Row{"HigherWithoutAsymmetry", R"({"profile-level-id": "42e034"})",
                R"({"profile-level-id": "42e01f"})", "ok", "42e01f"},
        H264Row{"BaselineIsNotConstrainedBaseline", R"({"profile-level-id": "42001f"})",
                R"({"profile-level-id": "42e01f"})", "UnsupportedError", ""},
        H264Row{"LowerLevel", R"({"profile-level-id": "4d001f"})",
                R"({"profile-level-id": "4d0032"})", "ok", "4d001f"},
        H264Row{"PacketizationModesDiffer", R"({"packetization-mode": 1})",
                R"({"packetization-mode": 0})", "UnsupportedError", ""},
        H264Row{"PacketizationModeZeroIsTheDefault", R"({"packetization-mode": 0})", "{}", "ok",
                "absent"},
        H264Row{"UpperCase", R"({"profile-level-id": "42E01F"})",
                R"({"profile-level-id": "42e01f"})", "ok", "42e01f"},
        H264Row{"ConstrainedHighIsNotHigh", R"({"profile-level-id": "640c1f"})",
                R"({"profile-level-id": "64001f"})", "UnsupportedError", ""},
        H264Row{"NumberInsteadOfText", R"({"profile-level-id": 640032})",
                R"({"profile-level-id": "640032"})", "UnsupportedError", ""},
        H264Row{"NumberAgainstNone", R"({"profile-level-id": 640032})", "{}", "UnsupportedError",
                ""}),
    [](const auto& row) { return std::string(row.param.name); });

// ---- Appendix A.3

TEST(ProducerMapping, Vp9ProfileZeroIsTheDefault) {
  EXPECT_EQ(outcome(map(router_codec("VP9", "{}"), producer_of("VP9", R"({"profile-id": 0})"))),
            "ok");
}

TEST(ProducerMapping, Vp9ProfilesAreDifferentCodecs) {
  const Mapped mapped = must(map(R"([
      {"mimeType": "video/VP9", "clockRate": 90000, "parameters": {"profile-id": 0}},
      {"mimeType": "video/VP9", "clockRate": 90000, "parameters": {"profile-id": 2}}])",
                                 producer_of("VP9", R"({"profile-id": 2})")));
  EXPECT_EQ(mapped.mapping.codecs,
            (std::vector<CodecMapping>{{PayloadType(111), PayloadType(102)}}));
}

TEST(ProducerMapping, Vp9ProfilesAsTextAreNotNumbers) {
  EXPECT_EQ(outcome(map(router_codec("VP9", R"({"profile-id": 2})"),
                        producer_of("VP9", R"({"profile-id": "2"})"))),
            "UnsupportedError");
  EXPECT_EQ(outcome(map(router_codec("VP9", "{}"), producer_of("VP9", R"({"profile-id": "0"})"))),
            "UnsupportedError");
}

TEST(ProducerMapping, Av1ProfileDoesNotCount) {
  EXPECT_EQ(outcome(map(router_codec("AV1", "{}"), producer_of("AV1", R"({"profile": 1})"))), "ok");
}

TEST(ProducerMapping, ConsumersSeeTheRoutersSpelling) {
  const Mapped mapped = must(map(router_codec("VP8", "{}"), producer_of("vp8", "{}")));
  EXPECT_EQ(mapped.producer.codecs[0].mime_type, "video/vp8");
  EXPECT_EQ(mapped.consumable.codecs[0].mime_type, "video/VP8");
}

// ---- mapping

constexpr std::string_view kVp8AndVp9 = R"([{"mimeType": "video/VP8", "clockRate": 90000},
                                            {"mimeType": "video/VP9", "clockRate": 90000}])";

TEST(ProducerMapping, MediaCodecsComeBeforeRtx) {
  const Mapped mapped = must(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/RTX", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}},
      {"mimeType": "video/VP9", "payloadType": 98, "clockRate": 90000},
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000}]})"));
  EXPECT_EQ(mapped.mapping.codecs, (std::vector<CodecMapping>{{PayloadType(98), PayloadType(102)},
                                                              {PayloadType(96), PayloadType(100)},
                                                              {PayloadType(97), PayloadType(101)}}))
      << text_of(mapped.mapping);
}

TEST(ProducerMapping, EncodingsGetConsecutiveSsrcsOfNineDigits) {
  RtpParameters producer = must(read<RtpParameters>(kVideoProducer));
  SsrcAllocator ssrcs;
  const RtpMapping mapping =
      must(get_producer_rtp_parameters_mapping(producer, must(router_of(kMediaCodecs)), ssrcs));
  ASSERT_EQ(mapping.encodings.size(), 4u);
  for (uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(mapping.encodings[i].ssrc, Ssrc(22222222 + 2 * i));
    EXPECT_EQ(mapping.encodings[i].scalability_mode, "L1T5");
    EXPECT_EQ(mapping.encodings[i].mapped_ssrc.value, mapping.encodings[0].mapped_ssrc.value + i);
    EXPECT_GE(mapping.encodings[i].mapped_ssrc.value, 100'000'000u);
    EXPECT_LT(mapping.encodings[i].mapped_ssrc.value, 999'999'999u);
  }
}

TEST(ProducerMapping, RtxOfNothingIsATypeError) {
  EXPECT_EQ(outcome(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000,
       "parameters": {"apt": 95}}]})")),
            "TypeError");
  EXPECT_EQ(outcome(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000}]})")),
            "TypeError");
}

TEST(ProducerMapping, RtxOfRtxIsRejected) {
  const std::string result = outcome(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}},
      {"mimeType": "video/rtx", "payloadType": 98, "clockRate": 90000,
       "parameters": {"apt": 97}}]})"));
  EXPECT_EQ(result, "TypeError");
}

TEST(ProducerMapping, AudioRtxIsNotSupported) {
  EXPECT_EQ(outcome(map(kMediaCodecs, R"({"mid": "0", "codecs": [
      {"mimeType": "audio/opus", "payloadType": 96, "clockRate": 48000, "channels": 2},
      {"mimeType": "audio/rtx", "payloadType": 97, "clockRate": 48000,
       "parameters": {"apt": 96}}]})")),
            "UnsupportedError");
}

TEST(ProducerMapping, TheRtxClockRateDoesNotCount) {
  EXPECT_EQ(outcome(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 1,
       "parameters": {"apt": 96}}]})")),
            "ok");
}

TEST(ProducerMapping, Ortc99MultiopusStreamsMustFit) {  // ORTC-99
  constexpr std::string_view kRouter = R"([
      {"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
       "parameters": {"channel_mapping": "0,4,1,2,3,5", "num_streams": 4,
                      "coupled_streams": 2}}])";
  const auto produce = [&](std::string_view parameters) {
    return outcome(
        map(kRouter,
            R"({"mid": "0", "codecs": [{"mimeType": "audio/multiopus", "clockRate": 48000,
                           "payloadType": 111, "channels": 6, "parameters": )" +
                std::string(parameters) + "}]}",
            MediaKind::kAudio));
  };
  EXPECT_EQ(produce(R"({"num_streams": 4, "coupled_streams": 2})"), "ok");
  EXPECT_EQ(produce(R"({"num_streams": 2, "coupled_streams": 2})"), "UnsupportedError");
  EXPECT_EQ(produce(R"({"num_streams": 4, "coupled_streams": 1})"), "UnsupportedError");
}

TEST(ProducerMapping, Ortc135ACodecThatTheRouterLacks) {  // ORTC-135
  EXPECT_EQ(outcome(map(R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 2}])",
                        producer_of("VP8", "{}"))),
            "UnsupportedError");
}

// ---- consumable parameters

TEST(ConsumableParameters, TakeFormatFromTheProducerAndTheRestFromTheRouter) {
  const Mapped mapped = must(map(kMediaCodecs, kAudioProducer, MediaKind::kAudio));
  EXPECT_EQ(text_of(mapped.consumable), normal(R"({
      "codecs": [{"mimeType": "audio/opus", "payloadType": 100, "clockRate": 48000, "channels": 2,
                  "parameters": {"useinbandfec": 1, "usedtx": 1, "foo": 222.222, "bar": "333"},
                  "rtcpFeedback": [{"type": "nack", "parameter": ""},
                                   {"type": "transport-cc", "parameter": ""}]}],
      "headerExtensions": [
        {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1, "encrypt": false,
         "parameters": {}},
        {"uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "id": 4,
         "encrypt": false, "parameters": {}},
        {"uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "id": 10, "encrypt": false,
         "parameters": {}},
        {"uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", "id": 13,
         "encrypt": false, "parameters": {}},
        {"uri": "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "id": 14,
         "encrypt": false, "parameters": {}}],
      "encodings": [{"ssrc": 100000000, "dtx": false}],
      "rtcp": {"cname": "FOOBAR", "reducedSize": true}})"));
}

TEST(ConsumableParameters, OfferTheRoutersVideoExtensions) {
  EXPECT_THAT(extension_ids(must(map(kMediaCodecs, kVideoProducer)).consumable),
              ElementsAre(1, 4, 5, 8, 11, 12, 13, 14));
}

TEST(ConsumableParameters, HaveRtxEvenIfTheProducerHasNot) {
  const Mapped mapped = must(map(kVp8AndVp9, producer_of("VP9", "{}")));
  EXPECT_THAT(payload_types(mapped.consumable), ElementsAre(102, 103));
  EXPECT_EQ(mapped.consumable.codecs[1].parameters, (ParameterMap{{"apt", int64_t{102}}}));
  EXPECT_TRUE(mapped.consumable.codecs[1].rtcp_feedback.empty());
}

TEST(ConsumableParameters, KeepWhatEncodingsMeanToConsumers) {
  const Mapped mapped = must(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000}],
      "encodings": [{"rid": "r0", "rtx": {"ssrc": 5}, "codecPayloadType": 96, "dtx": true,
                     "scalabilityMode": "L1T3", "maxBitrate": 1000, "active": true},
                    {"ssrc": 7, "maxFramerate": 30}]})"));
  EXPECT_EQ(member_of(mapped.consumable, "encodings"), normal(R"([
      {"ssrc": 100000000, "dtx": true, "scalabilityMode": "L1T3", "maxBitrate": 1000,
       "active": true},
      {"ssrc": 100000001, "dtx": false, "maxFramerate": 30}])"));
}

TEST(ConsumableParameters, HaveNeitherMidNorMsid) {
  const Mapped mapped = must(map(kVp8AndVp9, R"({"mid": "0", "msid": "a b", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000}]})"));
  EXPECT_EQ(mapped.producer.msid, "a b");
  EXPECT_EQ(member_of(mapped.consumable, "mid"), "absent");
  EXPECT_EQ(member_of(mapped.consumable, "msid"), "absent");
}

TEST(ConsumableParameters, NameEachRouterCodecOnce) {
  const Mapped mapped = must(map(kVp8AndVp9, R"({"mid": "0", "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
      {"mimeType": "video/VP8", "payloadType": 98, "clockRate": 90000}]})"));
  EXPECT_THAT(payload_types(mapped.consumable), ElementsAre(100, 101));
}

TEST(ConsumableParameters, E16TheMappingMustBeOfTheseEncodings) {
  Mapped mapped = must(map(kVp8AndVp9, producer_of("VP8", "{}")));
  mapped.mapping.encodings.emplace_back();
  EXPECT_EQ(outcome(get_consumable_rtp_parameters(MediaKind::kVideo, mapped.producer,
                                                  must(router_of(kVp8AndVp9)), mapped.mapping)),
            "TypeError");
}

TEST(ConsumableParameters, TheMappingMustBeOfTheseCodecs) {
  Mapped mapped = must(map(kVp8AndVp9, producer_of("VP8", "{}")));
  mapped.mapping.codecs.clear();
  EXPECT_EQ(outcome(get_consumable_rtp_parameters(MediaKind::kVideo, mapped.producer,
                                                  must(router_of(kVp8AndVp9)), mapped.mapping)),
            "TypeError");
}

}  // namespace
}  // namespace sluice::ortc
