// Binding sockets to ports of a range (media-plane 1.10).
#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "net/port_table.h"
#include "net/tcp_listener.h"
#include "net/udp_socket.h"

namespace sluice::net {

/// A UDP socket on a free port of `range`. Errors: see PortTable::allocate. The port is free again
/// when the socket is destroyed.
Result<UdpSocket> bind_udp_in_range(PortTable& table, const IpAddress& ip, PortRange range,
                                    const UdpSettings& settings = {});

/// A TCP listener on a free port of `range`.
Result<TcpListener> bind_tcp_in_range(PortTable& table, const IpAddress& ip, PortRange range,
                                      const TcpListenerSettings& settings = {});

/// Sockets that share one port number: one per address, in the order asked for.
struct SamePortSockets {
  uint16_t port = 0;
  std::vector<UdpSocket> udp;
  /// Empty when TCP was not asked for.
  std::vector<TcpListener> tcp;
};

/// Binds UDP, and TCP when `tcp_settings` is given, on the same port of every address in `ips`.
Result<SamePortSockets> bind_same_port_in_range(PortTable& table, std::span<const IpAddress> ips,
                                                PortRange range, const UdpSettings& udp_settings,
                                                const TcpListenerSettings* tcp_settings);

}  // namespace sluice::net
