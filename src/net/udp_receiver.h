// Batched receiving for the UDP sockets of one loop (media-plane 12.5).
//
// One recvmmsg fills up to 64 buffers, shared by all sockets of the loop: what was read is gone
// when the next `read` starts. Each buffer holds 64 KiB because the kernel may have merged a train
// of datagrams (UDP_GRO); `next` cuts the train again.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "net/mapped_region.h"
#include "net/native_address.h"
#include "net/socket_calls.h"
#include "net/udp_socket.h"

namespace sluice::net {

/// A received datagram. The bytes may be changed in place (decrypted), until the handler returns.
struct Datagram {
  MutableBytes data;
  SocketAddress remote;
  /// The address that it was sent to, also on a wildcard socket.
  IpAddress local_ip;
  /// Index of the socket in its loop.
  uint8_t socket = 0;
};

class UdpReceiver {
 public:
  static constexpr size_t kMessages = 64;
  /// Most datagrams that one `next` returns.
  static constexpr size_t kBatch = 256;

  explicit UdpReceiver(SocketCalls& calls = real_socket_calls());
  ~UdpReceiver();
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;

  /// One recvmmsg on `socket`, known to its loop as `index`. Returns the number of messages; fewer
  /// than kMessages mean that nothing is left to read.
  size_t read(UdpSocket& socket, uint8_t index);
  /// The next datagrams of what `read` got; empty when all were returned.
  std::span<Datagram> next();

 private:
  struct Slot;

  void append_train(UdpSocket& socket, size_t message);

  SocketCalls& calls_;
  MappedRegion buffers_;
  std::unique_ptr<Slot[]> slots_;
  std::array<mmsghdr, kMessages> messages_{};
  std::array<Datagram, kBatch> batch_;
  size_t batch_size_ = 0;

  // What `next` has still to cut: messages from `position_` on; of that one, bytes from `offset_`
  // on.
  UdpSocket* socket_ = nullptr;
  uint8_t index_ = 0;
  size_t received_ = 0;
  size_t position_ = 0;
  size_t offset_ = 0;
};

}  // namespace sluice::net
