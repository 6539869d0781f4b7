#include "rooms/room.h"

#include <algorithm>

#include "rooms/room_service.h"

namespace sluice::rooms {

Room::Room(RoomService& service, std::string name, std::shared_ptr<media::Router> router,
           const Limits& limits)
    : service_(service), name_(std::move(name)), router_(std::move(router)), limits_(limits) {}

Room::~Room() {
  for (const auto& [number, peer] : peers_) {
    peer->close_all();
  }
  router_->close();
}

std::vector<Peer*> Room::peers() {
  std::vector<Peer*> all;
  for (const auto& [number, peer] : peers_) {
    all.push_back(peer.get());
  }
  return all;
}

Result<Peer*> Room::join(std::string user_id, std::string display_name) {
  if (peers_.size() >= limits_.peers_per_room) {
    return generic_error("limit reached: " + std::to_string(limits_.peers_per_room) +
                         " peers in room '" + name_ + "'");
  }
  auto peer = std::make_unique<Peer>(*this, ++last_peer_);
  peer->user_id = std::move(user_id);
  peer->display_name = std::move(display_name);
  Peer* const result = peer.get();
  peers_.emplace(result->number(), std::move(peer));
  on_peer_joined.emit(*result);
  return result;
}

void Room::leave(Peer& peer) {
  const auto node = peers_.extract(peer.number());
  if (node.empty()) {
    return;
  }
  ++leaving_;
  peer.close_all();
  on_peer_left.emit(peer);
  --leaving_;
  if (peers_.empty() && leaving_ == 0) {
    service_.remove(name_);
  }
}

void Room::name_peer(Peer& peer, std::string display_name) {
  peer.display_name = std::move(display_name);
  on_peer_named.emit(peer);
}

std::vector<RoomProducer*> Room::producers() {
  std::vector<RoomProducer*> all;
  for (const auto& [id, entry] : producers_) {
    all.push_back(entry);
  }
  std::ranges::sort(all, {}, &RoomProducer::number);
  return all;
}

RoomProducer* Room::find_producer(const std::string& id) {
  const auto found = producers_.find(id);
  return found == producers_.end() ? nullptr : found->second;
}

void Room::announce(RoomProducer& producer) {
  producer.number = ++last_producer_;
  producers_.emplace(producer.producer->id(), &producer);
  on_producer_added.emit(producer);
}

void Room::forget(RoomProducer& producer) {
  producers_.erase(producer.producer->id());
  on_producer_closed.emit(producer);
}

}  // namespace sluice::rooms
