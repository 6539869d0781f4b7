// Consumers as the object model has them (ortc-model 1.12, 1.16, 1.17, rows of 8.9).

#include "media/media_loop.h"
#include "unit/media/object_model.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;

std::vector<int> extension_ids(const Consumer& consumer) {
  std::vector<int> ids;
  for (const auto& extension : consumer.rtp_parameters().header_extensions) {
    ids.push_back(extension.id);
  }
  return ids;
}

uint32_t ssrc_of(const Consumer& consumer) {
  return consumer.rtp_parameters().encodings[0].ssrc->value;
}

TEST_F(ObjectModel, Ortc100AnAudioConsumer) {  // ORTC-100
  std::vector<std::shared_ptr<Consumer>> announced;
  other->on_new_consumer.connect([&](const auto& made) { announced.push_back(made); });
  const auto producer = produce();
  const auto consumer = consume(*producer);
  EXPECT_THAT(announced, ElementsAre(consumer));
  const auto& parameters = consumer->rtp_parameters();
  EXPECT_EQ(parameters.mid, "0");
  ASSERT_EQ(parameters.codecs.size(), 1u);
  EXPECT_EQ(parameters.codecs[0].payload_type, PayloadType{100});
  EXPECT_TRUE(parameters.codecs[0].rtcp_feedback.empty());
  EXPECT_EQ(parameters.codecs[0].parameters, producer->rtp_parameters().codecs[0].parameters);
  EXPECT_THAT(extension_ids(*consumer), ElementsAre(1, 4, 10));
  EXPECT_EQ(consumer->type(), ortc::StreamType::kSimple);
  EXPECT_EQ(consumer->kind(), ortc::MediaKind::kAudio);
  EXPECT_EQ(consumer->producer_id(), producer->id());
  EXPECT_FALSE(consumer->paused());
  EXPECT_FALSE(consumer->producer_paused());
  EXPECT_EQ(consumer->priority(), 1);
  EXPECT_EQ(consumer->score(), (ConsumerScore{10, 0, {0}}));
  EXPECT_FALSE(consumer->preferred_layers());
  EXPECT_FALSE(consumer->current_layers());

  const auto routed = router->dump().value();
  EXPECT_EQ(routed.at("mapProducerIdConsumerIds"), map_of_lists(producer->id(), {consumer->id()}));
  EXPECT_EQ(routed.at("mapConsumerIdProducerId"), map_of(consumer->id(), producer->id()));
  const auto owner = dump(*other).value();
  EXPECT_EQ(owner.at("consumerIds"), as_json(std::vector{consumer->id()}));
  EXPECT_EQ(owner.at("mapSsrcConsumerId"), map_of(ssrc_of(*consumer), consumer->id()));
  EXPECT_EQ(owner.at("mapRtxSsrcConsumerId"), json("[]"));
}

TEST_F(ObjectModel, Ortc101AVideoConsumerOfAPausedProducer) {  // ORTC-101
  consume(*produce());
  const auto producer = produce(kVideoProducer);
  ASSERT_TRUE(producer->pause());
  const auto consumer =
      consume(*producer, {.paused = true, .preferred_layers = ortc::LayersRequest{12, 0}});
  EXPECT_EQ(consumer->rtp_parameters().mid, "1");
  const auto& codecs = consumer->rtp_parameters().codecs;
  ASSERT_EQ(codecs.size(), 2u);
  EXPECT_EQ(codecs[0].payload_type, PayloadType{103}) << "the router's, not the endpoint's";
  EXPECT_EQ(codecs[0].rtcp_feedback,
            (std::vector<ortc::RtcpFeedback>{
                {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}}));
  EXPECT_EQ(codecs[1].payload_type, PayloadType{104});
  EXPECT_EQ(codecs[1].parameters, (ortc::ParameterMap{{"apt", int64_t{103}}}));
  EXPECT_EQ(consumer->rtp_parameters().encodings[0].scalability_mode, "L4T5");
  EXPECT_EQ(consumer->rtp_parameters().encodings[0].rtx_ssrc->value, ssrc_of(*consumer) + 1);
  EXPECT_THAT(extension_ids(*consumer), ElementsAre(1, 4, 11, 12));
  EXPECT_EQ(consumer->type(), ortc::StreamType::kSimulcast);
  EXPECT_TRUE(consumer->paused());
  EXPECT_TRUE(consumer->producer_paused());
  EXPECT_EQ(consumer->score(), (ConsumerScore{10, 0, {0, 0, 0, 0}}));
  EXPECT_EQ(consumer->preferred_layers(), (ortc::Layers{3, 0}));
  EXPECT_FALSE(consumer->current_layers());
  EXPECT_EQ(dump(*other).value().at("mapRtxSsrcConsumerId"),
            map_of(ssrc_of(*consumer) + 1, consumer->id()));
}

TEST_F(ObjectModel, Ortc103MidsCountUpAndAreNotReused) {  // ORTC-103
  const auto producer = produce();
  const auto first = consume(*producer);
  EXPECT_EQ(first->rtp_parameters().mid, "0");
  EXPECT_EQ(consume(*producer, {.mid = "custom-mid"})->rtp_parameters().mid, "custom-mid");
  first->close();
  EXPECT_EQ(consume(*producer)->rtp_parameters().mid, "1");
}

TEST_F(ObjectModel, Ortc104CapabilitiesThatDoNotFitAreUnsupported) {  // ORTC-104
  const auto producer = produce();
  for (const std::string_view text :
       {R"({"codecs": [{"kind": "audio", "mimeType": "audio/ISAC", "preferredPayloadType": 100,
            "clockRate": 32000}]})",
        "{}"}) {
    const auto unfit = capabilities(text);
    EXPECT_FALSE(router->can_consume(producer->id(), unfit));
    EXPECT_EQ(outcome(other->consume({.producer_id = producer->id(), .rtp_capabilities = unfit})),
              "UnsupportedError");
  }
  EXPECT_EQ(outcome(other->consume({.producer_id = "nobody", .rtp_capabilities = capabilities()})),
            "Error");
}

TEST_F(ObjectModel, Ortc105DumpOfAnAudioConsumer) {  // ORTC-105
  const auto producer = produce();
  const auto consumer = consume(*producer);
  const auto shown = dump(*consumer).value();
  EXPECT_EQ(shown.at("id"), as_json(consumer->id()));
  EXPECT_EQ(shown.at("producerId"), as_json(producer->id()));
  EXPECT_EQ(shown.at("kind"), "audio");
  EXPECT_EQ(shown.at("type"), "simple");
  EXPECT_EQ(shown.at("paused"), false);
  EXPECT_EQ(shown.at("producerPaused"), false);
  EXPECT_EQ(shown.at("priority"), 1);
  EXPECT_EQ(shown.at("traceEventTypes"), json("[]"));
  EXPECT_EQ(shown.at("supportedCodecPayloadTypes"), json("[100]"));
  ASSERT_EQ(shown.at("consumableRtpEncodings").as_array().size(), 1u);
  EXPECT_EQ(shown.at("consumableRtpEncodings").at(0).at("ssrc"),
            producer->consumable_rtp_parameters().encodings[0].ssrc->value);
  EXPECT_EQ(shown.at("rtpParameters").at("codecs").at(0).at("payloadType"), 100);
  EXPECT_EQ(shown.at("rtpParameters").at("encodings").at(0).at("codecPayloadType"), 100);
  auto stream = json(R"({
      "params": {"encodingIdx": 0, "payloadType": 100, "mimeType": "audio/opus",
                 "clockRate": 48000, "cname": "FOOBAR", "useNack": false, "usePli": false,
                 "useFir": false, "useInBandFec": true, "useDtx": false, "spatialLayers": 1,
                 "temporalLayers": 1},
      "score": 10})");
  stream.at("params").as_object()["ssrc"] = ssrc_of(*consumer);
  EXPECT_EQ(shown.at("rtpStream"), stream);
}

TEST_F(ObjectModel, Ortc105DumpOfAVideoConsumer) {  // ORTC-105
  const auto producer = produce(kVideoProducer);
  const auto consumer = consume(*producer, {.preferred_layers = ortc::LayersRequest{2, 1}});
  const auto shown = dump(*consumer).value();
  EXPECT_EQ(shown.at("type"), "simulcast");
  EXPECT_EQ(shown.at("supportedCodecPayloadTypes"), json("[103]"));
  const auto& consumable = shown.at("consumableRtpEncodings").as_array();
  ASSERT_EQ(consumable.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(consumable[i].at("ssrc"),
              producer->consumable_rtp_parameters().encodings[i].ssrc->value);
  }
  const auto& stream = shown.at("rtpStream");
  EXPECT_EQ(stream.at("params").at("rtxSsrc"), ssrc_of(*consumer) + 1);
  EXPECT_EQ(stream.at("params").at("rtxPayloadType"), 104);
  EXPECT_EQ(stream.at("params").at("useNack"), true);
  EXPECT_EQ(stream.at("params").at("spatialLayers"), 4);
  EXPECT_EQ(stream.at("params").at("temporalLayers"), 5);
  auto rtx = json(R"({"payloadType": 104, "mimeType": "video/rtx", "clockRate": 90000,
                      "cname": "FOOBAR"})");
  rtx.as_object()["ssrc"] = ssrc_of(*consumer) + 1;
  EXPECT_EQ(stream.at("rtxStream").at("params"), rtx);
  EXPECT_EQ(shown.at("preferredSpatialLayer"), 2);
  EXPECT_EQ(shown.at("preferredTemporalLayer"), 1);
  for (const char* none : {"targetSpatialLayer", "targetTemporalLayer", "currentSpatialLayer",
                           "currentTemporalLayer"}) {
    EXPECT_EQ(shown.at(none), -1) << none;
  }
}

TEST_F(ObjectModel, Ortc106AConsumerWithoutTrafficHasOneOutboundEntry) {  // ORTC-106
  for (const std::string_view parameters : {kAudioProducer, kVideoStream}) {
    const auto consumer = consume(*produce(parameters));
    const auto stats = stream_stats(*consumer).value();
    ASSERT_EQ(stats.size(), 1u);
    const auto object = to_json(stats.front());
    EXPECT_EQ(object.at("type"), "outbound-rtp");
    EXPECT_EQ(object.at("ssrc"), ssrc_of(*consumer));
    EXPECT_EQ(object.at("kind"), as_json(ortc::to_text(consumer->kind())));
    EXPECT_EQ(object.at("mimeType"), as_json(consumer->rtp_parameters().codecs[0].mime_type));
    EXPECT_EQ(object.at("packetCount"), 0u);
    EXPECT_EQ(object.at("byteCount"), 0u);
    EXPECT_EQ(object.at("bitrate"), 0u);
    EXPECT_EQ(object.at("score"), 10);
  }
}

TEST_F(ObjectModel, Ortc107PauseIsToldOnlyWhenItChanges) {  // ORTC-107
  const auto producer = produce();
  const auto consumer = consume(*producer);
  Journal journal;
  journal.watch(*consumer);
  consumer->pause();
  EXPECT_TRUE(consumer->paused());
  EXPECT_EQ(dump(*consumer).value().at("paused"), true);
  consumer->resume();
  EXPECT_THAT(journal.take(), ElementsAre("consumer pause", "consumer resume"));
  consumer->pause();
  consumer->resume();
  consumer->pause();
  consumer->pause();
  consumer->pause();
  consumer->resume();
  EXPECT_THAT(journal.take(), ElementsAre("consumer pause", "consumer resume", "consumer pause",
                                          "consumer resume"));
  producer->pause();
  producer->resume();
  EXPECT_THAT(journal.take(), ElementsAre("consumer producerpause", "consumer pause",
                                          "consumer producerresume", "consumer resume"));
  EXPECT_FALSE(consumer->paused());
}

TEST_F(ObjectModel, Ortc107TheEffectiveStateIsWhatIsTold) {  // ORTC-107
  const auto producer = produce();
  const auto consumer = consume(*producer);
  producer->pause();
  Journal journal;
  journal.watch(*consumer);
  consumer->pause();
  consumer->resume();
  consumer->pause();
  EXPECT_THAT(journal.take(), ElementsAre()) << "it was paused all the time";
  producer->resume();
  EXPECT_THAT(journal.take(), ElementsAre("consumer producerresume"));
  consumer->resume();
  EXPECT_THAT(journal.take(), ElementsAre("consumer resume"));
}

TEST_F(ObjectModel, Ortc108PreferredLayersAreBroughtIntoTheirRange) {  // ORTC-108
  const auto consumer = consume(*produce(kVideoProducer));
  EXPECT_EQ(consumer->preferred_layers(), (ortc::Layers{3, 4}));
  const auto set = [&](ortc::LayersRequest request) {
    EXPECT_EQ(outcome(consumer->set_preferred_layers(request)), "ok");
    return consumer->preferred_layers();
  };
  EXPECT_EQ(set({2, 3}), (ortc::Layers{2, 3}));
  EXPECT_EQ(set({3, std::nullopt}), (ortc::Layers{3, 4}));
  EXPECT_EQ(set({3, 0}), (ortc::Layers{3, 0}));
  EXPECT_EQ(set({66, 66}), (ortc::Layers{3, 4}));
  const auto audio = consume(*produce());
  EXPECT_EQ(outcome(audio->set_preferred_layers({1, 1})), "ok");
  EXPECT_FALSE(audio->preferred_layers());
}

TEST_F(ObjectModel, Ortc110PriorityIsWithin1And255) {  // ORTC-110
  const auto consumer = consume(*produce());
  EXPECT_EQ(outcome(consumer->set_priority(2)), "ok");
  EXPECT_EQ(consumer->priority(), 2);
  for (const int wrong : {0, -1, 256}) {
    EXPECT_EQ(outcome(consumer->set_priority(wrong)), "TypeError") << wrong;
  }
  EXPECT_EQ(consumer->priority(), 2);
  EXPECT_EQ(dump(*consumer).value().at("priority"), 2);
  EXPECT_EQ(outcome(consumer->unset_priority()), "ok");
  EXPECT_EQ(consumer->priority(), 1);
}

TEST_F(ObjectModel, Ortc111APauseOfTheProducerReachesItsConsumers) {  // ORTC-111
  const auto producer = produce();
  const auto first = consume(*producer);
  const auto second = consume(*producer);
  Journal journal;
  journal.watch(*producer);
  journal.watch(*first, "first");
  journal.watch(*second, "second");
  producer->pause();
  EXPECT_TRUE(first->producer_paused());
  EXPECT_FALSE(first->paused());
  EXPECT_THAT(journal.take(), ElementsAre("producer pause", "first producerpause", "first pause",
                                          "second producerpause", "second pause"));
  producer->resume();
  EXPECT_FALSE(first->producer_paused());
  EXPECT_THAT(journal.take(), ElementsAre("producer resume", "first producerresume", "first resume",
                                          "second producerresume", "second resume"));
}

TEST_F(ObjectModel, Ortc112AConsumerCloses) {  // ORTC-112
  const auto producer = produce();
  const auto consumer = consume(*producer);
  Journal journal;
  journal.watch(*consumer);
  consumer->close();
  consumer->close();
  EXPECT_TRUE(consumer->closed());
  EXPECT_THAT(journal.take(), ElementsAre("consumer close"));
  const auto routed = router->dump().value();
  EXPECT_EQ(routed.at("mapProducerIdConsumerIds").at(0).at("values"), json("[]"));
  EXPECT_EQ(routed.at("mapConsumerIdProducerId"), json("[]"));
  const auto owner = dump(*other).value();
  EXPECT_EQ(owner.at("consumerIds"), json("[]"));
  EXPECT_EQ(owner.at("mapSsrcConsumerId"), json("[]"));
  EXPECT_FALSE(producer->closed());
}

TEST_F(ObjectModel, Ortc112TheProducerCloses) {  // ORTC-112
  const auto producer = produce();
  const auto first = consume(*producer);
  const auto second = consume(*producer);
  Journal journal;
  journal.watch(*producer);
  journal.watch(*first, "first");
  journal.watch(*second, "second");
  producer->close();
  EXPECT_TRUE(first->closed());
  EXPECT_THAT(journal.take(), ElementsAre("producer close", "first producerclose", "first close",
                                          "second producerclose", "second close"));
  EXPECT_EQ(router->dump().value().at("mapConsumerIdProducerId"), json("[]"));
}

TEST_F(ObjectModel, Ortc112TheTransportCloses) {  // ORTC-112
  const auto consumer = consume(*produce());
  Journal journal;
  journal.watch(*consumer);
  journal.watch(*other);
  other->close();
  EXPECT_TRUE(consumer->closed());
  EXPECT_THAT(journal.take(),
              ElementsAre("consumer transportclose", "consumer close", "transport close"));
  EXPECT_EQ(router->dump().value().at("mapProducerIdConsumerIds").at(0).at("values"), json("[]"));
}

TEST_F(ObjectModel, Ortc112TheProducersTransportCloses) {  // ORTC-112
  const auto producer = produce();
  const auto elsewhere = consume(*producer);
  const auto beside =
      transport->consume({.producer_id = producer->id(), .rtp_capabilities = capabilities()})
          .value();
  Journal journal;
  journal.watch(*producer);
  journal.watch(*elsewhere, "elsewhere");
  journal.watch(*beside, "beside");
  journal.watch(*transport);
  transport->close();
  EXPECT_THAT(
      journal.take(),
      ElementsAre("producer transportclose", "producer close", "beside transportclose",
                  "beside close", "transport close", "elsewhere producerclose", "elsewhere close"));
}

TEST_F(ObjectModel, Ortc112TheRouterCloses) {  // ORTC-112
  const auto producer = produce();
  const auto consumer = consume(*producer);
  Journal journal;
  journal.watch(*producer);
  journal.watch(*consumer);
  router->close();
  EXPECT_THAT(journal.take(), ElementsAre("producer transportclose", "producer close",
                                          "consumer transportclose", "consumer close"))
      << "no producerclose besides";
}

TEST_F(ObjectModel, Ortc113AClosedConsumerRefusesEverything) {  // ORTC-113
  const auto consumer = consume(*produce(kVideoStream));
  consumer->close();
  EXPECT_EQ(outcome(dump(*consumer)), "Error");
  EXPECT_EQ(outcome(stream_stats(*consumer)), "Error");
  EXPECT_EQ(outcome(consumer->pause()), "Error");
  EXPECT_EQ(outcome(consumer->resume()), "Error");
  EXPECT_EQ(outcome(consumer->set_preferred_layers({1, 1})), "Error");
  EXPECT_EQ(outcome(consumer->set_priority(2)), "Error");
  EXPECT_EQ(outcome(consumer->unset_priority()), "Error");
  EXPECT_EQ(outcome(consumer->request_key_frame()), "Error");
  EXPECT_EQ(outcome(consumer->enable_trace_event()), "Error");
}

TEST_F(ObjectModel, TraceTypesOfAConsumer) {
  const auto consumer = consume(*produce());
  ASSERT_TRUE(consumer->enable_trace_event({"rtp", "sr", "pli", "probation"}));
  EXPECT_EQ(dump(*consumer).value().at("traceEventTypes"), json(R"(["rtp", "pli"])"));
}

TEST_F(ObjectModel, AListenerMayCloseWhatItHearsOf) {
  const auto producer = produce();
  const auto first = consume(*producer);
  const auto second = consume(*producer);
  first->on_producer_pause.connect([&] {
    second->close();
    producer->close();
  });
  producer->pause();
  EXPECT_TRUE(first->closed());
  EXPECT_TRUE(second->closed());
  first->on_close.connect([&] { other->close(); });
  transport->on_close.connect([&] { router->close(); });
  transport->close();
  EXPECT_TRUE(other->closed());
}

}  // namespace
}  // namespace sluice::media::test
