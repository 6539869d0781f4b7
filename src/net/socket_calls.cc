#include "net/socket_calls.h"

#include <cerrno>

namespace sluice::net {
namespace {

class RealSocketCalls : public SocketCalls {
 public:
  int send_messages(int fd, std::span<mmsghdr> messages) override {
    const int sent = sendmmsg(fd, messages.data(), static_cast<unsigned>(messages.size()),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent >= 0 ? sent : -errno;
  }
  int receive_messages(int fd, std::span<mmsghdr> messages) override {
    const int received = recvmmsg(fd, messages.data(), static_cast<unsigned>(messages.size()),
                                  MSG_DONTWAIT, nullptr);
    return received >= 0 ? received : -errno;
  }
};

}  // namespace

SocketCalls& real_socket_calls() {
  static RealSocketCalls calls;
  return calls;
}

}  // namespace sluice::net
