#include "net/tcp_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "net/native_address.h"

namespace sluice::net {

int TcpListener::try_open(const SocketAddress& address, const TcpListenerSettings& settings,
                          std::optional<TcpListener>& out) {
  TcpListener made;
  const int family = address.ip.is_v4() ? AF_INET : AF_INET6;
  made.fd_ = FileDescriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made.fd_.valid()) {
    return errno;
  }
  const int fd = made.fd_.get();
  const int on = 1;
  const int v6_only = settings.ipv6_only ? 1 : 0;
  if (family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only));
  }
  // A restarted server must not wait for the last connections of its predecessor to time out.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const NativeAddress native(address);
  // Two sockets may bind with SO_REUSEADDR; the second learns at `listen` that it is too late.
  if (bind(fd, native.get(), native.size()) != 0 || listen(fd, settings.backlog) != 0) {
    return errno;
  }
  made.local_ = {address.ip, address_of_socket(fd, true).port};
  out = std::move(made);
  return 0;
}

Result<TcpListener> TcpListener::open(const SocketAddress& address,
                                      const TcpListenerSettings& settings) {
  std::optional<TcpListener> made;
  if (const int error = try_open(address, settings, made); error != 0) {
    return generic_error("cannot listen on TCP " + address.to_string() + ": " +
                         std::generic_category().message(error));
  }
  return std::move(*made);
}

std::expected<TcpListener::Accepted, int> TcpListener::accept() {
  NativeAddress remote;
  socklen_t size = NativeAddress::kCapacity;
  FileDescriptor fd(accept4(fd_.get(), remote.get(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.valid()) {
    return std::unexpected(errno);
  }
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return Accepted{std::move(fd), remote.to_socket_address()};
}

}  // namespace sluice::net
