// What is measured: something on a loop that forwards the packets of one sender to all receivers.
// The loop has no thread; the measurement runs its turns.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "cpu_clock.h"
#include "net/loop.h"
#include "net/udp_socket.h"
#include "support/loopback_socket.h"
#include "support/test_peer.h"
#include "video_source.h"

namespace sluice::bench {

class Subject {
 public:
  explicit Subject(const VideoShape& shape) : shape_(shape), video_(shape) {
    loop_ = net::Loop::create({}, calls_).value();
    auto socket = net::UdpSocket::open(*SocketAddress::parse("127.0.0.1:0")).value();
    address_ = socket.local();
    (void)loop_->add_socket(std::move(socket)).value();
  }
  virtual ~Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] virtual const char* name() const = 0;

  /// Puts one frame into the loop's socket.
  void send_frame() {
    packets_.clear();
    for (const test::Buffer& packet : video_.next_frame()) {
      packets_.push_back(protect(packet));
    }
    sender_.send_burst(address_, packets_);
  }
  /// Plain RTP packets in what receiver `index` got; empty when they are not authentic.
  virtual std::vector<test::Buffer> unprotect(size_t index,
                                              std::span<const test::Buffer> packets) = 0;

  net::Loop& loop() { return *loop_; }
  [[nodiscard]] const TimedCalls& calls() const { return calls_; }

 protected:
  virtual test::Buffer protect(const test::Buffer& packet) = 0;

  VideoShape shape_;
  VideoSource video_;
  TimedCalls calls_;
  std::unique_ptr<net::Loop> loop_;
  SocketAddress address_;
  test::LoopbackSocket sender_;

 private:
  std::vector<test::Buffer> packets_;
};

}  // namespace sluice::bench
