// The DATA chunks that were sent and not yet acknowledged cumulatively (RFC 9260 sections 6.2.1,
// 7.2.4; RFC 3758 section 3.5): what is in flight, what is lost, what is given up.
//
// TSNs are extended to 64 bits. Chunks are numbered without a gap from cumulative() + 1 to
// next_tsn() - 1, and the fragments of a message are consecutive. At most the newest message is not
// wholly sent yet.
//
// Amounts of bytes are of chunks, padded and with their headers, unless said otherwise.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "base/types.h"
#include "protocol/sctp/buffered_amounts.h"
#include "protocol/sctp/data_chunk.h"
#include "protocol/sctp/forward_tsn_chunk.h"
#include "protocol/sctp/outgoing_message.h"
#include "protocol/sctp/sack_chunk.h"

namespace sluice::sctp {

class Flight {
 public:
  struct Acked {
    size_t bytes = 0;         ///< acknowledged for the first time
    bool advanced = false;    ///< the cumulative TSN moved
    bool new_losses = false;  ///< chunks were found to be lost
    std::optional<Micros> rtt;
  };
  struct Forward {
    int64_t tsn = 0;
    std::vector<SkippedStream> streams{};
  };

  /// `amounts` outlives it.
  Flight(BufferedAmounts& amounts, int64_t initial_tsn)
      : amounts_(&amounts), base_(initial_tsn), rtt_from_(initial_tsn) {}

  [[nodiscard]] int64_t cumulative() const { return base_ - 1; }
  [[nodiscard]] int64_t next_tsn() const { return base_ + static_cast<int64_t>(chunks_.size()); }
  /// Everything sent was acknowledged cumulatively.
  [[nodiscard]] bool empty() const { return chunks_.empty(); }
  /// How many chunks are kept.
  [[nodiscard]] size_t span() const { return chunks_.size(); }
  /// Bytes on their way.
  [[nodiscard]] size_t bytes() const { return bytes_; }
  /// The same as the receiver's window counts it: payload only.
  [[nodiscard]] size_t payload_bytes() const { return payload_bytes_; }
  /// Sum of the surcharges of messages kept.
  [[nodiscard]] size_t surcharge() const { return surcharge_; }

  // Sending for the first time.

  /// Where SendQueue::take() moves a message to; call begin() then. Only without an unfinished one.
  MessageList& messages() { return messages_; }
  void begin();
  /// Of the newest message only a part was sent.
  [[nodiscard]] bool mid_message() const {
    return !messages_.empty() && !messages_.back().complete();
  }
  /// That message; null without one.
  OutgoingMessage* unfinished() { return mid_message() ? &messages_.back() : nullptr; }
  /// The next fragment of the unfinished message, `size` bytes of its payload, with a new TSN.
  DataChunk send(size_t size, Micros now);

  // Retransmission.

  /// The earliest chunk that is lost and not given up.
  [[nodiscard]] std::optional<int64_t> first_lost() const;
  [[nodiscard]] size_t payload_size(int64_t tsn) const { return at(tsn).size; }
  OutgoingMessage& message_of(int64_t tsn) { return *at(tsn).message; }
  DataChunk resend(int64_t tsn, Micros now);

  // Acknowledgement and loss.

  /// `cumulative` lies in cumulative()..next_tsn() - 1. Losses are found, and those of messages
  /// that are not worth it given up. `in_recovery`: RFC 9260 section 7.2.4 counts differently then.
  Acked on_sack(int64_t cumulative, const SackChunk& sack, bool in_recovery, Micros now);
  /// The same for a cumulative acknowledgement alone.
  Acked on_cumulative(int64_t cumulative, Micros now);
  /// The retransmission timer expired: everything in flight is lost. So is what was acknowledged in
  /// gap blocks, when the peer turns out to have dropped it again (RFC 9260 section 6.2).
  void on_timeout(Micros now);

  /// Gives up a message: nothing more of it will be sent.
  void abandon(OutgoingMessage& message);

  /// The association is over: nothing is kept any longer.
  void discard();

  /// Chunks at the beginning are given up, so the peer must be told.
  [[nodiscard]] bool can_forward() const {
    return !chunks_.empty() && chunks_.front().state == State::kAbandoned;
  }
  /// How far the peer can be told to move, limited by `max_streams` in the list. Only when
  /// can_forward().
  [[nodiscard]] Forward forward(size_t max_streams) const;

  /// Messages given up so far.
  [[nodiscard]] uint64_t abandoned_count() const { return abandoned_count_; }

 private:
  enum class State : uint8_t { kInFlight, kAcked, kLost, kAbandoned };
  struct Chunk {
    OutgoingMessage* message = nullptr;
    size_t offset = 0;
    uint16_t size = 0;  // of payload; 0 of a placeholder
    State state = State::kInFlight;
    uint8_t misses = 0;
    bool resent = false;
    uint16_t retransmits = 0;
    // Acknowledgements of TSNs from here on were sent after this chunk: they can show its loss.
    int64_t counts_from = 0;
    Micros sent_at{};
  };

  [[nodiscard]] Chunk& at(int64_t tsn) { return chunks_[static_cast<size_t>(tsn - base_)]; }
  [[nodiscard]] const Chunk& at(int64_t tsn) const {
    return chunks_[static_cast<size_t>(tsn - base_)];
  }
  DataChunk view(int64_t tsn) const;
  void launch(Chunk& chunk);
  void land(const Chunk& chunk);
  void acknowledge(int64_t tsn, Micros now, Acked& acked);
  void pop_front(Micros now, Acked& acked);
  int64_t acknowledge_gaps(const SackChunk& sack, Micros now, Acked& acked, int64_t& highest_gap);
  void count_misses(int64_t highest_new, int64_t below, Micros now, Acked& acked);
  // The chunk is lost: to be sent again, or given up with its message.
  void lose(int64_t tsn, Micros now);

  BufferedAmounts* amounts_;
  MessageList messages_;  // of which chunks are kept, or the last is about to be sent
  std::deque<Chunk> chunks_;
  int64_t base_;  // TSN of the first chunk
  std::set<int64_t> lost_;
  size_t bytes_ = 0;
  size_t payload_bytes_ = 0;
  size_t surcharge_ = 0;
  int64_t rtt_from_;  // one measurement per round trip: of TSNs from here on
  uint64_t abandoned_count_ = 0;
};

}  // namespace sluice::sctp
