// What comes of the other end of a transport: states, addresses, scores and layers.

#include <memory>
#include <string>
#include <vector>

#include "library_world.h"
#include "net/clock.h"
#include "protocol/ortc/transport_parameters.h"
#include "protocol/srtp/backend.h"
#include "support/loopback_socket.h"
#include "support/test_peer.h"

namespace sluice::library_test {
namespace {

using test::LoopbackSocket;
using test::TestPeer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A peer with data channels, on a socket of its own, for one transport.
class SocketPeer {
 public:
  explicit SocketPeer(const WebRtcTransport& transport)
      : server_{*IpAddress::parse("127.0.0.1"),
                transport.ice_candidates().at(0).at("port").to_number<uint16_t>()},
        backend_(srtp::make_backend()),
        peer_({.ufrag = transport.ice_parameters().at("usernameFragment").as_string().c_str(),
               .password = transport.ice_parameters().at("password").as_string().c_str()},
              *backend_) {
    peer_.enable_data();
    json::array fingerprints;
    for (const auto& fingerprint : peer_.fingerprints()) {
      fingerprints.push_back({{"algorithm", ortc::kFingerprintAlgorithmNames.at(
                                                static_cast<size_t>(fingerprint.algorithm))},
                              {"value", fingerprint.text()}});
    }
    EXPECT_TRUE(transport.connect({{"role", "client"}, {"fingerprints", fingerprints}}));
    std::vector<dtls::Fingerprint> remote;
    const json::value server = transport.dtls_parameters();
    for (const auto& entry : server.at("fingerprints").as_array()) {
      remote.push_back(dtls::Fingerprint::parse(entry.at("algorithm").as_string().c_str(),
                                                entry.at("value").as_string().c_str())
                           .value());
    }
    peer_.start(remote, net::monotonic_now());
  }

  TestPeer& peer() { return peer_; }

  void step() {
    peer_.on_timeout(net::monotonic_now());
    while (const auto packet = peer_.poll_transmit()) {
      socket_.send(server_, *packet);
    }
    for (auto packet = socket_.receive(); !packet.empty(); packet = socket_.receive()) {
      peer_.on_datagram(packet, net::monotonic_now());
    }
  }

 private:
  SocketAddress server_;
  LoopbackSocket socket_;
  std::unique_ptr<srtp::Backend> backend_;
  TestPeer peer_;
};

TEST_F(Library, StatesOfAPeerAreTold) {
  const auto transport = router.create_webrtc_transport({.sctp = SctpOptions{}}).value();
  std::vector<std::string> ice;
  std::vector<std::string> dtls;
  std::vector<std::string> sctp;
  transport.on_ice_state([&](IceState state) { ice.emplace_back(to_string(state)); });
  transport.on_dtls_state([&](DtlsState state) { dtls.emplace_back(to_string(state)); });
  transport.on_sctp_state([&](SctpState state) { sctp.emplace_back(to_string(state)); });
  std::optional<TransportTuple> selected;
  transport.on_ice_selected_tuple([&](const TransportTuple& tuple) { selected = tuple; });
  EXPECT_THAT(transport.dtls_remote_certificate(), IsEmpty());
  SocketPeer peer(transport);
  ASSERT_TRUE(run_until([&] {
    peer.step();
    return transport.sctp_state() == SctpState::kConnected && peer.peer().data().connected();
  }));
  EXPECT_THAT(ice, ElementsAre("completed"));
  EXPECT_THAT(dtls, ElementsAre("connecting", "connected"));
  EXPECT_THAT(sctp, ElementsAre("connecting", "connected"));
  EXPECT_EQ(transport.ice_state(), IceState::kCompleted);
  EXPECT_EQ(transport.dtls_state(), DtlsState::kConnected);
  EXPECT_THAT(transport.dtls_remote_certificate(), StartsWith("-----BEGIN CERTIFICATE-----"));
  ASSERT_TRUE(selected);
  EXPECT_EQ(transport.ice_selected_tuple(), selected);
  EXPECT_EQ(selected->remote_ip, "127.0.0.1");
  EXPECT_EQ(selected->protocol, TransportProtocol::kUdp);

  // Messages of the program, to the peer.
  const auto direct = router.create_direct_transport().value();
  const auto chat = direct.produce_data({.label = "chat"}).value();
  const auto consumer = transport.consume_data({.data_producer_id = chat.id()}).value();
  EXPECT_EQ(outcome(answer<void>([&](auto reply) { consumer.send("hello", std::move(reply)); })),
            "ok");
  EXPECT_EQ(outcome(answer<void>([&](auto reply) {
              consumer.send(51, std::vector<uint8_t>{'y', 'o', 'u'}, std::move(reply));
            })),
            "ok");
  ASSERT_TRUE(chat.send("all"));
  ASSERT_TRUE(run_until([&] {
    peer.step();
    return peer.peer().data().messages.size() == 3;
  }));
  EXPECT_THAT(peer.peer().data().texts(), ElementsAre("hello", "you", "all"));
  bool low = false;
  consumer.on_buffered_amount_low([&](size_t amount) {
    low = true;
    EXPECT_LE(amount, 10u);
  });
  ASSERT_TRUE(consumer.set_buffered_amount_low_threshold(10));
  EXPECT_TRUE(run_until([&] {
    peer.step();
    return low;
  }));
}

TEST_F(Library, AddressesThatPlainTransportsLearnAreTold) {
  const auto transport =
      router
          .create_plain_transport(
              {.listen = {.ip = "127.0.0.1"}, .rtcp_mux = false, .comedia = true})
          .value();
  EXPECT_TRUE(transport.comedia());
  std::optional<TransportTuple> rtp;
  std::optional<TransportTuple> rtcp;
  transport.on_tuple([&](const TransportTuple& tuple) { rtp = tuple; });
  transport.on_rtcp_tuple([&](const TransportTuple& tuple) { rtcp = tuple; });
  const LoopbackSocket socket;
  const IpAddress local = *IpAddress::parse("127.0.0.1");
  socket.send({local, transport.tuple().local_port},
              test::make_rtp({.ssrc = 1, .payload_type = 100, .payload = {1, 2, 3}}));
  const std::vector<uint8_t> empty_report = {0x80, 201, 0, 1, 0, 0, 0, 1};
  socket.send({local, transport.rtcp_tuple()->local_port}, empty_report);
  ASSERT_TRUE(run_until([&] { return rtp && rtcp; }));
  EXPECT_EQ(rtp->remote_port, socket.address().port);
  EXPECT_EQ(transport.tuple(), rtp);
  EXPECT_EQ(transport.rtcp_tuple(), rtcp);
}

/// A whole key frame of VP8 in a packet, turned by 90 degrees.
std::vector<uint8_t> vp8_key_frame(uint16_t sequence) {
  return test::make_rtp({.ssrc = 7,
                         .sequence_number = sequence,
                         .timestamp = 3000u * sequence,
                         .payload_type = 101,
                         .marker = true,
                         .extensions = {{13, {0x01}}},
                         .payload = {0xb0, 0xe0, 0x80, 0x01, 0x01, 0x00,  // picture 1, TID 0
                                     0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 64, 0, 1, 2, 3}});
}

TEST_F(Library, ScoresLayersAndOrientationAreTold) {
  const Transport from = router.create_direct_transport().value();
  const Transport to = router.create_direct_transport().value();
  const auto producer = from.produce({.kind = MediaKind::kVideo, .rtp_parameters = parse(R"({
        "codecs": [{"mimeType": "video/VP8", "payloadType": 101, "clockRate": 90000}],
        "headerExtensions": [{"uri": "urn:3gpp:video-orientation", "id": 13}],
        "encodings": [{"ssrc": 7, "scalabilityMode": "L1T3"}]})")})
                            .value();
  const auto consumer =
      to.consume({.producer_id = producer.id(), .rtp_capabilities = router.rtp_capabilities()})
          .value();
  EXPECT_EQ(consumer.type(), StreamType::kSimulcast);
  std::vector<ConsumerScore> scores;
  std::vector<std::optional<Layers>> layers;
  std::vector<VideoOrientation> orientations;
  consumer.on_score([&](const ConsumerScore& score) { scores.push_back(score); });
  consumer.on_layers_change([&](const auto& current) { layers.push_back(current); });
  producer.on_video_orientation(
      [&](const auto& orientation) { orientations.push_back(orientation); });
  for (uint16_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(producer.send(vp8_key_frame(i)));
  }
  ASSERT_TRUE(
      run_until([&] { return !scores.empty() && !layers.empty() && !orientations.empty(); }));
  EXPECT_EQ(scores.back().producer_scores, std::vector<uint8_t>{10});
  EXPECT_EQ(consumer.score(), scores.back());
  EXPECT_EQ(layers.back(), (Layers{.spatial = 0, .temporal = 2}));
  EXPECT_EQ(consumer.current_layers(), layers.back());
  EXPECT_EQ(orientations.back(),
            (VideoOrientation{.camera_back = false, .flip = false, .rotation = 90}));
  ASSERT_TRUE(consumer.pause());
  ASSERT_TRUE(run_until([&] { return layers.back() == std::nullopt; }));
}

}  // namespace
}  // namespace sluice::library_test
