#include "support/loopback_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "net/native_address.h"

namespace sluice::test {
namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

}  // namespace

LoopbackSocket::LoopbackSocket()
    : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)), buffer_(65536) {
  const net::NativeAddress any(*SocketAddress::parse("127.0.0.1:0"));
  if (fd_ < 0 || bind(fd_, any.get(), any.size()) != 0) {
    fail("loopback socket");
  }
  address_ = net::address_of_socket(fd_, true);
}

LoopbackSocket::~LoopbackSocket() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

LoopbackSocket::LoopbackSocket(LoopbackSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      address_(other.address_),
      buffer_(std::move(other.buffer_)) {}

void LoopbackSocket::send(const SocketAddress& to, std::span<const uint8_t> packet) const {
  const net::NativeAddress native(to);
  sendto(fd_, packet.data(), packet.size(), 0, native.get(), native.size());
}

void LoopbackSocket::send_burst(const SocketAddress& to,
                                std::span<const std::vector<uint8_t>> packets) const {
  const net::NativeAddress native(to);
  std::vector<iovec> parts;
  for (const auto& packet : packets) {
    parts.push_back({const_cast<uint8_t*>(packet.data()), packet.size()});
  }
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))] = {};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(native.get());
  message.msg_namelen = native.size();
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  const auto segment = static_cast<uint16_t>(packets[0].size());
  std::memcpy(CMSG_DATA(header), &segment, sizeof(segment));
  if (sendmsg(fd_, &message, 0) < 0) {
    fail("sendmsg");
  }
}

std::span<const uint8_t> LoopbackSocket::receive() {
  const ssize_t size = recv(fd_, buffer_.data(), buffer_.size(), 0);
  return {buffer_.data(), size > 0 ? static_cast<size_t>(size) : 0};
}

void LoopbackSocket::stop_reading() const {
  const int least = 1;
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
  setsockopt(fd_, SOL_UDP, UDP_GRO, &on, sizeof(on));
}

}  // namespace sluice::test
