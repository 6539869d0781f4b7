// Sockets on loopback for peers of a server under test or measurement. Cheap, and the same for
// every subject that is measured.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/socket_address.h"

namespace sluice::test {

/// A UDP socket on 127.0.0.1 with a port of the kernel's choice.
class LoopbackSocket {
 public:
  LoopbackSocket();
  ~LoopbackSocket();
  LoopbackSocket(LoopbackSocket&& other) noexcept;
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  [[nodiscard]] const SocketAddress& address() const { return address_; }
  void send(const SocketAddress& to, std::span<const uint8_t> packet) const;
  /// Sends packets of equal size in one system call, so that they arrive together.
  void send_burst(const SocketAddress& to, std::span<const std::vector<uint8_t>> packets) const;
  /// One datagram, or an empty span when none waits.
  std::span<const uint8_t> receive();
  /// Has the kernel drop what arrives from now on, a train of datagrams at once: delivery then
  /// costs the sender no more than handing the train to a network card that segments it.
  void stop_reading() const;

 private:
  int fd_;
  SocketAddress address_;
  std::vector<uint8_t> buffer_;
};

}  // namespace sluice::test
