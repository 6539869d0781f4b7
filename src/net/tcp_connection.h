// One accepted TCP connection that carries RFC 4571 frames both ways. Non-blocking; knows nothing
// of polling.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/types.h"
#include "net/file_descriptor.h"
#include "net/tcp_framing.h"
#include "net/tcp_send_queue.h"

namespace sluice::net {

class TcpConnection {
 public:
  enum class Io {
    kOk,
    kStopped,   ///< the frame handler wants no more
    kOversize,  ///< see TcpFraming::Status
    kEnd,       ///< the peer has closed its side
    kError,
  };

  TcpConnection(FileDescriptor fd, const SocketAddress& local, const SocketAddress& remote,
                size_t max_frame, size_t send_limit)
      : fd_(std::move(fd)),
        local_(local),
        remote_(remote),
        framing_(max_frame),
        queue_(send_limit) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const SocketAddress& local() const { return local_; }
  [[nodiscard]] const SocketAddress& remote() const { return remote_; }
  [[nodiscard]] const TcpSendQueue& queue() const { return queue_; }

  /// Reads what is there, into `scratch` and up to a few times its size, and calls
  /// `bool on_frame(MutableBytes)` per frame until that returns false.
  template <class Fn>
  Io read(MutableBytes scratch, Fn&& on_frame) {
    for (int round = 0; round < kReadRounds; ++round) {
      const ssize_t size = recv(fd_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
      if (size < 0) {
        return errno == EAGAIN || errno == EINTR ? Io::kOk : Io::kError;
      }
      if (size == 0) {
        return Io::kEnd;
      }
      const auto status = framing_.feed(scratch.first(static_cast<size_t>(size)), on_frame);
      if (status != TcpFraming::Status::kOk) {
        return status == TcpFraming::Status::kStopped ? Io::kStopped : Io::kOversize;
      }
      if (static_cast<size_t>(size) < scratch.size()) {
        break;
      }
    }
    return Io::kOk;
  }

  /// Queues a frame; `write` sends it.
  TcpSendQueue::Push send(Bytes frame, bool droppable, Micros now) {
    return queue_.push(frame, droppable, now);
  }
  /// Hands as much of the queue to the kernel as that takes: kOk or kError.
  Io write();

 private:
  // One busy connection must not starve the rest of the turn.
  static constexpr int kReadRounds = 4;

  FileDescriptor fd_;
  SocketAddress local_;
  SocketAddress remote_;
  TcpFraming framing_;
  TcpSendQueue queue_;
};

}  // namespace sluice::net
