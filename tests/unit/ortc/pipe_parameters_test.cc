// Consumers that pipe every stream to another router or transport (ortc-model 3.7, and the rows of
// 8.6 as far as they are about parameters).
#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;

constexpr std::string_view kRouter = R"([
    {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
    {"mimeType": "video/VP8", "clockRate": 90000}])";

constexpr std::string_view kSimulcast = R"({
    "mid": "0", "rtcp": {"cname": "abc"},
    "codecs": [
      {"mimeType": "video/VP8", "payloadType": 112, "clockRate": 90000},
      {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
       "parameters": {"apt": 112}}],
    "encodings": [
      {"rid": "r0", "scalabilityMode": "L1T3", "maxBitrate": 100000, "active": true},
      {"rid": "r1", "scalabilityMode": "L1T3", "maxBitrate": 300000},
      {"rid": "r2", "scalabilityMode": "L1T3", "maxBitrate": 900000}]})";

RtpParameters pipe(TestTransport& transport, const NegotiatedProducer& producer,
                   bool enable_rtx = false) {
  const NegotiatedConsumer consumer =
      must(negotiate_pipe_consumer(producer.consumable, enable_rtx, transport.ssrcs));
  EXPECT_EQ(consumer.type, StreamType::kPipe);
  EXPECT_EQ(consumer.preferred_layers, std::nullopt);
  return consumer.rtp_parameters;
}

TEST(PipeParameters, Ortc62OfAudio) {  // ORTC-62
  TestTransport transport(kRouter);
  const RtpParameters consumer = pipe(transport, must(transport.produce_audio()));
  EXPECT_EQ(consumer.mid, "");
  EXPECT_THAT(payload_types(consumer), ElementsAre(100));
  EXPECT_EQ(feedback(consumer), "");
  EXPECT_THAT(extension_ids(consumer), ElementsAre(10, 13, 14));
  EXPECT_EQ(consumer.rtcp.cname, "FOOBAR");
}

TEST(PipeParameters, Ortc63OfASimulcast) {  // ORTC-63
  TestTransport transport(kRouter);
  const RtpParameters consumer = pipe(transport, must(transport.produce_video(kSimulcast)));
  EXPECT_THAT(payload_types(consumer), ElementsAre(101));
  EXPECT_EQ(feedback(consumer), "nack pli,ccm fir");
  EXPECT_THAT(extension_ids(consumer), ElementsAre(8, 11, 12, 13, 14));
  EXPECT_EQ(member_of(consumer, "encodings"), normal(R"([
      {"ssrc": 100000032, "scalabilityMode": "L1T3", "maxBitrate": 100000, "dtx": false,
       "active": true},
      {"ssrc": 100000033, "scalabilityMode": "L1T3", "maxBitrate": 300000, "dtx": false},
      {"ssrc": 100000034, "scalabilityMode": "L1T3", "maxBitrate": 900000, "dtx": false}])"));
}

TEST(PipeParameters, Ortc64WithRetransmission) {  // ORTC-64, Appendix A.4 last row
  TestTransport transport(kRouter);
  const RtpParameters consumer = pipe(transport, must(transport.produce_video(kSimulcast)), true);
  EXPECT_THAT(payload_types(consumer), ElementsAre(101, 102));
  EXPECT_EQ(feedback(consumer), "nack,nack pli,ccm fir");
  EXPECT_EQ(feedback(consumer, 1), "");
  EXPECT_THAT(extension_ids(consumer), ElementsAre(8, 11, 12, 13, 14));
  ASSERT_EQ(consumer.encodings.size(), 3u);
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(consumer.encodings[i].ssrc, Ssrc(100000032 + i));
    EXPECT_EQ(consumer.encodings[i].rtx_ssrc, Ssrc(100000064 + i));
    EXPECT_EQ(consumer.encodings[i].scalability_mode, "L1T3");
  }
  EXPECT_EQ(consumer.encodings[2].max_bitrate, 900000u);
}

/// What arrives on a router behind the pipe.
NegotiatedProducer piped(TestTransport& from, const NegotiatedProducer& producer,
                         const RtpCapabilities& to, bool enable_rtx = false) {
  return must(negotiate_producer(kind_of(producer), pipe(from, producer, enable_rtx), to, nullptr,
                                 from.ssrcs));
}

TEST(PipeParameters, AreValidProducerParametersOfAnotherRouter) {
  TestTransport transport(kRouter);
  const RtpCapabilities other = must(router_of(
      R"([{"mimeType": "video/VP9", "clockRate": 90000},
          {"mimeType": "video/VP8", "clockRate": 90000}])"));
  const NegotiatedProducer producer =
      piped(transport, must(transport.produce_video(kSimulcast)), other, true);
  EXPECT_EQ(producer.type, StreamType::kSimulcast);
  EXPECT_EQ(producer.mapping.codecs,
            (std::vector<CodecMapping>{{PayloadType(101), PayloadType(102)},
                                       {PayloadType(102), PayloadType(103)}}));
  EXPECT_EQ(producer.rtp_parameters.rtcp.cname, "abc");
}

TEST(PipeParameters, TheOtherRouterNeedsTheCodec) {
  TestTransport transport(kRouter);
  const NegotiatedProducer producer = must(transport.produce_video(kSimulcast));
  const RtpCapabilities other =
      must(router_of(R"([{"mimeType": "video/VP9", "clockRate": 90000}])"));
  EXPECT_EQ(outcome(negotiate_producer(MediaKind::kVideo, pipe(transport, producer), other, nullptr,
                                       transport.ssrcs)),
            "UnsupportedError");
}

TEST(PipeParameters, Ortc67ConsumingAPipedProducer) {  // ORTC-67
  TestTransport source(kRouter);
  TestTransport transport(kRouter);
  const NegotiatedProducer producer =
      piped(source, must(source.produce_video(kSimulcast)), transport.router);
  const NegotiatedConsumer consumer = must(transport.consume(producer, R"({
      "codecs": [
        {"mimeType": "video/VP8", "clockRate": 90000, "preferredPayloadType": 101,
         "rtcpFeedback": [{"type": "nack"}, {"type": "ccm", "parameter": "fir"},
                          {"type": "transport-cc"}]},
        {"mimeType": "video/rtx", "clockRate": 90000, "preferredPayloadType": 102,
         "parameters": {"apt": 101}}],
      "headerExtensions": [
        {"kind": "video", "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
         "preferredId": 4},
        {"kind": "video",
         "uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
         "preferredId": 5},
        {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
         "preferredId": 10}]})"));
  EXPECT_EQ(consumer.type, StreamType::kSimulcast);
  EXPECT_EQ(consumer.rtp_parameters.mid, "0");
  EXPECT_THAT(payload_types(consumer.rtp_parameters), ElementsAre(101, 102));
  EXPECT_EQ(feedback(consumer.rtp_parameters), "nack,ccm fir,transport-cc");
  EXPECT_THAT(extension_ids(consumer.rtp_parameters), ElementsAre(4, 5));
  ASSERT_EQ(consumer.rtp_parameters.encodings.size(), 1u);
  EXPECT_TRUE(consumer.rtp_parameters.encodings[0].ssrc);
  EXPECT_TRUE(consumer.rtp_parameters.encodings[0].rtx_ssrc);
}

TEST(PipeParameters, Ortc78PipeConsumerOfAWebRtcTransport) {  // ORTC-78
  TestTransport transport;
  const NegotiatedProducer producer = must(transport.produce_video());
  ConsumerRequest request;
  request.pipe = true;
  const NegotiatedConsumer consumer =
      must(transport.consume(producer, kEndpointCapabilities, request));
  EXPECT_EQ(consumer.type, StreamType::kPipe);
  EXPECT_EQ(consumer.rtp_parameters.mid, "");
  EXPECT_THAT(payload_types(consumer.rtp_parameters), ElementsAre(103, 104));
  EXPECT_EQ(feedback(consumer.rtp_parameters), "nack,nack pli,ccm fir,goog-remb");
  EXPECT_EQ(consumer.rtp_parameters.encodings.size(), 4u);
  EXPECT_EQ(consumer.preferred_layers, std::nullopt);
  EXPECT_EQ(transport.mids.next(), "0");
}

}  // namespace
}  // namespace sluice::ortc
