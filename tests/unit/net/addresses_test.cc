// Conversions to the kernel's address form, and the machine's own addresses.
#include <gtest/gtest.h>

#include "net/local_addresses.h"
#include "net/native_address.h"
#include "net/udp_socket.h"

namespace sluice::net {
namespace {

TEST(NativeAddress, RoundTrips) {
  for (const char* text : {"1.2.3.4:5", "255.255.255.255:65535", "[2001:db8::7]:443"}) {
    const SocketAddress address = *SocketAddress::parse(text);
    const NativeAddress native(address);
    EXPECT_EQ(native.to_socket_address(), address);
    EXPECT_EQ(native.is_v4(), address.ip.is_v4());
    EXPECT_EQ(native.size(), address.ip.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  }
}

TEST(NativeAddress, MapsIpv4ForIpv6Sockets) {
  const SocketAddress address = *SocketAddress::parse("1.2.3.4:5");
  NativeAddress native(address);
  native.map_to_v6();
  EXPECT_FALSE(native.is_v4());
  EXPECT_EQ(native.size(), sizeof(sockaddr_in6));
  // Reading normalises it again (ICE-51).
  EXPECT_EQ(native.to_socket_address(), address);
}

TEST(LocalAddresses, AreBindableAndNotLoopback) {
  for (const IpAddress& ip : local_addresses()) {
    EXPECT_FALSE(ip.is_loopback()) << ip.to_string();
    EXPECT_TRUE(UdpSocket::open({ip, 0})) << ip.to_string();
  }
}

}  // namespace
}  // namespace sluice::net
