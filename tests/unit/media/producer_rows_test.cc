// Producers as the object model has them (ortc-model 1.11, rows of 8.8).

#include "media/media_loop.h"
#include "unit/media/object_model.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kBareOpus = R"({"mid": "AUDIO", "codecs": [
    {"mimeType": "audio/opus", "payloadType": 0, "clockRate": 48000, "channels": 2}]})";

TEST_F(ObjectModel, Ortc85AProducerOfPayloadTypeZero) {  // ORTC-85
  std::vector<std::shared_ptr<Producer>> announced;
  transport->on_new_producer.connect([&](const auto& made) { announced.push_back(made); });
  const auto producer = produce(kBareOpus);
  EXPECT_THAT(announced, ElementsAre(producer));
  EXPECT_FALSE(producer->closed());
  EXPECT_EQ(producer->kind(), ortc::MediaKind::kAudio);
  EXPECT_EQ(producer->type(), ortc::StreamType::kSimple);
  EXPECT_FALSE(producer->paused());
  EXPECT_TRUE(producer->score().empty());
  const auto shown = dump(*producer).value();
  EXPECT_EQ(shown.at("id"), as_json(producer->id()));
  EXPECT_EQ(shown.at("kind"), "audio");
  EXPECT_EQ(shown.at("type"), "simple");
  EXPECT_EQ(shown.at("paused"), false);
  EXPECT_EQ(shown.at("traceEventTypes"), json("[]"));
  EXPECT_FALSE(shown.contains("rtpStreams"));
  EXPECT_EQ(shown.at("rtpParameters").at("encodings"), json(R"([{"codecPayloadType": 0}])"));
  EXPECT_EQ(shown.at("rtpMapping").at("codecs"),
            json(R"([{"payloadType": 0, "mappedPayloadType": 100}])"));
  EXPECT_EQ(shown.at("rtpMapping").at("encodings").at(0).at("mappedSsrc"),
            producer->consumable_rtp_parameters().encodings[0].ssrc->value);
  EXPECT_EQ(router->dump().value().at("mapProducerIdConsumerIds"),
            map_of_lists(producer->id(), {}));
  const auto owner = dump(*transport).value();
  EXPECT_EQ(owner.at("producerIds"), as_json(std::vector{producer->id()}));
  EXPECT_EQ(owner.at("rtpListener").at("midTable"), map_of("AUDIO", producer->id()));
}

TEST_F(ObjectModel, Ortc86AProducerNeedsOnlyMidAndCodec) {  // ORTC-86
  const auto producer = produce(kBareOpus);
  EXPECT_TRUE(producer->rtp_parameters().header_extensions.empty());
  EXPECT_EQ(producer->rtp_parameters().encodings.size(), 1u);
  EXPECT_FALSE(producer->rtp_parameters().rtcp.cname.empty());
}

TEST_F(ObjectModel, Ortc87ADumpHasTheEnginesWords) {  // ORTC-87
  const auto producer = produce(kVideoProducer);
  EXPECT_EQ(producer->type(), ortc::StreamType::kSimulcast);
  EXPECT_EQ(producer->rtp_parameters().codecs[0].mime_type, "video/h264");
  const auto shown = dump(*producer).value();
  const auto& codec = shown.at("rtpParameters").at("codecs").at(0);
  EXPECT_EQ(codec.at("mimeType"), "video/H264");
  EXPECT_EQ(codec.at("rtcpFeedback"), json(R"([{"type": "nack"},
      {"type": "nack", "parameter": "pli"}, {"type": "goog-remb"}])"));
  EXPECT_EQ(shown.at("type"), "simulcast");
  const auto& encodings = shown.at("rtpParameters").at("encodings").as_array();
  ASSERT_EQ(encodings.size(), 4u);
  for (const auto& encoding : encodings) {
    EXPECT_EQ(encoding.at("codecPayloadType"), 112);
    EXPECT_EQ(encoding.at("scalabilityMode"), "L1T5");
  }
}

TEST_F(ObjectModel, Ortc88WrongArgumentsLeaveNothingBehind) {  // ORTC-88
  for (const std::string_view parameters :
       {R"({"codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000,
            "channels": 2}], "encodings": []})",
        R"({"mid": "V", "codecs": [
            {"mimeType": "video/VP8", "payloadType": 112, "clockRate": 90000},
            {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
             "parameters": {"apt": 111}}], "encodings": [{"ssrc": 1}]})"}) {
    EXPECT_EQ(outcome(try_produce(*transport, parameters)), "TypeError") << parameters;
  }
  EXPECT_TRUE(transport->producers().empty());
}

TEST_F(ObjectModel, Ortc90ASharedSsrcIsAnErrorUntilTheFirstCloses) {  // ORTC-90, LSN-01
  const auto parameters = [](std::string_view mid) {
    return R"({"mid": ")" + std::string(mid) + R"(", "codecs": [{"mimeType": "audio/opus",
        "payloadType": 111, "clockRate": 48000, "channels": 2}], "encodings": [{"ssrc": 11}]})";
  };
  const auto first = produce(parameters("a"));
  EXPECT_EQ(outcome(try_produce(*transport, parameters("b"))), "Error");
  EXPECT_FALSE(first->closed());
  first->close();
  EXPECT_EQ(outcome(try_produce(*transport, parameters("b"))), "ok");
}

TEST_F(ObjectModel, Ortc90ASharedMidIsAnErrorUntilTheFirstCloses) {  // ORTC-90, LSN-02
  const auto parameters = [](int ssrc) {
    return R"({"mid": "a", "codecs": [{"mimeType": "audio/opus",
        "payloadType": 111, "clockRate": 48000, "channels": 2}], "encodings": [{"ssrc": )" +
           std::to_string(ssrc) + "}]}";
  };
  const auto first = produce(parameters(1));
  EXPECT_EQ(outcome(try_produce(*transport, parameters(2))), "Error");
  EXPECT_EQ(outcome(try_produce(*other, parameters(2))), "ok") << "ids count per transport";
  first->close();
  EXPECT_EQ(outcome(try_produce(*transport, parameters(2))), "ok");
}

TEST_F(ObjectModel, Ortc91AProducerThatNothingIdentifiesIsATypeError) {  // ORTC-91
  EXPECT_EQ(outcome(try_produce(*transport, R"({"codecs": [{"mimeType": "audio/opus",
                "payloadType": 111, "clockRate": 48000, "channels": 2}], "encodings": [{}]})")),
            "TypeError");
}

TEST_F(ObjectModel, Ortc92AProducerWithoutTrafficHasNoStatistics) {  // ORTC-92
  EXPECT_TRUE(stream_stats(*produce(kVideoStream)).value().empty());
}

TEST_F(ObjectModel, Ortc93PauseIsToldOnlyWhenItChanges) {  // ORTC-93
  const auto producer = produce();
  Journal journal;
  journal.watch(*producer);
  producer->pause();
  EXPECT_TRUE(producer->paused());
  EXPECT_EQ(dump(*producer).value().at("paused"), true);
  producer->resume();
  EXPECT_EQ(dump(*producer).value().at("paused"), false);
  EXPECT_THAT(journal.take(), ElementsAre("producer pause", "producer resume"));
  producer->pause();
  producer->resume();
  producer->pause();
  producer->pause();
  producer->pause();
  producer->resume();
  EXPECT_THAT(journal.take(), ElementsAre("producer pause", "producer resume", "producer pause",
                                          "producer resume"));
  EXPECT_FALSE(producer->paused());
}

TEST_F(ObjectModel, Ortc94PauseAndResumeAreToldInOrder) {  // ORTC-94
  const auto producer = produce();
  Journal journal;
  journal.watch(*producer);
  EXPECT_EQ(outcome(producer->pause()), "ok");
  EXPECT_EQ(outcome(producer->resume()), "ok");
  EXPECT_THAT(journal.take(), ElementsAre("producer pause", "producer resume"));
  EXPECT_FALSE(producer->paused());
}

TEST_F(ObjectModel, Ortc95TraceTypesOfAProducer) {  // ORTC-95
  const auto producer = produce();
  const auto enabled = [&] { return dump(*producer).value().at("traceEventTypes"); };
  ASSERT_TRUE(producer->enable_trace_event({"rtp", "pli"}));
  EXPECT_EQ(enabled(), json(R"(["rtp", "pli"])"));
  ASSERT_TRUE(producer->enable_trace_event());
  EXPECT_EQ(enabled(), json("[]"));
  ASSERT_TRUE(producer->enable_trace_event({"nack", "FOO", "fir", "bwe"}));
  EXPECT_EQ(enabled(), json(R"(["nack", "fir"])"));
  ASSERT_TRUE(producer->enable_trace_event({"keyframe", "sr"}));
  EXPECT_EQ(enabled(), json(R"(["keyframe", "sr"])"));
}

TEST_F(ObjectModel, Ortc96AnIdIsTakenOncePerEngine) {  // ORTC-96
  const auto with_id = [&](WebRtcTransport& owner, const std::string& id, const char* mid) {
    auto parameters = rtp_parameters(kBareOpus);
    parameters.mid = mid;
    return owner.produce({.rtp_parameters = parameters, .id = id});
  };
  const auto first = with_id(*transport, "same", "1").value();
  EXPECT_EQ(first->id(), "same");
  EXPECT_EQ(outcome(with_id(*transport, "same", "2")), "TypeError");
  const auto next_router = world.engine().create_router(media_codecs()).value();
  const auto elsewhere = next_router->create_webrtc_transport({}).value();
  for (const auto& owner : {other, elsewhere}) {
    const auto refused = with_id(*owner, "same", "1");
    ASSERT_EQ(outcome(refused), "Error");
    EXPECT_THAT(refused.error().message, HasSubstr("already exists"));
  }
  EXPECT_EQ(outcome(with_id(*transport, transport->id(), "2")), "Error") << "ids of any object";
  first->close();
  EXPECT_EQ(outcome(with_id(*elsewhere, "same", "1")), "ok");
}

TEST_F(ObjectModel, Ortc97AClosedProducerRefusesEverything) {  // ORTC-97
  const auto producer = produce();
  Journal journal;
  journal.watch(*producer);
  producer->close();
  producer->close();
  EXPECT_TRUE(producer->closed());
  EXPECT_THAT(journal.take(), ElementsAre("producer close"));
  EXPECT_EQ(outcome(dump(*producer)), "Error");
  EXPECT_EQ(outcome(stream_stats(*producer)), "Error");
  EXPECT_EQ(outcome(producer->pause()), "Error");
  EXPECT_EQ(outcome(producer->resume()), "Error");
  EXPECT_EQ(outcome(producer->enable_trace_event()), "Error");
  EXPECT_EQ(router->dump().value().at("mapProducerIdConsumerIds"), json("[]"));
  const auto owner = dump(*transport).value();
  EXPECT_EQ(owner.at("producerIds"), json("[]"));
  EXPECT_EQ(owner.at("rtpListener"), json(R"({"ssrcTable": [], "midTable": [], "ridTable": []})"));
  EXPECT_EQ(router->find_producer(producer->id()), nullptr);
}

TEST_F(ObjectModel, Ortc98ClosingTheTransportClosesItsProducers) {  // ORTC-98
  const auto producer = produce();
  Journal journal;
  journal.watch(*producer);
  transport->close();
  EXPECT_TRUE(producer->closed());
  EXPECT_THAT(journal.take(), ElementsAre("producer transportclose", "producer close"));
  EXPECT_EQ(router->find_producer(producer->id()), nullptr);
}

}  // namespace
}  // namespace sluice::media::test
