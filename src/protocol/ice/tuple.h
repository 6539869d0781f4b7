// The path a packet takes between a peer and us (RFC 8445 "candidate pair" as a lite agent sees
// it).
#pragma once

#include <cstdint>
#include <string>

#include "base/socket_address.h"

namespace sluice::ice {

enum class Protocol : uint8_t { kUdp, kTcp };

/// "udp" or "tcp".
const char* to_string(Protocol protocol);

/// Two tuples are one when every member is equal; hashes only find them.
struct Tuple {
  Protocol protocol = Protocol::kUdp;
  /// Which of the loop's sockets or listeners.
  uint8_t socket = 0;
  /// Number of the TCP connection, so that a new connection from an old address is not mistaken for
  /// the old one; 0 for UDP.
  uint32_t connection = 0;
  /// The address that the peer sent to, also when the socket is bound to all addresses.
  SocketAddress local;
  SocketAddress remote;

  friend bool operator==(const Tuple&, const Tuple&) = default;
};

/// A hash for table lookup. A secret `seed` keeps peers from choosing tuples that collide.
uint64_t hash_value(const Tuple& tuple, uint64_t seed);

}  // namespace sluice::ice
