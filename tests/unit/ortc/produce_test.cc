// Producing on a transport: everything from parameters to registered ids (ortc-model 3.8, rows of
// 8.8 as far as they are about parameters).
#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::MatchesRegex;

TEST(Produce, Ortc85PayloadTypeZeroAndNoEncodings) {  // ORTC-85
  TestTransport transport;
  const NegotiatedProducer producer = must(transport.produce_audio(R"({
      "mid": "AUDIO", "codecs": [{"mimeType": "audio/opus", "payloadType": 0, "clockRate": 48000,
                                  "channels": 2}],
      "headerExtensions": [], "rtcp": {}})"));
  EXPECT_EQ(producer.type, StreamType::kSimple);
  EXPECT_EQ(member_of(producer.engine, "encodings"), normal(R"([{"codecPayloadType": 0}])"));
  EXPECT_EQ(member_of(producer.rtp_parameters, "encodings"), "[{}]");
}

TEST(Produce, Ortc86OnlyMidAndCodecs) {  // ORTC-86
  TestTransport transport;
  const NegotiatedProducer producer = must(transport.produce_audio(R"({
      "mid": "AUDIO", "codecs": [{"mimeType": "audio/opus", "payloadType": 111,
                                  "clockRate": 48000, "channels": 2}]})"));
  EXPECT_EQ(producer.type, StreamType::kSimple);
  EXPECT_EQ(member_of(producer.rtp_parameters, "headerExtensions"), "[]");
  EXPECT_THAT(member_of(producer.rtp_parameters, "rtcp"),
              MatchesRegex(R"(\{"cname":"[0-9a-f]+","reducedSize":true\})"));
}

TEST(Produce, Ortc87DumpOfASimulcast) {  // ORTC-87
  TestTransport transport;
  const NegotiatedProducer producer = must(transport.produce_video(R"({
      "mid": "VIDEO",
      "codecs": [
        {"mimeType": "video/h264", "payloadType": 112, "clockRate": 90000,
         "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032"},
         "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                          {"type": "goog-remb"}]},
        {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
         "parameters": {"apt": 112}}],
      "headerExtensions": [{"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 10},
                           {"uri": "urn:3gpp:video-orientation", "id": 13}],
      "encodings": [{"ssrc": 22222222, "rtx": {"ssrc": 22222223}, "scalabilityMode": "L1T3"},
                    {"ssrc": 22222224, "rtx": {"ssrc": 22222225}},
                    {"ssrc": 22222226, "rtx": {"ssrc": 22222227}},
                    {"ssrc": 22222228, "rtx": {"ssrc": 22222229}}],
      "rtcp": {"cname": "FOOBAR"}})"));
  EXPECT_EQ(producer.type, StreamType::kSimulcast);
  EXPECT_EQ(producer.rtp_parameters.codecs[0].mime_type, "video/h264");
  EXPECT_EQ(dump_of(producer.engine), normal(R"({
      "mid": "VIDEO",
      "codecs": [
        {"mimeType": "video/H264", "payloadType": 112, "clockRate": 90000,
         "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032"},
         "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                          {"type": "goog-remb"}]},
        {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
         "parameters": {"apt": 112}, "rtcpFeedback": []}],
      "headerExtensions": [
        {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 10, "encrypt": false,
         "parameters": {}},
        {"uri": "urn:3gpp:video-orientation", "id": 13, "encrypt": false, "parameters": {}}],
      "encodings": [
        {"ssrc": 22222222, "rtx": {"ssrc": 22222223}, "codecPayloadType": 112, "dtx": false,
         "scalabilityMode": "L1T3"},
        {"ssrc": 22222224, "rtx": {"ssrc": 22222225}, "codecPayloadType": 112, "dtx": false},
        {"ssrc": 22222226, "rtx": {"ssrc": 22222227}, "codecPayloadType": 112, "dtx": false},
        {"ssrc": 22222228, "rtx": {"ssrc": 22222229}, "codecPayloadType": 112, "dtx": false}],
      "rtcp": {"cname": "FOOBAR", "reducedSize": true}})"));
}

TEST(Produce, Ortc88WrongArguments) {  // ORTC-88
  TestTransport transport;
  EXPECT_EQ(reading<MediaKind>(R"("chicken")"), "TypeError");
  EXPECT_EQ(outcome(transport.produce_audio("{}")), "TypeError");
  EXPECT_EQ(outcome(transport.produce_audio(R"({
      "mid": "AUDIO", "codecs": [{"mimeType": "audio/opus", "payloadType": 111,
                                  "clockRate": 48000, "channels": 2}],
      "encodings": [{"ssrc": "1111"}]})")),
            "TypeError");
  EXPECT_EQ(outcome(transport.produce_audio(R"({
      "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000,
                  "channels": 2}],
      "encodings": []})")),
            "TypeError");
  EXPECT_EQ(outcome(transport.produce_video(R"({
      "mid": "VIDEO", "codecs": [
        {"mimeType": "video/H264", "payloadType": 112, "clockRate": 90000,
         "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032"}},
        {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
         "parameters": {"apt": 111}}],
      "encodings": [{"ssrc": 6666, "rtx": {"ssrc": 6667}}]})")),
            "TypeError");
  EXPECT_TRUE(transport.ids.empty());
}

TEST(Produce, Ortc89WhatTheRouterLacks) {  // ORTC-89
  TestTransport transport;
  EXPECT_EQ(outcome(transport.produce_audio(R"({
      "mid": "AUDIO", "codecs": [{"mimeType": "audio/ISAC", "payloadType": 108,
                                  "clockRate": 32000}]})")),
            "UnsupportedError");
  EXPECT_EQ(outcome(transport.produce_video(R"({
      "mid": "VIDEO", "codecs": [
        {"mimeType": "video/H264", "payloadType": 112, "clockRate": 90000,
         "parameters": {"packetization-mode": 1, "profile-level-id": "CHICKEN"}}],
      "encodings": [{"ssrc": 6666}]})")),
            "UnsupportedError");
}

TEST(Produce, Ortc90TheSameStreamsTwice) {  // ORTC-90
  TestTransport transport;
  const NegotiatedProducer audio = must(transport.produce_audio());
  const NegotiatedProducer video = must(transport.produce_video());
  EXPECT_EQ(outcome(transport.produce_audio()), "Error");
  EXPECT_EQ(outcome(transport.produce_video()), "Error");
  constexpr std::string_view kSameSsrc = R"({
      "mid": "OTHER", "codecs": [{"mimeType": "audio/opus", "payloadType": 111,
                                  "clockRate": 48000, "channels": 2}],
      "encodings": [{"ssrc": 11111111}]})";
  EXPECT_EQ(outcome(transport.produce_audio(kSameSsrc)), "Error");
  transport.close(audio);
  EXPECT_EQ(outcome(transport.produce_audio(kSameSsrc)), "ok");
  transport.close(video);
  EXPECT_EQ(outcome(transport.produce_video()), "ok");
}

TEST(Produce, Ortc91NothingToFindPacketsBy) {  // ORTC-91
  TestTransport transport;
  EXPECT_EQ(outcome(transport.produce_audio(R"({
      "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000,
                  "channels": 2}],
      "encodings": [{}], "rtcp": {"cname": "qwerty"}})")),
            "TypeError");
}

TEST(Produce, UnknownMembersSurviveInTheProducersParameters) {
  TestTransport transport;
  const NegotiatedProducer producer = must(transport.produce_audio(R"({
      "mid": "0", "msid": "stream track", "codecs": [{"mimeType": "audio/opus",
          "payloadType": 111, "clockRate": 48000, "channels": 2}],
      "encodings": [{"active": true, "priority": {"a": [1, null]}}], "rtcp": {"cname": "x"}})"));
  EXPECT_EQ(member_of(producer.rtp_parameters, "encodings"),
            normal(R"([{"dtx": false, "active": true, "priority": {"a": [1, null]}}])"));
  EXPECT_EQ(member_of(producer.rtp_parameters, "msid"), R"("stream track")");
}

TEST(Produce, TheNegotiatedLevelIsVisibleToApplicationAndConsumers) {
  TestTransport transport;
  const NegotiatedProducer producer = must(transport.produce_video(R"({
      "mid": "0", "codecs": [{"mimeType": "video/H264", "payloadType": 112, "clockRate": 90000,
          "parameters": {"packetization-mode": 1, "profile-level-id": "4D0034"}}]})"));
  for (const RtpParameters* parameters :
       {&producer.rtp_parameters, &producer.engine, &producer.consumable}) {
    EXPECT_EQ(parameters->codecs[0].parameters,
              (ParameterMap{{"packetization-mode", int64_t{1}}, {"profile-level-id", "4d0032"}}));
  }
}

// ---- CNAME, 3.8

std::string opus_with(std::string_view mid, std::string_view rtcp) {
  return R"({"mid": ")" + std::string(mid) +
         R"(", "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000,
             "channels": 2}], "rtcp": )" +
         std::string(rtcp) + "}";
}

TEST(ProducerCname, TheFirstOneCountsForAllOfTheTransport) {
  TestTransport transport;
  const NegotiatedProducer first =
      must(transport.produce_audio(opus_with("0", R"({"cname": "abc"})")));
  const NegotiatedProducer second =
      must(transport.produce_audio(opus_with("1", R"({"cname": "def"})")));
  const NegotiatedProducer third = must(transport.produce_audio(opus_with("2", "{}")));
  EXPECT_EQ(first.rtp_parameters.rtcp.cname, "abc");
  EXPECT_EQ(second.rtp_parameters.rtcp.cname, "abc");
  EXPECT_EQ(third.rtp_parameters.rtcp.cname, "abc");
  EXPECT_EQ(second.consumable.rtcp.cname, "abc");
}

TEST(ProducerCname, IsGeneratedWhenTheFirstProducerHasNone) {
  TestTransport transport;
  const NegotiatedProducer first =
      must(transport.produce_audio(opus_with("0", R"({"cname": ""})")));
  const NegotiatedProducer second =
      must(transport.produce_audio(opus_with("1", R"({"cname": "def"})")));
  EXPECT_THAT(first.rtp_parameters.rtcp.cname,
              MatchesRegex("[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]"));
  EXPECT_EQ(second.rtp_parameters.rtcp.cname, first.rtp_parameters.rtcp.cname);
  TestTransport other;
  EXPECT_NE(must(other.produce_audio(opus_with("0", "{}"))).rtp_parameters.rtcp.cname,
            first.rtp_parameters.rtcp.cname);
}

TEST(ProducerCname, OnAPipeTransportEveryProducerKeepsItsOwn) {
  TestTransport transport;
  for (const std::string cname : {"abc", "def", ""}) {
    const NegotiatedProducer producer = must(negotiate_producer(
        MediaKind::kAudio,
        must(read<RtpParameters>(opus_with("0", R"({"cname": ")" + cname + R"("})"))),
        transport.router, nullptr, transport.ssrcs));
    EXPECT_EQ(producer.rtp_parameters.rtcp.cname, cname);
  }
}

}  // namespace
}  // namespace sluice::ortc
