// Ports of a range: bookkeeping with a scripted bind, and real sockets.
#include "net/port_binding.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <vector>

#include "base/random.h"
#include "unit/net/loopback.h"

namespace sluice::net {
namespace {

const PortUse kUdp = {PortProtocol::kUdp, IpAddress::v4(0x7f000001)};

int accept_all(uint16_t /*port*/) {
  return 0;
}

TEST(PortTable, GrantsEveryPortOnceThenNoMore) {
  PortTable table;
  std::vector<PortTable::Grant> grants;
  std::set<uint16_t> ports;
  for (int i = 0; i < 10; ++i) {
    auto grant = table.allocate({&kUdp, 1}, {100, 109}, accept_all);
    ASSERT_TRUE(grant);
    ports.insert(grant->port);
    grants.push_back(std::move(*grant));
  }
  EXPECT_EQ(ports.size(), 10u);
  EXPECT_EQ(*ports.begin(), 100);
  EXPECT_EQ(*ports.rbegin(), 109);
  const auto more = table.allocate({&kUdp, 1}, {100, 109}, accept_all);
  ASSERT_FALSE(more);
  EXPECT_NE(more.error().message.find("no more available ports"), std::string::npos);
  const uint16_t freed = grants[4].port;
  grants.erase(grants.begin() + 4);
  EXPECT_EQ(table.allocate({&kUdp, 1}, {100, 109}, accept_all)->port, freed);
}

TEST(PortTable, StartsAtRandomAndWalksInACircle) {
  std::set<uint16_t> starts;
  for (int round = 0; round < 200; ++round) {
    PortTable table;
    std::vector<uint16_t> tried;
    EXPECT_FALSE(table.allocate({&kUdp, 1}, {100, 103}, [&](uint16_t port) {
      tried.push_back(port);
      return EADDRINUSE;
    }));
    ASSERT_EQ(tried.size(), 4u);
    for (size_t i = 1; i < tried.size(); ++i) {
      EXPECT_EQ(tried[i], tried[i - 1] == 103 ? 100 : tried[i - 1] + 1);
    }
    starts.insert(tried[0]);
  }
  EXPECT_EQ(starts.size(), 4u);
}

class PortTableFatal : public testing::TestWithParam<int> {};

TEST_P(PortTableFatal, OtherErrorsEndTheWalk) {
  PortTable table;
  int calls = 0;
  const auto grant = table.allocate({&kUdp, 1}, {100, 109}, [&](uint16_t) {
    ++calls;
    return GetParam();
  });
  ASSERT_FALSE(grant);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(grant.error().message.find("no more available ports"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Errors, PortTableFatal, testing::Values(EMFILE, ENFILE, EADDRNOTAVAIL));

TEST(PortTable, RejectsAnImpossibleRange) {
  PortTable table;
  EXPECT_EQ(table.allocate({&kUdp, 1}, {0, 10}, accept_all).error().kind, ErrorKind::kType);
  EXPECT_EQ(table.allocate({&kUdp, 1}, {11, 10}, accept_all).error().kind, ErrorKind::kType);
}

TEST(PortTable, ProtocolsAndAddressesAreApart) {
  PortTable table;
  const PortUse tcp = {PortProtocol::kTcp, kUdp.ip};
  const PortUse other = {PortProtocol::kUdp, IpAddress::v4(0x7f000002)};
  const auto a = table.allocate({&kUdp, 1}, {100, 100}, accept_all);
  const auto b = table.allocate({&tcp, 1}, {100, 100}, accept_all);
  const auto c = table.allocate({&other, 1}, {100, 100}, accept_all);
  EXPECT_TRUE(a && b && c);
}

TEST(PortTable, AllUsesShareOnePort) {
  PortTable table;
  const std::array<PortUse, 2> both = {kUdp, PortUse{PortProtocol::kTcp, kUdp.ip}};
  const auto tcp_only = table.allocate({&both[1], 1}, {100, 101},
                                       [](uint16_t port) { return port == 100 ? 0 : EADDRINUSE; });
  ASSERT_TRUE(tcp_only);
  const auto shared = table.allocate(both, {100, 101}, accept_all);
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->port, 101);
  EXPECT_EQ(shared->leases.size(), 2u);
  EXPECT_FALSE(table.allocate(both, {100, 101}, accept_all));
}

TEST(PortTable, LeaseMayOutliveTheTable) {
  std::optional<PortTable> table(std::in_place);
  auto grant = table->allocate({&kUdp, 1}, {100, 100}, accept_all);
  table.reset();
  grant->leases.clear();
}

/// Two neighbouring ports that nobody uses on `ip`. Searched from a random place, so that test
/// programs that run side by side do not meet.
PortRange free_pair(const IpAddress& ip) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const auto port = static_cast<uint16_t>(random_uint32(20'000, 60'000));
    const PortRange pair = {port, static_cast<uint16_t>(port + 1)};
    if (UdpSocket::open({ip, pair.min}) && UdpSocket::open({ip, pair.max}) &&
        TcpListener::open({ip, pair.min}) && TcpListener::open({ip, pair.max})) {
      return pair;
    }
  }
  return {};
}

TEST(PortBinding, Ice50ThirdUdpBindInARangeOfTwoFails) {  // ICE-50
  const IpAddress ip = IpAddress::v4(0x7f0d3201);
  const PortRange range = free_pair(ip);
  PortTable table;
  auto first = bind_udp_in_range(table, ip, range);
  auto second = bind_udp_in_range(table, ip, range);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->local().port, second->local().port);
  auto third = bind_udp_in_range(table, ip, range);
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().message.find("no more available ports"), std::string::npos);
  const uint16_t freed = first->local().port;
  {
    const UdpSocket closed = std::move(*first);
  }
  third = bind_udp_in_range(table, ip, range);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->local().port, freed);
}

TEST(PortBinding, Ice50ThirdTcpBindInARangeOfTwoFails) {  // ICE-50
  const IpAddress ip = IpAddress::v4(0x7f0d3202);
  const PortRange range = free_pair(ip);
  PortTable table;
  auto first = bind_tcp_in_range(table, ip, range);
  auto second = bind_tcp_in_range(table, ip, range);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(bind_tcp_in_range(table, ip, range));
  {
    const TcpListener closed = std::move(*second);
  }
  EXPECT_TRUE(bind_tcp_in_range(table, ip, range));
}

TEST(PortBinding, PassesOverPortsOfOtherProcesses) {
  const IpAddress ip = IpAddress::v4(0x7f0d3203);
  const PortRange range = free_pair(ip);
  const auto foreign = UdpSocket::open({ip, range.min});
  ASSERT_TRUE(foreign);
  PortTable table;
  const auto socket = bind_udp_in_range(table, ip, range);
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->local().port, range.max);
  EXPECT_FALSE(bind_udp_in_range(table, ip, range));
}

TEST(PortBinding, UdpAndTcpShareThePortOnAllAddresses) {
  const std::array ips = {IpAddress::v4(0x7f0d3204), IpAddress::v4(0x7f0d3205)};
  const PortRange range = free_pair(ips[0]);
  // Taken on the second address for TCP only: that port will not do for any.
  const auto obstacle = TcpListener::open({ips[1], range.min});
  ASSERT_TRUE(obstacle);
  PortTable table;
  const TcpListenerSettings tcp;
  const auto sockets = bind_same_port_in_range(table, ips, range, {}, &tcp);
  ASSERT_TRUE(sockets) << sockets.error().message;
  EXPECT_EQ(sockets->port, range.max);
  ASSERT_EQ(sockets->udp.size(), 2u);
  ASSERT_EQ(sockets->tcp.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(sockets->udp[i].local(), (SocketAddress{ips[i], range.max}));
    EXPECT_EQ(sockets->tcp[i].local(), (SocketAddress{ips[i], range.max}));
  }
  EXPECT_FALSE(bind_same_port_in_range(table, ips, range, {}, &tcp));
}

TEST(PortBinding, UdpAloneWhenTcpIsOff) {
  const IpAddress ip = IpAddress::v4(0x7f0d3206);
  PortTable table;
  const auto sockets = bind_same_port_in_range(table, {&ip, 1}, free_pair(ip), {}, nullptr);
  ASSERT_TRUE(sockets);
  EXPECT_EQ(sockets->udp.size(), 1u);
  EXPECT_TRUE(sockets->tcp.empty());
}

TEST(PortBinding, NamesAnAddressThatIsNotLocal) {
  PortTable table;
  const auto socket = bind_udp_in_range(table, *IpAddress::parse("203.0.113.77"), {20'000, 20'100});
  ASSERT_FALSE(socket);
  EXPECT_NE(socket.error().message.find("203.0.113.77"), std::string::npos);
}

}  // namespace
}  // namespace sluice::net
