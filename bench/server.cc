#include "server.h"

#include <string>

#include "net/clock.h"
#include "protocol/rtcp/reports.h"

namespace sluice::bench {
namespace {

constexpr media::Handle kFirstProducer = 1'000'000;
constexpr uint8_t kRouterPayloadType = 101;
constexpr uint8_t kRouterRtxPayloadType = 102;
constexpr unsigned kSettlingTicks = 6;

const char* mime_type(codecs::Codec codec) {
  switch (codec) {
    case codecs::Codec::kVp8:
      return "video/VP8";
    case codecs::Codec::kVp9:
      return "video/VP9";
    default:
      return "audio/opus";
  }
}

uint8_t spatial_layers_of_stream(const Workload& workload) {
  return workload.kind == Kind::kSvc ? static_cast<uint8_t>(workload.layers.size()) : uint8_t{1};
}

}  // namespace

Server::Server(const Workload& workload, std::span<test::LoopbackSocket> receivers)
    : Subject(workload), backend_(srtp::make_backend()) {
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

  for (test::LoopbackSocket& sender : senders_) {
    sender_connections_.push_back(connect(sender));
  }
  for (test::LoopbackSocket& receiver : receivers) {
    receivers_.push_back(connect(receiver));
    for (unsigned sender = 0; sender < workload.senders; ++sender) {
      media().add_consumer(consumer_setup(receivers_.size() - 1, sender));
    }
  }
  for (unsigned sender = 0; sender < workload.senders; ++sender) {
    media().add_producer(producer_setup(sender));
  }
  settle_layers();
  for (test::LoopbackSocket& receiver : receivers) {
    while (!receiver.receive().empty()) {
    }
  }
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

media::ProducerSetup Server::producer_setup(unsigned sender) const {
  const bool simulcast = workload_.kind == Kind::kSimulcast;
  media::ProducerSetup setup;
  setup.handle = kFirstProducer + sender;
  setup.transport = sender_connections_[sender].handle;
  setup.video = workload_.video();
  setup.mid = "0";
  setup.codecs = {{.payload_type = kPayloadType,
                   .mapped_payload_type = kRouterPayloadType,
                   .codec = workload_.codec(),
                   .clock_rate = workload_.clock_rate(),
                   .nack = setup.video,
                   .pli = setup.video,
                   .mime_type = mime_type(workload_.codec())}};
  const size_t encodings = simulcast ? workload_.streams() : 1;
  for (size_t i = 0; i < encodings; ++i) {
    const size_t stream = simulcast ? i : sender;
    setup.encodings.push_back({.ssrc = ssrc_of_stream(stream),
                               .rid = {},
                               .mapped_ssrc = 500000001 + static_cast<uint32_t>(stream),
                               .payload_type = kPayloadType,
                               .spatial_layers = spatial_layers_of_stream(workload_),
                               .temporal_layers = workload_.temporal_layers});
  }
  setup.extension_ids.set(rtp::ExtensionKind::kTransportWideCc, kTransportCcId);
  setup.extension_ids.set(rtp::ExtensionKind::kAudioLevel, kAudioLevelId);
  setup.rate_feedback = bwe::RateFeedback::kTransportCc;
  return setup;
}

media::ConsumerSetup Server::consumer_setup(size_t receiver, unsigned sender) {
  media::ConsumerSetup setup;
  setup.handle = ++last_handle_;
  setup.transport = receivers_[receiver].handle;
  setup.producer = kFirstProducer + sender;
  setup.video = workload_.video();
  setup.ssrc = 600000001 + 10 * sender;
  setup.payload_types = {kRouterPayloadType};
  setup.codec = workload_.codec();
  setup.clock_rate = workload_.clock_rate();
  setup.mime_type = mime_type(workload_.codec());
  setup.mid = std::to_string(sender);
  setup.extensions = {rtp::ExtensionKind::kMid, rtp::ExtensionKind::kAbsSendTime,
                      rtp::ExtensionKind::kTransportWideCc};
  if (setup.video) {
    setup.rtx_ssrc = setup.ssrc + 1;
    setup.rtx_payload_type = kRouterRtxPayloadType;
    setup.nack = setup.pli = true;
  } else {
    setup.extensions.add(rtp::ExtensionKind::kAudioLevel);
  }
  if (workload_.kind == Kind::kSimulcast || workload_.kind == Kind::kSvc) {
    const bool simulcast = workload_.kind == Kind::kSimulcast;
    setup.type = simulcast ? media::ConsumerType::kSimulcast : media::ConsumerType::kSvc;
    setup.key_frame_svc = !simulcast;
    setup.spatial_layers = static_cast<uint8_t>(workload_.layers.size());
    setup.temporal_layers = workload_.temporal_layers;
    setup.preferred_layers = workload_.target_layers(receiver);
    setup.streams.assign(workload_.streams(),
                         {.spatial_layers = spatial_layers_of_stream(workload_),
                          .temporal_layers = workload_.temporal_layers});
  }
  return setup;
}

/// Layers are taken up at key frames, and streams of simulcast once their clocks are known.
void Server::settle_layers() {
  for (unsigned tick = 0; tick < kSettlingTicks; ++tick) {
    send_tick(/*key_frame=*/true);
    run_turns();
    if (workload_.kind == Kind::kSimulcast) {
      send_reports();
      run_turns();
    }
  }
}

void Server::send_reports() {
  test::TestPeer& peer = *sender_connections_[0].peer;
  for (size_t stream = 0; stream < workload_.streams(); ++stream) {
    test::Buffer buffer(64);
    ByteWriter writer(buffer);
    // All streams begin at the same time, so any moment does.
    rtcp::write_sender_report(writer, Ssrc{ssrc_of_stream(stream)},
                              {.ntp = rtcp::NtpTime::from_unix(1'700'000'000s),
                               .rtp = Timestamp{1},
                               .packets = 1,
                               .octets = 1000});
    peer.send_rtcp(writer.written());
  }
  while (const auto packet = peer.poll_transmit()) {
    senders_[0].send(address_, *packet);
  }
}

void Server::run_turns() {
  for (int turn = 0; turn < 3; ++turn) {
    loop_->run_once(1ms);
  }
}

test::Buffer Server::protect(unsigned sender, const test::Buffer& packet) {
  return sender_connections_[sender].peer->protect_rtp(packet);
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
