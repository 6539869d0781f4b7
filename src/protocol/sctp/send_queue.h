// Messages that wait to be sent, one queue per stream, and whose turn it is.
//
// Streams share the association fairly by bytes: a message's turn comes when as much was sent of
// every other busy stream as it is long (self-clocked fair queueing), so a small message on a quiet
// stream overtakes what large ones still wait. The fragments of one message are never interleaved
// with others, because DATA chunks cannot express it (RFC 9260 section 6.9).
//
// A stream's queue may contain resets. When a reset comes to the head, the stream stops until
// finish_reset().
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "protocol/sctp/buffered_amounts.h"
#include "protocol/sctp/outgoing_message.h"

namespace sluice::sctp {

class SendQueue {
 public:
  /// `amounts` outlives it. Payloads in the queue count there.
  explicit SendQueue(BufferedAmounts& amounts) : amounts_(&amounts) {}

  /// Streams below `count` may send; messages of others wait.
  void set_stream_count(uint16_t count);

  /// Appends a message with at least one byte. Its payload is already in the amounts.
  void push(OutgoingMessage message);
  /// Appends a reset, unless nothing was queued since the last one that waits.
  void push_reset(uint16_t stream);

  /// The message whose turn it is, after dropping those that expired; null without one.
  const OutgoingMessage* peek(Micros now);
  /// Moves what the last peek() returned to the end of `into`, with its sequence number.
  void take(MessageList& into);

  /// Streams whose reset has come to the head since the last call.
  std::vector<uint16_t> take_ready_resets() { return std::exchange(ready_resets_, {}); }
  /// The reset at the head is over. `performed`: numbers start at 0.
  void finish_reset(uint16_t stream, bool performed);
  /// Streams that may carry messages or have, i.e. all that a reset of "all" is about.
  [[nodiscard]] std::vector<uint16_t> streams() const;

  /// Drops messages whose time is over.
  void drop_expired(Micros now);
  /// Drops messages of streams that do not exist.
  void drop_unavailable();
  /// A new association: numbers start at 0 everywhere, which makes waiting resets pointless.
  void restart();

  /// The association is over: nothing waits any longer.
  void clear();

  /// No message waits.
  [[nodiscard]] bool empty() const { return message_count_ == 0; }
  /// Sum of the surcharges of waiting messages.
  [[nodiscard]] size_t surcharge() const { return surcharge_; }
  /// Messages dropped because their time was over.
  [[nodiscard]] uint64_t expired_count() const { return expired_count_; }

 private:
  struct Turn {
    uint64_t tag = 0;    // what must have been sent of others, in bytes since the beginning
    uint64_t order = 0;  // first come, first served among equals
    uint16_t stream = 0;

    friend auto operator<=>(const Turn&, const Turn&) = default;
  };
  struct Stream {
    MessageList queue;
    uint16_t next_ssn = 0;
    bool resetting = false;
    uint64_t last_tag = 0;
    std::optional<Turn> turn;  // while it is in turns_
  };

  // Gives the head of the queue what it needs: a turn, or the reset.
  void activate(uint16_t id, Stream& stream);
  void deactivate(Stream& stream);
  template <class Predicate>
  void drop_if(uint16_t id, Stream& stream, Predicate predicate);
  void forget(const OutgoingMessage& message);

  BufferedAmounts* amounts_;
  uint16_t stream_count_ = 0;
  std::unordered_map<uint16_t, Stream> streams_;
  std::set<Turn> turns_;
  uint64_t virtual_time_ = 0;  // tag of the message taken last
  uint64_t next_order_ = 0;
  std::vector<uint16_t> ready_resets_;
  size_t message_count_ = 0;
  size_t surcharge_ = 0;
  size_t limited_count_ = 0;  // messages that can expire
  uint64_t expired_count_ = 0;
};

}  // namespace sluice::sctp
