// The loop: order of a turn, commands and wake-ups from other threads, sockets, timers, stopping.
#include "net/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/spsc_ring.h"
#include "support/allocation_counter.h"
#include "unit/net/loopback.h"

namespace sluice::net {
namespace {

LoopSettings small() {
  LoopSettings settings;
  settings.packets = 64;
  return settings;
}

std::unique_ptr<Loop> make_loop(const LoopSettings& settings = small()) {
  auto loop = Loop::create(settings);
  EXPECT_TRUE(loop);
  return std::move(*loop);
}

/// Sends every datagram and frame back where it came from.
class Echo : public LoopHandler {
 public:
  explicit Echo(Loop& loop) : loop_(loop) { loop.set_handler(*this); }

  void on_datagrams(std::span<Datagram> datagrams, Micros) override {
    for (const Datagram& datagram : datagrams) {
      uint8_t* room = loop_.send_queue().reserve(datagram.data.size());
      if (room == nullptr) {
        continue;
      }
      std::memcpy(room, datagram.data.data(), datagram.data.size());
      loop_.send_queue().commit_to(datagram.data.size(), datagram.remote, datagram.socket,
                                   datagram.local_ip);
      ++datagrams_;
    }
  }
  void on_tcp_frame(uint32_t connection, MutableBytes frame, Micros) override {
    Destination back = Destination::over_tcp(connection);
    std::memcpy(loop_.send_queue().reserve(frame.size()), frame.data(), frame.size());
    loop_.send_queue().commit(frame.size(), back);
  }

  size_t datagrams_ = 0;

 private:
  Loop& loop_;
};

struct Client {
  UdpSocket socket = std::move(*UdpSocket::open({kLoopback, 0}));
  UdpReceiver receiver;

  void send(const SocketAddress& to, std::string_view text) {
    const NativeAddress native(to);
    ASSERT_EQ(sendto(socket.fd(), text.data(), text.size(), 0, native.get(), native.size()),
              static_cast<ssize_t>(text.size()));
  }
};

TEST(Loop, EchoesDatagramsOnSeveralSockets) {
  auto loop = make_loop();
  Echo echo(*loop);
  std::vector<SocketAddress> addresses;
  for (const IpAddress& ip : {kLoopback, IpAddress::v4(0x7f000002), IpAddress()}) {
    auto socket = UdpSocket::open({ip, 0});
    addresses.push_back({ip.is_any() ? IpAddress::v4(0x7f000003) : ip, socket->local().port});
    ASSERT_TRUE(loop->add_socket(std::move(*socket)));
  }
  Client client;
  for (const SocketAddress& address : addresses) {
    client.send(address, "to " + address.to_string());
  }
  while (echo.datagrams_ < addresses.size()) {
    loop->run_once(1s);
  }
  const auto got = receive(client.receiver, client.socket, addresses.size());
  ASSERT_EQ(got.size(), addresses.size());
  for (const Received& datagram : got) {
    EXPECT_EQ(as_text(datagram.bytes), "to " + datagram.remote.to_string());
  }
  EXPECT_EQ(loop->udp_counters().datagrams_in, 3u);
  EXPECT_EQ(loop->udp_counters().datagrams_out, 3u);
}

TEST(Loop, RunsATurnInOrder) {
  auto loop = make_loop();
  struct Recorder : LoopHandler {
    void on_datagrams(std::span<Datagram>, Micros) override { events.emplace_back("datagrams"); }
    void on_turn(Micros) override { events.emplace_back("turn"); }
    void on_timers(Micros) override { events.emplace_back("timers"); }
    void on_timer(Micros) { events.emplace_back("timer"); }
    std::vector<std::string> events;
    Timer timer = Timer::of<&Recorder::on_timer>(this);
  } recorder;
  loop->set_handler(recorder);
  auto socket = UdpSocket::open({kLoopback, 0});
  const SocketAddress address = socket->local();
  const int fd = socket->fd();
  ASSERT_TRUE(loop->add_socket(std::move(*socket)));
  loop->timers().schedule(recorder.timer, loop->now() - 1s);
  loop->post([&] { recorder.events.emplace_back("command"); });
  Client client;
  client.send(address, "x");
  ASSERT_TRUE(wait_readable(fd));
  // The timer is due at the next millisecond at the latest.
  while (recorder.events.empty() || recorder.timer.armed()) {
    loop->run_once(1s);
  }
  std::vector<std::string> first(recorder.events.begin(), recorder.events.begin() + 3);
  EXPECT_EQ(first, std::vector<std::string>({"command", "datagrams", "turn"}));
  std::vector<std::string> last(recorder.events.end() - 3, recorder.events.end());
  EXPECT_EQ(last, std::vector<std::string>({"turn", "timer", "timers"}));
}

TEST(Loop, SendsOnTcpThroughTheSameQueue) {
  auto loop = make_loop();
  Echo echo(*loop);
  auto listener = TcpListener::open({kLoopback, 0});
  const NativeAddress address(listener->local());
  ASSERT_TRUE(loop->add_listener(std::move(*listener)));
  const FileDescriptor client(socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(connect(client.get(), address.get(), address.size()), 0);
  ASSERT_EQ(::send(client.get(), "\0\3abc\0\1d", 8, 0), 8);
  std::string got;
  while (got.size() < 8) {
    loop->run_once(1s);
    char buffer[16];
    const ssize_t size = recv(client.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    got.append(buffer, size > 0 ? static_cast<size_t>(size) : 0);
  }
  EXPECT_EQ(got, std::string("\0\3abc\0\1d", 8));
}

TEST(Loop, FlushesByItselfWhenTheQueueIsFull) {
  LoopSettings settings = small();
  settings.send_bytes = 16 * 1024;
  auto loop = make_loop(settings);
  auto socket = UdpSocket::open({kLoopback, 0});
  const auto index = loop->add_socket(std::move(*socket));
  Client client;
  Destination to(client.socket.local(), *index);
  for (int i = 0; i < 100; ++i) {
    uint8_t* room = loop->send_queue().reserve(1000);
    ASSERT_NE(room, nullptr) << i;
    std::memset(room, i, 1000);
    loop->send_queue().commit(1000, to);
  }
  loop->run_once(0us);
  const auto got = receive(client.receiver, client.socket, 100);
  ASSERT_EQ(got.size(), 100u);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].bytes[0], i);
  }
}

TEST(Loop, RemovedSocketSendsItsLastWords) {
  auto loop = make_loop();
  Echo echo(*loop);
  auto socket = UdpSocket::open({kLoopback, 0});
  const SocketAddress address = socket->local();
  const auto index = loop->add_socket(std::move(*socket));
  Client client;
  Destination to(client.socket.local(), *index);
  std::memcpy(loop->send_queue().reserve(3), "bye", 3);
  loop->send_queue().commit(3, to);
  loop->remove_socket(*index);
  loop->remove_socket(*index);
  loop->run_once(0us);
  EXPECT_EQ(loop->socket(*index), nullptr);
  const auto got = receive(client.receiver, client.socket, 1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(as_text(got[0].bytes), "bye");
  EXPECT_EQ(loop->udp_counters().datagrams_out, 1u);
  // The address and the index are free again; what is sent to a missing socket vanishes.
  std::memcpy(loop->send_queue().reserve(4), "lost", 4);
  loop->send_queue().commit(4, to);
  loop->run_once(0us);
  EXPECT_TRUE(loop->send_queue().empty());
  EXPECT_EQ(*loop->add_socket(std::move(*UdpSocket::open(address))), *index);
}

TEST(Loop, HandlerMayRemoveTheSocketThatCallsIt) {
  auto loop = make_loop();
  struct Remover : LoopHandler {
    void on_datagrams(std::span<Datagram> datagrams, Micros) override {
      ++calls;
      loop->remove_socket(datagrams[0].socket);
    }
    Loop* loop = nullptr;
    int calls = 0;
  } remover;
  remover.loop = loop.get();
  loop->set_handler(remover);
  auto socket = UdpSocket::open({kLoopback, 0});
  const SocketAddress address = socket->local();
  const auto index = loop->add_socket(std::move(*socket));
  Client client;
  client.send(address, "x");
  while (remover.calls == 0) {
    loop->run_once(1s);
  }
  EXPECT_EQ(loop->socket(*index), nullptr);
}

TEST(Loop, HandlesAtMostItsBudgetPerTurn) {
  auto loop = make_loop();
  Echo echo(*loop);
  UdpSettings settings;
  settings.gro = false;
  auto socket = UdpSocket::open({kLoopback, 0}, settings);
  const SocketAddress address = socket->local();
  ASSERT_TRUE(loop->add_socket(std::move(*socket)));
  Client client;
  for (int i = 0; i < 400; ++i) {
    client.send(address, "x");
  }
  loop->run_once(1s);
  EXPECT_EQ(echo.datagrams_, 256u);
  loop->run_once(1s);
  EXPECT_EQ(echo.datagrams_, 400u);
}

/// A kernel that is full for a while.
class FullKernel : public SocketCalls {
 public:
  int send_messages(int fd, std::span<mmsghdr> messages) override {
    ++calls;
    return calls <= full_calls ? -EAGAIN : real_socket_calls().send_messages(fd, messages);
  }
  int receive_messages(int fd, std::span<mmsghdr> messages) override {
    return real_socket_calls().receive_messages(fd, messages);
  }
  int calls = 0;
  // Once: a second time could, on a slow machine, be after the 20 ms that datagrams are kept.
  int full_calls = 1;
};

TEST(Loop, TriesAgainSoonWhenTheKernelIsFull) {
  FullKernel kernel;
  auto loop = std::move(*Loop::create(small(), kernel));
  const auto index = loop->add_socket(std::move(*UdpSocket::open({kLoopback, 0})));
  Client client;
  Destination to(client.socket.local(), *index);
  std::memcpy(loop->send_queue().reserve(5), "later", 5);
  loop->send_queue().commit(5, to);
  loop->run_once(1h);
  EXPECT_EQ(loop->send_queue().pending(), 1u);
  loop->run_once(1h);
  EXPECT_EQ(kernel.calls, 2);
  EXPECT_EQ(receive(client.receiver, client.socket, 1).size(), 1u);
}

TEST(Loop, TimersFireWithoutTraffic) {
  auto loop = make_loop();
  struct Ticker {
    void on_timer(Micros now) { at = now; }
    Micros at{};
    Timer timer = Timer::of<&Ticker::on_timer>(this);
  } ticker;
  const Micros deadline = loop->now() + 5ms;
  loop->timers().schedule(ticker.timer, deadline);
  while (ticker.timer.armed()) {
    loop->run_once(1h);
  }
  EXPECT_GE(ticker.at, deadline);
  EXPECT_GE(loop->stats().timers, 1u);
}

TEST(Loop, RunsCommandsOfOtherThreadsInOrder) {
  auto loop = make_loop();
  loop->start();
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 1000; ++i) {
    loop->post([&order, i] { order.push_back(i); });
  }
  loop->post([&done] { done.set_value(); });
  done.get_future().wait();
  loop->stop();
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(loop->stats().commands, 1001u);
  EXPECT_GE(loop->stats().command_depth_peak, 1u);
}

TEST(Loop, CommandMayPostAnother) {
  auto loop = make_loop();
  loop->start();
  std::promise<void> done;
  loop->post([&] { loop->post([&] { done.set_value(); }); });
  done.get_future().wait();
}

TEST(Loop, WakeLeadsToATurnThatSeesTheRing) {
  auto loop = make_loop();
  constexpr int kItems = 2000;
  SpscRing<int> ring(16);
  struct Drain : LoopHandler {
    void on_turn(Micros) override {
      ring->consume([&](int& value) {
        sum += value;
        ++count;
      });
      if (count == kItems) {
        done.set_value();
        ++count;
      }
    }
    SpscRing<int>* ring = nullptr;
    int64_t sum = 0;
    int count = 0;
    std::promise<void> done;
  } drain;
  drain.ring = &ring;
  loop->set_handler(drain);
  loop->start();
  for (int i = 0; i < kItems; ++i) {
    while (!ring.push(i)) {
      std::this_thread::yield();
    }
    loop->wake();
  }
  drain.done.get_future().wait();
  loop->stop();
  EXPECT_EQ(drain.sum, int64_t{kItems} * (kItems - 1) / 2);
}

TEST(Loop, StopRunsWhatWasPostedAndSendsWhatWaits) {
  auto loop = make_loop();
  const auto index = loop->add_socket(std::move(*UdpSocket::open({kLoopback, 0})));
  Client client;
  Destination to(client.socket.local(), *index);
  loop->start();
  loop->post([&] {
    std::memcpy(loop->send_queue().reserve(3), "end", 3);
    loop->send_queue().commit(3, to);
  });
  loop->stop();
  loop->stop();
  EXPECT_EQ(receive(client.receiver, client.socket, 1).size(), 1u);
}

TEST(LoopDeathTest, ExceptionOnTheThreadEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        auto loop = make_loop();
        loop->start();
        loop->post([] { throw std::runtime_error("broken"); });
        std::promise<void>().get_future().wait_for(std::chrono::seconds(10));
      },
      testing::ExitedWithCode(70), "");
}

TEST(Loop, ForwardingAllocatesNothing) {
  auto loop = make_loop();
  Echo echo(*loop);
  auto socket = UdpSocket::open({kLoopback, 0});
  const SocketAddress address = socket->local();
  ASSERT_TRUE(loop->add_socket(std::move(*socket)));
  Client client;
  const auto round = [&](size_t total) {
    for (int i = 0; i < 20; ++i) {
      client.send(address, "some payload");
    }
    while (echo.datagrams_ < total) {
      loop->run_once(1s);
    }
  };
  round(20);
  const size_t before = test::allocation_count();
  round(40);
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace sluice::net
