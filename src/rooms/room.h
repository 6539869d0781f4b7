// A room: peers that may come through different dialects and see each other's producers. The
// dialects subscribe to its signals and render them in their own words.
//
// A listener may let peers join and leave and may close what it likes, except the peer or producer
// that it is being told of, and that producer's owner. The room stays until the outermost call of
// `leave` ends.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/router.h"
#include "rooms/limits.h"
#include "rooms/peer.h"

namespace sluice::rooms {

class RoomService;

class Room {
 public:
  Room(RoomService& service, std::string name, std::shared_ptr<media::Router> router,
       const Limits& limits);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] media::Router& router() { return *router_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] size_t peer_count() const { return peers_.size(); }
  /// In the order in which they joined.
  [[nodiscard]] std::vector<Peer*> peers();

  /// A server that drains still lets peers into the rooms that it has: who lost the connection must
  /// be able to come back. Errors: limit of peers per room.
  Result<Peer*> join(std::string user_id, std::string display_name);
  /// Closes all that the peer has and forgets it; the room goes with its last peer. Nothing happens
  /// while the peer is leaving already.
  /// `peer` is dangling afterwards, and so is this room when it was the last one.
  void leave(Peer& peer);

  /// Every open producer of the room, oldest first.
  [[nodiscard]] std::vector<RoomProducer*> producers();
  /// Nothing when it is closed or in another room.
  [[nodiscard]] RoomProducer* find_producer(const std::string& id);

  /// Gives a peer of this room the name that others see, and tells them.
  void name_peer(Peer& peer, std::string display_name);

  Signal<Peer&> on_peer_joined;
  /// The peer has a name now, or another one.
  Signal<Peer&> on_peer_named;
  /// The peer is no longer among `peers`; its producers have been announced as closed before.
  Signal<Peer&> on_peer_left;
  Signal<RoomProducer&> on_producer_added;
  /// Its owner paused or resumed it.
  Signal<RoomProducer&> on_producer_pause_changed;
  /// The producer is closed, for whatever reason, and no longer found; its consumers are about to
  /// close. Its entry and its owner are still readable during the call.
  Signal<RoomProducer&> on_producer_closed;

 private:
  friend class Peer;
  void announce(RoomProducer& producer);
  void forget(RoomProducer& producer);

  RoomService& service_;
  std::string name_;
  std::shared_ptr<media::Router> router_;
  const Limits& limits_;
  uint64_t last_peer_ = 0;
  uint64_t last_producer_ = 0;
  /// How many calls of `leave` are under way, one inside of the other.
  unsigned leaving_ = 0;
  std::map<uint64_t, std::unique_ptr<Peer>> peers_;  ///< by number
  std::unordered_map<std::string, RoomProducer*> producers_;
};

}  // namespace sluice::rooms
