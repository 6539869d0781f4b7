// Real UDP sockets on loopback: batches, offload both ways, local addresses, both IP versions.
#include "net/udp_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/send_queue.h"
#include "net/udp_receiver.h"
#include "net/udp_sender.h"
#include "support/allocation_counter.h"
#include "unit/net/loopback.h"

namespace sluice::net {
namespace {

const IpAddress kOtherLoopback = IpAddress::v4(0x7f000009);
const IpAddress kLoopback6 = *IpAddress::parse("::1");
const IpAddress kAny6 = *IpAddress::parse("::");

UdpSocket open(const IpAddress& ip, const UdpSettings& settings = {}) {
  auto socket = UdpSocket::open({ip, 0}, settings);
  EXPECT_TRUE(socket) << socket.error().message;
  return std::move(*socket);
}

/// `size` bytes that depend on `seed` everywhere.
std::vector<uint8_t> pattern(size_t size, size_t seed) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<uint8_t>(i * 31 + seed * 7 + (i >> 8));
  }
  return bytes;
}

struct Endpoint {
  explicit Endpoint(UdpSocket made) : socket(std::move(made)) {}

  void put(Destination& to, Bytes bytes) {
    std::memcpy(queue.reserve(bytes.size()), bytes.data(), bytes.size());
    queue.commit(bytes.size(), to);
  }
  bool flush() {
    const bool done = sender.flush(socket, 0, queue, 0us);
    queue.recycle(256);
    return done;
  }
  SocketAddress at(const IpAddress& ip) const { return {ip, socket.local().port}; }

  UdpSocket socket;
  UdpSender sender;
  UdpReceiver receiver;
  SendQueue queue;
};

TEST(UdpSocket, ReportsAddressAndGrantedBuffers) {
  UdpSettings settings;
  settings.receive_buffer = 100'000;
  settings.send_buffer = 50'000;
  const UdpSocket socket = open(kLoopback, settings);
  EXPECT_EQ(socket.local().ip, kLoopback);
  EXPECT_NE(socket.local().port, 0);
  EXPECT_GE(socket.granted_receive_buffer(), 100'000);
  EXPECT_GE(socket.granted_send_buffer(), 50'000);
  EXPECT_FALSE(socket.is_wildcard());
}

TEST(UdpSocket, RefusesAnAddressOfAnotherMachine) {
  const auto socket = UdpSocket::open({*IpAddress::parse("203.0.113.77"), 0});
  ASSERT_FALSE(socket);
  EXPECT_NE(socket.error().message.find("203.0.113.77"), std::string::npos);
}

TEST(UdpSocket, RefusesATakenPortUnlessBothReuseIt) {
  UdpSettings sharing;
  sharing.reuse_port = true;
  const UdpSocket first = open(kLoopback);
  EXPECT_FALSE(UdpSocket::open(first.local()));
  EXPECT_FALSE(UdpSocket::open(first.local(), sharing));
  const UdpSocket shared = open(kLoopback, sharing);
  EXPECT_TRUE(UdpSocket::open(shared.local(), sharing));
}

// One run of equal datagrams with a shorter one at its end, sent as one message and cut again.
TEST(UdpSocket, SegmentsAndMergesOnLoopback) {
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback));
  if (!from.socket.gso() || !to.socket.gro()) {
    GTEST_SKIP() << "this kernel has no UDP segmentation offload";
  }
  Destination destination(to.socket.local(), 0);
  std::vector<std::vector<uint8_t>> sent;
  for (size_t i = 0; i < 40; ++i) {
    sent.push_back(pattern(i == 39 ? 333 : 1200, i));
    from.put(destination, sent.back());
  }
  EXPECT_TRUE(from.flush());
  EXPECT_EQ(from.socket.counters().gso_datagrams, 40u);
  EXPECT_EQ(from.socket.counters().send_calls, 1u);
  const auto got = receive(to.receiver, to.socket, sent.size());
  ASSERT_EQ(got.size(), sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(got[i].bytes, sent[i]) << i;
    EXPECT_EQ(got[i].remote, from.socket.local());
    EXPECT_EQ(got[i].local_ip, kLoopback);
  }
  EXPECT_EQ(to.socket.counters().datagrams_in, 40u);
  EXPECT_EQ(to.socket.counters().bytes_in, 39u * 1200 + 333);
}

TEST(UdpSocket, SegmentsForAReceiverWithoutGro) {
  UdpSettings plain;
  plain.gro = false;
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback, plain));
  Destination destination(to.socket.local(), 0);
  for (size_t i = 0; i < 10; ++i) {
    from.put(destination, pattern(700, i));
  }
  from.flush();
  const auto got = receive(to.receiver, to.socket, 10);
  ASSERT_EQ(got.size(), 10u);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].bytes, pattern(700, i));
  }
}

TEST(UdpSocket, MixedSizesArriveInOrder) {
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback));
  Destination destination(to.socket.local(), 0);
  std::vector<std::vector<uint8_t>> sent;
  for (size_t i = 0; i < 100; ++i) {
    sent.push_back(pattern(20 + (i * 37) % 1400, i));
    from.put(destination, sent.back());
  }
  from.flush();
  const auto got = receive(to.receiver, to.socket, sent.size());
  ASSERT_EQ(got.size(), sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(got[i].bytes, sent[i]) << i;
  }
}

TEST(UdpReceiver, NextReturnsLargeReadsInPieces) {
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback));
  Destination destination(to.socket.local(), 0);
  // 20 trains of 50 small datagrams can come with one read: more than one batch of `next`.
  constexpr size_t kCount = 1000;
  for (size_t i = 0; i < kCount; ++i) {
    from.put(destination, pattern(100, i));
    if (i % 50 == 49) {
      from.flush();
    }
  }
  const auto got = receive(to.receiver, to.socket, kCount);
  ASSERT_EQ(got.size(), kCount);
  for (size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(got[i].bytes, pattern(100, i)) << i;
  }
}

TEST(UdpSocket, WildcardSocketKnowsAndUsesTheLocalAddress) {
  Endpoint server(open(IpAddress()));
  Endpoint client(open(kLoopback));
  Destination to_server(server.at(kOtherLoopback), 0);
  client.put(to_server, pattern(30, 1));
  client.flush();
  const auto request = receive(server.receiver, server.socket, 1);
  ASSERT_EQ(request.size(), 1u);
  EXPECT_EQ(request[0].local_ip, kOtherLoopback);

  Destination to_client(request[0].remote, 0, request[0].local_ip);
  server.put(to_client, pattern(31, 2));
  server.put(to_client, pattern(31, 3));
  server.flush();
  const auto answer = receive(client.receiver, client.socket, 2);
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_EQ(answer[0].remote, server.at(kOtherLoopback));
  EXPECT_EQ(answer[1].remote, server.at(kOtherLoopback));
}

bool has_ipv6() {
  return UdpSocket::open({kLoopback6, 0}).has_value();
}

TEST(UdpSocket, Ipv6WildcardKnowsAndUsesTheLocalAddress) {
  if (!has_ipv6()) {
    GTEST_SKIP() << "no IPv6 here";
  }
  Endpoint server(open(kAny6));
  Endpoint client(open(kLoopback6));
  Destination to_server(server.at(kLoopback6), 0);
  client.put(to_server, pattern(30, 1));
  client.flush();
  const auto request = receive(server.receiver, server.socket, 1);
  ASSERT_EQ(request.size(), 1u);
  EXPECT_EQ(request[0].remote, client.socket.local());
  EXPECT_EQ(request[0].local_ip, kLoopback6);
  Destination to_client(request[0].remote, 0, request[0].local_ip);
  server.put(to_client, pattern(31, 2));
  server.flush();
  EXPECT_EQ(receive(client.receiver, client.socket, 1).size(), 1u);
}

TEST(UdpSocket, Ipv6OnlySocketSharesThePortWithIpv4) {
  if (!has_ipv6()) {
    GTEST_SKIP() << "no IPv6 here";
  }
  const UdpSocket v6 = open(kAny6);
  EXPECT_TRUE(UdpSocket::open({IpAddress(), v6.local().port}));
}

TEST(UdpSocket, DualStackSocketServesIpv4) {
  if (!has_ipv6()) {
    GTEST_SKIP() << "no IPv6 here";
  }
  UdpSettings dual;
  dual.ipv6_only = false;
  Endpoint server(open(kAny6, dual));
  Endpoint client(open(kLoopback));
  Destination to_server(server.at(kOtherLoopback), 0);
  client.put(to_server, pattern(30, 1));
  client.flush();
  const auto request = receive(server.receiver, server.socket, 1);
  ASSERT_EQ(request.size(), 1u);
  EXPECT_EQ(request[0].remote, client.socket.local());
  EXPECT_EQ(request[0].local_ip, kOtherLoopback);
  Destination to_client(request[0].remote, 0, request[0].local_ip);
  server.put(to_client, pattern(31, 2));
  server.flush();
  const auto answer = receive(client.receiver, client.socket, 1);
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].remote, server.at(kOtherLoopback));
}

TEST(UdpSocket, LargestDatagramGoesAlone) {
  // Longer than a GSO message may be, and longer than what follows it.
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback));
  Destination destination(to.socket.local(), 0);
  from.put(destination, pattern(65'507, 1));
  from.put(destination, pattern(10, 2));
  EXPECT_TRUE(from.flush());
  const auto got = receive(to.receiver, to.socket, 2);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].bytes, pattern(65'507, 1));
  EXPECT_EQ(got[1].bytes, pattern(10, 2));
  EXPECT_EQ(from.socket.counters().gso_messages, 0u);
}

TEST(UdpSocket, SendErrorIsCountedAndTheRestSent) {
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback));
  // A socket bound to the loopback address has no way to the outside.
  Destination unreachable({*IpAddress::parse("203.0.113.1"), 9}, 0);
  Destination destination(to.socket.local(), 0);
  from.put(unreachable, pattern(10, 1));
  from.put(destination, pattern(10, 2));
  EXPECT_TRUE(from.flush());
  EXPECT_EQ(from.socket.counters().dropped_error, 1u);
  EXPECT_EQ(receive(to.receiver, to.socket, 1).size(), 1u);
}

TEST(UdpSocket, RoundTripAllocatesNothing) {
  Endpoint from(open(kLoopback));
  Endpoint to(open(kLoopback));
  Destination destination(to.socket.local(), 0);
  const std::vector<uint8_t> bytes = pattern(1200, 1);
  const size_t before = test::allocation_count();
  for (int turn = 0; turn < 3; ++turn) {
    for (int i = 0; i < 20; ++i) {
      from.put(destination, bytes);
    }
    from.flush();
    size_t got = 0;
    while (got < 20 && wait_readable(to.socket.fd())) {
      to.receiver.read(to.socket, 0);
      for (auto batch = to.receiver.next(); !batch.empty(); batch = to.receiver.next()) {
        got += batch.size();
      }
    }
    ASSERT_EQ(got, 20u);
  }
  EXPECT_EQ(test::allocation_count(), before);
}

/// Fails in a given way, or hands out one message that was cut off.
class FailingKernel : public SocketCalls {
 public:
  int send_messages(int, std::span<mmsghdr>) override { return -EAGAIN; }
  int receive_messages(int, std::span<mmsghdr> messages) override {
    if (result < 0) {
      return result;
    }
    messages[0].msg_len = 100;
    messages[0].msg_hdr.msg_flags = MSG_TRUNC;
    messages[0].msg_hdr.msg_controllen = 0;
    return 1;
  }
  int result = -EAGAIN;
};

TEST(UdpReceiver, CountsErrorsAndCutOffDatagrams) {
  FailingKernel kernel;
  UdpReceiver receiver(kernel);
  UdpSocket socket = open(kLoopback);
  EXPECT_EQ(receiver.read(socket, 0), 0u);
  EXPECT_EQ(socket.counters().receive_errors, 0u);
  kernel.result = -ECONNREFUSED;
  EXPECT_EQ(receiver.read(socket, 0), 0u);
  EXPECT_EQ(socket.counters().receive_errors, 1u);
  EXPECT_TRUE(receiver.next().empty());
  kernel.result = 1;
  EXPECT_EQ(receiver.read(socket, 0), 1u);
  EXPECT_TRUE(receiver.next().empty());
  EXPECT_EQ(socket.counters().truncated, 1u);
  EXPECT_EQ(socket.counters().datagrams_in, 0u);
}

}  // namespace
}  // namespace sluice::net
