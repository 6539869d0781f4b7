#include "net/udp_receiver.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sluice::net {
namespace {

// The largest train that the kernel builds.
constexpr size_t kBufferSize = 65536;
// Buffers follow each other at a distance that is no power of two: their beginnings, where nearly
// all data lands, then spread over the sets of the caches. 20 lines hold a usual media packet.
constexpr size_t kBufferStride = kBufferSize + 20 * 64;
constexpr size_t kControlSize = 128;

struct Ancillary {
  IpAddress local;
  bool has_local = false;
  size_t segment_size = 0;
};

template <class T>
T read_control(const cmsghdr* header) {
  T value;
  std::memcpy(&value, CMSG_DATA(header), sizeof(value));
  return value;
}

Ancillary read_ancillary(msghdr& message) {
  Ancillary found;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      // The destination as a local unicast address, fit to be the source of the answer.
      found.local = to_ip_address(read_control<in_pktinfo>(c).ipi_spec_dst);
      found.has_local = true;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      found.local = to_ip_address(read_control<in6_pktinfo>(c).ipi6_addr);
      found.has_local = true;
    } else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
      found.segment_size = static_cast<size_t>(std::max(read_control<int>(c), 0));
    }
  }
  return found;
}

}  // namespace

struct UdpReceiver::Slot {
  NativeAddress remote;
  iovec buffer;
  alignas(cmsghdr) uint8_t control[kControlSize];
};

UdpReceiver::UdpReceiver(SocketCalls& calls)
    : calls_(calls),
      buffers_(kMessages * kBufferStride),
      slots_(std::make_unique<Slot[]>(kMessages)) {
  for (size_t i = 0; i < kMessages; ++i) {
    slots_[i].buffer = {buffers_.data() + i * kBufferStride, kBufferSize};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = slots_[i].remote.get();
    header.msg_iov = &slots_[i].buffer;
    header.msg_iovlen = 1;
    header.msg_control = slots_[i].control;
  }
  received_ = kMessages;
}

UdpReceiver::~UdpReceiver() = default;

size_t UdpReceiver::read(UdpSocket& socket, uint8_t index) {
  // Only what the last call used has to be restored.
  for (size_t i = 0; i < received_; ++i) {
    messages_[i].msg_hdr.msg_namelen = NativeAddress::kCapacity;
    messages_[i].msg_hdr.msg_controllen = kControlSize;
  }
  received_ = position_ = offset_ = 0;
  socket_ = &socket;
  index_ = index;
  ++socket.counters().receive_calls;
  const int result = calls_.receive_messages(socket.fd(), messages_);
  if (result < 0) {
    if (result != -EAGAIN && result != -EINTR) {
      // An ICMP error for something sent earlier; the socket itself goes on.
      ++socket.counters().receive_errors;
    }
    return 0;
  }
  received_ = static_cast<size_t>(result);
  return received_;
}

std::span<Datagram> UdpReceiver::next() {
  batch_size_ = 0;
  while (position_ < received_ && batch_size_ < kBatch) {
    append_train(*socket_, position_);
  }
  return std::span(batch_).first(batch_size_);
}

void UdpReceiver::append_train(UdpSocket& socket, size_t message) {
  msghdr& header = messages_[message].msg_hdr;
  const size_t size = messages_[message].msg_len;
  if ((header.msg_flags & MSG_TRUNC) != 0) {
    ++socket.counters().truncated;
    ++position_;
    return;
  }
  const Ancillary ancillary = read_ancillary(header);
  const size_t segment = ancillary.segment_size == 0 ? size : ancillary.segment_size;
  const SocketAddress remote = slots_[message].remote.to_socket_address();
  const IpAddress local = ancillary.has_local ? ancillary.local : socket.local().ip;
  uint8_t* data = buffers_.data() + message * kBufferStride;
  // An empty datagram is no use to any protocol here.
  while (offset_ < size && batch_size_ < kBatch) {
    const size_t length = std::min(segment, size - offset_);
    batch_[batch_size_++] = {{data + offset_, length}, remote, local, index_};
    ++socket.counters().datagrams_in;
    socket.counters().bytes_in += length;
    offset_ += length;
  }
  if (offset_ >= size) {
    ++position_;
    offset_ = 0;
  }
}

}  // namespace sluice::net
