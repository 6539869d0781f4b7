// The TCP listeners and connections of one loop, with the limits that keep strangers from filling
// it (media-plane 1.11).
//
// Frames are queued during a turn and written at its end, so that a burst to one peer is one system
// call. A connection that fails or is closed within a turn is destroyed at the end of the turn: it
// stays valid under the feet of whoever is just handling its frames.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/types.h"
#include "net/loop_handler.h"
#include "net/poller.h"
#include "net/tcp_connection.h"
#include "net/tcp_listener.h"
#include "net/timer_wheel.h"

namespace sluice::net {

struct TcpLimits {
  /// Longest frame with its prefix that a peer may send.
  size_t max_frame = TcpFraming::kDefaultLimit;
  size_t send_queue = TcpSendQueue::kDefaultLimit;
  /// Time from accept to `mark_authenticated`.
  Micros authentication_time = 10s;
  uint32_t max_unauthenticated_per_ip = 64;
  uint32_t max_connections = 4096;
};

struct TcpCounters {
  uint64_t accepted = 0;
  /// Connections closed at once because of a limit.
  uint64_t refused = 0;
  uint64_t closed_unauthenticated = 0;
  uint64_t frames_in = 0;
  uint64_t bytes_in = 0;
  uint64_t frames_out = 0;
  uint64_t bytes_out = 0;
  /// Frames that found no room in a send queue.
  uint64_t dropped = 0;
};

class TcpConnections {
 public:
  /// Marks tags of listeners and connections among those of the loop's poller.
  static constexpr uint64_t kListenerTag = uint64_t{2} << 32;
  static constexpr uint64_t kConnectionTag = uint64_t{3} << 32;

  TcpConnections(Poller& poller, TimerWheel& timers, const TcpLimits& limits);
  ~TcpConnections();
  TcpConnections(const TcpConnections&) = delete;
  TcpConnections& operator=(const TcpConnections&) = delete;

  /// False when the poller has no room.
  bool add_listener(TcpListener listener);
  [[nodiscard]] const std::vector<TcpListener>& listeners() const { return listeners_; }

  /// Handles the poller's events with the two tags above; `number` is the tag's lower half.
  void on_listener_ready(uint32_t number, LoopHandler& handler, Micros now);
  void on_connection_ready(uint32_t number, uint32_t flags, LoopHandler& handler, Micros now);

  /// Queues a frame. False when the connection is gone or had no room; see TcpSendQueue.
  bool send(uint32_t connection, Bytes frame, bool droppable, Micros now);
  /// Sends what is queued as far as the kernel takes it, then closes, without `on_tcp_closed`.
  void close(uint32_t connection);
  /// The peer has proven to be one of ours: its limits end.
  void mark_authenticated(uint32_t connection);
  /// Nullptr when it is gone or closing.
  [[nodiscard]] const TcpConnection* find(uint32_t connection) const;

  /// End of turn: writes, reports closed connections to `handler` and destroys them.
  void flush(LoopHandler& handler, Micros now);

  [[nodiscard]] size_t size() const { return open_; }
  [[nodiscard]] const TcpCounters& counters() const { return counters_; }

 private:
  struct Peer;
  struct Slot {
    std::unique_ptr<Peer> peer;
    uint16_t generation = 0;
  };

  void admit(TcpListener::Accepted accepted, uint16_t local_port, LoopHandler& handler, Micros now);
  // The connection in any state, or null.
  [[nodiscard]] Peer* peer(uint32_t connection) const;
  void fail(Peer& peer, TcpCloseReason reason);
  void start_closing(Peer& peer);
  void touch(Peer& peer);
  void write(Peer& peer);
  void release_unauthenticated(Peer& peer);
  void pause_listeners(Micros now);
  void resume_listeners(Micros now);

  Poller& poller_;
  TimerWheel& timers_;
  TcpLimits limits_;
  TcpCounters counters_;
  std::vector<TcpListener> listeners_;
  Timer accept_pause_ = Timer::of<&TcpConnections::resume_listeners>(this);
  std::vector<Slot> slots_;
  std::vector<uint16_t> free_slots_;
  size_t open_ = 0;
  std::map<IpAddress, uint32_t> unauthenticated_;
  // Connections to write to or to destroy at the end of the turn.
  std::vector<uint32_t> touched_;
  std::vector<uint32_t> flushing_;
  std::unique_ptr<uint8_t[]> scratch_;
};

}  // namespace sluice::net
