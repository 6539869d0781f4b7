#include "rooms/peer.h"

#include <algorithm>

#include "base/random.h"
#include "rooms/room.h"

namespace sluice::rooms {
namespace {

std::unexpected<Error> limit_reached(const char* what, size_t limit) {
  return generic_error(std::string("limit reached: ") + std::to_string(limit) + " " + what +
                       " per peer");
}

}  // namespace

Peer::Peer(Room& room, uint64_t number) : room_(room), number_(number), id_(random_uuid()) {}

Peer::~Peer() = default;

Result<std::shared_ptr<media::WebRtcTransport>> Peer::create_transport(
    const media::WebRtcTransportOptions& options) {
  if (transports_.size() >= room_.limits().transports_per_peer) {
    return limit_reached("transports", room_.limits().transports_per_peer);
  }
  auto made = room_.router().create_webrtc_transport(options);
  if (!made) {
    return std::unexpected(made.error());
  }
  const auto& transport = *made;
  transports_.emplace(transport->id(), transport);
  transport->on_close.connect([this, id = transport->id()] { transports_.erase(id); });
  return transport;
}

Result<std::shared_ptr<media::WebRtcTransport>> Peer::transport(const std::string& id) const {
  const auto found = transports_.find(id);
  if (found == transports_.end()) {
    return not_found_error("Transport not found: " + id);
  }
  return found->second;
}

Result<RoomProducer*> Peer::produce(const std::string& transport_id, Production production) {
  const auto owner = transport(transport_id);
  if (!owner) {
    return std::unexpected(owner.error());
  }
  if (producers_.size() >= room_.limits().producers_per_peer) {
    return limit_reached("producers", room_.limits().producers_per_peer);
  }
  auto made = (*owner)->produce(production.options);
  if (!made) {
    return std::unexpected(made.error());
  }
  auto entry = std::make_unique<RoomProducer>();
  entry->producer = *made;
  entry->owner = this;
  entry->app_data = std::move(production.app_data);
  entry->source = std::move(production.source);
  RoomProducer* result = entry.get();
  const std::string id = (*made)->id();
  producers_.emplace(id, std::move(entry));
  (*made)->on_close.connect([this, id] {
    const auto node = producers_.extract(id);
    if (!node.empty()) {
      room_.forget(*node.mapped());
    }
  });
  // The entry lives as long as its producer is open, and only then it pauses.
  const auto tell = [this, result] { room_.on_producer_pause_changed.emit(*result); };
  (*made)->on_pause.connect(tell);
  (*made)->on_resume.connect(tell);
  room_.announce(*result);
  return result;
}

Result<RoomProducer*> Peer::producer(const std::string& id) {
  const auto found = producers_.find(id);
  if (found == producers_.end()) {
    return not_found_error("Producer not found: " + id);
  }
  return found->second.get();
}

std::vector<RoomProducer*> Peer::producers() {
  std::vector<RoomProducer*> all;
  for (const auto& [id, entry] : producers_) {
    all.push_back(entry.get());
  }
  std::ranges::sort(all, {}, &RoomProducer::number);
  return all;
}

Result<std::shared_ptr<media::Consumer>> Peer::consume(const std::string& transport_id,
                                                       const media::ConsumeOptions& options) {
  const auto owner = transport(transport_id);
  if (!owner) {
    return std::unexpected(owner.error());
  }
  if (room_.find_producer(options.producer_id) == nullptr) {
    return not_found_error("Producer not found: " + options.producer_id);
  }
  if (consumers_.size() >= room_.limits().consumers_per_peer) {
    return limit_reached("consumers", room_.limits().consumers_per_peer);
  }
  auto made = (*owner)->consume(options);
  if (!made) {
    return std::unexpected(made.error());
  }
  consumers_.emplace((*made)->id(), *made);
  (*made)->on_close.connect([this, id = (*made)->id()] { consumers_.erase(id); });
  return made;
}

Result<std::shared_ptr<media::Consumer>> Peer::consumer(const std::string& id) const {
  const auto found = consumers_.find(id);
  if (found == consumers_.end()) {
    return not_found_error("Consumer not found: " + id);
  }
  return found->second;
}

void Peer::close_all() {
  // Whatever closes takes itself off the tables, and what runs over it.
  while (!producers_.empty()) {
    const auto producer = producers().front()->producer;
    producer->close();
  }
  while (!transports_.empty()) {
    const auto transport = transports_.begin()->second;
    transport->close();
  }
}

}  // namespace sluice::rooms
