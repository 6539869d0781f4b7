#include "media/media_loop.h"

#include <algorithm>

#include "base/log.h"
#include "media/fanout.h"
#include "media/loop_consumer.h"
#include "media/loop_direct_transport.h"
#include "media/loop_producer.h"
#include "media/loop_udp_transport.h"
#include "media/loop_webrtc_transport.h"

namespace sluice::media {
namespace {

// Packets of each other loop per turn: the own sockets must not starve.
constexpr size_t kRingBudget = 512;
// How often histories of streams that fell silent give their packets back, consumers look at what
// streams carry, and keys are looked at.
constexpr Micros kRefreshInterval = 500ms;

}  // namespace

MediaLoop::MediaLoop(LoopResources resources)
    : resources_(std::move(resources)),
      home_(resources_.index, *resources_.slab, *resources_.interconnect),
      crypto_(srtp::make_backend()),
      egress_(*resources_.queue, *crypto_),
      data_(*this, resources_.interconnect->loops()),
      observers_(*this) {}

MediaLoop::~MediaLoop() {
  transports_.clear();
  fanouts_.clear();
}

// --- from the network ----------------------------------------------------------------------------

void MediaLoop::on_datagrams(std::span<net::Datagram> datagrams, Micros now) {
  now_ = now;
  for (net::Datagram& datagram : datagrams) {
    if (LoopUdpTransport* const owner = socket_owners_[datagram.socket]) {
      const ice::PacketClass kind = ice::classify_plain(datagram.data);
      count(kind);
      owner->on_packet(kind, datagram, now);
    } else if (datagram.socket < resources_.local_addresses.size()) {
      ice::Tuple from;
      from.socket = datagram.socket;
      from.remote = datagram.remote;
      from.local = {datagram.local_ip, resources_.local_addresses[datagram.socket].port};
      on_packet(datagram.data, from, now);
    }
  }
  flush_waiting(now);
}

void MediaLoop::count(ice::PacketClass kind) {
  switch (kind) {
    case ice::PacketClass::kRtp:
      ++counters_.rtp;
      break;
    case ice::PacketClass::kRtcp:
      ++counters_.rtcp;
      break;
    case ice::PacketClass::kDtls:
      ++counters_.dtls;
      break;
    case ice::PacketClass::kStun:
      ++counters_.stun;
      break;
    case ice::PacketClass::kSctp:
      ++counters_.sctp;
      break;
    case ice::PacketClass::kUnknown:
      ++counters_.unknown_class;
      break;
  }
}

void MediaLoop::on_packet(MutableBytes packet, const ice::Tuple& from, Micros now) {
  const ice::PacketClass kind = ice::classify(packet);
  count(kind);
  if (kind == ice::PacketClass::kStun) {
    on_stun(packet, from, now);
    return;
  }
  if (kind == ice::PacketClass::kUnknown) {
    return;
  }
  const auto index = table_.find(from);
  if (!index || webrtc_[*index] == nullptr) {
    ++counters_.unknown_tuple;
    return;
  }
  webrtc_[*index]->on_packet(kind, packet, from, now);
}

void MediaLoop::on_stun(Bytes packet, const ice::Tuple& from, Micros now) {
  const auto message = stun::Message::parse(packet);
  if (!message) {
    ++counters_.malformed_stun;
    return;
  }
  const auto index = table_.route(*message, from);
  if (!index || webrtc_[*index] == nullptr) {
    ++counters_.unknown_ufrag;
    return;
  }
  webrtc_[*index]->on_stun(*message, from, packet.size(), now);
}

void MediaLoop::on_tcp_opened(uint32_t connection, const SocketAddress& remote,
                              const SocketAddress& local, Micros now) {
  now_ = now;
  tcp_peers_[connection] = {remote, local};
}

namespace {

ice::Tuple tcp_tuple(uint32_t connection, const SocketAddress& remote, const SocketAddress& local) {
  return {.protocol = ice::Protocol::kTcp,
          .socket = net::kTcpSocket,
          .connection = connection,
          .local = local,
          .remote = remote};
}

}  // namespace

void MediaLoop::on_tcp_frame(uint32_t connection, MutableBytes frame, Micros now) {
  now_ = now;
  if (const auto found = tcp_peers_.find(connection); found != tcp_peers_.end()) {
    on_packet(frame, tcp_tuple(connection, found->second.remote, found->second.local), now);
    flush_waiting(now);
  }
}

void MediaLoop::on_tcp_closed(uint32_t connection, net::TcpCloseReason /*reason*/, Micros now) {
  now_ = now;
  const auto node = tcp_peers_.extract(connection);
  if (node.empty()) {
    return;
  }
  const ice::Tuple tuple = tcp_tuple(connection, node.mapped().remote, node.mapped().local);
  if (const auto index = table_.find(tuple); index && webrtc_[*index] != nullptr) {
    webrtc_[*index]->on_tcp_closed(tuple, now);
  }
}

void MediaLoop::on_turn(Micros now) {
  now_ = now;
  receive_from_loops(now);
}

void MediaLoop::on_timers(Micros now) {
  now_ = now;
  if (now >= next_refresh_) {
    next_refresh_ = now + kRefreshInterval;
    for (const auto& [handle, fanout] : fanouts_) {
      fanout->refresh(now);
    }
    for (const auto& [handle, transport] : transports_) {
      transport->watch_keys(now);
    }
  }
  data_.flush(now);
  finish_sessions(now);
  egress_.protect();
  for (LoopDirectTransport* const transport : direct_) {
    transport->deliver();
  }
  resources_.interconnect->wake_receivers(resources_.index);
}

void MediaLoop::finish_sessions(Micros now) {
  // One that is done may get something to do from another.
  for (size_t i = 0; i < finishing_.size(); ++i) {
    finishing_[i]->finish_turn(now);
  }
  finishing_.clear();
}

void MediaLoop::receive_from_loops(Micros now) {
  resources_.interconnect->receive(
      resources_.index, kRingBudget,
      [&](net::Packet* packet) {
        const auto found = fanouts_.find(packet->meta<MediaPacket>().producer);
        if (found == fanouts_.end()) {
          home_.release(packet);
        } else {
          found->second->distribute(packet, now);
        }
      },
      [&](net::Packet* packet) { home_.release(packet); });
  flush_waiting(now);
}

void MediaLoop::flush_waiting(Micros now) {
  for (Fanout* const fanout : waiting_) {
    fanout->flush(now);
  }
  waiting_.clear();
}

// --- from other loops ----------------------------------------------------------------------------

void MediaLoop::request_producer_key_frame(Handle handle, std::optional<uint8_t> stream) {
  if (LoopProducer* const found = producer(handle)) {
    found->request_key_frame(stream, now_);
  }
}

void MediaLoop::update_streams(Handle handle, std::span<const StreamUpdate> updates) {
  if (const auto found = fanouts_.find(handle); found != fanouts_.end()) {
    found->second->update_streams(updates, now_);
  }
}

void MediaLoop::report_consumer_loss(Handle handle, unsigned loop, uint8_t fraction) {
  if (LoopProducer* const found = producer(handle)) {
    found->on_consumer_loss(loop, fraction);
  }
}

// --- for the objects on this loop ----------------------------------------------------------------

void MediaLoop::emit(Handle target, TransportEvent event) {
  resources_.events({target, std::move(event)});
}

void MediaLoop::emit(Handle target, ProducerEvent event) {
  resources_.events({target, std::move(event)});
}

void MediaLoop::emit(Handle target, ConsumerEvent event) {
  resources_.events({target, std::move(event)});
}

void MediaLoop::emit(Handle target, DataConsumerEvent event) {
  resources_.events({target, std::move(event)});
}

void MediaLoop::emit(Handle target, ObserverEvent event) {
  resources_.events({target, std::move(event)});
}

void MediaLoop::release_index(uint32_t index) {
  webrtc_[index] = nullptr;
  free_indices_.push_back(index);
}

void MediaLoop::release_socket(uint8_t socket) {
  socket_owners_[socket] = nullptr;
  resources_.close_socket(socket);
}

void MediaLoop::request_key_frame(Fanout& source, std::optional<uint8_t> stream, Micros now) {
  if (source.producer_loop() == resources_.index) {
    if (LoopProducer* const found = producer(source.producer())) {
      found->request_key_frame(stream, now);
    }
    return;
  }
  if (!source.note_remote_request(stream, now)) {
    return;
  }
  resources_.post(source.producer_loop(), [handle = source.producer(), stream](MediaLoop& loop) {
    loop.request_producer_key_frame(handle, stream);
  });
}

void MediaLoop::publish_streams(Fanout& source, std::vector<StreamUpdate> updates) {
  source.update_streams(updates, now_);
  for (const unsigned other : source.remote_loops()) {
    resources_.post(other, [handle = source.producer(), updates](MediaLoop& loop) {
      loop.update_streams(handle, updates);
    });
  }
}

void MediaLoop::consumer_loss_changed(Fanout& source) {
  uint8_t worst = 0;
  for (const LoopConsumer* entry : source.consumers()) {
    if (entry->active()) {
      worst = std::max(worst, entry->fraction_lost());
    }
  }
  if (!source.set_reported_loss(worst)) {
    return;
  }
  if (source.producer_loop() == resources_.index) {
    report_consumer_loss(source.producer(), resources_.index, worst);
    return;
  }
  resources_.post(source.producer_loop(),
                  [handle = source.producer(), worst, from = resources_.index](MediaLoop& loop) {
                    loop.report_consumer_loss(handle, from, worst);
                  });
}

void MediaLoop::remove_session(RtpSession& session) {
  std::erase(finishing_, &session);
  for (const auto& [handle, consumer] : session.consumers()) {
    Fanout& source = consumer->fanout();
    source.remove(*consumer);
    places_.erase(handle);
    release_fanout(source.producer());
  }
  for (const auto& producer : session.producers()) {
    if (producer) {
      const Handle handle = producer->setup().handle;
      places_.erase(handle);
      release_fanout(handle);
    }
  }
}

LoopTransport* MediaLoop::transport(Handle handle) {
  const auto found = transports_.find(handle);
  return found == transports_.end() ? nullptr : found->second.get();
}

LoopProducer* MediaLoop::producer(Handle handle) {
  const auto found = places_.find(handle);
  return found == places_.end() ? nullptr : found->second.producer;
}

LoopConsumer* MediaLoop::consumer(Handle handle) {
  const auto found = places_.find(handle);
  return found == places_.end() ? nullptr : found->second.consumer;
}

Fanout& MediaLoop::fanout(Handle handle, unsigned producer_loop, bool video,
                          const std::vector<layers::LayerRates::Options>& streams) {
  auto& entry = fanouts_[handle];
  if (!entry) {
    entry = std::make_unique<Fanout>(*this, handle, producer_loop, video, streams);
  }
  return *entry;
}

/// Removes a fan-out that nobody needs: no consumers here, and no producer.
void MediaLoop::release_fanout(Handle handle) {
  const auto found = fanouts_.find(handle);
  if (found != fanouts_.end() && !found->second->has_consumers() && !places_.contains(handle)) {
    fanouts_.erase(found);
  }
}

}  // namespace sluice::media
