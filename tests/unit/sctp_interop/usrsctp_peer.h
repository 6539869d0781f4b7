// usrsctp as the peer of one association, in virtual time: without its threads, its timers driven
// by tick(), its clock replaced. It keeps its state for the whole process, so one peer at a time,
// and nothing else in this program.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"

struct socket;
struct sctp_rcvinfo;

namespace sluice::sctp {

class UsrsctpPeer {
 public:
  struct Message {
    uint16_t stream = 0;
    uint32_t ppid = 0;
    std::vector<uint8_t> payload;
  };
  struct Send {
    uint16_t stream = 0;
    uint32_t ppid = 53;
    bool unordered = false;
    std::optional<uint32_t> max_retransmits;
    std::optional<uint32_t> life_time_ms;
  };

  /// Streams that it asks for and accepts.
  explicit UsrsctpPeer(uint16_t streams = 1024);
  ~UsrsctpPeer();
  UsrsctpPeer(const UsrsctpPeer&) = delete;
  UsrsctpPeer& operator=(const UsrsctpPeer&) = delete;

  void connect();
  void listen();

  void on_packet(Bytes packet);
  std::optional<std::vector<uint8_t>> poll_transmit();
  /// Before anything that happens at this time. For the whole process.
  static void set_time(Micros now);
  static Micros clock();
  /// Another kTick has passed.
  static void tick();
  static constexpr Micros kTick = 10ms;

  /// False when its send buffer is full.
  bool send(Bytes payload, const Send& how);
  bool reset_streams(const std::vector<uint16_t>& streams, bool outgoing = true);
  bool add_streams(uint16_t count);
  void shutdown();
  void close();

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] bool ended() const { return ended_; }
  std::vector<Message> messages;
  std::vector<uint16_t> resets_by_peer;  ///< incoming streams that were reset
  std::vector<uint16_t> resets_done;     ///< outgoing streams
  size_t failed_resets = 0;
  size_t restarts = 0;
  uint16_t inbound_streams = 0;
  uint16_t outbound_streams = 0;

  // Called from usrsctp.
  void on_output(Bytes packet) { output_.emplace_back(packet.begin(), packet.end()); }
  void on_receive(Bytes data, const sctp_rcvinfo& info, int flags);

 private:
  void configure(struct socket* socket);
  void accept();
  void on_notification(Bytes data);

  uint16_t streams_;
  struct socket* listener_ = nullptr;
  struct socket* socket_ = nullptr;
  bool connected_ = false;
  bool ended_ = false;
  std::deque<std::vector<uint8_t>> output_;
  std::map<uint16_t, std::vector<uint8_t>> partial_;  // by stream
};

}  // namespace sluice::sctp
