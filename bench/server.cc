#include "server.h"

#include "net/clock.h"

namespace sluice::bench {
namespace {

constexpr media::Handle kProducer = 1'000'000;
constexpr uint8_t kRouterPayloadType = 101;
constexpr uint8_t kRouterRtxPayloadType = 102;

}  // namespace

Server::Server(const VideoShape& shape, std::span<test::LoopbackSocket> receivers)
    : Subject(shape), backend_(srtp::make_backend()) {
  interconnect_ = std::make_unique<media::Interconnect>(1, 1, [](unsigned) {});
  media::LoopResources resources;
  resources.slab = &loop_->packets();
  resources.queue = &loop_->send_queue();
  resources.timers = &loop_->timers();
  resources.interconnect = interconnect_.get();
  resources.dtls = test::shared_dtls_context();
  resources.ntp = rtcp::NtpClock(Micros{0}, net::monotonic_now());
  resources.events = [](const media::LoopEvent&) {};
  resources.post = [](unsigned, const std::move_only_function<void(media::MediaLoop&)>&) {};
  resources.close_tcp = [](uint32_t) {};
  resources.authenticate_tcp = [](uint32_t) {};
  resources.local_addresses = {address_};
  media_ = std::make_unique<media::MediaLoop>(std::move(resources));
  loop_->set_handler(*media_);

  sender_connection_ = connect(sender_);
  for (test::LoopbackSocket& receiver : receivers) {
    receivers_.push_back(connect(receiver));
    media().add_consumer(consumer_setup(receivers_.back().handle));
  }
  media().add_producer(producer_setup());
}

Server::~Server() = default;

/// For commands, which run at the loop's time.
media::MediaLoop& Server::media() {
  media_->set_now(loop_->now());
  return *media_;
}

Server::Connection Server::connect(test::LoopbackSocket& socket) {
  Connection connection;
  connection.handle = ++last_handle_;
  media::WebRtcSetup setup;
  setup.handle = connection.handle;
  setup.credentials = ice::Credentials::generate();
  setup.consent_timeout = Micros{0};
  connection.peer = std::make_unique<test::TestPeer>(setup.credentials, *backend_);
  media().add_transport(setup);
  media().connect_transport(setup.handle, dtls::Role::kClient, connection.peer->fingerprints());
  connection.peer->start(test::shared_dtls_context()->certificate().fingerprints(),
                         net::monotonic_now());
  while (!connection.peer->connected()) {
    while (const auto packet = connection.peer->poll_transmit()) {
      socket.send(address_, *packet);
    }
    loop_->run_once(Micros{100});
    for (auto packet = socket.receive(); !packet.empty(); packet = socket.receive()) {
      connection.peer->on_datagram(packet, net::monotonic_now());
    }
    connection.peer->on_timeout(net::monotonic_now());
  }
  return connection;
}

media::ProducerSetup Server::producer_setup() const {
  media::ProducerSetup setup;
  setup.handle = kProducer;
  setup.transport = sender_connection_.handle;
  setup.video = true;
  setup.mid = "0";
  setup.codecs = {{.payload_type = kVideoPayloadType,
                   .mapped_payload_type = kRouterPayloadType,
                   .codec = codecs::Codec::kVp8,
                   .clock_rate = kVideoClockRate,
                   .nack = true,
                   .pli = true,
                   .mime_type = "video/VP8"}};
  setup.encodings = {
      {.ssrc = kVideoSsrc, .rid = {}, .mapped_ssrc = 500000001, .payload_type = kVideoPayloadType}};
  setup.extension_ids.set(rtp::ExtensionKind::kTransportWideCc, kTransportCcId);
  setup.rate_feedback = bwe::RateFeedback::kTransportCc;
  return setup;
}

media::ConsumerSetup Server::consumer_setup(media::Handle transport) {
  media::ConsumerSetup setup;
  setup.handle = ++last_handle_;
  setup.transport = transport;
  setup.producer = kProducer;
  setup.video = true;
  setup.ssrc = 600000001;
  setup.rtx_ssrc = 600000002;
  setup.rtx_payload_type = kRouterRtxPayloadType;
  setup.payload_types = {kRouterPayloadType};
  setup.codec = codecs::Codec::kVp8;
  setup.clock_rate = kVideoClockRate;
  setup.mime_type = "video/VP8";
  setup.nack = setup.pli = true;
  setup.mid = "0";
  setup.extensions = {rtp::ExtensionKind::kMid, rtp::ExtensionKind::kAbsSendTime,
                      rtp::ExtensionKind::kTransportWideCc};
  return setup;
}

test::Buffer Server::protect(const test::Buffer& packet) {
  return sender_connection_.peer->protect_rtp(packet);
}

std::vector<test::Buffer> Server::unprotect(size_t index, std::span<const test::Buffer> packets) {
  test::TestPeer& peer = *receivers_[index].peer;
  peer.rtp.clear();
  for (const test::Buffer& packet : packets) {
    peer.on_datagram(packet, net::monotonic_now());
  }
  return std::move(peer.rtp);
}

}  // namespace sluice::bench
