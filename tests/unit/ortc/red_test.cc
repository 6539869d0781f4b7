// RED through all algorithms of negotiation (decisions/020).
#include "protocol/ortc/red.h"

#include <gmock/gmock.h>

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kOpus =
    R"({"mimeType": "audio/opus", "clockRate": 48000, "channels": 2})";
constexpr std::string_view kRed = R"({"mimeType": "audio/red", "clockRate": 48000, "channels": 2})";

std::string list(std::initializer_list<std::string_view> codecs) {
  std::string text = "[";
  for (const std::string_view codec : codecs) {
    text.append(text.size() == 1 ? "" : ", ").append(codec);
  }
  return text + "]";
}

std::string router() {
  return list({kOpus, kRed, R"({"mimeType": "video/VP8", "clockRate": 90000})"});
}

/// What a browser sends that prefers RED, with its own payload types.
constexpr std::string_view kProducer = R"({
    "mid": "0", "encodings": [{"ssrc": 1111}],
    "codecs": [
      {"mimeType": "audio/red", "payloadType": 63, "clockRate": 48000, "channels": 2,
       "parameters": {"111/111": ""}},
      {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2,
       "parameters": {"useinbandfec": 1}, "rtcpFeedback": [{"type": "transport-cc"}]}]})";

std::string endpoint(std::initializer_list<std::string_view> codecs) {
  return R"({"codecs": )" + list(codecs) + "}";
}
constexpr std::string_view kOpusCapability =
    R"({"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2,
        "preferredPayloadType": 100})";
constexpr std::string_view kRedCapability =
    R"({"kind": "audio", "mimeType": "audio/red", "clockRate": 48000, "channels": 2,
        "preferredPayloadType": 101, "parameters": {"100/100": ""}})";

std::vector<int> carried(ParameterMap parameters) {
  RtpCodec codec;
  codec.parameters = std::move(parameters);
  std::vector<int> types;
  for (const PayloadType type : red_payload_types(codec)) {
    types.push_back(type.value);
  }
  return types;
}

TEST(Red, ItsParameterIsReadInBothForms) {
  EXPECT_THAT(carried({{"111/111", ""}}), ElementsAre(111));
  EXPECT_THAT(carried({{"", "111/111"}}), ElementsAre(111));
  EXPECT_THAT(carried({{"111/0/111", ""}}), ElementsAre(111, 0));
  EXPECT_THAT(carried({{"foo", "bar"}, {"111", ""}}), ElementsAre(111));
  EXPECT_THAT(carried(red_parameters(PayloadType(100))), ElementsAre(100));
}

TEST(Red, OtherParametersSayNothing) {
  for (const char* key : {"", "/", "111/", "/111", "111//111", "128", "1111/111", "a/b", "111/x"}) {
    EXPECT_THAT(carried({{key, ""}}), IsEmpty()) << key;
  }
  EXPECT_THAT(carried({{"", int64_t{111}}}), IsEmpty());
}

TEST(Red, TheRouterRefersToItsOpus) {
  const RtpCapabilities capabilities = must(router_of(router()));
  EXPECT_THAT(payload_types(capabilities), ElementsAre(100, 101, 102, 103));
  EXPECT_EQ(capabilities.codecs[1].mime_type, "audio/red");
  EXPECT_EQ(capabilities.codecs[1].parameters, (ParameterMap{{"100/100", ""}}));
  EXPECT_THAT(capabilities.codecs[1].rtcp_feedback, IsEmpty());
}

TEST(Red, TheOrderOfTheRoutersCodecsDoesNotMatter) {
  const RtpCapabilities capabilities =
      must(router_of(list({R"({"mimeType": "audio/RED", "clockRate": 48000, "channels": 2,
           "preferredPayloadType": 63, "parameters": {"111/111": ""}})",
                           R"({"mimeType": "audio/multiopus", "clockRate": 48000, "channels": 6,
           "parameters": {"num_streams": 4, "coupled_streams": 2}})",
                           kOpus})));
  EXPECT_THAT(payload_types(capabilities), ElementsAre(63, 100, 101));
  EXPECT_EQ(capabilities.codecs[0].mime_type, "audio/red");
  EXPECT_EQ(capabilities.codecs[0].parameters, (ParameterMap{{"101/101", ""}}))
      << "the given ones cannot be meant";
}

TEST(Red, ARouterWithoutOpusHasNothingToCarry) {
  EXPECT_EQ(outcome(router_of(list({kRed}))), "UnsupportedError");
  EXPECT_EQ(outcome(router_of(list({kRed, R"({"mimeType": "audio/PCMU", "clockRate": 8000})"}))),
            "UnsupportedError");
  EXPECT_EQ(outcome(router_of(
                list({kOpus, R"({"mimeType": "audio/red", "clockRate": 8000, "channels": 1})"}))),
            "UnsupportedError");
}

TEST(Red, CapabilitiesSurviveWritingAndReading) {
  const RtpCapabilities capabilities = must(router_of(router()));
  EXPECT_EQ(must(read<RtpCapabilities>(text_of(capabilities))), capabilities);
}

TEST(Red, ConsumersAreOfferedItBehindOpusInTermsOfTheRouter) {
  TestTransport transport(router());
  const NegotiatedProducer producer = must(transport.produce_audio(kProducer));
  EXPECT_EQ(producer.type, StreamType::kSimple);
  EXPECT_EQ(producer.mapping.codecs,
            (std::vector<CodecMapping>{{PayloadType(63), PayloadType(101)},
                                       {PayloadType(111), PayloadType(100)}}));
  EXPECT_EQ(producer.engine.encodings[0].codec_payload_type, PayloadType(111))
      << "what is encoded is Opus";
  EXPECT_THAT(payload_types(producer.consumable), ElementsAre(100, 101));
  EXPECT_EQ(producer.consumable.codecs[0].parameters, (ParameterMap{{"useinbandfec", int64_t{1}}}));
  EXPECT_EQ(producer.consumable.codecs[1].parameters, (ParameterMap{{"100/100", ""}}));
}

TEST(Red, AProducerWithoutItIsConsumedWithoutIt) {
  TestTransport transport(router());
  const NegotiatedProducer producer = must(transport.produce_audio());
  EXPECT_THAT(payload_types(producer.consumable), ElementsAre(100));
}

TEST(Red, AConsumerGetsItWhereItsEndpointHasIt) {
  TestTransport transport(router());
  const NegotiatedProducer producer = must(transport.produce_audio(kProducer));
  const RtpParameters with =
      must(transport.consume(producer, endpoint({kRedCapability, kOpusCapability}))).rtp_parameters;
  EXPECT_THAT(payload_types(with), ElementsAre(100, 101));
  EXPECT_EQ(with.codecs[1].parameters, (ParameterMap{{"100/100", ""}}));
  EXPECT_EQ(with.encodings.size(), 1u);
  const RtpParameters without =
      must(transport.consume(producer, endpoint({kOpusCapability}))).rtp_parameters;
  EXPECT_THAT(payload_types(without), ElementsAre(100));
}

TEST(Red, AloneItIsOfNoUse) {
  TestTransport transport(router());
  const NegotiatedProducer producer = must(transport.produce_audio(kProducer));
  EXPECT_EQ(outcome(transport.consume(producer, endpoint({kRedCapability}))), "UnsupportedError");
  EXPECT_FALSE(
      can_consume(producer.consumable, must(read<RtpCapabilities>(endpoint({kRedCapability})))));
  EXPECT_EQ(outcome(transport.produce_audio(R"({
      "mid": "1", "encodings": [{"ssrc": 2222}],
      "codecs": [{"mimeType": "audio/red", "payloadType": 63, "clockRate": 48000,
                  "channels": 2}]})")),
            "TypeError");
}

TEST(Red, WhatItCarriesMustBeThere) {
  TestTransport transport(router());
  const auto producer = [&](std::string_view parameters) {
    return outcome(transport.produce_audio(R"({
        "mid": "1", "encodings": [{"ssrc": 2222}],
        "codecs": [
          {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2},
          {"mimeType": "audio/red", "payloadType": 63, "clockRate": 48000, "channels": 2,
           "parameters": )" + std::string(parameters) +
                                           "}]}"));
  };
  EXPECT_EQ(producer(R"({"112/112": ""})"), "TypeError");
  EXPECT_EQ(producer(R"({"111/63": ""})"), "TypeError") << "not itself";
  EXPECT_EQ(producer("{}"), "ok");
}

TEST(Red, ARouterWithoutItRefuses) {
  TestTransport transport(list({kOpus}));
  EXPECT_EQ(outcome(transport.produce_audio(kProducer)), "UnsupportedError");
}

TEST(Red, APipeTakesItToARouterThatHasIt) {
  TestTransport near(router());
  const NegotiatedProducer producer = must(near.produce_audio(kProducer));
  const RtpParameters piped =
      must(negotiate_pipe_consumer(producer.consumable, /*enable_rtx=*/false, near.ssrcs))
          .rtp_parameters;
  EXPECT_THAT(payload_types(piped), ElementsAre(100, 101));
  // Another order, other payload types.
  TestTransport far(list({kRed, kOpus}));
  const NegotiatedProducer copy = must(far.produce_audio(text_of(piped)));
  EXPECT_THAT(payload_types(copy.consumable), ElementsAre(101, 100));
  EXPECT_EQ(copy.consumable.codecs[1].parameters, (ParameterMap{{"101/101", ""}}));
}

}  // namespace
}  // namespace sluice::ortc
