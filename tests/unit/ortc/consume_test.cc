// Consuming on a transport: everything from an endpoint's capabilities to the consumer's parameters
// (ortc-model 3.8, 4.3, rows of 8.9 and 8.10 as far as they are about parameters).
#include <gmock/gmock.h>

#include <algorithm>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;

class Consume : public testing::Test {
 protected:
  NegotiatedConsumer consume(const NegotiatedProducer& producer,
                             const ConsumerRequest& request = {}) {
    return must(transport_.consume(producer, kEndpointCapabilities, request));
  }

  TestTransport transport_;
  NegotiatedProducer audio_ = must(transport_.produce_audio());
  NegotiatedProducer video_ = must(transport_.produce_video());
};

TEST_F(Consume, Ortc100Audio) {  // ORTC-100
  EXPECT_TRUE(can_consume(audio_.consumable, must(read<RtpCapabilities>(kEndpointCapabilities))));
  const NegotiatedConsumer consumer = consume(audio_);
  EXPECT_EQ(consumer.type, StreamType::kSimple);
  EXPECT_EQ(consumer.preferred_layers, std::nullopt);
  EXPECT_EQ(consumer.rtp_parameters.mid, "0");
  EXPECT_EQ(member_of(consumer.rtp_parameters, "codecs"), normal(R"([
      {"mimeType": "audio/opus", "payloadType": 100, "clockRate": 48000, "channels": 2,
       "parameters": {"useinbandfec": 1, "usedtx": 1, "foo": 222.222, "bar": "333"},
       "rtcpFeedback": []}])"));
  EXPECT_THAT(extension_ids(consumer.rtp_parameters), ElementsAre(1, 4, 10));
  EXPECT_EQ(consumer.rtp_parameters.encodings.size(), 1u);
  EXPECT_EQ(consumer.rtp_parameters.rtcp.cname, "FOOBAR");
}

TEST_F(Consume, Ortc101Video) {  // ORTC-101
  static_cast<void>(consume(audio_));
  ConsumerRequest request;
  request.preferred_layers = must(read<LayersRequest>(R"({"spatialLayer": 12,
                                                          "temporalLayer": 0})"));
  const NegotiatedConsumer consumer = consume(video_, request);
  EXPECT_EQ(consumer.type, StreamType::kSimulcast);
  EXPECT_EQ(consumer.preferred_layers, (Layers{3, 0}));
  EXPECT_EQ(text_of(*consumer.preferred_layers), R"({"spatialLayer":3,"temporalLayer":0})");
  EXPECT_EQ(consumer.rtp_parameters.mid, "1");
  EXPECT_EQ(member_of(consumer.rtp_parameters, "codecs"), normal(R"([
      {"mimeType": "video/H264", "payloadType": 103, "clockRate": 90000,
       "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032"},
       "rtcpFeedback": [{"type": "nack", "parameter": ""}, {"type": "nack", "parameter": "pli"},
                        {"type": "ccm", "parameter": "fir"},
                        {"type": "goog-remb", "parameter": ""}]},
      {"mimeType": "video/rtx", "payloadType": 104, "clockRate": 90000,
       "parameters": {"apt": 103}, "rtcpFeedback": []}])"));
  ASSERT_EQ(consumer.rtp_parameters.encodings.size(), 1u);
  EXPECT_EQ(consumer.rtp_parameters.encodings[0].scalability_mode, "L4T5");
  EXPECT_TRUE(consumer.rtp_parameters.encodings[0].rtx_ssrc);
  EXPECT_THAT(extension_ids(consumer.rtp_parameters), ElementsAre(1, 4, 11, 12));
}

TEST_F(Consume, Ortc102AudioWithRetransmission) {  // ORTC-102
  ConsumerRequest request;
  request.enable_rtx = true;
  EXPECT_EQ(feedback(consume(audio_, request).rtp_parameters), "nack");
}

TEST_F(Consume, Ortc103MidsOfTheTransportAndOfTheApplication) {  // ORTC-103
  ConsumerRequest custom;
  custom.mid = "custom-mid";
  EXPECT_EQ(consume(audio_).rtp_parameters.mid, "0");
  EXPECT_EQ(consume(audio_, custom).rtp_parameters.mid, "custom-mid");
  EXPECT_EQ(consume(audio_).rtp_parameters.mid, "1");
}

TEST_F(Consume, Ortc104WithoutACommonCodec) {  // ORTC-104
  for (const std::string_view capabilities :
       {std::string_view(R"({"codecs": [{"kind": "audio", "mimeType": "audio/ISAC",
                             "clockRate": 32000, "preferredPayloadType": 100, "channels": 1}],
             "headerExtensions": []})"),
        std::string_view(R"({"codecs": [], "headerExtensions": []})"), std::string_view("{}")}) {
    EXPECT_FALSE(can_consume(audio_.consumable, must(read<RtpCapabilities>(capabilities))));
    EXPECT_EQ(outcome(transport_.consume(audio_, capabilities)), "UnsupportedError");
  }
}

TEST_F(Consume, ARefusedConsumerTakesNoMid) {
  ASSERT_FALSE(transport_.consume(audio_, "{}"));
  EXPECT_EQ(consume(audio_).rtp_parameters.mid, "0");
}

TEST_F(Consume, Ortc108PreferredLayersAreBroughtIntoTheirRange) {  // ORTC-108
  const auto preferred = [&](std::string_view layers) {
    ConsumerRequest request;
    request.preferred_layers = must(read<LayersRequest>(layers));
    return consume(video_, request).preferred_layers;
  };
  EXPECT_EQ(preferred(R"({"spatialLayer": 2, "temporalLayer": 3})"), (Layers{2, 3}));
  EXPECT_EQ(preferred(R"({"spatialLayer": 3})"), (Layers{3, 4}));
  EXPECT_EQ(preferred(R"({"spatialLayer": 3, "temporalLayer": 0})"), (Layers{3, 0}));
  EXPECT_EQ(preferred(R"({"spatialLayer": 66, "temporalLayer": 66})"), (Layers{3, 4}));
  EXPECT_EQ(consume(video_).preferred_layers, (Layers{3, 4}));
}

TEST_F(Consume, AudioHasNoPreferredLayers) {
  ConsumerRequest request;
  request.preferred_layers = LayersRequest{1, 1};
  EXPECT_EQ(consume(audio_, request).preferred_layers, std::nullopt);
}

TEST_F(Consume, SsrcsOfTheTransportDiffer) {
  std::vector<uint32_t> ssrcs;
  for (const NegotiatedProducer* producer : {&audio_, &video_, &audio_}) {
    for (const RtpEncodingParameters& encoding : consume(*producer).rtp_parameters.encodings) {
      ssrcs.push_back(encoding.ssrc->value);
      ssrcs.push_back(encoding.rtx_ssrc.value_or(Ssrc(encoding.ssrc->value + 1)).value);
    }
  }
  for (const NegotiatedProducer* producer : {&audio_, &video_}) {
    for (const EncodingMapping& encoding : producer->mapping.encodings) {
      ssrcs.push_back(encoding.mapped_ssrc.value);
    }
  }
  std::ranges::sort(ssrcs);
  EXPECT_EQ(std::ranges::adjacent_find(ssrcs), ssrcs.end());
}

TEST(ConsumeMultiopus, Ortc114ChannelsMustFit) {  // ORTC-114
  TestTransport transport(R"([
      {"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
       "parameters": {"channel_mapping": "0,4,1,2,3,5", "num_streams": 4,
                      "coupled_streams": 2}}])");
  const NegotiatedProducer producer = must(transport.produce_audio(R"({
      "mid": "AUDIO", "codecs": [
        {"mimeType": "audio/multiopus", "payloadType": 0, "clockRate": 48000, "channels": 6,
         "parameters": {"useinbandfec": 1, "channel_mapping": "0,4,1,2,3,5", "num_streams": 4,
                        "coupled_streams": 2}}]})"));
  const auto capabilities = [](int channels) {
    return R"({"codecs": [{"mimeType": "audio/multiopus", "kind": "audio",
               "preferredPayloadType": 100, "clockRate": 48000, "channels": )" +
           std::to_string(channels) +
           R"(, "parameters": {"channel_mapping": "0,4,1,2,3,5", "num_streams": 4,
                               "coupled_streams": 2}}]})";
  };
  EXPECT_FALSE(can_consume(producer.consumable, must(read<RtpCapabilities>(capabilities(8)))));
  EXPECT_EQ(outcome(transport.consume(producer, capabilities(8))), "UnsupportedError");
  EXPECT_TRUE(can_consume(producer.consumable, must(read<RtpCapabilities>(capabilities(6)))));
  EXPECT_EQ(outcome(transport.consume(producer, capabilities(6))), "ok");
}

TEST(ConsumeType, SpatialLayersInOneVp8StreamFailAtConsumeOnly) {
  TestTransport transport;
  const auto producer = [&](std::string_view mid, std::string_view mode) {
    return must(transport.produce_video(
        R"({"mid": ")" + std::string(mid) +
        R"(", "codecs": [{"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000}],
            "encodings": [{"scalabilityMode": ")" +
        std::string(mode) + R"("}]})"));
  };
  constexpr std::string_view kVp8 =
      R"({"codecs": [{"mimeType": "video/VP8", "clockRate": 90000}]})";
  const NegotiatedProducer spatial = producer("0", "L2T1");
  EXPECT_EQ(spatial.type, StreamType::kSimulcast);
  EXPECT_EQ(outcome(transport.consume(spatial, kVp8)), "TypeError");
  const NegotiatedProducer temporal = producer("1", "L1T3");
  EXPECT_EQ(temporal.type, StreamType::kSimulcast);
  const NegotiatedConsumer consumer = must(transport.consume(temporal, kVp8));
  EXPECT_EQ(consumer.preferred_layers, (Layers{0, 2}));
  EXPECT_EQ(producer("2", "L1T1").type, StreamType::kSimple);
}

// ---- ORTC-134: one producer through the whole pipeline

class ConsumeMixedSimulcast : public testing::Test {
 protected:
  TestTransport transport_{R"([
      {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
      {"mimeType": "video/H264", "clockRate": 90000,
       "parameters": {"level-asymmetry-allowed": 1, "packetization-mode": 1,
                      "profile-level-id": "4d0032", "bar": "baz"}}])"};
  NegotiatedProducer producer_ = must(transport_.produce_video(R"({
      "codecs": [
        {"mimeType": "video/H264", "payloadType": 111, "clockRate": 90000,
         "parameters": {"foo": 1234, "packetization-mode": 1, "profile-level-id": "4d0032"},
         "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                          {"type": "goog-remb"}]},
        {"mimeType": "video/rtx", "payloadType": 112, "clockRate": 90000,
         "parameters": {"apt": 111}}],
      "headerExtensions": [{"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1},
                           {"uri": "urn:3gpp:video-orientation", "id": 2}],
      "encodings": [
        {"ssrc": 11111111, "rtx": {"ssrc": 11111112}, "maxBitrate": 111111,
         "scalabilityMode": "L1T3"},
        {"ssrc": 21111111, "rtx": {"ssrc": 21111112}, "maxBitrate": 222222,
         "scalabilityMode": "L1T3"},
        {"rid": "high", "maxBitrate": 333333, "scalabilityMode": "L1T3"}],
      "rtcp": {"cname": "qwerty1234"}})"));
};

TEST_F(ConsumeMixedSimulcast, Ortc134Mapping) {  // ORTC-134
  EXPECT_EQ(text_of(producer_.mapping), normal(R"({
      "codecs": [{"payloadType": 111, "mappedPayloadType": 101},
                 {"payloadType": 112, "mappedPayloadType": 102}],
      "encodings": [
        {"ssrc": 11111111, "scalabilityMode": "L1T3", "mappedSsrc": 100000000},
        {"ssrc": 21111111, "scalabilityMode": "L1T3", "mappedSsrc": 100000001},
        {"rid": "high", "scalabilityMode": "L1T3", "mappedSsrc": 100000002}]})"));
}

TEST_F(ConsumeMixedSimulcast, Ortc134Consumable) {  // ORTC-134
  EXPECT_EQ(producer_.consumable.codecs[0].parameters,
            (ParameterMap{{"foo", int64_t{1234}},
                          {"packetization-mode", int64_t{1}},
                          {"profile-level-id", "4d0032"}}));
  EXPECT_EQ(member_of(producer_.consumable, "encodings"), normal(R"([
      {"ssrc": 100000000, "maxBitrate": 111111, "scalabilityMode": "L1T3", "dtx": false},
      {"ssrc": 100000001, "maxBitrate": 222222, "scalabilityMode": "L1T3", "dtx": false},
      {"ssrc": 100000002, "maxBitrate": 333333, "scalabilityMode": "L1T3", "dtx": false}])"));
  EXPECT_EQ(member_of(producer_.consumable, "rtcp"),
            R"({"cname":"qwerty1234","reducedSize":true})");
}

TEST_F(ConsumeMixedSimulcast, Ortc134Consumer) {  // ORTC-134
  const NegotiatedConsumer consumer = must(transport_.consume(producer_, R"({
      "codecs": [
        {"mimeType": "audio/opus", "kind": "audio", "preferredPayloadType": 100,
         "clockRate": 48000, "channels": 2},
        {"mimeType": "video/H264", "kind": "video", "preferredPayloadType": 101,
         "clockRate": 90000,
         "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032", "baz": "LOLOLO"},
         "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                          {"type": "foo", "parameter": "FOO"}]},
        {"mimeType": "video/rtx", "kind": "video", "preferredPayloadType": 102,
         "clockRate": 90000, "parameters": {"apt": 101}}],
      "headerExtensions": [
        {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1},
        {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1},
        {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
         "preferredId": 2},
        {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
         "preferredId": 8},
        {"kind": "video", "uri": "urn:3gpp:video-orientation", "preferredId": 11},
        {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:toffset", "preferredId": 12}]})"));
  EXPECT_THAT(payload_types(consumer.rtp_parameters), ElementsAre(101, 102));
  EXPECT_EQ(consumer.rtp_parameters.codecs[0].parameters.integer("foo"), 1234);
  EXPECT_EQ(feedback(consumer.rtp_parameters), "nack,nack pli,foo FOO");
  EXPECT_THAT(extension_ids(consumer.rtp_parameters), ElementsAre(1, 11, 12));
  EXPECT_EQ(member_of(consumer.rtp_parameters, "encodings"), normal(R"([
      {"ssrc": 100000032, "rtx": {"ssrc": 100000033}, "scalabilityMode": "L3T3",
       "maxBitrate": 333333}])"));
}

TEST_F(ConsumeMixedSimulcast, Ortc134PipeConsumer) {  // ORTC-134
  const RtpParameters consumer =
      must(get_pipe_consumer_rtp_parameters(producer_.consumable, false, transport_.ssrcs));
  EXPECT_THAT(payload_types(consumer), ElementsAre(101));
  EXPECT_EQ(feedback(consumer), "nack pli,ccm fir");
  ASSERT_EQ(consumer.encodings.size(), 3u);
  for (const RtpEncodingParameters& encoding : consumer.encodings) {
    EXPECT_TRUE(encoding.ssrc);
    EXPECT_EQ(encoding.rtx_ssrc, std::nullopt);
  }
  EXPECT_EQ(consumer.rtcp, (RtcpParameters{"qwerty1234", true}));
}

TEST_F(ConsumeMixedSimulcast, Ortc105SupportedTypesAreThoseOfMedia) {  // ORTC-105
  EXPECT_THAT(media_payload_types(producer_.consumable), ElementsAre(PayloadType(101)));
}

}  // namespace
}  // namespace sluice::ortc
