// Processor time of the calling thread, and how much of it goes to the socket calls of a loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

#include "net/socket_calls.h"

namespace sluice::bench {

using Nanos = std::chrono::nanoseconds;

/// Exact, unlike the user and system times of getrusage, which the kernel estimates from its tick.
inline Nanos thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec);
}

/// The kernel's socket calls, with the time spent in them.
class TimedCalls final : public net::SocketCalls {
 public:
  int send_messages(int fd, std::span<mmsghdr> messages) override {
    const Nanos before = thread_cpu_time();
    const int result = net::real_socket_calls().send_messages(fd, messages);
    spent_ += thread_cpu_time() - before;
    messages_ += result > 0 ? static_cast<uint64_t>(result) : 0;
    return result;
  }
  int receive_messages(int fd, std::span<mmsghdr> messages) override {
    const Nanos before = thread_cpu_time();
    const int result = net::real_socket_calls().receive_messages(fd, messages);
    spent_ += thread_cpu_time() - before;
    return result;
  }

  [[nodiscard]] Nanos spent() const { return spent_; }
  /// Messages given to the kernel; each is one datagram or a train of them.
  [[nodiscard]] uint64_t messages() const { return messages_; }

 private:
  Nanos spent_{0};
  uint64_t messages_ = 0;
};

}  // namespace sluice::bench
