#include "app/room_census.h"

namespace sluice::app {

RoomCensus::RoomCensus(rooms::RoomService& rooms) : rooms_(rooms) {
  created_connection_ = rooms_.on_room_created.connect([this](rooms::Room& room) {
    ++rooms_created_;
    known_[room.name()] = &room;
    room.on_peer_joined.connect([this](rooms::Peer&) { ++peers_joined_; });
  });
  removed_connection_ =
      rooms_.on_room_removed.connect([this](const std::string& name) { known_.erase(name); });
}

RoomCensus::~RoomCensus() {
  rooms_.on_room_created.disconnect(created_connection_);
  rooms_.on_room_removed.disconnect(removed_connection_);
}

RoomCounts RoomCensus::count() const {
  RoomCounts counts{
      .rooms = known_.size(), .rooms_created = rooms_created_, .peers_joined = peers_joined_};
  for (const auto& [name, room] : known_) {
    for (const rooms::Peer* peer : room->peers()) {
      ++counts.peers;
      counts.transports += peer->transport_count();
      counts.consumers += peer->consumer_count();
    }
    for (const rooms::RoomProducer* producer : room->producers()) {
      ++(producer->producer->kind() == ortc::MediaKind::kAudio ? counts.audio_producers
                                                               : counts.video_producers);
    }
  }
  return counts;
}

}  // namespace sluice::app
