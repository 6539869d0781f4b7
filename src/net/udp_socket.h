// A bound UDP socket with what the batch receiver and sender need to know about it.
//
// On a wildcard address the kernel reports each datagram's local address and takes the source
// address for each reply (IP_PKTINFO; media-plane 1.13). Receive offload (UDP_GRO) and segmentation
// offload (UDP_SEGMENT) are switched on where the kernel has them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/socket_address.h"
#include "base/types.h"
#include "net/file_descriptor.h"
#include "net/port_table.h"

namespace sluice::net {

struct UdpSettings {
  /// Asked of the kernel, which may grant less; 0 leaves its default. 4 MiB absorb some 3000 video
  /// packets, 30 ms at 1 Gbit/s.
  int receive_buffer = 4 << 20;
  int send_buffer = 4 << 20;
  /// An IPv6 wildcard socket takes IPv4 as well when false (media-plane 1.10).
  bool ipv6_only = true;
  /// SO_REUSEADDR and SO_REUSEPORT, for multicast-style plain transports.
  bool reuse_port = false;
  bool gro = true;
  bool gso = true;
};

struct UdpCounters {
  uint64_t datagrams_in = 0;
  uint64_t bytes_in = 0;
  uint64_t receive_calls = 0;
  uint64_t receive_errors = 0;
  /// Datagrams longer than their buffer.
  uint64_t truncated = 0;
  uint64_t datagrams_out = 0;
  uint64_t bytes_out = 0;
  uint64_t send_calls = 0;
  /// Messages of more than one datagram, and the datagrams in them.
  uint64_t gso_messages = 0;
  uint64_t gso_datagrams = 0;
  /// Destinations that refused segmentation offload.
  uint64_t gso_refused = 0;
  /// Flushes that the kernel's full buffers stopped.
  uint64_t blocked = 0;
  /// Datagrams that waited too long for the kernel.
  uint64_t dropped_blocked = 0;
  /// Datagrams that the kernel refused (no route, too large, forbidden).
  uint64_t dropped_error = 0;

  void add(const UdpCounters& other);
};

class UdpSocket {
 public:
  /// Binds to `address`; port 0 lets the kernel choose.
  static Result<UdpSocket> open(const SocketAddress& address, const UdpSettings& settings = {});
  /// `open` for a walk over ports: the errno instead of a message, 0 for success.
  static int try_open(const SocketAddress& address, const UdpSettings& settings,
                      std::optional<UdpSocket>& out);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const SocketAddress& local() const { return local_; }
  [[nodiscard]] bool is_v4() const { return local_.ip.is_v4(); }
  [[nodiscard]] bool is_wildcard() const { return wildcard_; }
  [[nodiscard]] bool gro() const { return gro_; }
  [[nodiscard]] bool gso() const { return gso_; }
  /// Buffer sizes that the kernel granted, in its own accounting (it counts its overhead too).
  [[nodiscard]] int granted_receive_buffer() const { return granted_receive_; }
  [[nodiscard]] int granted_send_buffer() const { return granted_send_; }

  /// Keeps the bookkeeping of the port alive as long as the socket.
  void hold(PortLease lease) { lease_ = std::move(lease); }

  UdpCounters& counters() { return counters_; }
  [[nodiscard]] const UdpCounters& counters() const { return counters_; }

  /// Since when the kernel takes no datagrams of this socket; nothing while it does.
  std::optional<Micros> blocked_since;

 private:
  UdpSocket() = default;

  FileDescriptor fd_;
  SocketAddress local_;
  bool wildcard_ = false;
  bool gro_ = false;
  bool gso_ = false;
  int granted_receive_ = 0;
  int granted_send_ = 0;
  PortLease lease_;
  UdpCounters counters_;
};

}  // namespace sluice::net
