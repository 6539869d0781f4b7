// A running engine with its threads: peers on real sockets, transports on different loops. Run
// under TSan, this is what shows that the loops share nothing they should not.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "media/consumer.h"
#include "media/loop_pool.h"
#include "media/producer.h"
#include "media/router.h"
#include "media/webrtc_transport.h"
#include "net/clock.h"
#include "protocol/ortc/json.h"
#include "support/engine_world.h"
#include "support/loopback_socket.h"
#include "support/test_peer.h"

namespace sluice::media::test {
namespace {

using sluice::test::Buffer;
using sluice::test::EngineWorld;
using sluice::test::LoopbackSocket;
using sluice::test::TestPeer;

/// A peer on a socket of its own, for one transport.
class SocketPeer {
 public:
  SocketPeer(WebRtcTransport& transport, const Engine& engine, srtp::Backend& backend)
      : server_{*IpAddress::parse(transport.ice_candidates()[0].address),
                transport.ice_candidates()[0].port},
        peer_({.ufrag = transport.ice_parameters().username_fragment,
               .password = transport.ice_parameters().password},
              backend) {
    ortc::DtlsParameters local{.role = ortc::DtlsRole::kClient};
    for (const auto& fingerprint : peer_.fingerprints()) {
      local.fingerprints.push_back(
          {static_cast<ortc::FingerprintAlgorithm>(fingerprint.algorithm), fingerprint.text()});
    }
    EXPECT_TRUE(transport.connect(local));
    std::vector<dtls::Fingerprint> remote;
    for (const auto& fingerprint : engine.dtls_parameters().fingerprints) {
      remote.push_back(
          dtls::Fingerprint::parse(
              ortc::kFingerprintAlgorithmNames[static_cast<size_t>(fingerprint.algorithm)],
              fingerprint.value)
              .value());
    }
    peer_.start(remote, net::monotonic_now());
  }

  TestPeer& peer() { return peer_; }

  /// Sends and receives what there is; returns whether there was something.
  bool step() {
    bool worked = false;
    peer_.on_timeout(net::monotonic_now());
    while (const auto packet = peer_.poll_transmit()) {
      socket_.send(server_, *packet);
      worked = true;
    }
    for (auto packet = socket_.receive(); !packet.empty(); packet = socket_.receive()) {
      peer_.on_datagram(packet, net::monotonic_now());
      worked = true;
    }
    return worked;
  }

 private:
  SocketAddress server_;
  LoopbackSocket socket_;
  TestPeer peer_;
};

template <class Done>
bool step_until(std::vector<SocketPeer*> peers, Done&& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    bool worked = false;
    for (SocketPeer* peer : peers) {
      worked |= peer->step();
    }
    if (!worked) {
      std::this_thread::yield();
    }
  }
  return true;
}

ortc::RtpParameters audio_parameters() {
  const auto value = boost::json::parse(R"({
    "mid": "0",
    "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}],
    "encodings": [{"ssrc": 8738}]})");
  return ortc::parse_rtp_parameters(&value).value();
}

ortc::RtpCapabilities audio_capabilities() {
  const auto value = boost::json::parse(R"({"codecs": [{"kind": "audio", "mimeType": "audio/opus",
    "preferredPayloadType": 100, "clockRate": 48000, "channels": 2}]})");
  return ortc::parse_rtp_capabilities(&value).value();
}

TEST(RunningEngine, ForwardsBetweenLoopsWhileTransportsComeAndGo) {
  EngineWorld world(2, {.transports_before_spread = 1});
  const auto codecs =
      boost::json::parse(R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 2}])");
  const auto router =
      world.engine().create_router(ortc::parse_media_codecs(&codecs).value(), 0).value();
  const auto backend = srtp::make_backend();

  const auto from = router->create_webrtc_transport({}).value();
  SocketPeer sender(*from, world.engine(), *backend);
  const auto producer =
      from->produce({.kind = ortc::MediaKind::kAudio, .rtp_parameters = audio_parameters()})
          .value();
  ASSERT_TRUE(step_until({&sender}, [&] { return sender.peer().connected(); }));

  uint16_t seq = 1;
  for (int round = 0; round < 6; ++round) {
    const auto to = router->create_webrtc_transport({}).value();
    SocketPeer receiver(*to, world.engine(), *backend);
    const auto consumer =
        to->consume({.producer_id = producer->id(), .rtp_capabilities = audio_capabilities()})
            .value();
    ASSERT_TRUE(step_until({&sender, &receiver}, [&] { return receiver.peer().connected(); }));
    const bool arrived = step_until({&sender, &receiver}, [&] {
      sluice::test::RtpFields fields;
      fields.ssrc = 8738;
      fields.sequence_number = seq++;
      fields.timestamp = 960U * seq;
      fields.payload_type = 111;
      fields.payload = Buffer(60, 0x78);
      sender.peer().send_rtp(fields);
      std::this_thread::yield();
      return receiver.peer().rtp.size() >= 50;
    });
    EXPECT_TRUE(arrived) << "loop " << to->loop();
    if (round % 2 == 0) {
      consumer->close();
    }
    to->close();
  }
  // Both loops had receivers, or this test shows nothing about crossing.
  std::optional<std::vector<LoopLoad>> loads;
  world.engine().query_load([&](std::vector<LoopLoad> value) { loads = std::move(value); });
  ASSERT_TRUE(world.run_until([&] { return loads.has_value(); }));
  EXPECT_GT((*loads)[0].packets_sent, 0u);
  EXPECT_GT((*loads)[1].packets_sent, 0u);
  producer->close();
  router->close();
}

TEST(RunningEngine, ReportsIceAndDtlsStatesToTheControlThread) {
  EngineWorld world(1);
  const auto router = world.engine().create_router({}).value();
  const auto transport = router->create_webrtc_transport({}).value();
  const auto backend = srtp::make_backend();
  SocketPeer peer(*transport, world.engine(), *backend);
  ASSERT_TRUE(step_until({&peer}, [&] { return peer.peer().connected(); }));
  ASSERT_TRUE(world.run_until([&] { return transport->dtls_state() == DtlsState::kConnected; }));
  EXPECT_EQ(transport->ice_state(), IceState::kCompleted);
  ASSERT_TRUE(transport->ice_selected_tuple());
  EXPECT_EQ(transport->ice_selected_tuple()->remote_ip, "127.0.0.1");
}

// Run under ASan.
TEST(RunningEngine, AnAnswerThatTheEndOfTheEngineOvertookTouchesNothingThatIsGone) {
  EngineWorld world(1);
  const auto router = world.engine().create_router({}).value();
  const auto transport = router->create_webrtc_transport({}).value();
  std::optional<Result<TransportStats>> answer;
  transport->get_stats([&](auto result) { answer.emplace(std::move(result)); });
  world.engine().close();
  world.end_engine();
  ASSERT_TRUE(world.run_until([&] { return answer.has_value(); }));
  EXPECT_FALSE(*answer);
}

TEST(EngineStart, Ortc15APortRangeThatIsTakenIsAnErrorThatNamesIt) {  // ORTC-15
  EngineSettings settings;
  settings.loops = 1;
  settings.listen = {{.ip = "127.0.0.1"}};
  EngineWorld first(1);
  settings.min_port = settings.max_port = first.engine().loops().listen_entries(0)[0].bound.port;
  const auto second = Engine::create(settings, [](auto) {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("port"), std::string::npos) << second.error().message;
}

TEST(EngineStart, Ortc38AnAddressThatIsNotLocalIsAnError) {  // ORTC-15, ORTC-38
  EngineSettings settings;
  settings.loops = 1;
  settings.listen = {{.ip = "192.0.2.77"}};
  EXPECT_FALSE(Engine::create(settings, [](auto) {}));
}

TEST(EngineStart, Ice52AListenAddressMustBeALiteral) {  // ICE-52
  EngineSettings settings;
  settings.loops = 1;
  settings.listen = {{.ip = "localhost"}};
  const auto engine = Engine::create(settings, [](auto) {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::kType);
}

}  // namespace
}  // namespace sluice::media::test
