#include "net/udp_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "net/native_address.h"

namespace sluice::net {
namespace {

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

int get_option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  getsockopt(fd, level, name, &value, &size);
  return value;
}

// Asks for `size` bytes, past the system's limit where the process may, and reports what it got.
int size_buffer(int fd, int name, int forcing_name, int size) {
  if (size > 0) {
    set_option(fd, SOL_SOCKET, name, size);
    // The kernel doubles the request to cover its overhead.
    if (get_option(fd, SOL_SOCKET, name) / 2 < size) {
      set_option(fd, SOL_SOCKET, forcing_name, size);
    }
  }
  return get_option(fd, SOL_SOCKET, name);
}

bool probe_gso(int fd) {
  // Any size will do: the option is set and taken back.
  return set_option(fd, SOL_UDP, UDP_SEGMENT, 1200) && set_option(fd, SOL_UDP, UDP_SEGMENT, 0);
}

}  // namespace

void UdpCounters::add(const UdpCounters& other) {
  datagrams_in += other.datagrams_in;
  bytes_in += other.bytes_in;
  receive_calls += other.receive_calls;
  receive_errors += other.receive_errors;
  truncated += other.truncated;
  datagrams_out += other.datagrams_out;
  bytes_out += other.bytes_out;
  send_calls += other.send_calls;
  gso_messages += other.gso_messages;
  gso_datagrams += other.gso_datagrams;
  gso_refused += other.gso_refused;
  blocked += other.blocked;
  dropped_blocked += other.dropped_blocked;
  dropped_error += other.dropped_error;
}

int UdpSocket::try_open(const SocketAddress& address, const UdpSettings& settings,
                        std::optional<UdpSocket>& out) {
  UdpSocket made;
  const int family = address.ip.is_v4() ? AF_INET : AF_INET6;
  made.fd_ = FileDescriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made.fd_.valid()) {
    return errno;
  }
  const int fd = made.fd_.get();
  if (family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, settings.ipv6_only ? 1 : 0);
  }
  if (settings.reuse_port) {
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  }
  made.granted_receive_ = size_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE, settings.receive_buffer);
  made.granted_send_ = size_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE, settings.send_buffer);
  made.wildcard_ = address.ip.is_any();
  if (made.wildcard_) {
    if (family == AF_INET) {
      set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
    } else {
      set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    }
  }
  made.gro_ = settings.gro && set_option(fd, SOL_UDP, UDP_GRO, 1);
  made.gso_ = settings.gso && probe_gso(fd);
  const NativeAddress native(address);
  if (bind(fd, native.get(), native.size()) != 0) {
    return errno;
  }
  // Not read back from the socket: the kernel would not tell an IPv6 wildcard from an IPv4 one.
  made.local_ = {address.ip, address_of_socket(fd, true).port};
  out = std::move(made);
  return 0;
}

Result<UdpSocket> UdpSocket::open(const SocketAddress& address, const UdpSettings& settings) {
  std::optional<UdpSocket> made;
  if (const int error = try_open(address, settings, made); error != 0) {
    return generic_error("cannot bind UDP " + address.to_string() + ": " +
                         std::generic_category().message(error));
  }
  return std::move(*made);
}

}  // namespace sluice::net
