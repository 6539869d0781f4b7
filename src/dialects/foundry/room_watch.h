// What a connection that asked for it hears of a room beyond the FoundryVTT protocol: who is there,
// also without media, and who muted. The module knows no such notifications, so nobody gets them
// unasked (docs/decisions/008-room-watch.md).
//
//   peerJoined     {peerId, userId, displayName}   also when somebody takes another name
//   peerLeft       {peerId}
//   producerPaused, producerResumed   {producerId}
//
// A peer is there once it has a name; others show by their producers alone.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <string_view>

#include "rooms/room.h"

namespace sluice::foundry {

class RoomWatch {
 public:
  using Send = std::function<void(std::string_view method, boost::json::object fields)>;

  /// Watches the room of `self` as long as it lives, which must end before `self` leaves.
  RoomWatch(rooms::Peer& self, Send send);
  ~RoomWatch();
  RoomWatch(const RoomWatch&) = delete;
  RoomWatch& operator=(const RoomWatch&) = delete;

  /// All others who have a name, as `peerJoined` describes them.
  [[nodiscard]] boost::json::array others() const;

 private:
  [[nodiscard]] bool shows(const rooms::Peer& peer) const;

  rooms::Peer& self_;
  uint64_t joined_listener_;
  uint64_t named_listener_;
  uint64_t left_listener_;
  uint64_t pause_listener_;
};

}  // namespace sluice::foundry
