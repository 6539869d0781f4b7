#include "net/udp_sender.h"

#include <netinet/udp.h>

#include <cerrno>
#include <cstring>
#include <span>

namespace sluice::net {
namespace {

// Messages of one sendmmsg (the kernel takes 1024) and datagrams in them: enough that the cost of
// the call itself vanishes, small enough to stay in the cache.
constexpr size_t kMaxMessages = 512;
constexpr size_t kMaxPieces = 4096;

constexpr size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t));

/// Errors of a path that cannot segment: odd MTU, tunnels, devices without checksum offload.
bool refuses_gso(int error) {
  return error == EINVAL || error == EIO || error == EMSGSIZE;
}

bool is_full(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

/// Writes control messages one behind the other.
class ControlWriter {
 public:
  explicit ControlWriter(uint8_t* buffer) : buffer_(buffer) {}

  template <class T>
  void append(int level, int type, const T& value) {
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof(T));
    std::memcpy(buffer_ + size_, &header, sizeof(header));
    std::memcpy(buffer_ + size_ + CMSG_LEN(0), &value, sizeof(T));
    size_ += CMSG_SPACE(sizeof(T));
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  uint8_t* buffer_;
  size_t size_ = 0;
};

}  // namespace

struct UdpSender::Message {
  Destination* destination;
  uint32_t datagrams;
  uint32_t bytes;
  alignas(cmsghdr) uint8_t control[kControlSize];
};

UdpSender::UdpSender(SocketCalls& calls)
    : calls_(calls),
      headers_(std::make_unique<mmsghdr[]>(kMaxMessages)),
      messages_(std::make_unique<Message[]>(kMaxMessages)),
      pieces_(std::make_unique<iovec[]>(kMaxPieces)) {}

UdpSender::~UdpSender() = default;

bool UdpSender::flush(UdpSocket& socket, uint8_t index, SendQueue& queue, Micros now) {
  while (queue.first(index) != nullptr) {
    build(socket, index, queue);
    if (send_built(socket, queue) == Progress::kBlocked) {
      return on_blocked(socket, index, queue, now);
    }
    // Everything went out, or a destination lost GSO and the rest is built anew.
  }
  socket.blocked_since.reset();
  return true;
}

void UdpSender::build(UdpSocket& socket, uint8_t index, const SendQueue& queue) {
  message_count_ = piece_count_ = 0;
  for (Destination* d = queue.first(index); d != nullptr; d = d->next_pending()) {
    if (!socket.is_v4()) {
      d->map_to_v6();
    }
    uint32_t entry = d->first_entry();
    while (entry != SendQueue::kNone) {
      if (message_count_ == kMaxMessages || piece_count_ == kMaxPieces) {
        return;
      }
      entry = append_message(socket, queue, *d, entry);
    }
  }
}

uint32_t UdpSender::append_message(const UdpSocket& socket, const SendQueue& queue,
                                   Destination& destination, uint32_t first) {
  const size_t first_piece = piece_count_;
  const size_t max_segments = socket.gso() && !destination.gso_disabled() ? kMaxSegments : 1;
  const uint16_t segment_size = queue.entry(first).size;
  size_t total = 0;
  uint32_t next = first;
  uint16_t last_size = segment_size;
  while (next != SendQueue::kNone && piece_count_ - first_piece < max_segments &&
         piece_count_ < kMaxPieces) {
    const SendQueue::Entry& entry = queue.entry(next);
    // A datagram that would exceed the total still goes when it is the only one.
    const bool fits = next == first || (last_size == segment_size && entry.size <= segment_size &&
                                        total + entry.size <= kMaxGsoBytes);
    if (!fits) {
      break;
    }
    pieces_[piece_count_++] = {entry.data, entry.size};
    total += entry.size;
    last_size = entry.size;
    next = entry.next;
  }

  const size_t datagrams = piece_count_ - first_piece;
  Message& message = messages_[message_count_];
  message.destination = &destination;
  message.datagrams = static_cast<uint32_t>(datagrams);
  message.bytes = static_cast<uint32_t>(total);
  msghdr& header = headers_[message_count_].msg_hdr;
  header.msg_name = const_cast<sockaddr*>(destination.native_remote().get());
  header.msg_namelen = destination.native_remote().size();
  header.msg_iov = &pieces_[first_piece];
  header.msg_iovlen = datagrams;
  write_control(socket, destination, message_count_, datagrams > 1 ? segment_size : uint16_t{0});
  ++message_count_;
  return next;
}

void UdpSender::write_control(const UdpSocket& socket, const Destination& destination,
                              size_t message, uint16_t segment_size) {
  ControlWriter control(messages_[message].control);
  if (socket.is_wildcard() && destination.has_local()) {
    if (socket.is_v4()) {
      in_pktinfo info{};
      info.ipi_spec_dst = to_in_addr(destination.local());
      control.append(IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      info.ipi6_addr = to_in6_addr(destination.local());
      control.append(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
  if (segment_size != 0) {
    control.append(SOL_UDP, UDP_SEGMENT, segment_size);
  }
  msghdr& header = headers_[message].msg_hdr;
  header.msg_control = control.size() == 0 ? nullptr : messages_[message].control;
  header.msg_controllen = control.size();
}

UdpSender::Progress UdpSender::send_built(UdpSocket& socket, SendQueue& queue) {
  UdpCounters& counters = socket.counters();
  size_t done = 0;
  while (done < message_count_) {
    ++counters.send_calls;
    const int result =
        calls_.send_messages(socket.fd(), std::span(&headers_[done], message_count_ - done));
    if (result > 0) {
      // Fewer than asked for means that the next one failed; sending it again tells why.
      const size_t end = done + static_cast<size_t>(result);
      for (; done < end; ++done) {
        const Message& message = messages_[done];
        counters.datagrams_out += message.datagrams;
        counters.bytes_out += message.bytes;
        if (message.datagrams > 1) {
          ++counters.gso_messages;
          counters.gso_datagrams += message.datagrams;
        }
        queue.pop(*message.destination, message.datagrams);
      }
      socket.blocked_since.reset();
      continue;
    }
    const int error = result == 0 ? EAGAIN : -result;
    if (error == EINTR) {
      continue;
    }
    if (is_full(error)) {
      return Progress::kBlocked;
    }
    const Message& message = messages_[done];
    if (message.datagrams > 1 && refuses_gso(error)) {
      message.destination->disable_gso();
      ++counters.gso_refused;
      return Progress::kRefused;
    }
    counters.dropped_error += message.datagrams;
    queue.pop(*message.destination, message.datagrams);
    ++done;
  }
  return Progress::kSent;
}

bool UdpSender::on_blocked(UdpSocket& socket, uint8_t index, SendQueue& queue, Micros now) {
  ++socket.counters().blocked;
  if (!socket.blocked_since) {
    socket.blocked_since = now;
  } else if (now - *socket.blocked_since >= kMaxBlocked) {
    socket.counters().dropped_blocked += queue.drop_socket(index);
    socket.blocked_since.reset();
    return true;
  }
  return false;
}

}  // namespace sluice::net
