// Socket addresses in the kernel's form, converted once per destination instead of once per packet.
#pragma once

#include <netinet/in.h>

#include "base/socket_address.h"

namespace sluice::net {

/// A sockaddr_in or sockaddr_in6 with its length.
class NativeAddress {
 public:
  NativeAddress() = default;
  explicit NativeAddress(const SocketAddress& address);

  [[nodiscard]] SocketAddress to_socket_address() const;
  [[nodiscard]] bool is_v4() const { return storage_.generic.sa_family == AF_INET; }
  /// Turns an IPv4 address into its IPv4-mapped IPv6 form, which an IPv6 socket needs to reach IPv4
  /// peers. Nothing happens to an IPv6 address.
  void map_to_v6();

  [[nodiscard]] const sockaddr* get() const { return &storage_.generic; }
  sockaddr* get() { return &storage_.generic; }
  /// Length of the address; as large as any address before a system call fills it in.
  [[nodiscard]] socklen_t size() const {
    return is_v4() ? socklen_t{sizeof(sockaddr_in)} : socklen_t{sizeof(sockaddr_in6)};
  }
  static constexpr socklen_t kCapacity = sizeof(sockaddr_in6);

 private:
  union {
    sockaddr generic;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_{};
};

IpAddress to_ip_address(const in_addr& address);
IpAddress to_ip_address(const in6_addr& address);
/// IPv4 addresses only.
in_addr to_in_addr(const IpAddress& ip);
/// IPv4 addresses become IPv4-mapped.
in6_addr to_in6_addr(const IpAddress& ip);

/// The address that a socket is bound to (`local` true) or connected to.
SocketAddress address_of_socket(int fd, bool local);

}  // namespace sluice::net
