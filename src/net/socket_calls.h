// The batch system calls of the UDP path behind an interface, so that tests can play a kernel that
// is full, refuses offload or takes half of a batch.
#pragma once

#include <sys/socket.h>

#include <span>

namespace sluice::net {

class SocketCalls {
 public:
  virtual ~SocketCalls() = default;
  /// sendmmsg: the number of messages sent, or a negative errno.
  virtual int send_messages(int fd, std::span<mmsghdr> messages) = 0;
  /// recvmmsg without waiting: the number of messages received, or a negative errno.
  virtual int receive_messages(int fd, std::span<mmsghdr> messages) = 0;
};

/// The kernel's own.
SocketCalls& real_socket_calls();

}  // namespace sluice::net
