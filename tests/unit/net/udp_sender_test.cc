// Flushing against a scripted kernel: how messages are formed, and every way in which the kernel
// may refuse them.
#include "net/udp_sender.h"

#include <gtest/gtest.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "support/allocation_counter.h"

namespace sluice::net {
namespace {

/// One message as the kernel saw it.
struct Sent {
  SocketAddress to;
  std::vector<std::string> pieces;
  uint16_t segment_size = 0;
  IpAddress source;
};

/// Takes messages, or answers calls from a script of counts and negative errnos.
class ScriptedKernel : public SocketCalls {
 public:
  int send_messages(int /*fd*/, std::span<mmsghdr> messages) override {
    ++calls;
    int result = static_cast<int>(messages.size());
    if (!script.empty()) {
      result = std::min(script.front(), result);
      script.pop_front();
    } else if (refuse) {
      // As sendmmsg does: what precedes a failing message is sent, and the failure shows when that
      // message is the first.
      for (size_t i = 0; i < messages.size(); ++i) {
        if (const int error = refuse(decode(messages[i].msg_hdr)); error != 0) {
          result = i == 0 ? -error : static_cast<int>(i);
          break;
        }
      }
    }
    for (int i = 0; record && i < result; ++i) {
      sent.push_back(decode(messages[static_cast<size_t>(i)].msg_hdr));
    }
    return result;
  }
  int receive_messages(int /*fd*/, std::span<mmsghdr> /*messages*/) override { return -EAGAIN; }

  std::deque<int> script;
  std::function<int(const Sent&)> refuse;
  std::vector<Sent> sent;
  bool record = true;
  int calls = 0;

 private:
  static Sent decode(const msghdr& header) {
    Sent out;
    NativeAddress name;
    std::memcpy(name.get(), header.msg_name, header.msg_namelen);
    out.to = name.to_socket_address();
    for (size_t i = 0; i < header.msg_iovlen; ++i) {
      out.pieces.emplace_back(static_cast<const char*>(header.msg_iov[i].iov_base),
                              header.msg_iov[i].iov_len);
    }
    for (const cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr;
         c = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(c))) {
      if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_SEGMENT) {
        std::memcpy(&out.segment_size, CMSG_DATA(c), sizeof(out.segment_size));
      } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        in_pktinfo info;
        std::memcpy(&info, CMSG_DATA(c), sizeof(info));
        out.source = to_ip_address(info.ipi_spec_dst);
      }
    }
    return out;
  }
};

SocketAddress peer(uint16_t port) {
  return {IpAddress::v4(0x7f000001), port};
}

class UdpSenderTest : public testing::Test {
 protected:
  void put(Destination& destination, size_t size, char fill = 'x',
           Priority priority = Priority::kHigh) {
    uint8_t* room = queue.reserve(size);
    ASSERT_NE(room, nullptr);
    std::memset(room, fill, size);
    queue.commit(size, destination, priority);
  }
  bool flush(Micros now = 0us) {
    const bool done = sender.flush(socket, 0, queue, now);
    queue.recycle(256);
    return done;
  }

  UdpSocket socket = std::move(*UdpSocket::open({IpAddress::v4(0x7f000001), 0}));
  ScriptedKernel kernel;
  UdpSender sender{kernel};
  SendQueue queue;
  Destination a{peer(1), 0};
  Destination b{peer(2), 0};
  Destination c{peer(3), 0};
};

TEST_F(UdpSenderTest, OneCallForAllDestinations) {
  put(a, 100, '1');
  put(b, 100, '2');
  put(a, 100, '3');
  EXPECT_TRUE(flush());
  EXPECT_EQ(kernel.calls, 1);
  ASSERT_EQ(kernel.sent.size(), 2u);
  EXPECT_EQ(kernel.sent[0].to, peer(1));
  EXPECT_EQ(kernel.sent[0].pieces, std::vector({std::string(100, '1'), std::string(100, '3')}));
  EXPECT_EQ(kernel.sent[0].segment_size, 100);
  EXPECT_EQ(kernel.sent[1].pieces.size(), 1u);
  EXPECT_EQ(kernel.sent[1].segment_size, 0);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(socket.counters().datagrams_out, 3u);
  EXPECT_EQ(socket.counters().bytes_out, 300u);
  EXPECT_EQ(socket.counters().gso_messages, 1u);
  EXPECT_EQ(socket.counters().gso_datagrams, 2u);
}

TEST_F(UdpSenderTest, ShorterDatagramEndsARun) {
  for (const size_t size : {100u, 100u, 60u, 60u, 80u, 20u, 20u}) {
    put(a, size);
  }
  flush();
  std::vector<std::vector<size_t>> sizes;
  for (const Sent& message : kernel.sent) {
    sizes.emplace_back();
    for (const std::string& piece : message.pieces) {
      sizes.back().push_back(piece.size());
    }
  }
  EXPECT_EQ(sizes, (std::vector<std::vector<size_t>>{{100, 100, 60}, {60}, {80, 20}, {20}}));
}

TEST_F(UdpSenderTest, RunsStopAt64Segments) {
  for (int i = 0; i < 130; ++i) {
    put(a, 50);
  }
  flush();
  ASSERT_EQ(kernel.sent.size(), 3u);
  EXPECT_EQ(kernel.sent[0].pieces.size(), 64u);
  EXPECT_EQ(kernel.sent[1].pieces.size(), 64u);
  EXPECT_EQ(kernel.sent[2].pieces.size(), 2u);
}

TEST_F(UdpSenderTest, RunsStopAt65000Bytes) {
  for (int i = 0; i < 60; ++i) {
    put(a, 1200);
  }
  flush();
  ASSERT_EQ(kernel.sent.size(), 2u);
  EXPECT_EQ(kernel.sent[0].pieces.size(), 54u);
  EXPECT_EQ(kernel.sent[1].pieces.size(), 6u);
}

TEST_F(UdpSenderTest, SendsMoreThanOneBatch) {
  std::vector<Destination> many;
  for (uint16_t i = 0; i < 700; ++i) {
    many.emplace_back(peer(static_cast<uint16_t>(1000 + i)), uint8_t{0});
  }
  for (int round = 0; round < 8; ++round) {
    for (Destination& destination : many) {
      put(destination, 100);
    }
  }
  EXPECT_TRUE(flush());
  EXPECT_EQ(socket.counters().datagrams_out, 5600u);
  EXPECT_LE(kernel.calls, 3);
  EXPECT_TRUE(queue.empty());
}

TEST_F(UdpSenderTest, PartialResultGoesOnWhereItStopped) {
  kernel.script = {1, 1, -EINTR};
  put(a, 100);
  put(b, 100);
  put(c, 100);
  EXPECT_TRUE(flush());
  ASSERT_EQ(kernel.sent.size(), 3u);
  EXPECT_EQ(kernel.sent[2].to, peer(3));
  EXPECT_EQ(kernel.calls, 4);
  EXPECT_EQ(socket.counters().datagrams_out, 3u);
}

class UdpSenderGsoRefused : public UdpSenderTest, public testing::WithParamInterface<int> {};

TEST_P(UdpSenderGsoRefused, ResendsSinglyAndRemembers) {
  kernel.refuse = [](const Sent& message) {
    return message.to == peer(2) && message.segment_size != 0 ? GetParam() : 0;
  };
  put(a, 100);
  put(a, 100);
  put(b, 100);
  put(b, 100);
  put(b, 100);
  put(c, 100);
  put(c, 100);
  EXPECT_TRUE(flush());
  EXPECT_EQ(socket.counters().datagrams_out, 7u);
  EXPECT_EQ(socket.counters().gso_refused, 1u);
  EXPECT_EQ(socket.counters().dropped_error, 0u);
  EXPECT_TRUE(b.gso_disabled());
  EXPECT_FALSE(a.gso_disabled());
  std::vector<std::pair<uint16_t, size_t>> shape;
  for (const Sent& message : kernel.sent) {
    shape.emplace_back(message.to.port, message.pieces.size());
  }
  EXPECT_EQ(shape,
            (std::vector<std::pair<uint16_t, size_t>>{{1, 2}, {2, 1}, {2, 1}, {2, 1}, {3, 2}}));
  put(b, 100);
  put(b, 100);
  flush();
  EXPECT_EQ(socket.counters().gso_refused, 1u);
}

INSTANTIATE_TEST_SUITE_P(Errors, UdpSenderGsoRefused, testing::Values(EINVAL, EIO, EMSGSIZE));

TEST_F(UdpSenderTest, RefusedDatagramIsDroppedAloneAndCounted) {
  kernel.refuse = [](const Sent& message) { return message.to == peer(2) ? ENETUNREACH : 0; };
  put(a, 100);
  put(b, 100);
  put(c, 100);
  EXPECT_TRUE(flush());
  EXPECT_EQ(socket.counters().dropped_error, 1u);
  EXPECT_EQ(socket.counters().datagrams_out, 2u);
  EXPECT_TRUE(queue.empty());
}

TEST_F(UdpSenderTest, TooLargeSingleDatagramIsDropped) {
  kernel.refuse = [](const Sent&) { return EMSGSIZE; };
  put(a, 1500);
  EXPECT_TRUE(flush());
  EXPECT_EQ(socket.counters().dropped_error, 1u);
  EXPECT_FALSE(a.gso_disabled());
}

class UdpSenderBlocked : public UdpSenderTest, public testing::WithParamInterface<int> {};

TEST_P(UdpSenderBlocked, KeepsTheRestAndSendsItLater) {
  kernel.script = {1, -GetParam()};
  put(a, 100, '1');
  put(b, 100, '2');
  put(c, 100, '3');
  EXPECT_FALSE(flush(10ms));
  EXPECT_EQ(queue.pending(), 2u);
  EXPECT_EQ(socket.counters().blocked, 1u);
  put(b, 100, '4');
  EXPECT_TRUE(flush(11ms));
  ASSERT_EQ(kernel.sent.size(), 3u);
  EXPECT_EQ(kernel.sent[1].pieces, std::vector({std::string(100, '2'), std::string(100, '4')}));
  EXPECT_EQ(kernel.sent[2].pieces, std::vector({std::string(100, '3')}));
  EXPECT_EQ(socket.counters().dropped_blocked, 0u);
  EXPECT_FALSE(socket.blocked_since);
}

INSTANTIATE_TEST_SUITE_P(Errors, UdpSenderBlocked, testing::Values(EAGAIN, ENOBUFS, ENOMEM));

TEST_F(UdpSenderTest, DropsWhatHasWaited20Milliseconds) {
  kernel.refuse = [](const Sent&) { return EAGAIN; };
  put(a, 100);
  EXPECT_FALSE(flush(0ms));
  EXPECT_FALSE(flush(19ms));
  EXPECT_EQ(queue.pending(), 1u);
  EXPECT_TRUE(flush(20ms));
  EXPECT_EQ(socket.counters().dropped_blocked, 1u);
  EXPECT_TRUE(queue.empty());
  // The next one has its own 20 ms.
  put(a, 100);
  EXPECT_FALSE(flush(21ms));
  EXPECT_FALSE(flush(40ms));
  EXPECT_EQ(socket.counters().dropped_blocked, 1u);
}

TEST_F(UdpSenderTest, KeepsABoundedNumberAndDropsVideoFirst) {
  kernel.refuse = [](const Sent&) { return EAGAIN; };
  for (int i = 0; i < 10; ++i) {
    put(a, 100, 'h', Priority::kHigh);
  }
  for (int i = 0; i < 400; ++i) {
    put(a, 100, 'v', Priority::kLow);
  }
  EXPECT_FALSE(flush());
  EXPECT_EQ(queue.pending(), 256u);
  size_t high = 0;
  queue.for_each_pending([&](Destination&, Bytes bytes) { high += bytes[0] == 'h' ? 1 : 0; });
  EXPECT_EQ(high, 10u);
  EXPECT_EQ(queue.counters().dropped, 154u);
}

TEST_F(UdpSenderTest, NamesTheSourceOnAWildcardSocketOnly) {
  const IpAddress source = IpAddress::v4(0x7f000005);
  Destination from(peer(1), 0, source);
  put(from, 10);
  flush();
  EXPECT_EQ(kernel.sent.at(0).source, IpAddress());

  socket = std::move(*UdpSocket::open({IpAddress(), 0}));
  put(from, 10);
  put(from, 10);
  put(a, 10);
  flush();
  EXPECT_EQ(kernel.sent.at(1).source, source);
  EXPECT_EQ(kernel.sent.at(1).segment_size, 10);
  EXPECT_EQ(kernel.sent.at(2).source, IpAddress());
}

TEST_F(UdpSenderTest, WithoutGsoEverythingGoesSingly) {
  UdpSettings settings;
  settings.gso = false;
  socket = std::move(*UdpSocket::open({IpAddress::v4(0x7f000001), 0}, settings));
  put(a, 100);
  put(a, 100);
  flush();
  EXPECT_EQ(kernel.sent.size(), 2u);
}

TEST_F(UdpSenderTest, SteadyStateAllocatesNothing) {
  kernel.record = false;
  std::vector<Destination> many;
  for (uint16_t i = 0; i < 100; ++i) {
    many.emplace_back(peer(static_cast<uint16_t>(1000 + i)), uint8_t{0});
  }
  const size_t before = test::allocation_count();
  for (int turn = 0; turn < 5; ++turn) {
    for (Destination& destination : many) {
      for (int i = 0; i < 5; ++i) {
        queue.reserve(1500)[0] = 1;
        queue.commit(1200, destination);
      }
    }
    flush();
  }
  EXPECT_EQ(test::allocation_count(), before);
  EXPECT_EQ(socket.counters().datagrams_out, 2500u);
}

}  // namespace
}  // namespace sluice::net
