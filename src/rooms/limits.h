// How much a peer, a room and a server may hold. Past a limit the request fails with an error that
// names it; what exists already goes on.
#pragma once

#include <cstddef>

namespace sluice::rooms {

struct Limits {
  size_t rooms = 10000;
  size_t peers_per_room = 1000;
  size_t transports_per_peer = 16;
  size_t producers_per_peer = 16;
  size_t consumers_per_peer = 512;
};

}  // namespace sluice::rooms
