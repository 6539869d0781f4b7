#include "dialects/foundry/room_watch.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;

bj::object describe(const rooms::Peer& peer) {
  return {{"peerId", peer.id()}, {"userId", peer.user_id}, {"displayName", peer.display_name}};
}

}  // namespace

RoomWatch::RoomWatch(rooms::Peer& self, Send send) : self_(self) {
  rooms::Room& room = self.room();
  const auto tell = [this, send](const rooms::Peer& peer) {
    if (shows(peer)) {
      send("peerJoined", describe(peer));
    }
  };
  // Who comes with a name comes through another dialect.
  joined_listener_ = room.on_peer_joined.connect(tell);
  named_listener_ = room.on_peer_named.connect(tell);
  left_listener_ = room.on_peer_left.connect([this, send](const rooms::Peer& peer) {
    if (shows(peer)) {
      send("peerLeft", {{"peerId", peer.id()}});
    }
  });
  pause_listener_ =
      room.on_producer_pause_changed.connect([this, send](const rooms::RoomProducer& entry) {
        if (entry.owner != &self_) {
          send(entry.producer->paused() ? "producerPaused" : "producerResumed",
               {{"producerId", entry.producer->id()}});
        }
      });
}

RoomWatch::~RoomWatch() {
  rooms::Room& room = self_.room();
  room.on_peer_joined.disconnect(joined_listener_);
  room.on_peer_named.disconnect(named_listener_);
  room.on_peer_left.disconnect(left_listener_);
  room.on_producer_pause_changed.disconnect(pause_listener_);
}

bool RoomWatch::shows(const rooms::Peer& peer) const {
  return &peer != &self_ && !peer.display_name.empty();
}

bj::array RoomWatch::others() const {
  bj::array all;
  for (const rooms::Peer* peer : self_.room().peers()) {
    if (shows(*peer)) {
      all.push_back(describe(*peer));
    }
  }
  return all;
}

}  // namespace sluice::foundry
