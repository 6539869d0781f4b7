#include "net/native_address.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

namespace sluice::net {

IpAddress to_ip_address(const in_addr& address) {
  return IpAddress::v4(ntohl(address.s_addr));
}

IpAddress to_ip_address(const in6_addr& address) {
  std::array<uint8_t, 16> raw;
  std::memcpy(raw.data(), &address, raw.size());
  return IpAddress::v6(raw);
}

in_addr to_in_addr(const IpAddress& ip) {
  in_addr out{};
  std::memcpy(&out, ip.bytes().data(), sizeof(out));
  return out;
}

in6_addr to_in6_addr(const IpAddress& ip) {
  in6_addr out{};
  if (ip.is_v4()) {
    out.s6_addr[10] = 0xff;
    out.s6_addr[11] = 0xff;
    std::memcpy(&out.s6_addr[12], ip.bytes().data(), 4);
  } else {
    std::memcpy(&out, ip.bytes().data(), sizeof(out));
  }
  return out;
}

NativeAddress::NativeAddress(const SocketAddress& address) {
  if (address.ip.is_v4()) {
    storage_.v4.sin_family = AF_INET;
    storage_.v4.sin_port = htons(address.port);
    storage_.v4.sin_addr = to_in_addr(address.ip);
  } else {
    storage_.v6 = {};
    storage_.v6.sin6_family = AF_INET6;
    storage_.v6.sin6_port = htons(address.port);
    storage_.v6.sin6_addr = to_in6_addr(address.ip);
  }
}

SocketAddress NativeAddress::to_socket_address() const {
  if (is_v4()) {
    return {to_ip_address(storage_.v4.sin_addr), ntohs(storage_.v4.sin_port)};
  }
  return {to_ip_address(storage_.v6.sin6_addr), ntohs(storage_.v6.sin6_port)};
}

void NativeAddress::map_to_v6() {
  if (!is_v4()) {
    return;
  }
  sockaddr_in6 mapped{};
  mapped.sin6_family = AF_INET6;
  mapped.sin6_port = storage_.v4.sin_port;
  mapped.sin6_addr = to_in6_addr(to_ip_address(storage_.v4.sin_addr));
  storage_.v6 = mapped;
}

SocketAddress address_of_socket(int fd, bool local) {
  NativeAddress address;
  socklen_t size = NativeAddress::kCapacity;
  const int result =
      local ? getsockname(fd, address.get(), &size) : getpeername(fd, address.get(), &size);
  return result == 0 ? address.to_socket_address() : SocketAddress{};
}

}  // namespace sluice::net
