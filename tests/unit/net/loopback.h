// Bounded waiting for real sockets on the loopback interface.
#pragma once

#include <poll.h>

#include <vector>

#include "base/socket_address.h"
#include "net/udp_receiver.h"

namespace sluice::net {

/// Long enough for the slowest machine; never reached when the code works.
inline constexpr int kPatienceMs = 10'000;

inline const IpAddress kLoopback = IpAddress::v4(0x7f000001);

inline bool wait_readable(int fd, int timeout_ms = kPatienceMs) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, timeout_ms) == 1;
}

/// A datagram with its bytes kept.
struct Received {
  std::vector<uint8_t> bytes;
  SocketAddress remote;
  IpAddress local_ip;
  uint8_t socket = 0;
};

/// Reads until `count` datagrams have come or nothing comes any more.
inline std::vector<Received> receive(UdpReceiver& receiver, UdpSocket& socket, size_t count,
                                     uint8_t index = 0) {
  std::vector<Received> out;
  while (out.size() < count && wait_readable(socket.fd())) {
    receiver.read(socket, index);
    for (auto batch = receiver.next(); !batch.empty(); batch = receiver.next()) {
      for (const Datagram& datagram : batch) {
        out.push_back({{datagram.data.begin(), datagram.data.end()},
                       datagram.remote,
                       datagram.local_ip,
                       datagram.socket});
      }
    }
  }
  return out;
}

}  // namespace sluice::net
