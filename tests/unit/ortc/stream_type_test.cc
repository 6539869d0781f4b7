// Types of producers and consumers, and preferred layers (ortc-model 4.1, 4.3).
#include "protocol/ortc/stream_type.h"

#include "unit/ortc/fixtures.h"

namespace sluice::ortc {
namespace {

/// Name of the type, or of the error.
std::string type_of(size_t encodings, std::string_view mode, std::string_view mime_type) {
  const Result<StreamType> type =
      derive_producer_type(encodings, parse_scalability_mode(mode), mime_type);
  return type ? std::string(to_text(*type)) : type.error().name();
}

TEST(ProducerType, OneEncodingWithoutLayersIsSimple) {
  for (const std::string_view mime_type :
       {"audio/opus", "video/VP8", "video/H264", "video/VP9", "video/AV1"}) {
    EXPECT_EQ(type_of(1, "", mime_type), "simple") << mime_type;
    EXPECT_EQ(type_of(1, "L1T1", mime_type), "simple") << mime_type;
  }
}

TEST(ProducerType, OneEncodingWithLayersDependsOnTheCodec) {
  for (const std::string_view mode : {"L1T3", "L3T1", "S2T2", "L3T3_KEY"}) {
    EXPECT_EQ(type_of(1, mode, "video/VP9"), "svc") << mode;
    EXPECT_EQ(type_of(1, mode, "video/AV1"), "svc") << mode;
    EXPECT_EQ(type_of(1, mode, "video/VP8"), "simulcast") << mode;
    EXPECT_EQ(type_of(1, mode, "video/H264"), "simulcast") << mode;
    EXPECT_EQ(type_of(1, mode, "audio/opus"), "TypeError") << mode;
  }
}

TEST(ProducerType, SeveralEncodingsNeedASimulcastCodec) {
  for (const std::string_view mode : {"", "L1T3"}) {
    EXPECT_EQ(type_of(3, mode, "video/VP8"), "simulcast");
    EXPECT_EQ(type_of(2, mode, "video/h264"), "simulcast");
    EXPECT_EQ(type_of(2, mode, "video/VP9"), "TypeError");
    EXPECT_EQ(type_of(2, mode, "video/AV1"), "TypeError");
    EXPECT_EQ(type_of(2, mode, "audio/opus"), "TypeError");
  }
}

/// Parameters with that many encodings of that mode.
RtpParameters encodings(size_t count, std::string_view mode = "") {
  RtpParameters parameters;
  parameters.encodings.resize(count);
  for (RtpEncodingParameters& encoding : parameters.encodings) {
    encoding.scalability_mode = mode;
  }
  return parameters;
}

std::string check(StreamType type, size_t consumable, const RtpParameters& consumer) {
  return outcome(check_consumer_type(type, encodings(consumable), consumer));
}

TEST(ConsumerType, SimpleNeedsOneStream) {
  EXPECT_EQ(check(StreamType::kSimple, 1, encodings(1)), "ok");
  EXPECT_EQ(check(StreamType::kSimple, 2, encodings(1)), "TypeError");
}

TEST(ConsumerType, SimulcastHasAStreamForEverySpatialLayer) {
  EXPECT_EQ(check(StreamType::kSimulcast, 3, encodings(1, "L3T2")), "ok");
  EXPECT_EQ(check(StreamType::kSimulcast, 1, encodings(1, "L1T3")), "ok");
  EXPECT_EQ(check(StreamType::kSimulcast, 2, encodings(1, "L3T2")), "TypeError");
  EXPECT_EQ(check(StreamType::kSimulcast, 1, encodings(1, "L2T1")), "TypeError");
}

TEST(ConsumerType, SvcHasOneStreamWithLayers) {
  EXPECT_EQ(check(StreamType::kSvc, 1, encodings(1, "L3T3")), "ok");
  EXPECT_EQ(check(StreamType::kSvc, 1, encodings(1, "L1T2")), "ok");
  EXPECT_EQ(check(StreamType::kSvc, 1, encodings(1)), "TypeError");
  EXPECT_EQ(check(StreamType::kSvc, 2, encodings(1, "L2T3")), "TypeError");
}

TEST(ConsumerType, PipeHasEveryStream) {
  EXPECT_EQ(check(StreamType::kPipe, 3, encodings(3)), "ok");
  EXPECT_EQ(check(StreamType::kPipe, 3, encodings(1)), "TypeError");
  EXPECT_EQ(check(StreamType::kPipe, 0, encodings(0)), "TypeError");
}

TEST(PreferredLayers, AreTheHighestUnlessAskedOtherwise) {
  const ScalabilityMode mode{3, 2, false};
  EXPECT_EQ(preferred_layers(StreamType::kSimulcast, mode), (Layers{2, 1}));
  EXPECT_EQ(preferred_layers(StreamType::kSvc, mode), (Layers{2, 1}));
  EXPECT_EQ(preferred_layers(StreamType::kSvc, mode, LayersRequest{1, std::nullopt}),
            (Layers{1, 1}));
  EXPECT_EQ(preferred_layers(StreamType::kSvc, mode, LayersRequest{1, 0}), (Layers{1, 0}));
  EXPECT_EQ(preferred_layers(StreamType::kSvc, mode, LayersRequest{200, 100}), (Layers{2, 1}));
}

TEST(PreferredLayers, DoNotExistForTypesWithoutLayers) {
  const ScalabilityMode mode{3, 2, false};
  EXPECT_EQ(preferred_layers(StreamType::kSimple, mode, LayersRequest{1, 1}), std::nullopt);
  EXPECT_EQ(preferred_layers(StreamType::kPipe, mode, LayersRequest{1, 1}), std::nullopt);
}

TEST(PreferredLayers, Ortc109WrongArguments) {  // ORTC-109
  EXPECT_EQ(reading<LayersRequest>("{}"), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(R"({"foo": "123"})"), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(R"("foo")"), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(R"({"temporalLayer": 2})"), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(""), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(R"({"spatialLayer": 0, "temporalLayer": "1"})"), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(R"({"spatialLayer": -1})"), "TypeError");
  EXPECT_EQ(reading<LayersRequest>(R"({"spatialLayer": 256})"), "TypeError");
}

TEST(PreferredLayers, FalsyTemporalLayersAreAbsent) {
  for (const std::string_view json :
       {R"({"spatialLayer": 1})", R"({"spatialLayer": 1, "temporalLayer": null})",
        R"({"spatialLayer": 1, "temporalLayer": ""})"}) {
    EXPECT_EQ(must(read<LayersRequest>(json)), (LayersRequest{1, std::nullopt})) << json;
  }
  EXPECT_EQ(must(read<LayersRequest>(R"({"spatialLayer": 1, "temporalLayer": 0})")),
            (LayersRequest{1, 0}));
}

}  // namespace
}  // namespace sluice::ortc
