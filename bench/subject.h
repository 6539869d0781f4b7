// What is measured: something on a loop that forwards the packets of the senders to all receivers.
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
#include "workload.h"

namespace sluice::bench {

class Subject {
 public:
  explicit Subject(const Workload& workload)
      : workload_(workload), source_(workload), senders_(workload.senders) {
    loop_ = net::Loop::create({}, calls_).value();
    auto socket = net::UdpSocket::open(*SocketAddress::parse("127.0.0.1:0")).value();
    address_ = socket.local();
    (void)loop_->add_socket(std::move(socket)).value();
  }
  virtual ~Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] virtual const char* name() const = 0;

  /// Puts one tick into the loop's socket. Returns what it consists of, valid until the next.
  const std::vector<Train>& send_tick(bool key_frame = false) {
    const std::vector<Train>& trains = source_.next_tick(key_frame);
    expect(trains);
    for (const Train& train : trains) {
      packets_.clear();
      for (const test::Buffer& packet : train.packets) {
        packets_.push_back(protect(train.sender, packet));
      }
      senders_[train.sender].send_burst(address_, packets_);
    }
    return trains;
  }
  /// Plain RTP packets in what receiver `index` got; empty when they are not authentic.
  virtual std::vector<test::Buffer> unprotect(size_t index,
                                              std::span<const test::Buffer> packets) = 0;

  net::Loop& loop() { return *loop_; }
  [[nodiscard]] const TimedCalls& calls() const { return calls_; }
  [[nodiscard]] const Workload& workload() const { return workload_; }

 protected:
  virtual test::Buffer protect(unsigned sender, const test::Buffer& packet) = 0;
  /// What comes next, before it does; not a part of what is measured.
  virtual void expect(std::span<const Train> /*trains*/) {}

  Workload workload_;
  Source source_;
  TimedCalls calls_;
  std::unique_ptr<net::Loop> loop_;
  SocketAddress address_;
  std::vector<test::LoopbackSocket> senders_;

 private:
  std::vector<test::Buffer> packets_;
};

}  // namespace sluice::bench
