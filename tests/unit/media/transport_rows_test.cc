// WebRTC transports as the object model has them (ortc-model 1.6, 1.7, rows of 8.4).

#include "media/media_loop.h"
#include "unit/media/object_model.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

/// "udp 127.0.0.1", "tcp 9.9.9.1", ...
std::vector<std::string> shown(const WebRtcTransport& transport) {
  std::vector<std::string> texts;
  for (const ortc::IceCandidate& candidate : transport.ice_candidates()) {
    const bool udp = candidate.protocol == ortc::TransportProtocol::kUdp;
    texts.push_back((udp ? "udp " : "tcp ") + candidate.address);
  }
  return texts;
}

void expect_descending_priorities(const WebRtcTransport& transport) {
  const auto& candidates = transport.ice_candidates();
  for (size_t i = 1; i < candidates.size(); ++i) {
    EXPECT_LT(candidates[i].priority, candidates[i - 1].priority) << i;
  }
}

TEST_F(ObjectModel, Ortc20UdpAndTcpAreBothOffered) {  // ORTC-20
  EXPECT_THAT(shown(*transport), ElementsAre("udp 127.0.0.1", "tcp 127.0.0.1"));
  expect_descending_priorities(*transport);
  EXPECT_EQ(transport->ice_candidates()[0].priority, 1076302079u);
}

class ManyAddresses : public ObjectModel {
 protected:
  ManyAddresses()
      : ObjectModel(
            {.listen = {
                 {.ip = "127.0.0.1", .announced_address = "9.9.9.1", .expose_internal_ip = true},
                 {.ip = "127.0.0.2", .announced_address = "foo1.example.org"},
                 {.ip = "127.0.0.3"}}}) {}
};

TEST_F(ManyAddresses, Ortc33CandidatesOfAllAddresses) {  // ORTC-33
  EXPECT_THAT(shown(*transport),
              ElementsAre("udp 9.9.9.1", "udp 127.0.0.1", "udp foo1.example.org", "udp 127.0.0.3",
                          "tcp 9.9.9.1", "tcp 127.0.0.1", "tcp foo1.example.org", "tcp 127.0.0.3"));
  expect_descending_priorities(*transport);
  for (const ortc::IceCandidate& candidate : transport->ice_candidates()) {
    const auto object = ortc::to_json(candidate).as_object();
    EXPECT_EQ(object.at("type"), "host");
    EXPECT_EQ(object.at("ip"), object.at("address"));
    EXPECT_EQ(object.contains("tcpType"), candidate.protocol == ortc::TransportProtocol::kTcp);
  }
  EXPECT_EQ(ortc::to_json(transport->ice_candidates()[4]).at("tcpType"), "passive");
}

TEST_F(ManyAddresses, Ortc18OverTcpAloneOnlyTcpIsOffered) {  // ORTC-18
  const auto made = router->create_webrtc_transport({.enable_udp = false}).value();
  EXPECT_THAT(shown(*made),
              ElementsAre("tcp 9.9.9.1", "tcp 127.0.0.1", "tcp foo1.example.org", "tcp 127.0.0.3"));
  expect_descending_priorities(*made);
}

TEST_F(ObjectModel, Ortc33AFreshTransportAndItsDump) {  // ORTC-33
  std::vector<std::shared_ptr<Transport>> announced;
  router->on_new_transport.connect([&](const auto& made) { announced.push_back(made); });
  const auto made = router->create_webrtc_transport({}).value();
  EXPECT_THAT(announced, ElementsAre(made));
  EXPECT_TRUE(made->ice_parameters().ice_lite);
  EXPECT_THAT(made->ice_parameters().username_fragment, MatchesRegex("[0-9a-z]+"));
  EXPECT_EQ(made->ice_parameters().username_fragment.size(), 32u);
  EXPECT_EQ(made->ice_parameters().password.size(), 32u);
  EXPECT_EQ(made->dtls_parameters().role, ortc::DtlsRole::kAuto);
  ASSERT_EQ(made->dtls_parameters().fingerprints.size(), 5u);
  EXPECT_EQ(made->dtls_parameters().fingerprints.back().algorithm,
            ortc::FingerprintAlgorithm::kSha256);
  EXPECT_EQ(made->ice_state(), IceState::kNew);
  EXPECT_EQ(made->dtls_state(), DtlsState::kNew);
  EXPECT_FALSE(made->ice_selected_tuple());

  boost::json::array candidates;
  for (const ortc::IceCandidate& candidate : made->ice_candidates()) {
    candidates.push_back(ortc::to_json(candidate));
  }
  auto expected = json(R"({
      "producerIds": [], "consumerIds": [], "mapSsrcConsumerId": [], "mapRtxSsrcConsumerId": [],
      "dataProducerIds": [], "dataConsumerIds": [], "recvRtpHeaderExtensions": {},
      "rtpListener": {"ssrcTable": [], "midTable": [], "ridTable": []}, "traceEventTypes": [],
      "maxMessageSize": 262144, "iceRole": "controlled", "iceState": "new", "dtlsState": "new"})")
                      .as_object();
  expected["id"] = made->id();
  expected["iceParameters"] = ortc::to_json(made->ice_parameters());
  expected["iceCandidates"] = candidates;
  expected["dtlsParameters"] = ortc::to_json(made->dtls_parameters());
  EXPECT_EQ(dump(*made).value(), expected);
}

TEST_F(ObjectModel, Ortc33SctpParametersAndState) {  // ORTC-33
  const auto made =
      router
          ->create_webrtc_transport(
              {.sctp = SctpOptions{.streams = {2048, 2048}, .max_message_size = 1000000}})
          .value();
  ASSERT_TRUE(made->sctp_parameters());
  const auto parameters = ortc::to_json(*made->sctp_parameters()).as_object();
  EXPECT_EQ(parameters.at("port"), 5000);
  EXPECT_EQ(parameters.at("OS"), 2048);
  EXPECT_EQ(parameters.at("MIS"), 2048);
  EXPECT_EQ(parameters.at("maxMessageSize"), 1000000);
  EXPECT_EQ(made->sctp_state(), SctpState::kNew);
  const auto shown_inside = dump(*made).value();
  EXPECT_EQ(shown_inside.at("sctpParameters"), parameters);
  EXPECT_EQ(shown_inside.at("sctpState"), "new");
  EXPECT_EQ(shown_inside.at("sctpListener"), json(R"({"streamIdTable": []})"));
  EXPECT_EQ(shown_inside.at("maxMessageSize"), 1000000);
  EXPECT_EQ(to_json(transport_stats(*made).value()).at("sctpState"), "new");
  EXPECT_FALSE(transport->sctp_parameters());
  EXPECT_FALSE(transport->sctp_state());
}

TEST_F(ObjectModel, Ortc37SctpOptionsThatCannotBeMeant) {  // ORTC-37
  for (const SctpOptions& options :
       {SctpOptions{.streams = {0, 1024}}, SctpOptions{.streams = {1024, 0}},
        SctpOptions{.send_buffer_size = SctpOptions::kMaxSendBufferSize + 1}}) {
    EXPECT_EQ(outcome(router->create_webrtc_transport({.sctp = options})), "TypeError");
  }
  EXPECT_EQ(router->transport_count(), 2u);
}

TEST_F(ObjectModel, Ortc34WithoutPreferenceUdpComesFirst) {  // ORTC-34
  const auto made =
      router->create_webrtc_transport({.enable_udp = true, .enable_tcp = true, .prefer_udp = false})
          .value();
  EXPECT_THAT(shown(*made), ElementsAre("udp 127.0.0.1", "tcp 127.0.0.1"));
  expect_descending_priorities(*made);
}

TEST_F(ObjectModel, Ortc35ATcpCandidateHasThePortOfItsLoop) {  // ORTC-35
  const auto made = router->create_webrtc_transport({.enable_udp = false}).value();
  ASSERT_EQ(made->ice_candidates().size(), 1u);
  EXPECT_EQ(made->ice_candidates()[0].protocol, ortc::TransportProtocol::kTcp);
  const uint16_t port = world.engine().loops().listen_entries(made->loop())[0].bound.port;
  EXPECT_EQ(made->ice_candidates()[0].port, port);
}

TEST_F(ObjectModel, CandidatesShowTheAddressesThatWereAskedFor) {
  WebRtcTransportOptions options;
  options.candidate_addresses = {"127.0.0.1", "media.example.org", "::1"};
  const auto made = router->create_webrtc_transport(options).value();
  EXPECT_THAT(shown(*made), ElementsAre("udp 127.0.0.1", "udp media.example.org", "tcp 127.0.0.1",
                                        "tcp media.example.org"));
}

TEST(TransportOnAllAddresses, CandidatesShowTheMachinesOwn) {
  // The world listens on loopback unless told otherwise.
  EngineWorld world(1, {.listen = {{.ip = "127.0.0.1", .announced_address = "9.9.9.1"},
                                   {.ip = "::", .announced_address = ""}}});
  const auto router = world.engine().create_router({}).value();
  const auto made = router->create_webrtc_transport({.enable_tcp = false}).value();
  const auto addresses = shown(*made);
  ASSERT_GE(addresses.size(), 2u);
  EXPECT_EQ(addresses.front(), "udp 9.9.9.1");
  EXPECT_THAT(addresses, testing::Not(testing::Contains("udp ::")));
}

TEST_F(ObjectModel, Ortc37ATransportWithoutAnyCandidateIsATypeError) {  // ORTC-37
  EXPECT_EQ(outcome(router->create_webrtc_transport({.enable_udp = false, .enable_tcp = false})),
            "TypeError");
  EXPECT_EQ(router->transport_count(), 2u);
}

TEST_F(ObjectModel, Ortc39FreshStatisticsAreZero) {  // ORTC-39
  const auto stats = transport_stats(*transport).value();
  const auto object = to_json(stats);
  EXPECT_EQ(object.at("type"), "webrtc-transport");
  EXPECT_EQ(object.at("transportId"), as_json(transport->id()));
  EXPECT_GT(object.at("timestamp").as_uint64(), 0u);
  EXPECT_EQ(object.at("iceRole"), "controlled");
  EXPECT_EQ(object.at("iceState"), "new");
  EXPECT_EQ(object.at("dtlsState"), "new");
  for (const char* counter :
       {"bytesReceived", "recvBitrate", "bytesSent", "sendBitrate", "rtpBytesReceived",
        "rtpRecvBitrate", "rtpBytesSent", "rtpSendBitrate", "rtxBytesReceived", "rtxRecvBitrate",
        "rtxBytesSent", "rtxSendBitrate", "probationBytesSent", "probationSendBitrate"}) {
    EXPECT_EQ(object.at(counter), 0u) << counter;
  }
  for (const char* absent :
       {"sctpState", "iceSelectedTuple", "maxIncomingBitrate", "maxOutgoingBitrate",
        "minOutgoingBitrate", "rtpPacketLossReceived", "rtpPacketLossSent"}) {
    EXPECT_FALSE(object.contains(absent)) << absent;
  }
}

TEST_F(ObjectModel, Ortc40ConnectDecidesTheRoleAndWorksOnce) {  // ORTC-40
  EXPECT_EQ(outcome(transport->connect(remote_dtls(ortc::DtlsRole::kClient))), "ok");
  EXPECT_EQ(transport->dtls_parameters().role, ortc::DtlsRole::kServer);
  EXPECT_EQ(outcome(transport->connect(remote_dtls())), "Error");
}

TEST_F(ObjectModel, Dtl03ARemoteRoleAutoMakesUsClient) {  // DTL-03
  EXPECT_TRUE(transport->connect(remote_dtls(ortc::DtlsRole::kAuto)));
  EXPECT_EQ(transport->dtls_parameters().role, ortc::DtlsRole::kClient);
}

TEST_F(ObjectModel, Ortc41AMalformedConnectChangesNothing) {  // ORTC-41
  auto parameters = remote_dtls();
  parameters.fingerprints.clear();
  EXPECT_EQ(outcome(transport->connect(parameters)), "TypeError");
  parameters = remote_dtls();
  parameters.fingerprints[0].value = "zz";
  EXPECT_EQ(outcome(transport->connect(parameters)), "TypeError");
  EXPECT_EQ(transport->dtls_parameters().role, ortc::DtlsRole::kAuto);
  EXPECT_EQ(outcome(transport->connect(remote_dtls())), "ok");
}

TEST_F(ObjectModel, Ortc42BitRateLimitsComeAndGo) {  // ORTC-42
  EXPECT_EQ(outcome(transport->set_max_incoming_bitrate(BitRate{1'000'000})), "ok");
  EXPECT_EQ(outcome(transport->set_max_outgoing_bitrate(BitRate{2'000'000})), "ok");
  EXPECT_EQ(outcome(transport->set_min_outgoing_bitrate(BitRate{100'000})), "ok");
  const auto stats = to_json(transport_stats(*transport).value());
  EXPECT_EQ(stats.at("maxIncomingBitrate"), 1'000'000u);
  EXPECT_EQ(stats.at("maxOutgoingBitrate"), 2'000'000u);
  EXPECT_EQ(stats.at("minOutgoingBitrate"), 100'000u);
  EXPECT_EQ(outcome(transport->set_max_incoming_bitrate(BitRate{0})), "ok");
  EXPECT_EQ(outcome(transport->set_max_outgoing_bitrate(BitRate{0})), "ok");
  EXPECT_EQ(outcome(transport->set_min_outgoing_bitrate(BitRate{0})), "ok");
  EXPECT_FALSE(to_json(transport_stats(*transport).value()).contains("maxOutgoingBitrate"));
}

TEST_F(ObjectModel, Ortc43TheMinimumMustNotBeAboveTheMaximum) {  // ORTC-43, BWE-08
  ASSERT_TRUE(transport->set_min_outgoing_bitrate(BitRate{3'000'000}));
  EXPECT_EQ(outcome(transport->set_max_outgoing_bitrate(BitRate{2'000'000})), "TypeError");
  EXPECT_EQ(transport->bitrate_limits().max_outgoing, BitRate{0});
  ASSERT_TRUE(other->set_max_outgoing_bitrate(BitRate{2'000'000}));
  EXPECT_EQ(outcome(other->set_min_outgoing_bitrate(BitRate{3'000'000})), "TypeError");
  EXPECT_EQ(other->bitrate_limits().min_outgoing, BitRate{0});
  // What would starve audio is refused as well.
  EXPECT_EQ(outcome(other->set_max_outgoing_bitrate(BitRate{20'000})), "TypeError");
  EXPECT_EQ(outcome(other->set_min_outgoing_bitrate(BitRate{29'999})), "TypeError");
  EXPECT_EQ(outcome(other->set_min_outgoing_bitrate(BitRate{30'000})), "ok");
}

TEST_F(ObjectModel, Ortc44RestartIceGivesNewCredentials) {  // ORTC-44
  const auto before = transport->ice_parameters();
  const auto fresh = transport->restart_ice().value();
  EXPECT_TRUE(fresh.ice_lite);
  EXPECT_NE(fresh.username_fragment, before.username_fragment);
  EXPECT_NE(fresh.password, before.password);
  EXPECT_EQ(transport->ice_parameters(), fresh);
}

TEST_F(ObjectModel, Ortc45TraceTypesReplaceEachOther) {  // ORTC-45
  const auto enabled = [&] { return dump(*transport).value().at("traceEventTypes"); };
  ASSERT_TRUE(transport->enable_trace_event({"foo", "probation"}));
  EXPECT_EQ(enabled(), json(R"(["probation"])"));
  ASSERT_TRUE(transport->enable_trace_event());
  EXPECT_EQ(enabled(), json("[]"));
  ASSERT_TRUE(transport->enable_trace_event({"probation", "FOO", "bwe", "BAR", "rtp"}));
  EXPECT_EQ(enabled(), json(R"(["probation", "bwe"])"));
}

TEST_F(ObjectModel, Ortc47AClosedTransportRefusesEverything) {  // ORTC-47
  ASSERT_TRUE(transport->connect(remote_dtls()));
  Journal journal;
  journal.watch(*transport);
  std::vector<IceState> states;
  transport->on_ice_state.connect([&](IceState state) { states.push_back(state); });
  transport->close();
  transport->close();
  EXPECT_THAT(journal.take(), ElementsAre("transport close"));
  EXPECT_THAT(states, IsEmpty()) << "closing is not a change of state that is told";
  EXPECT_EQ(transport->ice_state(), IceState::kClosed);
  EXPECT_EQ(transport->dtls_state(), DtlsState::kClosed);
  EXPECT_FALSE(transport->ice_selected_tuple());
  EXPECT_EQ(outcome(dump(*transport)), "Error");
  EXPECT_EQ(outcome(transport_stats(*transport)), "Error");
  EXPECT_EQ(outcome(transport->connect(remote_dtls())), "Error");
  EXPECT_EQ(outcome(transport->set_max_incoming_bitrate(BitRate{0})), "Error");
  EXPECT_EQ(outcome(transport->set_max_outgoing_bitrate(BitRate{0})), "Error");
  EXPECT_EQ(outcome(transport->set_min_outgoing_bitrate(BitRate{0})), "Error");
  EXPECT_EQ(outcome(transport->enable_trace_event()), "Error");
  EXPECT_EQ(outcome(transport->restart_ice()), "Error");
  EXPECT_EQ(outcome(try_produce(*transport, kAudioProducer)), "Error");
  EXPECT_EQ(outcome(transport->consume({.producer_id = "x"})), "Error");
  EXPECT_EQ(router->transport_count(), 1u);
}

TEST_F(ObjectModel, Ortc48ClosingTheRouterClosesItsTransports) {  // ORTC-48
  const auto with_sctp = router->create_webrtc_transport({.sctp = SctpOptions{}}).value();
  std::vector<SctpState> states;
  with_sctp->on_sctp_state.connect([&](SctpState state) { states.push_back(state); });
  Journal journal;
  journal.watch(*transport);
  journal.watch(*other, "other");
  journal.watch(*router);
  router->close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "transport close",
                                          "other routerclose", "other close", "router close"));
  EXPECT_EQ(transport->ice_state(), IceState::kClosed);
  EXPECT_EQ(transport->dtls_state(), DtlsState::kClosed);
  EXPECT_FALSE(transport->sctp_state());
  EXPECT_EQ(with_sctp->sctp_state(), SctpState::kClosed);
  EXPECT_THAT(states, IsEmpty());
}

TEST_F(ObjectModel, Ortc48ClosingTheEngineClosesTransports) {  // ORTC-48
  Journal journal;
  journal.watch(*transport);
  world.engine().close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "transport close"));
  EXPECT_EQ(outcome(transport->restart_ice()), "InvalidStateError");
  EXPECT_EQ(outcome(dump(*transport)), "InvalidStateError");
}

TEST_F(ObjectModel, ATransportWhoseKeysAreUsedUpClosesAndSaysWhy) {
  const auto fresh = router->create_webrtc_transport({}).value();
  // Handles are given in order: the next one follows the transport's.
  LoopPool& loops = world.engine().loops();
  const Handle handle = loops.next_handle() - 1;
  std::vector<std::string> told;
  fresh->on_keys_exhausted.connect([&] { told.emplace_back("exhausted"); });
  fresh->on_close.connect([&] { told.emplace_back("close"); });
  loops.post(fresh->loop(),
             [handle](MediaLoop& loop) { loop.emit(handle, TransportEvent{KeysExhausted{}}); });
  ASSERT_TRUE(world.run_until([&] { return fresh->closed(); }));
  EXPECT_THAT(told, testing::ElementsAre("exhausted", "close"));
  EXPECT_THAT(fresh->failure_reason(), testing::HasSubstr("limit of use"));
  EXPECT_EQ(fresh->dtls_state(), DtlsState::kClosed);
}

}  // namespace
}  // namespace sluice::media::test
