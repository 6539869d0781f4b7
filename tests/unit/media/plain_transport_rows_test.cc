// Plain transports as applications see them (ortc-model 8.5).

#include "media/plain_transport.h"
#include "object_model.h"
#include "support/loopback_socket.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PlainRows : public ObjectModel {
 protected:
  static PlainTransportOptions on_loopback() {
    PlainTransportOptions options;
    options.listen.ip = "127.0.0.1";
    return options;
  }
  std::shared_ptr<PlainTransport> make(const PlainTransportOptions& options = on_loopback()) {
    return router->create_plain_transport(options).value();
  }
  std::string refusal(const PlainTransportOptions& options) {
    return outcome(router->create_plain_transport(options));
  }
  /// A loop closes sockets at the end of a turn: the second answer comes from a later turn.
  void let_sockets_close() {
    for (int i = 0; i < 2; ++i) {
      bool answered = false;
      world.engine().query_load([&](const auto&) { answered = true; });
      ASSERT_TRUE(world.run_until([&] { return answered; }));
    }
  }
  static ortc::SrtpParameters key_for(ortc::SrtpCryptoSuite suite) {
    return ortc::generate_srtp_parameters(suite);
  }
};

TEST_F(PlainRows, Ortc49ShowsItsTuple) {  // ORTC-49
  auto options = on_loopback();
  options.listen.announced_address = "9.9.9.1";
  std::vector<std::shared_ptr<Transport>> announced;
  router->on_new_transport.connect([&](const auto& made) { announced.push_back(made); });
  const auto plain = make(options);
  EXPECT_THAT(announced, ElementsAre(plain));
  EXPECT_EQ(plain->type(), TransportType::kPlain);
  EXPECT_EQ(plain->tuple().local_address, "9.9.9.1");
  EXPECT_NE(plain->tuple().local_port, 0);
  EXPECT_EQ(plain->tuple().remote_ip, "");
  EXPECT_EQ(plain->tuple().protocol, ortc::TransportProtocol::kUdp);
  EXPECT_FALSE(plain->rtcp_tuple());
  EXPECT_FALSE(plain->srtp_parameters());
  const auto shown = dump(*plain).value();
  EXPECT_EQ(shown.at("tuple"), ortc::to_json(plain->tuple()));
  EXPECT_EQ(shown.at("tuple").at("localIp"), as_json("9.9.9.1"));
  EXPECT_EQ(shown.at("rtcpMux"), as_json(true));
  EXPECT_EQ(shown.at("comedia"), as_json(false));
  EXPECT_FALSE(shown.contains("rtcpTuple"));
  EXPECT_FALSE(shown.contains("srtpParameters"));
  EXPECT_EQ(shown.at("producerIds"), json("[]"));
}

TEST_F(PlainRows, Ortc50AListenInfoForRtcpEndsMultiplexing) {  // ORTC-50
  const auto probe = make();
  const uint16_t rtp_port = probe->tuple().local_port;
  auto second = on_loopback();
  second.rtcp_mux = false;
  const auto both = make(second);
  const uint16_t rtcp_port = both->rtcp_tuple()->local_port;
  EXPECT_NE(rtcp_port, both->tuple().local_port);
  probe->close();
  both->close();
  let_sockets_close();
  auto options = on_loopback();
  options.rtcp_mux = true;
  options.listen.port = rtp_port;
  options.rtcp_listen = options.listen;
  options.rtcp_listen->port = rtcp_port;
  const auto fixed = make(options);
  EXPECT_FALSE(fixed->rtcp_mux());
  EXPECT_EQ(fixed->tuple().local_port, rtp_port);
  ASSERT_TRUE(fixed->rtcp_tuple());
  EXPECT_EQ(fixed->rtcp_tuple()->local_port, rtcp_port);
}

TEST_F(PlainRows, Ortc51WrongArguments) {  // ORTC-51
  EXPECT_EQ(refusal({}), "TypeError");
  auto range = on_loopback();
  range.listen.min_port = 30002;
  range.listen.max_port = 30001;
  EXPECT_EQ(refusal(range), "TypeError");
  auto ip = on_loopback();
  ip.listen.ip = "123";
  EXPECT_EQ(refusal(ip), "TypeError");
  auto tcp = on_loopback();
  tcp.listen.protocol = ortc::TransportProtocol::kTcp;
  EXPECT_EQ(refusal(tcp), "TypeError");
  auto rtcp = on_loopback();
  rtcp.rtcp_listen = TransportListenInfo{.ip = "localhost"};
  EXPECT_EQ(refusal(rtcp), "TypeError");
  EXPECT_EQ(router->transport_count(), 2u);
}

TEST_F(PlainRows, Ortc52AnAddressThatIsNotLocal) {  // ORTC-52
  auto options = on_loopback();
  options.listen.ip = "8.8.8.8";
  EXPECT_EQ(refusal(options), "Error");
}

TEST_F(PlainRows, Ortc53SrtpHasADefaultSuite) {  // ORTC-53
  auto options = on_loopback();
  options.enable_srtp = true;
  const auto plain = make(options);
  ASSERT_TRUE(plain->srtp_parameters());
  const auto shown = ortc::to_json(*plain->srtp_parameters());
  EXPECT_EQ(shown.at("cryptoSuite"), as_json("AES_CM_128_HMAC_SHA1_80"));
  EXPECT_EQ(shown.at("keyBase64").as_string().size(), 40u);
  EXPECT_EQ(dump(*plain).value().at("srtpParameters"), shown);
}

// The shapes of the row that are no SrtpParameters at all end at the reader of JSON.
TEST_F(PlainRows, Ortc54MalformedSrtpParametersChangeNothing) {  // ORTC-54, TRN-04
  auto options = on_loopback();
  options.enable_srtp = true;
  const auto plain = make(options);
  const auto before = plain->srtp_parameters();
  PlainRemote remote{.ip = "127.0.0.2", .port = 9999};
  EXPECT_EQ(outcome(plain->connect(remote)), "TypeError");
  remote.srtp_parameters = key_for(ortc::SrtpCryptoSuite::kAesCm128HmacSha1_80);
  remote.srtp_parameters->key.pop_back();
  EXPECT_EQ(outcome(plain->connect(remote)), "TypeError");
  remote.srtp_parameters = key_for(ortc::SrtpCryptoSuite::kAeadAes256Gcm);
  remote.ip = "nowhere";
  EXPECT_EQ(outcome(plain->connect(remote)), "TypeError");
  EXPECT_EQ(plain->srtp_parameters(), before);
  remote.ip = "127.0.0.2";
  EXPECT_EQ(outcome(plain->connect(remote)), "ok");
}

TEST_F(PlainRows, Ortc55AnotherSuiteMakesAnotherKey) {  // ORTC-55, TRN-05
  auto options = on_loopback();
  options.enable_srtp = true;
  const auto plain = make(options);
  PlainRemote remote{.ip = "127.0.0.2", .port = 9999};
  remote.srtp_parameters = key_for(ortc::SrtpCryptoSuite::kAeadAes256Gcm);
  EXPECT_EQ(outcome(plain->connect(remote)), "ok");
  const auto shown = ortc::to_json(*plain->srtp_parameters());
  EXPECT_EQ(shown.at("cryptoSuite"), as_json("AEAD_AES_256_GCM"));
  EXPECT_EQ(shown.at("keyBase64").as_string().size(), 60u);

  const auto same = make(options);
  const auto before = same->srtp_parameters();
  remote.srtp_parameters = key_for(ortc::SrtpCryptoSuite::kAesCm128HmacSha1_80);
  EXPECT_EQ(outcome(same->connect(remote)), "ok");
  EXPECT_EQ(same->srtp_parameters(), before) << "the same suite keeps the key";
}

TEST_F(PlainRows, Ortc56AMulticastPortMayBeShared) {  // ORTC-56
  const uint16_t port = make()->tuple().local_port;
  PlainTransportOptions options;
  options.listen.ip = "224.0.0.1";
  options.listen.port = port;
  options.listen.reuse_port = true;
  const auto one = make(options);
  const auto two = make(options);
  EXPECT_EQ(one->tuple().local_port, port);
  EXPECT_EQ(two->tuple().local_port, port);
  options.listen.reuse_port = false;
  EXPECT_EQ(refusal(options), "Error");
}

TEST_F(PlainRows, Ortc57ConnectsWithAPortForRtcp) {  // ORTC-57
  auto options = on_loopback();
  options.rtcp_mux = false;
  const auto plain = make(options);
  const PlainRemote remote{.ip = "127.0.0.2", .port = 9998, .rtcp_port = 9999};
  EXPECT_EQ(outcome(plain->connect(remote)), "ok");
  EXPECT_EQ(plain->tuple().remote_ip, "127.0.0.2");
  EXPECT_EQ(plain->tuple().remote_port, 9998);
  EXPECT_EQ(plain->rtcp_tuple()->remote_ip, "127.0.0.2");
  EXPECT_EQ(plain->rtcp_tuple()->remote_port, 9999);
  EXPECT_EQ(outcome(plain->connect(remote)), "Error");
  const auto stats = to_json(transport_stats(*plain).value());
  EXPECT_EQ(stats.at("rtcpTuple"), ortc::to_json(*plain->rtcp_tuple()));
}

TEST_F(PlainRows, Ortc58WrongArgumentsOfConnect) {  // ORTC-58, TRN-02
  const auto plain = make();
  PlainRemote good{.ip = "127.0.0.2", .port = 9999};
  auto bad = good;
  bad.srtp_parameters = key_for(ortc::SrtpCryptoSuite::kAesCm128HmacSha1_80);
  EXPECT_EQ(outcome(plain->connect(bad)), "TypeError");
  EXPECT_EQ(outcome(plain->connect({})), "TypeError");
  bad = good;
  bad.ip = "::::1234";
  EXPECT_EQ(outcome(plain->connect(bad)), "TypeError");
  bad.ip = "::1";
  EXPECT_EQ(outcome(plain->connect(bad)), "TypeError") << "of the other family";
  bad = good;
  bad.port = 0;
  EXPECT_EQ(outcome(plain->connect(bad)), "TypeError");
  bad = good;
  bad.rtcp_port = 9998;
  EXPECT_EQ(outcome(plain->connect(bad)), "TypeError");
  EXPECT_EQ(plain->tuple().remote_port, 0);
  EXPECT_EQ(outcome(plain->connect(good)), "ok");

  auto separate = on_loopback();
  separate.rtcp_mux = false;
  EXPECT_EQ(outcome(make(separate)->connect(good)), "TypeError");
}

TEST_F(PlainRows, Ortc59FreshStatistics) {  // ORTC-59
  const auto plain = make();
  const auto stats = to_json(transport_stats(*plain).value());
  EXPECT_EQ(stats.at("type"), as_json("plain-rtp-transport"));
  EXPECT_EQ(stats.at("transportId"), as_json(plain->id()));
  EXPECT_EQ(stats.at("tuple"), ortc::to_json(plain->tuple()));
  EXPECT_EQ(stats.at("rtcpMux"), as_json(true));
  EXPECT_EQ(stats.at("comedia"), as_json(false));
  EXPECT_FALSE(stats.contains("rtcpTuple"));
  EXPECT_FALSE(stats.contains("iceState"));
  for (const char* counter :
       {"bytesReceived", "bytesSent", "rtpBytesReceived", "rtpBytesSent", "rtxBytesReceived",
        "rtxBytesSent", "probationBytesSent", "recvBitrate", "sendBitrate"}) {
    EXPECT_EQ(stats.at(counter).to_number<int>(), 0) << counter;
  }
}

TEST_F(PlainRows, Ortc60AClosedOneRefusesEverything) {  // ORTC-60
  const auto plain = make();
  Journal journal;
  journal.watch(*plain);
  plain->close();
  plain->close();
  EXPECT_THAT(journal.take(), ElementsAre("transport close"));
  EXPECT_EQ(outcome(dump(*plain)), "Error");
  EXPECT_EQ(outcome(transport_stats(*plain)), "Error");
  EXPECT_EQ(outcome(plain->connect({.ip = "127.0.0.2", .port = 9999})), "Error");
  EXPECT_EQ(outcome(try_produce(*plain, kAudioProducer)), "Error");
}

TEST_F(PlainRows, Ortc60ClosingTheRouterClosesIt) {  // ORTC-60
  const auto plain = make();
  Journal journal;
  journal.watch(*plain);
  router->close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "transport close"));
}

TEST_F(PlainRows, Ortc60ClosingTheEngineClosesIt) {  // ORTC-60
  const auto plain = make();
  Journal journal;
  journal.watch(*plain);
  world.engine().close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "transport close"));
  EXPECT_EQ(outcome(dump(*plain)), "InvalidStateError");
}

TEST_F(PlainRows, Trn01ComediaIgnoresAnAddress) {  // TRN-01
  auto options = on_loopback();
  options.comedia = true;
  const auto plain = make(options);
  EXPECT_EQ(outcome(plain->connect({.ip = "127.0.0.2", .port = 9999, .rtcp_port = 1})), "ok");
  EXPECT_EQ(plain->tuple().remote_port, 0);
  EXPECT_EQ(outcome(plain->connect({})), "Error");
}

/// Over real sockets, with an answer to where the packet came from.
TEST_F(PlainRows, Ortc61ComediaTellsWhatItLearned) {  // ORTC-61
  auto options = on_loopback();
  options.comedia = true;
  const auto plain = make(options);
  std::vector<ortc::TransportTuple> told;
  plain->on_tuple.connect([&](const auto& tuple) { told.push_back(tuple); });
  const sluice::test::LoopbackSocket socket;
  const std::vector<uint8_t> packet{0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0xa9, 0x8a, 0xc7, 0x78, 0x78};
  socket.send({*IpAddress::parse("127.0.0.1"), plain->tuple().local_port}, packet);
  ASSERT_TRUE(world.run_until([&] { return !told.empty(); }));
  EXPECT_THAT(told, ElementsAre(plain->tuple()));
  EXPECT_EQ(plain->tuple().remote_ip, "127.0.0.1");
  EXPECT_EQ(plain->tuple().remote_port, socket.address().port);
}

TEST_F(PlainRows, PortsAreFreeAgainAfterClosing) {
  const auto first = make();
  auto options = on_loopback();
  options.listen.port = first->tuple().local_port;
  EXPECT_EQ(refusal(options), "Error");
  first->close();
  let_sockets_close();
  EXPECT_EQ(refusal(options), "ok");
}

TEST_F(PlainRows, ALoopHasOnlySoManySockets) {
  std::string last = "ok";
  int made = 0;
  for (; made < 1000 && last == "ok"; ++made) {
    last = refusal(on_loopback());
  }
  EXPECT_EQ(last, "Error");
  EXPECT_GE(made, 200);
}

}  // namespace
}  // namespace sluice::media::test
