#include "net/tcp_connection.h"

#include <sys/uio.h>

#include <array>

namespace sluice::net {

TcpConnection::Io TcpConnection::write() {
  while (!queue_.empty()) {
    std::array<iovec, 2> parts{};
    size_t count = 0;
    for (const Bytes part : queue_.pending()) {
      if (!part.empty()) {
        parts[count++] = {const_cast<uint8_t*>(part.data()), part.size()};
      }
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = sendmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno == EAGAIN || errno == ENOBUFS ? Io::kOk : Io::kError;
    }
    queue_.consume(static_cast<size_t>(sent));
  }
  return Io::kOk;
}

}  // namespace sluice::net
