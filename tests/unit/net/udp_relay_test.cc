// The relay between real loopback sockets.
#include "net/udp_relay.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "unit/net/loopback.h"

namespace sluice::net {
namespace {

struct End {
  UdpSocket socket = std::move(*UdpSocket::open({kLoopback, 0}));
  UdpReceiver receiver;

  void send(const SocketAddress& to, std::string_view text) {
    const NativeAddress native(to);
    ASSERT_EQ(sendto(socket.fd(), text.data(), text.size(), 0, native.get(), native.size()),
              static_cast<ssize_t>(text.size()));
  }
  std::vector<Received> get(size_t count) { return receive(receiver, socket, count); }
};

UdpRelaySettings settings_for(const End& target) {
  UdpRelaySettings settings;
  settings.listen = {kLoopback, 0};
  settings.target = target.socket.local();
  return settings;
}

TEST(UdpRelay, RelaysBothWaysPerClient) {
  End target;
  End a;
  End b;
  auto relay = std::move(*UdpRelay::create(settings_for(target)));
  relay->start();
  a.send(relay->local(), "from a");
  auto at_target = target.get(1);
  ASSERT_EQ(at_target.size(), 1u);
  const SocketAddress a_seen = at_target[0].remote;
  b.send(relay->local(), "from b");
  at_target = target.get(1);
  const SocketAddress b_seen = at_target.at(0).remote;
  EXPECT_NE(a_seen, b_seen);
  target.send(b_seen, "to b");
  target.send(a_seen, "to a");
  const auto at_a = a.get(1);
  const auto at_b = b.get(1);
  EXPECT_EQ(as_text(at_a.at(0).bytes), "to a");
  EXPECT_EQ(as_text(at_b.at(0).bytes), "to b");
  EXPECT_EQ(at_a[0].remote, relay->local());
  a.send(relay->local(), "again");
  EXPECT_EQ(target.get(1).at(0).remote, a_seen);
  relay->stop();
  EXPECT_EQ(relay->to_target_counters().delivered, 3u);
  EXPECT_EQ(relay->to_client_counters().delivered, 2u);
}

TEST(UdpRelay, TheOnlyClientComesFromAPortThatIsKnown) {
  End target;
  End client;
  End stranger;
  UdpRelaySettings settings = settings_for(target);
  {
    const End free;
    settings.upstream_port = free.socket.local().port;
  }
  auto relay = std::move(*UdpRelay::create(settings));
  relay->start();
  client.send(relay->local(), "mine");
  const auto at_target = target.get(1);
  EXPECT_EQ(at_target.at(0).remote.port, settings.upstream_port);
  target.send(at_target[0].remote, "yours");
  EXPECT_EQ(as_text(client.get(1).at(0).bytes), "yours");
  stranger.send(relay->local(), "from another");
  client.send(relay->local(), "mine again");
  EXPECT_EQ(as_text(target.get(1).at(0).bytes), "mine again");
  relay->stop();
  EXPECT_EQ(relay->to_target_counters().delivered, 2u);
}

TEST(UdpRelay, ImpairsDirectionsApart) {
  End target;
  End client;
  UdpRelaySettings settings = settings_for(target);
  settings.to_client.loss = 1.0;
  auto relay = std::move(*UdpRelay::create(settings));
  client.send(relay->local(), "ping");
  while (relay->to_target_counters().delivered == 0) {
    relay->run_once(1s);
  }
  const auto got = target.get(1);
  target.send(got.at(0).remote, "pong");
  while (relay->to_client_counters().lost == 0) {
    relay->run_once(1s);
  }
  EXPECT_EQ(relay->to_client_counters().delivered, 0u);
}

TEST(UdpRelay, DelaysWithoutFurtherTraffic) {
  End target;
  End client;
  UdpRelaySettings settings = settings_for(target);
  settings.to_target.delay = 3ms;
  auto relay = std::move(*UdpRelay::create(settings));
  relay->start();
  client.send(relay->local(), "late");
  EXPECT_EQ(target.get(1).size(), 1u);
}

TEST(UdpRelay, SettingsMayChangeWhileItRuns) {
  End target;
  End client;
  auto relay = std::move(*UdpRelay::create(settings_for(target)));
  client.send(relay->local(), "1");
  while (relay->to_target_counters().delivered < 1) {
    relay->run_once(1s);
  }
  relay->set_impairments({.loss = 1.0}, {});
  client.send(relay->local(), "2");
  while (relay->to_target_counters().lost < 1) {
    relay->run_once(1s);
  }
  EXPECT_EQ(relay->to_target_counters().delivered, 1u);
}

TEST(UdpRelay, LimitsClients) {
  End target;
  End first;
  End second;
  UdpRelaySettings settings = settings_for(target);
  settings.max_clients = 1;
  auto relay = std::move(*UdpRelay::create(settings));
  relay->start();
  first.send(relay->local(), "first");
  EXPECT_EQ(target.get(1).size(), 1u);
  second.send(relay->local(), "second");
  first.send(relay->local(), "first again");
  const auto got = target.get(1);
  EXPECT_EQ(as_text(got.at(0).bytes), "first again");
}

TEST(UdpRelay, ServesLoopbackOnly) {
  End target;
  UdpRelaySettings settings = settings_for(target);
  settings.listen.ip = IpAddress();
  EXPECT_EQ(UdpRelay::create(settings).error().kind, ErrorKind::kType);
  settings = settings_for(target);
  settings.target.ip = *IpAddress::parse("203.0.113.1");
  EXPECT_EQ(UdpRelay::create(settings).error().kind, ErrorKind::kType);
}

}  // namespace
}  // namespace sluice::net
