// Turns what waits in the SendQueue into as few system calls as possible (media-plane 12.5).
//
// Runs of equal-size datagrams to one destination (the last may be shorter) become one message that
// the kernel or the network card segments (UDP GSO); messages of all destinations of a socket share
// sendmmsg calls. A destination whose path refuses segmentation gets its datagrams singly from then
// on. When the kernel's buffers are full, what is left stays in the queue for at most 20 ms.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstdint>
#include <memory>

#include "base/types.h"
#include "net/send_queue.h"
#include "net/socket_calls.h"
#include "net/udp_socket.h"

namespace sluice::net {

class UdpSender {
 public:
  /// The kernel's own limit on segments of a message was 64 until Linux 6.8.
  static constexpr size_t kMaxSegments = 64;
  /// Payload of one GSO message: an IP packet less headers, with room for tunnels.
  static constexpr size_t kMaxGsoBytes = 65000;
  /// Past this age a datagram is of no use to a receiver.
  static constexpr Micros kMaxBlocked = 20ms;

  explicit UdpSender(SocketCalls& calls = real_socket_calls());
  ~UdpSender();
  UdpSender(const UdpSender&) = delete;
  UdpSender& operator=(const UdpSender&) = delete;

  /// Sends what waits in `queue` for `socket`, known as `index` there. False when the kernel took
  /// only a part: call again soon. The caller recycles the queue.
  bool flush(UdpSocket& socket, uint8_t index, SendQueue& queue, Micros now);

 private:
  struct Message;
  enum class Progress { kSent, kRefused, kBlocked };

  void build(UdpSocket& socket, uint8_t index, const SendQueue& queue);
  // Appends the longest message that starts at entry `first`; returns the entry after it.
  uint32_t append_message(const UdpSocket& socket, const SendQueue& queue, Destination& destination,
                          uint32_t first);
  void write_control(const UdpSocket& socket, const Destination& destination, size_t message,
                     uint16_t segment_size);
  Progress send_built(UdpSocket& socket, SendQueue& queue);
  bool on_blocked(UdpSocket& socket, uint8_t index, SendQueue& queue, Micros now);

  SocketCalls& calls_;
  std::unique_ptr<mmsghdr[]> headers_;
  std::unique_ptr<Message[]> messages_;
  std::unique_ptr<iovec[]> pieces_;
  size_t message_count_ = 0;
  size_t piece_count_ = 0;
};

}  // namespace sluice::net
