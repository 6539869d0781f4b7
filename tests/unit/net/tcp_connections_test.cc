// TCP connections over real loopback sockets with the time of the limits played in.
#include "net/tcp_connections.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "net/native_address.h"
#include "unit/net/loopback.h"

namespace sluice::net {
namespace {

FileDescriptor connect_to(const SocketAddress& address, const SocketAddress& from = {}) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!from.ip.is_any()) {
    const NativeAddress source(from);
    EXPECT_EQ(bind(fd.get(), source.get(), source.size()), 0);
  }
  const NativeAddress native(address);
  EXPECT_EQ(connect(fd.get(), native.get(), native.size()), 0);
  return fd;
}

void write_all(int fd, std::string_view bytes) {
  ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

std::string framed(std::string_view frame) {
  std::string out = {static_cast<char>(frame.size() >> 8), static_cast<char>(frame.size())};
  return out.append(frame);
}

/// Reads exactly `size` bytes, or what came before the end.
std::string read_exactly(int fd, size_t size) {
  std::string out;
  while (out.size() < size && wait_readable(fd)) {
    std::string part(size - out.size(), '\0');
    const ssize_t got = recv(fd, part.data(), part.size(), 0);
    if (got <= 0) {
      break;
    }
    out.append(part, 0, static_cast<size_t>(got));
  }
  return out;
}

bool ended(int fd) {
  char byte = 0;
  return wait_readable(fd) && recv(fd, &byte, 1, 0) <= 0;
}

class TcpConnectionsTest : public testing::Test, public LoopHandler {
 protected:
  TcpConnectionsTest() { make({}); }

  void make(const TcpLimits& limits) {
    tcp = std::make_unique<TcpConnections>(poller, timers, limits);
    auto listener = TcpListener::open({kLoopback, 0});
    address = listener->local();
    ASSERT_TRUE(tcp->add_listener(std::move(*listener)));
  }

  /// Handles events until `done`, like a loop with a clock of our own.
  template <class Done>
  void run_until(Done done) {
    for (int i = 0; i < 10'000 && !done(); ++i) {
      turn(i == 0 ? 0us : 100ms);
    }
    EXPECT_TRUE(done());
  }
  void turn(Micros wait = 0us) {
    for (const Poller::Event& event : poller.wait(wait)) {
      const auto number = static_cast<uint32_t>(event.tag);
      if (event.tag >> 32 == TcpConnections::kListenerTag >> 32) {
        tcp->on_listener_ready(number, *this, now);
      } else {
        tcp->on_connection_ready(number, event.flags, *this, now);
      }
    }
    timers.advance(now);
    tcp->flush(*this, now);
  }
  FileDescriptor connected(const SocketAddress& from = {}) {
    const size_t before = opened.size();
    FileDescriptor fd = connect_to(address, from);
    run_until([&] { return opened.size() > before; });
    return fd;
  }

  void on_tcp_opened(uint32_t connection, const SocketAddress& remote, const SocketAddress& local,
                     Micros) override {
    opened.push_back(connection);
    last_remote = remote;
    last_local = local;
  }
  void on_tcp_frame(uint32_t connection, MutableBytes frame, Micros) override {
    frames.emplace_back(as_text(frame));
    if (close_at_frame) {
      tcp->close(connection);
    }
    if (echo) {
      tcp->send(connection, frame, false, now);
    }
  }
  void on_tcp_closed(uint32_t connection, TcpCloseReason reason, Micros) override {
    closed[connection] = reason;
  }

  Micros now = 1'000s;
  Poller poller;
  TimerWheel timers{now};
  std::unique_ptr<TcpConnections> tcp;
  SocketAddress address;
  std::vector<uint32_t> opened;
  std::vector<std::string> frames;
  std::map<uint32_t, TcpCloseReason> closed;
  SocketAddress last_remote;
  SocketAddress last_local;
  bool close_at_frame = false;
  bool echo = false;
};

TEST_F(TcpConnectionsTest, ExchangesFrames) {
  echo = true;
  const FileDescriptor client = connected();
  EXPECT_EQ(last_remote, address_of_socket(client.get(), true));
  EXPECT_EQ(last_local, address);
  EXPECT_EQ(tcp->find(opened[0])->remote(), last_remote);
  write_all(client.get(), framed("hello") + framed("world"));
  run_until([&] { return frames.size() == 2; });
  EXPECT_EQ(frames, std::vector<std::string>({"hello", "world"}));
  EXPECT_EQ(read_exactly(client.get(), 14), framed("hello") + framed("world"));
  EXPECT_EQ(tcp->counters().frames_in, 2u);
  EXPECT_EQ(tcp->counters().frames_out, 2u);
}

TEST_F(TcpConnectionsTest, TurnsNagleOff) {
  auto listener = TcpListener::open({kLoopback, 0});
  const FileDescriptor client = connect_to(listener->local());
  ASSERT_TRUE(wait_readable(listener->fd()));
  const auto accepted = listener->accept();
  ASSERT_TRUE(accepted);
  int value = 0;
  socklen_t size = sizeof(value);
  getsockopt(accepted->fd.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size);
  EXPECT_NE(value, 0);
  EXPECT_EQ(listener->accept().error(), EAGAIN);
}

TEST_F(TcpConnectionsTest, Ice44FramesSplitOverSegments) {  // ICE-44
  const FileDescriptor client = connected();
  const std::string stream = framed("one") + framed("two") + framed("three") + framed("four");
  write_all(client.get(), stream.substr(0, 20));
  run_until([&] { return frames.size() == 3; });
  write_all(client.get(), stream.substr(20));
  run_until([&] { return frames.size() == 4; });
  EXPECT_EQ(frames, std::vector<std::string>({"one", "two", "three", "four"}));
}

TEST_F(TcpConnectionsTest, Ice46OversizeFrameClosesTheConnection) {  // ICE-46
  TcpLimits limits;
  limits.max_frame = 9000;
  make(limits);
  const FileDescriptor client = connected();
  write_all(client.get(), std::string("\xff\x00", 2));
  run_until([&] { return !closed.empty(); });
  EXPECT_EQ(closed.at(opened[0]), TcpCloseReason::kOversizeFrame);
  EXPECT_TRUE(ended(client.get()));
  EXPECT_EQ(tcp->size(), 0u);
  EXPECT_EQ(tcp->find(opened[0]), nullptr);
}

TEST_F(TcpConnectionsTest, Ice47HandlerClosesAtTheFirstOfThreeFrames) {  // ICE-47
  close_at_frame = true;
  const FileDescriptor client = connected();
  write_all(client.get(), framed("1") + framed("2") + framed("3"));
  run_until([&] { return tcp->size() == 0; });
  EXPECT_EQ(frames, std::vector<std::string>({"1"}));
  EXPECT_TRUE(closed.empty()) << "the handler closed it itself";
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(TcpConnectionsTest, PeerCloseIsReported) {
  FileDescriptor client = connected();
  client.close();
  run_until([&] { return !closed.empty(); });
  EXPECT_EQ(closed.at(opened[0]), TcpCloseReason::kPeer);
  EXPECT_FALSE(tcp->send(opened[0], as_bytes("late"), false, now));
}

TEST_F(TcpConnectionsTest, FramesBeforeTheEndAreDelivered) {
  FileDescriptor client = connected();
  write_all(client.get(), framed("last words"));
  client.close();
  run_until([&] { return !closed.empty(); });
  EXPECT_EQ(frames, std::vector<std::string>({"last words"}));
}

TEST_F(TcpConnectionsTest, CloseSendsWhatIsQueued) {
  const FileDescriptor client = connected();
  tcp->send(opened[0], as_bytes("alert"), false, now);
  tcp->close(opened[0]);
  turn();
  EXPECT_EQ(read_exactly(client.get(), 7), framed("alert"));
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(TcpConnectionsTest, NumbersAreNotUsedAgainAtOnce) {
  {
    const FileDescriptor first = connected();
  }
  run_until([&] { return !closed.empty(); });
  const FileDescriptor second = connected();
  ASSERT_EQ(opened.size(), 2u);
  EXPECT_NE(opened[0], opened[1]);
  EXPECT_EQ(tcp->find(opened[0]), nullptr);
  EXPECT_NE(tcp->find(opened[1]), nullptr);
}

TEST_F(TcpConnectionsTest, StrangerIsClosedAfterTenSeconds) {
  const FileDescriptor stranger = connected();
  const FileDescriptor friendly = connected();
  tcp->mark_authenticated(opened[1]);
  now += 9'999ms;
  turn();
  EXPECT_TRUE(closed.empty());
  now += 1ms;
  turn();
  EXPECT_EQ(closed,
            (std::map<uint32_t, TcpCloseReason>{{opened[0], TcpCloseReason::kUnauthenticated}}));
  EXPECT_TRUE(ended(stranger.get()));
  now += 1h;
  turn();
  EXPECT_EQ(closed.size(), 1u);
  EXPECT_EQ(tcp->counters().closed_unauthenticated, 1u);
}

TEST_F(TcpConnectionsTest, StrangersPerAddressAreLimited) {
  std::vector<FileDescriptor> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(connected());
  }
  const FileDescriptor too_many = connect_to(address);
  run_until([&] { return tcp->counters().refused == 1; });
  EXPECT_TRUE(ended(too_many.get()));
  EXPECT_EQ(tcp->size(), 64u);
  // Another address has its own limit; an authenticated connection counts no longer.
  const FileDescriptor elsewhere = connected({IpAddress::v4(0x7f000007), 0});
  tcp->mark_authenticated(opened[3]);
  tcp->mark_authenticated(opened[3]);
  const FileDescriptor one_more = connected();
  const FileDescriptor refused = connect_to(address);
  run_until([&] { return tcp->counters().refused == 2; });
}

TEST_F(TcpConnectionsTest, ClosedStrangerMakesRoom) {
  TcpLimits limits;
  limits.max_unauthenticated_per_ip = 1;
  make(limits);
  {
    const FileDescriptor first = connected();
  }
  run_until([&] { return !closed.empty(); });
  const FileDescriptor second = connected();
  EXPECT_EQ(tcp->counters().refused, 0u);
}

TEST_F(TcpConnectionsTest, ConnectionsAreLimited) {
  TcpLimits limits;
  limits.max_connections = 2;
  make(limits);
  const FileDescriptor a = connected();
  const FileDescriptor b = connected();
  tcp->mark_authenticated(opened[0]);
  tcp->mark_authenticated(opened[1]);
  const FileDescriptor c = connect_to(address);
  run_until([&] { return tcp->counters().refused == 1; });
  EXPECT_TRUE(ended(c.get()));
}

TEST_F(TcpConnectionsTest, PeerThatDoesNotReadLosesMediaOnly) {
  TcpLimits limits;
  limits.send_queue = 64 * 1024;
  make(limits);
  const FileDescriptor client = connected();
  const std::string media(1000, 'm');
  uint64_t sent = 0;
  // Until the kernel's buffers and ours are full.
  while (tcp->counters().dropped == 0) {
    sent += tcp->send(opened[0], as_bytes(media), true, now) ? 1 : 0;
    ASSERT_LT(sent, 100'000u);
  }
  EXPECT_TRUE(tcp->send(opened[0], as_bytes("control"), false, now));
  // Everything that was taken arrives whole, once the peer reads.
  std::string got;
  const size_t expected = sent * 1002 + 9;
  while (got.size() < expected) {
    turn();
    const std::string part =
        read_exactly(client.get(), std::min<size_t>(expected - got.size(), 50'000));
    ASSERT_FALSE(part.empty());
    got += part;
  }
  EXPECT_EQ(got.substr(got.size() - 9), framed("control"));
  EXPECT_EQ(got.substr(0, 1002), framed(media));
  EXPECT_TRUE(closed.empty());
}

TEST_F(TcpConnectionsTest, PeerThatNeverReadsIsClosed) {
  TcpLimits limits;
  limits.send_queue = 64 * 1024;
  make(limits);
  const FileDescriptor client = connected();
  const std::string control(1000, 'c');
  for (int i = 0; i < 100'000 && tcp->send(opened[0], as_bytes(control), false, now); ++i) {
  }
  turn();
  EXPECT_EQ(closed.at(opened[0]), TcpCloseReason::kSendOverflow);
}

TEST_F(TcpConnectionsTest, UnknownNumbersAreHarmless) {
  EXPECT_FALSE(tcp->send(0, as_bytes("x"), false, now));
  EXPECT_FALSE(tcp->send(0xffffffff, as_bytes("x"), false, now));
  tcp->close(12345);
  tcp->mark_authenticated(12345);
  EXPECT_EQ(tcp->find(0), nullptr);
}

}  // namespace
}  // namespace sluice::net
