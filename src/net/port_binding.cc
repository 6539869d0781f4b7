#include "net/port_binding.h"

#include <optional>
#include <utility>

namespace sluice::net {
namespace {

template <class Socket, class Settings>
Result<Socket> bind_in_range(PortTable& table, PortProtocol protocol, const IpAddress& ip,
                             PortRange range, const Settings& settings) {
  std::optional<Socket> socket;
  const PortUse use{protocol, ip};
  auto grant = table.allocate(std::span(&use, 1), range, [&](uint16_t port) {
    return Socket::try_open({ip, port}, settings, socket);
  });
  if (!grant) {
    return std::unexpected(std::move(grant.error()));
  }
  socket->hold(std::move(grant->leases.front()));
  return std::move(*socket);
}

// Opens one socket per address on `port`; the errno of the first that fails.
template <class Socket, class Settings>
int open_on_all(std::span<const IpAddress> ips, uint16_t port, const Settings& settings,
                std::vector<Socket>& out) {
  for (const IpAddress& ip : ips) {
    std::optional<Socket> socket;
    if (const int error = Socket::try_open({ip, port}, settings, socket); error != 0) {
      return error;
    }
    out.push_back(std::move(*socket));
  }
  return 0;
}

}  // namespace

Result<UdpSocket> bind_udp_in_range(PortTable& table, const IpAddress& ip, PortRange range,
                                    const UdpSettings& settings) {
  return bind_in_range<UdpSocket>(table, PortProtocol::kUdp, ip, range, settings);
}

Result<TcpListener> bind_tcp_in_range(PortTable& table, const IpAddress& ip, PortRange range,
                                      const TcpListenerSettings& settings) {
  return bind_in_range<TcpListener>(table, PortProtocol::kTcp, ip, range, settings);
}

Result<SamePortSockets> bind_same_port_in_range(PortTable& table, std::span<const IpAddress> ips,
                                                PortRange range, const UdpSettings& udp_settings,
                                                const TcpListenerSettings* tcp_settings) {
  std::vector<PortUse> uses;
  for (const IpAddress& ip : ips) {
    uses.push_back({PortProtocol::kUdp, ip});
  }
  for (const IpAddress& ip : tcp_settings == nullptr ? std::span<const IpAddress>{} : ips) {
    uses.push_back({PortProtocol::kTcp, ip});
  }
  SamePortSockets sockets;
  auto grant = table.allocate(uses, range, [&](uint16_t port) {
    sockets = {.port = port, .udp = {}, .tcp = {}};
    int error = open_on_all(ips, port, udp_settings, sockets.udp);
    if (error == 0 && tcp_settings != nullptr) {
      error = open_on_all(ips, port, *tcp_settings, sockets.tcp);
    }
    return error;
  });
  if (!grant) {
    return std::unexpected(std::move(grant.error()));
  }
  auto lease = grant->leases.begin();
  for (UdpSocket& socket : sockets.udp) {
    socket.hold(std::move(*lease++));
  }
  for (TcpListener& listener : sockets.tcp) {
    listener.hold(std::move(*lease++));
  }
  return sockets;
}

}  // namespace sluice::net
