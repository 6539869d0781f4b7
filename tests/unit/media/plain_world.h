// A loop with plain transports and their other ends, which are nothing but addresses and keys. For
// tests in virtual time.
#pragma once

#include <optional>
#include <vector>

#include "media/loop_udp_transport.h"
#include "protocol/srtp/inbound.h"
#include "protocol/srtp/outbound.h"
#include "streams.h"

namespace sluice::media::test {

inline SocketAddress address(std::string_view text) {
  return *SocketAddress::parse(text);
}

/// Keys of one direction; `fill` tells them apart.
inline srtp::SessionKeys session_keys(srtp::Profile profile, uint8_t fill) {
  const Buffer key(srtp::key_size(profile), fill);
  const Buffer salt(srtp::salt_size(profile), static_cast<uint8_t>(fill + 1));
  return srtp::derive_session_keys(profile, key, salt).value();
}

class PlainWorld {
 public:
  static constexpr uint8_t kSocket = 1;
  static constexpr uint8_t kRtcpSocket = 2;

  explicit PlainWorld(unsigned loops = 1) : world(loops) {}

  /// On loop 0, with sockets from `setup.socket` on.
  Handle add(UdpSetup setup) {
    setup.handle = world.next_handle();
    world.command(0, [&](MediaLoop& loop) { loop.add_transport(setup); });
    return setup.handle;
  }
  void connect(Handle handle, const UdpRemote& remote) {
    world.command(0, [&](MediaLoop& loop) { loop.connect_transport(handle, remote); });
  }

  void deliver(std::string_view from, Bytes packet, uint8_t socket = kSocket) {
    world.deliver(0, address(from), packet, socket);
    world.settle();
  }

  /// Datagrams that went to that address since the last call; the others stay.
  std::vector<Buffer> take_sent(std::string_view to) {
    std::vector<Buffer> taken;
    std::erase_if(world.stray, [&](auto& datagram) {
      if (datagram.first != address(to)) {
        return false;
      }
      taken.push_back(std::move(datagram.second));
      return true;
    });
    return taken;
  }

  /// Addresses that transports learned since the last call, RTCP's marked by a port of their own.
  std::vector<SocketAddress> take_learned() {
    std::vector<SocketAddress> learned;
    for (const LoopEvent& event : world.events) {
      if (const auto* content = std::get_if<TransportEvent>(&event.event)) {
        if (const auto* remote = std::get_if<RemoteLearned>(content)) {
          learned.push_back(remote->remote);
        }
      }
    }
    world.events.clear();
    return learned;
  }

  TransportStats stats(Handle handle) { return world.loop().transport_stats(handle); }

  LoopWorld world;
};

/// A receiver report about nothing.
inline Buffer empty_receiver_report() {
  return {0x80, 201, 0, 1, 0, 0, 0, 9};
}

}  // namespace sluice::media::test
