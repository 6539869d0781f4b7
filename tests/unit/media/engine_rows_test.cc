// Engine and routers as the object model has them (ortc-model 1.2, 1.5, rows of 8.1 and 8.3), where
// a worker is an engine.

#include <openssl/pem.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <chrono>
#include <sstream>

#include "base/log.h"
#include "media/media_loop.h"
#include "protocol/dtls/certificate.h"
#include "protocol/dtls/openssl_ptr.h"
#include "protocol/ortc/supported_capabilities.h"
#include "unit/media/object_model.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<std::unique_ptr<Engine>> make_engine(EngineSettings settings) {
  settings.loops = settings.loops == 0 ? 1 : settings.loops;
  settings.packets_per_loop = 1024;
  return Engine::create(std::move(settings), [](auto) {});
}

EngineSettings loopback() {
  return {.listen = {{.ip = "127.0.0.1"}}};
}

std::string key_pem(const dtls::Certificate& certificate) {
  const dtls::OpenSslPtr<bio_st> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), certificate.native_key(), nullptr, nullptr, 0, nullptr,
                           nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::vector<std::string> ids(const boost::json::value& list) {
  std::vector<std::string> ids;
  for (const auto& id : list.as_array()) {
    ids.emplace_back(id.as_string());
  }
  return ids;
}

TEST(EngineRows, Ortc1AFreshEngineIsOpen) {  // ORTC-1
  EngineWorld world(1);
  EXPECT_FALSE(world.engine().closed());
  EXPECT_EQ(world.engine().dump().value().at("pid"), getpid());
}

TEST(EngineRows, Ortc2TakesAPortRangeAndACertificate) {  // ORTC-2
  const auto certificate = dtls::Certificate::generate(std::chrono::system_clock::now()).value();
  EngineSettings settings = loopback();
  settings.min_port = 1024;
  settings.max_port = 9999;
  settings.dtls_certificate_pem = certificate.pem();
  settings.dtls_private_key_pem = key_pem(certificate);
  const auto engine = make_engine(std::move(settings)).value();
  EXPECT_EQ(engine->dtls_parameters().fingerprints.back().value,
            certificate.fingerprints().back().text());
  const uint16_t port = engine->loops().listen_entries(0)[0].bound.port;
  EXPECT_GE(port, 1024);
  EXPECT_LE(port, 9999);
}

TEST(EngineRows, Ortc3SettingsThatCannotBeMeantAreTypeErrors) {  // ORTC-3
  const auto certificate = dtls::Certificate::generate(std::chrono::system_clock::now()).value();
  EngineSettings settings = loopback();
  settings.min_port = 1000;
  settings.max_port = 999;
  EXPECT_EQ(outcome(make_engine(settings)), "TypeError");
  settings = loopback();
  settings.dtls_private_key_pem = key_pem(certificate);
  EXPECT_EQ(outcome(make_engine(settings)), "TypeError");
  settings = loopback();
  settings.dtls_certificate_pem = certificate.pem();
  EXPECT_EQ(outcome(make_engine(settings)), "TypeError");
  settings.dtls_private_key_pem = "no PEM";
  EXPECT_EQ(outcome(make_engine(settings)), "TypeError");
}

TEST(EngineRows, Ortc4ClosingIsToldOnce) {  // ORTC-4
  EngineWorld world(1);
  Journal journal;
  journal.watch(world.engine());
  world.engine().close();
  world.engine().close();
  EXPECT_TRUE(world.engine().closed());
  EXPECT_THAT(journal.take(), ElementsAre("engine close"));
}

TEST(EngineRows, Ortc6DumpOfAFreshAndOfAClosedEngine) {  // ORTC-6
  EngineWorld world(1);
  auto expected = json(R"({
      "webRtcServerIds": [], "routerIds": [],
      "channelMessageHandlers": {"channelRequestHandlers": [],
                                 "channelNotificationHandlers": []}})");
  expected.as_object()["pid"] = getpid();
  EXPECT_EQ(world.engine().dump().value(), expected);
  world.engine().close();
  EXPECT_EQ(outcome(world.engine().dump()), "InvalidStateError");
}

TEST(EngineRows, Ortc9TheSupportedCapabilitiesCannotBeChanged) {  // ORTC-9
  ortc::RtpCapabilities copy = ortc::supported_rtp_capabilities();
  ASSERT_FALSE(copy.codecs.empty());
  copy.codecs.clear();
  copy.header_extensions.front().uri = "urn:x";
  EXPECT_NE(ortc::supported_rtp_capabilities(), copy);
  EXPECT_EQ(ortc::supported_rtp_capabilities().codecs.front().mime_type, "audio/opus");
}

TEST(EngineRows, Ortc10ALogListenerHearsOfAnEngine) {  // ORTC-10
  const auto log = logger("media");
  const auto level = log->level();
  std::ostringstream text;
  const auto listener = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
  log->sinks().push_back(listener);
  log->set_level(spdlog::level::debug);
  EngineWorld(1).engine().close();
  std::erase(log->sinks(), listener);
  log->set_level(level);
  EXPECT_THAT(text.str(), HasSubstr("engine started"));
  EXPECT_THAT(text.str(), HasSubstr("engine closed"));
}

TEST(EngineRows, Ortc15AnAddressThatIsListedTwiceIsAnErrorAndFreesThePort) {  // ORTC-15
  for (uint16_t port = 21100; port < 21200; ++port) {
    EngineSettings settings = loopback();
    settings.min_port = settings.max_port = port;
    if (make_engine(settings)) {
      settings.listen.push_back(settings.listen.front());
      EXPECT_NE(outcome(make_engine(settings)), "ok");
      settings.listen.pop_back();
      EXPECT_EQ(outcome(make_engine(settings)), "ok") << "the refused one freed its port";
      return;
    }
  }
  FAIL() << "no free port";
}

TEST(EngineRows, Ortc36ThreeLoopsNeedThreePorts) {  // ORTC-36
  // The place of two free ports is not known; some pair nearby will do.
  for (uint16_t first = 21000; first < 21100; first = static_cast<uint16_t>(first + 2)) {
    EngineSettings settings = loopback();
    settings.min_port = first;
    settings.max_port = static_cast<uint16_t>(first + 1);
    settings.loops = 2;
    if (make_engine(settings)) {
      settings.loops = 3;
      EXPECT_EQ(outcome(make_engine(settings)), "Error");
      settings.loops = 2;
      EXPECT_EQ(outcome(make_engine(settings)), "ok") << "the refused one freed its ports";
      return;
    }
  }
  FAIL() << "no two free ports";
}

TEST(EngineRows, Ortc37AnEngineNeedsAnAddressToListenOn) {  // ORTC-37
  EngineSettings settings;
  settings.listen.clear();
  EXPECT_EQ(outcome(make_engine(settings)), "TypeError");
}

// ---- routers

TEST(RouterRows, Ortc23ANewRouterIsAnnouncedAndListed) {  // ORTC-23
  EngineWorld world(1);
  std::vector<std::shared_ptr<Router>> announced;
  world.engine().on_new_router.connect([&](const auto& router) { announced.push_back(router); });
  const auto router = world.engine().create_router(media_codecs()).value();
  EXPECT_THAT(announced, ElementsAre(router));
  EXPECT_FALSE(router->closed());
  EXPECT_EQ(router->rtp_capabilities().codecs.size(), 5u);
  const auto dump = world.engine().dump().value();
  EXPECT_THAT(ids(dump.at("routerIds")), ElementsAre(router->id()));
  const auto& handlers = dump.at("channelMessageHandlers");
  EXPECT_THAT(ids(handlers.at("channelRequestHandlers")), ElementsAre(router->id()));
  EXPECT_THAT(ids(handlers.at("channelNotificationHandlers")), ElementsAre());
  auto expected = json(R"({
      "transportIds": [], "rtpObserverIds": [], "mapProducerIdConsumerIds": [],
      "mapConsumerIdProducerId": [], "mapProducerIdObserverIds": [],
      "mapDataProducerIdDataConsumerIds": [], "mapDataConsumerIdDataProducerId": []})");
  expected.as_object()["id"] = router->id();
  EXPECT_EQ(router->dump().value(), expected);
}

TEST(RouterRows, Ortc24CodecsThatNobodySupports) {  // ORTC-24
  EngineWorld world(1);
  for (const char* codecs : {R"([{"mimeType": "audio/x-aiff", "clockRate": 8000}])",
                             R"([{"mimeType": "video/3gpp", "clockRate": 90000}])"}) {
    EXPECT_EQ(outcome(world.engine().create_router(media_codecs(codecs))), "UnsupportedError");
  }
  EXPECT_THAT(ids(world.engine().dump().value().at("routerIds")), ElementsAre());
}

TEST(RouterRows, Ortc26AClosedEngineMakesNoRouter) {  // ORTC-26
  EngineWorld world(1);
  world.engine().close();
  EXPECT_EQ(outcome(world.engine().create_router(media_codecs())), "InvalidStateError");
}

TEST(RouterRows, Ortc29CodecsMayBeReplaced) {  // ORTC-29
  EngineWorld world(1);
  const auto router = world.engine().create_router(media_codecs()).value();
  EXPECT_EQ(outcome(router->update_media_codecs(
                media_codecs(R"([{"mimeType": "audio/x-aiff", "clockRate": 8000}])"))),
            "UnsupportedError");
  EXPECT_EQ(router->rtp_capabilities().codecs.size(), 5u) << "an error changes nothing";
  EXPECT_EQ(outcome(router->update_media_codecs({})), "ok");
  EXPECT_TRUE(router->rtp_capabilities().codecs.empty());
  EXPECT_EQ(router->rtp_capabilities().header_extensions.size(), 16u);
  const auto transport = router->create_webrtc_transport({}).value();
  EXPECT_EQ(outcome(transport->produce({.rtp_parameters = rtp_parameters(kAudioProducer)})),
            "UnsupportedError");
  router->close();
  EXPECT_EQ(outcome(router->update_media_codecs(media_codecs())), "Error");
}

TEST_F(ObjectModel, Ortc29ExistingProducersKeepTheirCodecs) {  // ORTC-29
  const auto producer = produce();
  ASSERT_TRUE(router->update_media_codecs({}));
  EXPECT_EQ(consume(*producer)->rtp_parameters().codecs[0].payload_type, PayloadType{100});
}

TEST(RouterRows, Ortc30ClosingARouterIsToldOnce) {  // ORTC-30
  EngineWorld world(1);
  const auto router = world.engine().create_router(media_codecs()).value();
  Journal journal;
  journal.watch(*router);
  router->close();
  router->close();
  EXPECT_TRUE(router->closed());
  EXPECT_THAT(journal.take(), ElementsAre("router close"));
  EXPECT_THAT(ids(world.engine().dump().value().at("routerIds")), ElementsAre());
  EXPECT_EQ(outcome(router->dump()), "Error");
  EXPECT_EQ(outcome(router->create_webrtc_transport({})), "Error");
}

TEST(RouterRows, Ortc31ClosingTheEngineClosesItsRouters) {  // ORTC-31
  EngineWorld world(1);
  const auto first = world.engine().create_router(media_codecs()).value();
  const auto second = world.engine().create_router({}).value();
  Journal journal;
  journal.watch(*first, "first");
  journal.watch(*second, "second");
  journal.watch(world.engine());
  world.engine().close();
  EXPECT_TRUE(first->closed());
  EXPECT_THAT(journal.take(), ElementsAre("first workerclose", "first close", "second workerclose",
                                          "second close", "engine close"));
  EXPECT_EQ(outcome(first->dump()), "InvalidStateError");
  EXPECT_EQ(outcome(first->create_webrtc_transport({})), "InvalidStateError");
}

TEST_F(ObjectModel, Ortc32CanConsumeIsFalseForUnknownProducers) {  // ORTC-32
  EXPECT_FALSE(router->can_consume("nobody", capabilities()));
  EXPECT_TRUE(router->can_consume(produce()->id(), capabilities()));
  const auto malformed = json(R"({"codecs": 1})");
  EXPECT_EQ(outcome(ortc::parse_rtp_capabilities(&malformed)), "TypeError");
}

TEST_F(ObjectModel, RequestsThatWaitFailWhenTheEngineCloses) {
  const auto stats = world.answer<TransportStats>([&](auto reply) {
    transport->get_stats(std::move(reply));
    world.engine().close();
  });
  EXPECT_EQ(outcome(stats), "InvalidStateError");
}

TEST_F(ObjectModel, ARequestWhoseObjectClosesFails) {
  const auto stats = world.answer<TransportStats>([&](auto reply) {
    transport->get_stats(std::move(reply));
    transport->close();
  });
  EXPECT_EQ(outcome(stats), "Error");
}

TEST_F(ObjectModel, ARouterLivesUntilItIsClosed) {
  const std::weak_ptr<Router> watched = router;
  const std::string id = router->id();
  router.reset();
  ASSERT_FALSE(watched.expired());
  EXPECT_THAT(ids(world.engine().dump().value().at("routerIds")), ElementsAre(id));
  watched.lock()->close();
  EXPECT_TRUE(transport->closed());
}

TEST_F(ObjectModel, OneRouterSpreadsOverLoopsWhenItGrows) {
  EngineWorld spread(2, {.transports_before_spread = 2});
  const auto small = spread.engine().create_router({}, 0).value();
  std::vector<unsigned> loops;
  std::vector<std::shared_ptr<WebRtcTransport>> keep;
  for (int i = 0; i < 6; ++i) {
    keep.push_back(small->create_webrtc_transport({}).value());
    loops.push_back(keep.back()->loop());
  }
  EXPECT_EQ(loops[0], 0u);
  EXPECT_EQ(loops[1], 0u);
  EXPECT_EQ(std::count(loops.begin(), loops.end(), 1U), 3);
}

}  // namespace
}  // namespace sluice::media::test
