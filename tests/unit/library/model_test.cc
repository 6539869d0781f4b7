// The object model through the public interface: every kind of object, its values and errors. The
// rules themselves are tested with the engine (tests/unit/media).

#include <algorithm>

#include "library_world.h"

namespace sluice::library_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(Library, EnginesRefuseOptionsThatCannotBeMeant) {
  EXPECT_EQ(outcome(Engine::create({.listen = {}}, loop.executor())), "TypeError");
  const auto wrong = Engine::create({.min_port = 2000, .max_port = 1000}, loop.executor());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kType);
  EXPECT_THAT(wrong.error().message, HasSubstr("max_port is 1000"));
  EXPECT_EQ(outcome(Engine::create({.listen = {{.ip = "8.8.8.8"}}}, loop.executor())), "Error");
}

TEST_F(Library, EnginesTellOfTheirLoops) {
  EXPECT_EQ(engine->loop_count(), 2u);
  std::vector<LoopLoad> loads;
  engine->query_load([&](std::vector<LoopLoad> result) { loads = std::move(result); });
  ASSERT_TRUE(run_until([&] { return !loads.empty(); }));
  ASSERT_THAT(loads, SizeIs(2));
  EXPECT_EQ(loads[1].index, 1u);
  EXPECT_NE(loads[0].port, loads[1].port);
  const auto dump = engine->dump();
  ASSERT_TRUE(dump);
  EXPECT_EQ(dump->at("routerIds"), json::array{router.id()});
}

TEST_F(Library, RoutersAreMadeForCodecs) {
  std::string told;
  engine->on_new_router([&](const Router& made) { told = made.id(); });
  const auto made = engine->create_router(parse(test::kMediaCodecs), 1);
  ASSERT_TRUE(made);
  EXPECT_EQ(told, made->id());
  EXPECT_THAT(made->rtp_capabilities().at("codecs").as_array(), SizeIs(5));
  EXPECT_TRUE(made->update_media_codecs(json::array{}));
  EXPECT_THAT(made->rtp_capabilities().at("codecs").as_array(), IsEmpty());
  EXPECT_EQ(outcome(engine->create_router(json::value("x"))), "TypeError");
  EXPECT_EQ(outcome(engine->create_router(
                parse(R"([{"mimeType": "audio/x-aiff", "clockRate": 8000, "channels": 1}])"))),
            "UnsupportedError");
  EXPECT_TRUE(engine->create_router({})) << "none is a list too";
  EXPECT_THAT(supported_rtp_capabilities().at("headerExtensions").as_array(), SizeIs(16));
}

TEST_F(Library, WebRtcTransportsHaveWhatClientsNeed) {
  std::string told;
  router.on_new_transport([&](const Transport& made) { told = made.id(); });
  const auto transport =
      router.create_webrtc_transport({.sctp = SctpOptions{.outgoing_streams = 16}}).value();
  EXPECT_EQ(told, transport.id());
  EXPECT_EQ(transport.type(), TransportType::kWebRtc);
  EXPECT_EQ(transport.ice_state(), IceState::kNew);
  EXPECT_EQ(transport.dtls_state(), DtlsState::kNew);
  EXPECT_EQ(transport.sctp_state(), SctpState::kNew);
  EXPECT_FALSE(transport.ice_selected_tuple());
  EXPECT_THAT(transport.failure_reason(), IsEmpty());
  const auto parameters = transport.client_parameters();
  EXPECT_EQ(parameters.at("id"), transport.id().c_str());
  EXPECT_EQ(parameters.at("iceParameters"), transport.ice_parameters());
  EXPECT_EQ(parameters.at("iceCandidates"), transport.ice_candidates());
  EXPECT_EQ(parameters.at("dtlsParameters"), transport.dtls_parameters());
  EXPECT_EQ(parameters.at("sctpParameters").at("OS"), 16);

  const auto before = transport.ice_parameters();
  EXPECT_NE(transport.restart_ice().value(), before);
  EXPECT_EQ(outcome(transport.connect({})), "TypeError");
  auto remote = transport.dtls_parameters();
  remote.as_object()["role"] = "client";
  EXPECT_TRUE(transport.connect(remote));
  EXPECT_EQ(outcome(transport.connect(remote)), "Error") << "once";
  EXPECT_EQ(transport.dtls_parameters().at("role"), "server");

  EXPECT_TRUE(transport.set_max_incoming_bitrate(1'000'000));
  EXPECT_TRUE(transport.set_max_outgoing_bitrate(2'000'000));
  EXPECT_EQ(outcome(transport.set_min_outgoing_bitrate(3'000'000)), "TypeError");
  const auto stats = this->stats(transport);
  ASSERT_TRUE(stats);
  ASSERT_THAT(*stats, SizeIs(1));
  EXPECT_EQ(stats->at(0).at("type"), "webrtc-transport");
  EXPECT_EQ(stats->at(0).at("maxIncomingBitrate"), 1'000'000);
  EXPECT_TRUE(transport.enable_trace_event({"bwe", "nonsense"}));
  EXPECT_EQ(dump(transport).value().at("traceEventTypes"), json::array{"bwe"});
}

TEST_F(Library, PlainTransportsListenWhereTheyAreTold) {
  const auto transport =
      router
          .create_plain_transport({.listen = {.ip = "127.0.0.1", .announced_address = "9.9.9.1"},
                                   .rtcp_mux = false,
                                   .enable_srtp = true,
                                   .srtp_crypto_suite = SrtpCryptoSuite::kAeadAes128Gcm})
          .value();
  EXPECT_EQ(transport.tuple().local_address, "9.9.9.1");
  EXPECT_NE(transport.tuple().local_port, 0);
  ASSERT_TRUE(transport.rtcp_tuple());
  EXPECT_FALSE(transport.rtcp_mux());
  EXPECT_FALSE(transport.comedia());
  EXPECT_EQ(transport.srtp_parameters().at("cryptoSuite"), "AEAD_AES_128_GCM");
  EXPECT_TRUE(transport.sctp_parameters().is_null());

  PlainRemote remote{.ip = "127.0.0.1", .port = 5004, .rtcp_port = 5005};
  EXPECT_EQ(outcome(transport.connect(remote)), "TypeError") << "a key is missing";
  remote.srtp_parameters = parse(R"({"cryptoSuite": "FOO", "keyBase64": ""})");
  EXPECT_EQ(outcome(transport.connect(remote)), "TypeError");
  remote.srtp_parameters = transport.srtp_parameters();
  EXPECT_TRUE(transport.connect(remote));
  EXPECT_EQ(transport.tuple().remote_port, 5004);
  EXPECT_EQ(transport.rtcp_tuple()->remote_port, 5005);
  EXPECT_EQ(outcome(router.create_plain_transport({.listen = {.ip = "123"}})), "TypeError");
}

TEST_F(Library, ProducersAndConsumersTellWhatTheyAre) {
  const Transport from = router.create_webrtc_transport().value();
  const Transport to = router.create_webrtc_transport().value();
  std::vector<std::string> told;
  from.on_new_producer([&](const Producer& made) { told.push_back(made.id()); });
  to.on_new_consumer([&](const Consumer& made) { told.push_back(made.id()); });
  const auto producer = from.produce({.kind = MediaKind::kVideo,
                                      .rtp_parameters = parse(test::kVideoProducer),
                                      .paused = true,
                                      .key_frame_request_delay = std::chrono::seconds(1),
                                      .id = "camera"})
                            .value();
  EXPECT_EQ(producer.id(), "camera");
  EXPECT_EQ(producer.kind(), MediaKind::kVideo);
  EXPECT_EQ(producer.type(), StreamType::kSimulcast);
  EXPECT_TRUE(producer.paused());
  EXPECT_EQ(producer.rtp_parameters().at("mid"), "VIDEO");
  EXPECT_THAT(producer.consumable_rtp_parameters().at("encodings").as_array(), SizeIs(4));
  EXPECT_THAT(producer.score(), IsEmpty());
  EXPECT_TRUE(router.can_consume("camera", parse(test::kEndpointCapabilities)));
  EXPECT_FALSE(router.can_consume("camera", {}));
  EXPECT_EQ(router.find_producer("camera"), producer);

  const auto consumer =
      to.consume({.producer_id = "camera",
                  .rtp_capabilities = parse(test::kEndpointCapabilities),
                  .paused = true,
                  .mid = "7",
                  .preferred_layers = LayersRequest{.spatial = 1, .temporal = {}}})
          .value();
  EXPECT_THAT(told, ElementsAre("camera", consumer.id()));
  EXPECT_EQ(consumer.kind(), MediaKind::kVideo);
  EXPECT_EQ(consumer.type(), StreamType::kSimulcast);
  EXPECT_TRUE(consumer.paused());
  EXPECT_TRUE(consumer.producer_paused());
  EXPECT_EQ(consumer.score().producer_scores, std::vector<uint8_t>(4, 0));
  EXPECT_EQ(consumer.preferred_layers(), (Layers{.spatial = 1, .temporal = 4}));
  EXPECT_FALSE(consumer.current_layers());
  const auto parameters = consumer.client_parameters();
  EXPECT_EQ(parameters.at("id"), consumer.id().c_str());
  EXPECT_EQ(parameters.at("producerId"), "camera");
  EXPECT_EQ(parameters.at("kind"), "video");
  EXPECT_EQ(parameters.at("type"), "simulcast");
  EXPECT_EQ(parameters.at("producerPaused"), true);
  EXPECT_EQ(parameters.at("rtpParameters").at("mid"), "7");
  EXPECT_THAT(producer.consumers(), ElementsAre(consumer));
  EXPECT_THAT(to.consumers(), ElementsAre(consumer));
  EXPECT_THAT(from.producers(), ElementsAre(producer));

  EXPECT_TRUE(consumer.set_preferred_layers({.spatial = 66, .temporal = 66}));
  EXPECT_EQ(consumer.preferred_layers(), (Layers{.spatial = 3, .temporal = 4}));
  EXPECT_TRUE(consumer.set_priority(2));
  EXPECT_EQ(consumer.priority(), 2);
  EXPECT_EQ(outcome(consumer.set_priority(0)), "TypeError");
  EXPECT_TRUE(consumer.unset_priority());
  EXPECT_EQ(consumer.priority(), 1);
  EXPECT_TRUE(consumer.request_key_frame());
  EXPECT_TRUE(consumer.enable_trace_event({"pli"}));
  EXPECT_EQ(stats(consumer).value().at(0).at("type"), "outbound-rtp");
  EXPECT_THAT(stats(producer).value(), IsEmpty());
  EXPECT_EQ(dump(consumer).value().at("traceEventTypes"), json::array{"pli"});
  EXPECT_EQ(dump(producer).value().at("id"), "camera");
}

TEST_F(Library, PausesAreTold) {
  const Journal journal;
  const Producer producer = produce(router.create_webrtc_transport().value());
  const Consumer consumer = consume(router.create_webrtc_transport().value(), producer);
  producer.on_pause(journal.note("producer pause"));
  producer.on_resume(journal.note("producer resume"));
  consumer.on_producer_pause(journal.note("consumer producerpause"));
  consumer.on_producer_resume(journal.note("consumer producerresume"));
  consumer.on_pause(journal.note("consumer pause"));
  consumer.on_resume(journal.note("consumer resume"));
  EXPECT_TRUE(producer.pause());
  EXPECT_TRUE(producer.resume());
  EXPECT_THAT(journal.take(),
              ElementsAre("producer pause", "consumer producerpause", "consumer pause",
                          "producer resume", "consumer producerresume", "consumer resume"));
  EXPECT_TRUE(consumer.pause());
  EXPECT_TRUE(consumer.resume());
  EXPECT_THAT(journal.take(), ElementsAre("consumer pause", "consumer resume"));
}

TEST_F(Library, ImpossibleMediaIsRefused) {
  const Transport transport = router.create_webrtc_transport().value();
  EXPECT_EQ(outcome(transport.produce({})), "TypeError");
  EXPECT_EQ(outcome(transport.produce({.kind = MediaKind::kAudio,
                                       .rtp_parameters = parse(test::kAudioProducer),
                                       .key_frame_request_delay = std::chrono::seconds(-1)})),
            "TypeError");
  const Producer producer = produce(transport);
  EXPECT_EQ(outcome(transport.consume({.producer_id = producer.id()})), "TypeError");
  EXPECT_EQ(outcome(transport.consume(
                {.producer_id = producer.id(), .rtp_capabilities = json::object()})),
            "UnsupportedError");
  EXPECT_EQ(outcome(transport.consume(
                {.producer_id = "x", .rtp_capabilities = parse(test::kEndpointCapabilities)})),
            "Error");
}

TEST_F(Library, DataChannelsHaveWhatClientsNeed) {
  const WebRtcTransportOptions with_sctp{.sctp = SctpOptions{}};
  const Transport from = router.create_webrtc_transport(with_sctp).value();
  const Transport to = router.create_webrtc_transport(with_sctp).value();
  const auto producer = from.produce_data({.sctp_stream_parameters = parse(R"({"streamId": 666})"),
                                           .label = "chat",
                                           .protocol = "text"})
                            .value();
  EXPECT_EQ(producer.type(), DataType::kSctp);
  EXPECT_EQ(producer.label(), "chat");
  EXPECT_EQ(producer.protocol(), "text");
  EXPECT_EQ(producer.sctp_stream_parameters(), parse(R"({"streamId": 666, "ordered": true})"));
  const auto consumer = to.consume_data({.data_producer_id = producer.id(),
                                         .max_packet_life_time = std::chrono::milliseconds(4000),
                                         .subchannels = {3, 1, 3}})
                            .value();
  EXPECT_EQ(consumer.type(), DataType::kSctp);
  EXPECT_EQ(consumer.data_producer_id(), producer.id());
  EXPECT_THAT(consumer.subchannels(), ElementsAre(1, 3));
  EXPECT_EQ(consumer.sctp_stream_parameters(),
            parse(R"({"streamId": 0, "ordered": false, "maxPacketLifeTime": 4000})"));
  EXPECT_EQ(consumer.client_parameters().at("sctpStreamParameters"),
            consumer.sctp_stream_parameters());
  EXPECT_EQ(consumer.client_parameters().at("label"), "chat");
  EXPECT_THAT(producer.data_consumers(), ElementsAre(consumer));
  EXPECT_THAT(from.data_producers(), ElementsAre(producer));
  EXPECT_THAT(to.data_consumers(), ElementsAre(consumer));
  EXPECT_TRUE(consumer.add_subchannel(2));
  EXPECT_TRUE(consumer.remove_subchannel(3));
  EXPECT_THAT(consumer.subchannels(), ElementsAre(1, 2));
  EXPECT_TRUE(consumer.set_subchannels(std::vector<uint16_t>{9}));
  EXPECT_THAT(consumer.subchannels(), ElementsAre(9));
  EXPECT_TRUE(consumer.set_buffered_amount_low_threshold(100));
  EXPECT_EQ(answer<size_t>([&](auto reply) { consumer.get_buffered_amount(std::move(reply)); }),
            0u);
  EXPECT_EQ(outcome(answer<void>([&](auto reply) { consumer.send("hi", std::move(reply)); })),
            "Error")
      << "not connected";
  EXPECT_EQ(stats(producer).value().at(0).at("type"), "data-producer");
  EXPECT_EQ(stats(consumer).value().at(0).at("type"), "data-consumer");
  EXPECT_TRUE(producer.dump());
  EXPECT_TRUE(consumer.dump());

  EXPECT_EQ(outcome(to.produce_data()), "TypeError");
  EXPECT_EQ(outcome(to.consume_data({.data_producer_id = "x"})), "Error");
  EXPECT_EQ(outcome(to.consume_data({.data_producer_id = producer.id(),
                                     .max_packet_life_time = std::chrono::minutes(2)})),
            "TypeError");
  EXPECT_EQ(outcome(producer.send("x")), "TypeError") << "it is the peer's";
}

TEST_F(Library, ObserversListenToProducers) {
  const Journal journal;
  std::string told;
  router.on_new_rtp_observer([&](const RtpObserver& made) { told = made.id(); });
  const Producer producer = produce(router.create_webrtc_transport().value());
  const auto levels = router
                          .create_audio_level_observer(
                              {.max_entries = 3, .interval = std::chrono::milliseconds(250)})
                          .value();
  EXPECT_EQ(told, levels.id());
  EXPECT_EQ(levels.type(), ObserverType::kAudioLevel);
  levels.on_pause(journal.note("pause"));
  levels.on_resume(journal.note("resume"));
  levels.on_add_producer([&](const Producer& added) {
    EXPECT_EQ(added, producer);
    journal.note("add")();
  });
  levels.on_remove_producer([&](const Producer&) { journal.note("remove")(); });
  EXPECT_TRUE(levels.add_producer(producer.id()));
  EXPECT_THAT(levels.producers(), ElementsAre(producer));
  EXPECT_TRUE(levels.pause());
  EXPECT_TRUE(levels.paused());
  EXPECT_TRUE(levels.resume());
  EXPECT_TRUE(levels.remove_producer(producer.id()));
  EXPECT_THAT(journal.take(), ElementsAre("add", "pause", "resume", "remove"));
  EXPECT_EQ(outcome(levels.add_producer("x")), "Error");
  EXPECT_EQ(outcome(router.create_audio_level_observer({.max_entries = 0})), "TypeError");

  const auto speaker = router.create_active_speaker_observer().value();
  EXPECT_EQ(speaker.type(), ObserverType::kActiveSpeaker);
  Producer dominant;
  speaker.on_dominant_speaker([&](const Producer& speaking) { dominant = speaking; });
  EXPECT_TRUE(speaker.add_producer(producer.id()));
  ASSERT_TRUE(run_until([&] { return bool(dominant); }));
  EXPECT_EQ(dominant, producer);
  speaker.close();
  EXPECT_TRUE(speaker.closed());
}

}  // namespace
}  // namespace sluice::library_test
