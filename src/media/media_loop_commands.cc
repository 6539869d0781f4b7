// What the control thread has a MediaLoop do, and asks it.
#include "base/log.h"
#include "media/fanout.h"
#include "media/loop_consumer.h"
#include "media/loop_direct_transport.h"
#include "media/loop_producer.h"
#include "media/loop_udp_transport.h"
#include "media/loop_webrtc_transport.h"
#include "media/media_loop.h"

namespace sluice::media {
namespace {

std::vector<layers::LayerRates::Options> stream_options(const ProducerSetup& setup) {
  std::vector<layers::LayerRates::Options> options;
  for (const ProducerEncoding& encoding : setup.encodings) {
    options.push_back({.spatial_layers = encoding.spatial_layers,
                       .temporal_layers = encoding.temporal_layers,
                       .dtx = encoding.dtx});
  }
  return options;
}

}  // namespace

// --- transports ----------------------------------------------------------------------------------

void MediaLoop::add_transport(const WebRtcSetup& setup) {
  uint32_t index = 0;
  if (free_indices_.empty()) {
    index = static_cast<uint32_t>(webrtc_.size());
    webrtc_.emplace_back();
  } else {
    index = free_indices_.back();
    free_indices_.pop_back();
  }
  if (!table_.add_ufrag(setup.credentials.ufrag, index)) {
    logger("ice")->error("ufrag already in use transport={}", setup.handle);
  }
  auto made = std::make_unique<LoopWebRtcTransport>(*this, index, setup);
  webrtc_[index] = made.get();
  transports_.emplace(setup.handle, std::move(made));
}

void MediaLoop::add_transport(const UdpSetup& setup) {
  auto made = std::make_unique<LoopUdpTransport>(*this, setup);
  socket_owners_[setup.socket] = made.get();
  if (setup.rtcp_socket) {
    socket_owners_[*setup.rtcp_socket] = made.get();
  }
  transports_.emplace(setup.handle, std::move(made));
}

void MediaLoop::add_transport(const DirectSetup& setup) {
  auto made = std::make_unique<LoopDirectTransport>(*this, setup);
  direct_.push_back(made.get());
  transports_.emplace(setup.handle, std::move(made));
}

void MediaLoop::remove_transport(Handle handle) {
  LoopTransport* const found = transport(handle);
  if (found == nullptr) {
    return;
  }
  found->close(now_);
  transports_.erase(handle);
}

void MediaLoop::connect_transport(Handle handle, dtls::Role remote_role,
                                  const std::vector<dtls::Fingerprint>& fingerprints) {
  if (auto* const found = transport_as<LoopWebRtcTransport>(handle)) {
    found->connect(remote_role, fingerprints, now_);
  }
}

void MediaLoop::restart_ice(Handle handle, const ice::Credentials& fresh) {
  if (auto* const found = transport_as<LoopWebRtcTransport>(handle)) {
    found->restart_ice(fresh, now_);
  }
}

void MediaLoop::connect_transport(Handle handle, const UdpRemote& remote) {
  if (auto* const found = transport_as<LoopUdpTransport>(handle)) {
    found->connect(remote, now_);
  }
}

void MediaLoop::inject(Handle handle, Bytes packet) {
  if (auto* const found = transport_as<LoopDirectTransport>(handle)) {
    found->on_packet(packet, now_);
    flush_waiting(now_);
  }
}

void MediaLoop::direct_taken(Handle handle) {
  if (auto* const found = transport_as<LoopDirectTransport>(handle)) {
    found->on_taken();
  }
}

void MediaLoop::set_bitrate_limits(Handle handle, const BitrateLimits& limits) {
  if (LoopTransport* const found = transport(handle)) {
    found->session().set_bitrate_limits(limits, now_);
  }
}

void MediaLoop::set_traces(Handle handle, TraceSet traces) {
  if (LoopProducer* const found = producer(handle)) {
    found->set_traces(traces);
  } else if (LoopConsumer* const sender = consumer(handle)) {
    sender->set_traces(traces);
  } else if (LoopTransport* const owner = transport(handle)) {
    owner->session().set_traces(traces);
  }
}

// --- producers and consumers ---------------------------------------------------------------------

void MediaLoop::add_producer(const ProducerSetup& setup) {
  LoopTransport* const owner = transport(setup.transport);
  if (owner == nullptr) {
    return;
  }
  LoopProducer* const made = owner->session().add_producer(
      setup, fanout(setup.handle, resources_.index, setup.video, stream_options(setup)));
  if (made != nullptr) {
    places_[setup.handle] = {&owner->session(), made, nullptr};
  }
}

void MediaLoop::remove_producer(Handle handle) {
  const auto found = places_.find(handle);
  if (found == places_.end() || found->second.producer == nullptr) {
    return;
  }
  found->second.session->remove_producer(handle);
  places_.erase(found);
  release_fanout(handle);
}

void MediaLoop::set_producer_paused(Handle handle, bool paused) {
  if (LoopProducer* const found = producer(handle)) {
    found->set_paused(paused, now_);
  }
}

void MediaLoop::set_remote_loop(Handle handle, unsigned loop, bool wanted) {
  if (const auto found = fanouts_.find(handle); found != fanouts_.end()) {
    if (wanted) {
      found->second->add_remote_loop(loop);
      resources_.post(loop, [handle, updates = found->second->all_streams()](MediaLoop& other) {
        other.update_streams(handle, updates);
      });
    } else {
      found->second->remove_remote_loop(loop);
    }
  }
}

void MediaLoop::add_consumer(const ConsumerSetup& setup) {
  LoopTransport* const owner = transport(setup.transport);
  if (owner == nullptr) {
    return;
  }
  Fanout& source = fanout(setup.producer, setup.producer_loop, setup.video, setup.streams);
  RtpSession& session = owner->session();
  LoopConsumer* const made = session.add_consumer(setup, source);
  places_[setup.handle] = {&session, nullptr, made};
  source.add(*made);
  if (session.connected()) {
    made->on_transport_connected(now_);
  }
}

void MediaLoop::remove_consumer(Handle handle) {
  const auto found = places_.find(handle);
  if (found == places_.end() || found->second.consumer == nullptr) {
    return;
  }
  const Place place = found->second;
  places_.erase(found);
  Fanout& source = place.consumer->fanout();
  const Handle producer_handle = source.producer();
  source.remove(*place.consumer);
  place.session->remove_consumer(handle);
  release_fanout(producer_handle);
}

void MediaLoop::set_consumer_paused(Handle handle, bool paused) {
  if (LoopConsumer* const found = consumer(handle)) {
    found->set_paused(paused, now_);
  }
}

void MediaLoop::set_consumer_producer_paused(Handle handle, bool paused) {
  if (LoopConsumer* const found = consumer(handle)) {
    found->set_producer_paused(paused, now_);
  }
}

void MediaLoop::set_consumer_preferred_layers(Handle handle, codecs::Layers layers) {
  if (LoopConsumer* const found = consumer(handle)) {
    found->set_preferred_layers(layers, now_);
  }
}

void MediaLoop::set_consumer_priority(Handle handle, uint8_t priority) {
  if (LoopConsumer* const found = consumer(handle)) {
    found->set_priority(priority);
  }
}

void MediaLoop::request_consumer_key_frame(Handle handle) {
  if (LoopConsumer* const found = consumer(handle)) {
    found->request_key_frame(now_);
  }
}

// --- questions -----------------------------------------------------------------------------------

TransportStats MediaLoop::transport_stats(Handle handle) {
  LoopTransport* const found = transport(handle);
  return found == nullptr ? TransportStats{} : found->stats(now_);
}

std::vector<RtpStreamStats> MediaLoop::producer_stats(Handle handle) {
  LoopProducer* const found = producer(handle);
  return found == nullptr ? std::vector<RtpStreamStats>{} : found->stats(now_);
}

std::vector<RtpStreamStats> MediaLoop::consumer_stats(Handle handle) {
  LoopConsumer* const found = consumer(handle);
  return found == nullptr ? std::vector<RtpStreamStats>{} : std::vector{found->stats(now_)};
}

TransportDump MediaLoop::transport_dump(Handle handle) {
  LoopTransport* const found = transport(handle);
  if (found == nullptr) {
    return {};
  }
  TransportDump dump = found->session().dump();
  dump.sctp = data_.sctp_dump(handle);
  return dump;
}

std::vector<RtpStreamDump> MediaLoop::producer_dump(Handle handle) {
  LoopProducer* const found = producer(handle);
  return found == nullptr ? std::vector<RtpStreamDump>{} : found->dump();
}

ConsumerDump MediaLoop::consumer_dump(Handle handle) {
  LoopConsumer* const found = consumer(handle);
  return found == nullptr ? ConsumerDump{} : found->dump();
}

}  // namespace sluice::media
