// A listening TCP socket for ICE-TCP.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/socket_address.h"
#include "net/file_descriptor.h"
#include "net/port_table.h"

namespace sluice::net {

struct TcpListenerSettings {
  bool ipv6_only = true;
  /// media-plane 1.10.
  int backlog = 512;
};

class TcpListener {
 public:
  struct Accepted {
    FileDescriptor fd;
    SocketAddress remote;
  };

  /// Binds and listens on `address`; port 0 lets the kernel choose.
  static Result<TcpListener> open(const SocketAddress& address,
                                  const TcpListenerSettings& settings = {});
  /// `open` for a walk over ports: the errno instead of a message, 0 for success.
  static int try_open(const SocketAddress& address, const TcpListenerSettings& settings,
                      std::optional<TcpListener>& out);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const SocketAddress& local() const { return local_; }

  /// The next waiting connection, non-blocking and without Nagle's delay; or the errno, EAGAIN when
  /// nobody waits.
  std::expected<Accepted, int> accept();

  /// Keeps the bookkeeping of the port alive as long as the socket.
  void hold(PortLease lease) { lease_ = std::move(lease); }

 private:
  TcpListener() = default;

  FileDescriptor fd_;
  SocketAddress local_;
  PortLease lease_;
};

}  // namespace sluice::net
