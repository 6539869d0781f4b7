// Requests and their answers (foundryvtt 2).
#include "dialects/foundry/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "unit/foundry/foundry_world.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using FoundrySession = FoundryWorld;

bj::object fingerprint_parameters() {
  std::string value = "AA";
  for (int i = 1; i < 32; ++i) {
    value += ":AA";
  }
  return {{"role", "client"},
          {"fingerprints", bj::array{bj::object{{"algorithm", "sha-256"}, {"value", value}}}}};
}

// FOUNDRY-12
TEST_F(FoundrySession, Foundry12ModuleGetsCapabilities) {
  const auto client = module("u");
  client->send(R"({"type":"getRouterRtpCapabilities","requestId":"x1","userId":"u"})");
  ASSERT_EQ(client->frames.size(), 1u);
  const bj::object& frame = client->frames[0];
  EXPECT_EQ(frame.at("requestId").as_string(), "x1");
  EXPECT_EQ(frame.at("type").as_string(), "routerRtpCapabilities");
  EXPECT_FALSE(frame.contains("error"));
  EXPECT_EQ(frame.at("data").at("codecs").at(0).at("mimeType").as_string(), "audio/opus");
  EXPECT_FALSE(frame.at("data").at("headerExtensions").as_array().empty());
}

// FOUNDRY-13
TEST_F(FoundrySession, Foundry13OriginalGetsCapabilitiesWithOrWithoutData) {
  const auto client = original();
  client->send(R"({"id":"1","method":"getRouterRtpCapabilities","data":null})");
  client->send(R"({"id":"2","method":"getRouterRtpCapabilities"})");
  client->send(R"({"id":3,"method":"getRouterRtpCapabilities","data":{}})");
  ASSERT_EQ(client->frames.size(), 3u);
  EXPECT_EQ(client->frames[0].at("id").as_string(), "1");
  EXPECT_EQ(client->frames[1].at("id").as_string(), "2");
  EXPECT_EQ(client->frames[2].at("id").to_number<int>(), 3);
  for (const bj::object& frame : client->frames) {
    EXPECT_EQ(frame.at("method").as_string(), "response");
    EXPECT_EQ(frame.at("data").at("codecs").at(0).at("mimeType").as_string(), "audio/opus");
    EXPECT_EQ(frame.size(), 3u);
  }
}

// FOUNDRY-13
TEST_F(FoundrySession, Foundry13UnknownMethodIsNamed) {
  EXPECT_EQ(bj::value(original()->ask("foo").at("data")),
            bj::value({{"error", "Unknown method: foo"}}));
  EXPECT_EQ(module("u")->refusal("foo"), "Unknown method: foo");
}

// FOUNDRY-13
TEST_F(FoundrySession, Foundry13RequestWithoutAnIdIsCarriedOutAndNotAnswered) {
  const auto client = original();
  client->send(R"({"method":"createWebRtcTransport","data":{}})");
  client->send(R"({"id":null,"method":"createWebRtcTransport","data":{}})");
  client->send(R"({"method":"foo"})");
  EXPECT_THAT(client->frames, IsEmpty());
  EXPECT_EQ(client->session->peer().transport_count(), 2u);
}

// FOUNDRY-14
class FoundrySessionErrors : public FoundryWorld, public testing::WithParamInterface<Form> {
 protected:
  std::unique_ptr<Client> client(const std::string& user) {
    auto made = std::make_unique<Client>(group, *rooms, GetParam(), user);
    made->join();
    made->heard();
    return made;
  }
};
INSTANTIATE_TEST_SUITE_P(BothForms, FoundrySessionErrors,
                         testing::Values(Form::kModule, Form::kOriginal), [](const auto& p) {
                           return p.param == Form::kModule ? "Module" : "Original";
                         });

// FOUNDRY-14
TEST_P(FoundrySessionErrors, Foundry14UnknownIds) {
  const auto a = client("a");
  EXPECT_EQ(a->refusal("connectTransport",
                       {{"transportId", "t1"}, {"dtlsParameters", fingerprint_parameters()}}),
            "Transport not found: t1");
  EXPECT_EQ(
      a->refusal("produce",
                 {{"transportId", "t1"}, {"kind", "audio"}, {"rtpParameters", mic_parameters()}}),
      "Transport not found: t1");
  EXPECT_EQ(a->refusal("getTransportState", {{"transportId", "t1"}}), "Transport not found: t1");
  EXPECT_EQ(a->refusal("consume", a->consume_fields("p1")), "Producer not found: p1");
  for (const char* method : {"pauseProducer", "resumeProducer", "producerClosed"}) {
    EXPECT_EQ(a->refusal(method, {{"producerId", "p1"}}), "Producer not found: p1") << method;
  }
  for (const char* method : {"consumerPause", "consumerResume", "consumerClose"}) {
    EXPECT_EQ(a->refusal(method, {{"consumerId", "c1"}}), "Consumer not found: c1") << method;
  }
  const std::string producer = a->produce_mic();
  bj::object fields = a->consume_fields(producer);
  fields["transportId"] = "t1";
  EXPECT_EQ(a->refusal("consume", fields), "Transport not found: t1");
}

// FOUNDRY-14
TEST_P(FoundrySessionErrors, Foundry14WhatBelongsToOthers) {
  const auto a = client("a");
  const auto b = client("b");
  const std::string producer = a->produce_mic();
  const std::string consumer(b->get("consume", b->consume_fields(producer)).at("id").as_string());
  b->heard();
  for (const char* method : {"pauseProducer", "resumeProducer", "producerClosed"}) {
    EXPECT_EQ(b->refusal(method, {{"producerId", producer}}), "Producer not found: " + producer);
  }
  EXPECT_EQ(a->refusal("consumerClose", {{"consumerId", consumer}}),
            "Consumer not found: " + consumer);
  EXPECT_EQ(b->refusal("connectTransport", {{"transportId", a->send_transport},
                                            {"dtlsParameters", fingerprint_parameters()}}),
            "Transport not found: " + a->send_transport);
  bj::object fields = b->consume_fields(producer);
  fields["transportId"] = a->receive_transport;
  EXPECT_EQ(b->refusal("consume", fields), "Transport not found: " + a->receive_transport);
}

// FOUNDRY-14
TEST_P(FoundrySessionErrors, Foundry14MissingAndMalformedFields) {
  const auto a = client("a");
  const std::string t = a->send_transport;
  const std::pair<const char*, bj::object> cases[] = {
      {"connectTransport", {}},
      {"connectTransport", {{"transportId", 5}}},
      {"connectTransport", {{"transportId", nullptr}}},
      {"connectTransport", {{"transportId", t}}},
      {"connectTransport", {{"transportId", t}, {"dtlsParameters", "x"}}},
      {"connectTransport", {{"transportId", t}, {"dtlsParameters", bj::object{}}}},
      {"produce", {}},
      {"produce", {{"transportId", t}, {"kind", "screen"}, {"rtpParameters", mic_parameters()}}},
      {"produce", {{"transportId", t}, {"kind", "Audio"}, {"rtpParameters", mic_parameters()}}},
      {"produce", {{"transportId", t}, {"rtpParameters", mic_parameters()}}},
      {"produce", {{"kind", "audio"}, {"rtpParameters", mic_parameters()}}},
      {"produce", {{"transportId", t}, {"kind", "audio"}}},
      {"produce", {{"transportId", t}, {"kind", "audio"}, {"rtpParameters", bj::array{}}}},
      {"produce", {{"transportId", t}, {"kind", "audio"}, {"rtpParameters", bj::object{}}}},
      {"produce",
       {{"transportId", t},
        {"kind", "audio"},
        {"rtpParameters", mic_parameters()},
        {"appData", "mic"}}},
      {"consume", {}},
      {"consume", {{"producerId", 1}}},
      {"pauseProducer", {}},
      {"resumeProducer", {{"producerId", bj::object{}}}},
      {"producerClosed", {}},
      {"consumerPause", {}},
      {"consumerResume", {}},
      {"consumerClose", {{"consumerId", true}}},
      {"getTransportState", {}},
      {"watchRoom", {}},
      {"watchRoom", {{"displayName", ""}}},
      {"watchRoom", {{"displayName", std::string(257, 'x')}}},
  };
  for (const auto& [method, fields] : cases) {
    EXPECT_THAT(a->refusal(method, fields), StartsWith("Invalid request: "))
        << method << bj::serialize(fields);
  }
  // And the connection is as good as before.
  EXPECT_NE(a->produce_mic(), "");
}

// FOUNDRY-14
TEST_P(FoundrySessionErrors, Foundry14RefusalsOfTheEngineAreTold) {
  const auto a = client("a");
  // The kind does not fit the codec.
  EXPECT_NE(a->refusal("produce", {{"transportId", a->send_transport},
                                   {"kind", "video"},
                                   {"rtpParameters", mic_parameters()}}),
            "");
  bj::object unknown_codec = mic_parameters();
  unknown_codec["codecs"].as_array()[0].as_object()["mimeType"] = "audio/none";
  EXPECT_NE(a->refusal("produce", {{"transportId", a->send_transport},
                                   {"kind", "audio"},
                                   {"rtpParameters", unknown_codec}}),
            "");
}

TEST_P(FoundrySessionErrors, CapabilitiesThatDoNotFitAreRefused) {
  const auto a = client("a");
  const std::string producer = a->produce_mic();
  EXPECT_EQ(a->refusal("consume", {{"producerId", producer},
                                   {"rtpCapabilities", bj::object{{"codecs", bj::array{}}}}}),
            "Cannot consume producer");
  EXPECT_THAT(a->refusal("consume", {{"producerId", producer}, {"rtpCapabilities", 5}}),
              StartsWith("Invalid request: "));
}

// FOUNDRY-14
TEST_F(FoundrySession, Foundry14MalformedFramesAreNotAnsweredAndDoNoHarm) {
  const auto client = module("u");
  for (const char* text : {"", "{", "null", "[]", "\"x\"", "{\"type\":\"\xff\"}"}) {
    client->send(text);
  }
  EXPECT_THAT(client->frames, IsEmpty());
  EXPECT_NE(client->get("getRouterRtpCapabilities"), bj::object{});
}

TEST_F(FoundrySession, FrameWithoutAMethodIsRefusedWhenItCanBe) {
  const auto client = module("u");
  client->send(R"({"requestId":"a"})");
  client->send(R"({"id":"b","method":7})");
  client->send(R"({"data":{}})");
  ASSERT_EQ(client->frames.size(), 2u);
  EXPECT_THAT(Client::error_of(client->frames[0]), HasSubstr("no method"));
  EXPECT_EQ(client->frames[0].at("requestId").as_string(), "a");
  EXPECT_EQ(client->frames[1].at("id").as_string(), "b");
  EXPECT_THAT(Client::error_of(client->frames[1]), HasSubstr("no method"));
}

TEST_F(FoundrySession, AnswersCarryTheNamesThatTheModuleKnows) {
  const auto a = joined("a");
  EXPECT_EQ(a->ask("createWebRtcTransport").at("type").as_string(), "transportCreated");
  EXPECT_EQ(a->ask("connectTransport", {{"transportId", a->send_transport},
                                        {"dtlsParameters", fingerprint_parameters()}})
                .at("type")
                .as_string(),
            "transportConnected");
  const bj::object produced =
      a->ask("produce", a->produce_fields("audio", mic_parameters(), "mic"));
  EXPECT_EQ(produced.at("type").as_string(), "produced");
  const std::string producer(produced.at("data").at("id").as_string());
  EXPECT_EQ(a->ask("consume", a->consume_fields(producer)).at("type").as_string(), "consumed");
  EXPECT_EQ(bj::value(a->ask("pauseProducer", {{"producerId", producer}}).at("type")),
            bj::value("pauseProducer"));
  EXPECT_EQ(a->ask("resumeProducer", {{"producerId", producer}}).at("data"),
            bj::value(bj::object{}));
}

TEST_F(FoundrySession, ParametersMayBeNestedForTheModuleAndFlatForTheOriginal) {
  const auto a = joined("a");
  const std::string producer = a->produce_mic();
  a->send(R"({"type":"pauseProducer","requestId":"n","data":{"producerId":")" + producer +
          R"("}})");
  a->send(R"({"method":"pauseProducer","id":"f","producerId":")" + producer + R"("})");
  ASSERT_EQ(a->frames.size(), 2u);
  EXPECT_EQ(bj::value(a->frames[0]),
            bj::parse(R"({"requestId":"n","type":"pauseProducer","data":{}})"));
  EXPECT_EQ(bj::value(a->frames[1]), bj::parse(R"({"id":"f","method":"response","data":{}})"));
}

// 2.6

TEST_F(FoundrySession, TransportIsAllThatAMediasoupClientNeeds) {
  const auto client = module("u");
  const bj::object data = client->get("createWebRtcTransport", {{"forceTcp", false},
                                                                {"producing", true},
                                                                {"consuming", false},
                                                                {"sctpCapabilities", nullptr}});
  EXPECT_EQ(data.at("iceParameters").at("iceLite"), bj::value(true));
  EXPECT_EQ(data.at("dtlsParameters").at("role").as_string(), "auto");
  EXPECT_TRUE(data.at("sctpParameters").is_null());
  EXPECT_FALSE(data.contains("iceServers"));
  const bj::array& candidates = data.at("iceCandidates").as_array();
  ASSERT_EQ(candidates.size(), 2u);
  const bj::object& udp = candidates[0].as_object();
  const bj::object& tcp = candidates[1].as_object();
  EXPECT_EQ(udp.at("protocol").as_string(), "udp");
  EXPECT_EQ(udp.at("ip"), udp.at("address"));
  EXPECT_EQ(tcp.at("protocol").as_string(), "tcp");
  EXPECT_EQ(tcp.at("tcpType").as_string(), "passive");
  EXPECT_GT(udp.at("priority").to_number<uint32_t>(), tcp.at("priority").to_number<uint32_t>());
}

TEST_F(FoundrySession, ForceTcpLeavesTcpCandidatesOnly) {
  const auto client = module("u");
  const bj::object data = client->get("createWebRtcTransport", {{"forceTcp", true}});
  for (const bj::value& candidate : data.at("iceCandidates").as_array()) {
    EXPECT_EQ(candidate.at("protocol").as_string(), "tcp");
  }
}

TEST_F(FoundrySession, IceServersAreHandedOnWhenThereAreAny) {
  SessionGroup with_servers(bj::array{bj::object{{"urls", "turn:t"}}});
  Client client(with_servers, *rooms, Form::kModule, "u");
  EXPECT_EQ(client.get("createWebRtcTransport").at("iceServers"),
            bj::parse(R"([{"urls":"turn:t"}])"));
}

TEST_F(FoundrySession, SecondConnectIsRefusedAndChangesNothing) {
  const auto client = joined("u");
  const bj::object fields{{"transportId", client->send_transport},
                          {"dtlsParameters", fingerprint_parameters()}};
  EXPECT_EQ(client->get("connectTransport", fields), bj::object{});
  EXPECT_NE(client->refusal("connectTransport", fields), "");
  EXPECT_NE(client->produce_mic(), "");
}

TEST_F(FoundrySession, TransportStateExplainsItself) {
  const auto client = joined("u");
  const bj::object state =
      client->get("getTransportState", {{"transportId", client->send_transport}});
  EXPECT_EQ(state.at("iceState").as_string(), "new");
  EXPECT_EQ(state.at("dtlsState").as_string(), "new");
  EXPECT_THAT(std::string(state.at("reason").as_string()), HasSubstr("127.0.0.1:42"));
}

// 2.7

TEST_F(FoundrySession, PauseAndResumeAreIdempotentAndTellNobody) {
  const auto a = joined("a");
  const auto b = joined("b");
  const std::string producer = a->produce_cam();
  b->heard();
  const rooms::RoomProducer* const entry = rooms->find("default")->find_producer(producer);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(a->get("pauseProducer", {{"producerId", producer}}), bj::object{});
    EXPECT_TRUE(entry->producer->paused());
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(a->get("resumeProducer", {{"producerId", producer}}), bj::object{});
    EXPECT_FALSE(entry->producer->paused());
  }
  EXPECT_THAT(b->heard(), IsEmpty());
}

TEST_F(FoundrySession, OverlongProduceIsRefused) {
  const auto a = joined("a");
  bj::object fields = a->produce_fields("audio", mic_parameters(), "mic");
  fields["appData"].as_object()["note"] = std::string(64 * 1024, 'x');
  EXPECT_THAT(a->refusal("produce", fields), HasSubstr("at most 65536"));
}

TEST_F(FoundrySession, CnameIsOneForAllProducersOfAnOwner) {
  const auto a = joined("a");
  const auto b = joined("b");
  const std::string mic = a->produce_mic();
  a->send_transport = a->create_transport(true, false);
  bj::object camera = cam_parameters();
  camera["rtcp"].as_object()["cname"] = "another";
  const std::string cam = a->produce("video", camera, "webcam");
  b->heard();
  const auto cname = [&](const std::string& producer) {
    return b->get("consume", b->consume_fields(producer))
        .at("rtpParameters")
        .at("rtcp")
        .at("cname")
        .as_string();
  };
  EXPECT_EQ(cname(mic), "chromium");
  EXPECT_EQ(cname(cam), "chromium");
}

TEST_F(FoundrySession, LimitsAreNamed) {
  const auto a = module("a");
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(a->refusal("createWebRtcTransport"), "");
  }
  EXPECT_THAT(a->refusal("createWebRtcTransport"), HasSubstr("16 transports"));
}

// 2.8

TEST_F(FoundrySession, ConsumerIsAllThatAMediasoupClientNeeds) {
  const auto a = joined("a");
  const auto b = joined("b");
  const std::string producer = a->produce_cam();
  b->heard();
  const bj::object data = b->get("consume", b->consume_fields(producer));
  EXPECT_EQ(data.at("producerId").as_string(), producer);
  EXPECT_EQ(data.at("kind").as_string(), "video");
  EXPECT_EQ(data.at("type").as_string(), "simple");
  EXPECT_EQ(data.at("producerPaused"), bj::value(false));
  EXPECT_EQ(data.at("rtpParameters").at("codecs").at(0).at("mimeType").as_string(), "video/VP8");
  EXPECT_TRUE(data.at("rtpParameters").at("encodings").at(0).as_object().contains("rtx"));
  // There is no message to start it.
  rooms::Peer* const peer = rooms->find("default")->peers()[0]->id() == b->session->peer().id()
                                ? rooms->find("default")->peers()[0]
                                : rooms->find("default")->peers()[1];
  EXPECT_FALSE((*peer->consumer(std::string(data.at("id").as_string())))->paused());
}

TEST_F(FoundrySession, MidsCountUpAndAreNeverUsedAgain) {
  const auto a = joined("a");
  const auto b = joined("b");
  const std::string mic = a->produce_mic();
  const std::string cam = a->produce_cam();
  b->heard();
  const auto consume = [&](const std::string& producer) {
    return b->get("consume", b->consume_fields(producer));
  };
  const auto mid = [](const bj::object& consumer) {
    return consumer.at("rtpParameters").at("mid").as_string();
  };
  EXPECT_EQ(mid(consume(mic)), "0");
  const bj::object second = consume(cam);
  EXPECT_EQ(mid(second), "1");
  EXPECT_EQ(b->get("consumerClose", {{"consumerId", second.at("id")}}), bj::object{});
  EXPECT_EQ(mid(consume(mic)), "2");
}

TEST_F(FoundrySession, OwnProducersAndRepeatedOnesMayBeConsumed) {
  const auto a = joined("a");
  const std::string producer = a->produce_mic();
  const bj::object first = a->get("consume", a->consume_fields(producer));
  const bj::object second = a->get("consume", a->consume_fields(producer));
  EXPECT_NE(first.at("id"), second.at("id"));
}

// FOUNDRY-17
TEST_F(FoundrySession, Foundry17ConsumeTakesTheNewestReceivingTransport) {
  const auto a = joined("a");
  const std::string producer = a->produce_mic();
  const auto b = module("b");
  // Mids are numbered per transport, so they tell which one was taken.
  const auto mid_on = [&](const std::string& transport) {
    bj::object fields = b->consume_fields(producer);
    if (!transport.empty()) {
      fields["transportId"] = transport;
    }
    return b->get("consume", fields).at("rtpParameters").at("mid").as_string();
  };
  b->create_transport(true, false);
  EXPECT_EQ(b->refusal("consume", b->consume_fields(producer)), "Transport not found");
  const std::string undirected(b->get("createWebRtcTransport").at("id").as_string());
  EXPECT_EQ(mid_on(undirected), "0");
  EXPECT_EQ(mid_on(""), "1");
  const std::string older = b->create_transport(false, true);
  const std::string newer = b->create_transport(false, true);
  b->create_transport(true, false);
  b->frames.clear();
  EXPECT_EQ(mid_on(newer), "0");
  EXPECT_EQ(mid_on(""), "1");
  EXPECT_EQ(mid_on(older), "0");
}

TEST_F(FoundrySession, ConsumersCanBePausedAndResumedByTheirOwner) {
  const auto a = joined("a");
  const std::string producer = a->produce_mic();
  const bj::object consumer = a->get("consume", a->consume_fields(producer));
  const auto held =
      rooms->find("default")->peers()[0]->consumer(std::string(consumer.at("id").as_string()));
  ASSERT_TRUE(held);
  a->get("consumerPause", {{"consumerId", consumer.at("id")}});
  EXPECT_TRUE((*held)->paused());
  a->get("consumerResume", {{"consumerId", consumer.at("id")}});
  EXPECT_FALSE((*held)->paused());
  a->get("consumerClose", {{"consumerId", consumer.at("id")}});
  EXPECT_TRUE((*held)->closed());
}

TEST_F(FoundrySession, ConsumersGoWithTheirProducer) {
  const auto a = joined("a");
  const auto b = joined("b");
  const std::string producer = a->produce_mic();
  const bj::object consumer = b->get("consume", b->consume_fields(producer));
  a->get("producerClosed", {{"producerId", producer}});
  EXPECT_EQ(b->session->peer().consumer_count(), 0u);
  b->frames.clear();
  EXPECT_EQ(b->refusal("consume", b->consume_fields(producer)), "Producer not found: " + producer);
}

// FOUNDRY-18
TEST_F(FoundrySession, Foundry18RoomsAreApart) {
  const auto a = joined("a", "a");
  const auto b = joined("b", "b");
  const std::string producer = a->produce_mic();
  EXPECT_THAT(b->heard(), IsEmpty());
  EXPECT_EQ(b->refusal("consume", b->consume_fields(producer)), "Producer not found: " + producer);
}

TEST_F(FoundrySession, RoomGoesWithItsLastPeer) {
  auto a = joined("a");
  auto b = joined("b");
  a->produce_mic();
  a.reset();
  EXPECT_EQ(rooms->room_count(), 1u);
  b.reset();
  EXPECT_EQ(rooms->room_count(), 0u);
}

// 9.1a
TEST_F(FoundrySession, Foundry91aServerWithoutCodecsIsAServer) {
  rooms::RoomService bare(*engine, {}, rooms::Limits{});
  Client client(group, bare, Form::kOriginal, "");
  EXPECT_TRUE(client.get("getRouterRtpCapabilities").at("codecs").as_array().empty());
}

// 2.3

TEST_F(FoundrySession, OlderSocketOfTheSameUserIsAskedForASignOfLife) {
  const auto older = joined("u");
  const auto elsewhere = joined("u", "another room");
  const auto other = joined("v");
  EXPECT_EQ(older->probes, 0);
  const auto newer = joined("u");
  EXPECT_EQ(older->probes, 1);
  EXPECT_EQ(newer->probes, 0);
  EXPECT_EQ(elsewhere->probes, 0);
  EXPECT_EQ(other->probes, 0);
  newer->capabilities();
  EXPECT_EQ(older->probes, 1);
}

TEST_F(FoundrySession, SocketThatHasLeftIsNotAsked) {
  auto first = joined("u");
  first.reset();
  const auto second = module("u");
  second->capabilities();
  // A user who takes another name leaves the old one free.
  second->user = "w";
  second->capabilities();
  const auto third = joined("u");
  EXPECT_EQ(second->probes, 0);
}

TEST_F(FoundrySession, OverlongUserIdIsNotTaken) {
  const auto client = module(std::string(257, 'x'));
  client->capabilities();
  EXPECT_EQ(client->session->peer().user_id, "random-id");
}

}  // namespace
}  // namespace sluice::foundry
