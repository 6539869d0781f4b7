// One media loop: a thread (or a test that calls `run_once`) that owns UDP sockets, TCP
// connections, timers, packet buffers and the send queue, and shares none of them.
//
// A turn: wait; commands posted by other threads; sockets, in batches; the handler's rings from
// other loops; timers; then everything that was composed is sent. The clock is read once per batch.
// Other threads may call `post`, `wake`, `stop` and nothing else.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/types.h"
#include "net/loop_handler.h"
#include "net/packet_slab.h"
#include "net/poller.h"
#include "net/send_queue.h"
#include "net/socket_calls.h"
#include "net/tcp_connections.h"
#include "net/timer_wheel.h"
#include "net/udp_receiver.h"
#include "net/udp_sender.h"
#include "net/udp_socket.h"

namespace sluice::net {

struct LoopSettings {
  uint16_t index = 0;
  /// Core to run on; negative for any.
  int cpu = -1;
  size_t packets = 65536;
  size_t send_bytes = SendQueue::kDefaultBytes;
  TcpLimits tcp;
};

struct LoopStats {
  uint64_t turns = 0;
  /// Time not spent waiting.
  Micros busy{};
  uint64_t commands = 0;
  /// Most commands found waiting at once.
  uint64_t command_depth_peak = 0;
  uint64_t timers = 0;
};

class Loop {
 public:
  /// Errors: no descriptors, no memory.
  static Result<std::unique_ptr<Loop>> create(const LoopSettings& settings,
                                              SocketCalls& calls = real_socket_calls());
  /// Stops the thread.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Any thread.

  /// Runs `command` on the loop, in order of posting. After `stop` it is destroyed without running.
  void post(std::move_only_function<void()> command);
  /// Makes the loop start a turn soon. Many calls before that cost one system call.
  void wake();

  // Before `start`, or on the loop's thread.

  /// `handler` outlives the loop.
  void set_handler(LoopHandler& handler) { handler_ = &handler; }
  /// Takes the socket and returns its index for Destination and Datagram.
  Result<uint8_t> add_socket(UdpSocket socket);
  /// Sends what waits for the socket and closes it at the end of the turn.
  void remove_socket(uint8_t index);
  /// Nullptr when there is none.
  [[nodiscard]] const UdpSocket* socket(uint8_t index) const { return sockets_[index].get(); }
  Result<void> add_listener(TcpListener listener);

  // Running.

  /// Starts the loop's thread. An exception that leaves the handler is reported and ends the
  /// process.
  void start();
  /// Lets the current turn and one last turn finish, sends what waits and joins the thread.
  void stop();
  /// One turn on the caller's thread, waiting at most `max_wait` for something to do.
  void run_once(Micros max_wait);

  // On the loop's thread.

  /// Time of the current batch.
  [[nodiscard]] Micros now() const { return now_; }
  [[nodiscard]] uint16_t index() const { return settings_.index; }
  TimerWheel& timers() { return timers_; }
  SendQueue& send_queue() { return send_queue_; }
  PacketSlab& packets() { return packets_; }
  TcpConnections& tcp() { return tcp_; }
  /// Queues a frame on a connection; see TcpConnections::send.
  bool send_tcp(uint32_t connection, Bytes frame, bool droppable) {
    return tcp_.send(connection, frame, droppable, now_);
  }
  void close_tcp(uint32_t connection) { tcp_.close(connection); }
  /// Hands what waits in the send queue to the kernel; also happens at the end of each turn and
  /// when the queue is full.
  void flush();

  [[nodiscard]] const LoopStats& stats() const { return stats_; }
  /// Counters of all sockets, removed ones included.
  [[nodiscard]] UdpCounters udp_counters() const;

 private:
  static constexpr size_t kMaxSockets = kNoSocket;

  Loop(const LoopSettings& settings, SocketCalls& calls);

  void run();
  [[nodiscard]] std::optional<Micros> wait_limit(std::optional<Micros> max_wait) const;
  void turn(std::optional<Micros> max_wait);
  void run_commands();
  void dispatch(const Poller::Event& event);
  void receive(uint8_t index);
  void flush_tcp_destinations();
  void close_removed_sockets();

  LoopSettings settings_;
  LoopHandler idle_handler_;
  LoopHandler* handler_ = &idle_handler_;
  Micros now_;

  Poller poller_;
  WakeEvent wake_event_;
  // Set from the first wake-up until the loop has seen it.
  std::atomic<bool> wake_sent_{false};
  std::atomic<bool> has_commands_{false};
  std::atomic<bool> stopping_{false};
  std::mutex commands_mutex_;
  std::vector<std::move_only_function<void()>> commands_;
  std::vector<std::move_only_function<void()>> running_commands_;

  PacketSlab packets_;
  TimerWheel timers_;
  SendQueue send_queue_;
  UdpReceiver receiver_;
  UdpSender sender_;
  TcpConnections tcp_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  // One past the highest index ever used.
  size_t socket_end_ = 0;
  std::vector<uint8_t> removed_;
  UdpCounters removed_counters_;
  // Some datagrams wait for room in the kernel.
  bool blocked_ = false;
  LoopStats stats_;
  std::thread thread_;
};

}  // namespace sluice::net
