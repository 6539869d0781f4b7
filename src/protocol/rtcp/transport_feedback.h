// Transport-wide congestion control feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01): which packets, counted over all streams of
// a transport, arrived, and when.
//
// Layout behind the feedback header: base sequence number 16, status count 16, reference time 24
// (signed, 64 ms), feedback count 8; then chunks of 16 bits that give each packet a symbol; then
// for each received packet its distance in time to the one before (the first: to the reference).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"

namespace sluice::rtcp {

inline constexpr Micros kFeedbackTimeUnit{250};
inline constexpr Micros kReferenceTimeUnit{64'000};
/// Base, status count, reference time and feedback count.
inline constexpr size_t kTransportFeedbackFixedSize = 8;

/// What a chunk says about a packet.
enum class PacketSymbol : uint8_t {
  kMissing = 0,
  kSmallDelta = 1,  ///< received; unsigned 8-bit delta
  kLargeDelta = 2,  ///< received; signed 16-bit delta
  kReserved = 3,
};

/// One packet of a feedback.
struct PacketStatus {
  SeqNum seq;
  bool received = false;
  /// When it arrived, on the clock of the feedback's sender; exact to 250 us. The reference time
  /// wraps after 2^24 * 64 ms, see `reference_time_delta`. Only for received packets.
  Micros arrival{0};
};

/// PT 205, FMT 15.
class TransportFeedback {
 public:
  /// Nothing when a symbol is reserved, a run is longer than what is left to describe, chunks or
  /// deltas are missing, or bytes other than padding are left. A status count of 0 is valid.
  static std::optional<TransportFeedback> parse(const Frame& frame);

  [[nodiscard]] const FeedbackHeader& header() const { return header_; }
  [[nodiscard]] SeqNum base() const { return base_; }
  [[nodiscard]] uint16_t status_count() const { return status_count_; }
  [[nodiscard]] uint16_t received_count() const { return received_count_; }
  [[nodiscard]] uint16_t lost_count() const {
    return static_cast<uint16_t>(status_count_ - received_count_);
  }
  /// Signed 24 bits, in units of 64 ms.
  [[nodiscard]] int32_t reference_time() const { return reference_time_; }
  [[nodiscard]] uint8_t feedback_count() const { return feedback_count_; }

  /// Calls `visit(PacketStatus)` for every packet in order, up to 65535 of them.
  template <class Visit>
  void for_each(Visit&& visit) const {
    walk([&](SeqNum first, PacketSymbol symbol, uint16_t run, Micros arrival) {
      for (uint16_t i = 0; symbol == PacketSymbol::kMissing && i < run; ++i) {
        visit(PacketStatus{.seq = SeqNum(static_cast<uint16_t>(first.value + i))});
      }
      if (symbol != PacketSymbol::kMissing) {
        visit(PacketStatus{.seq = first, .received = true, .arrival = arrival});
      }
    });
  }
  /// The same for received packets only; its cost does not depend on the status count.
  template <class Visit>
  void for_each_received(Visit&& visit) const {
    walk([&](SeqNum first, PacketSymbol symbol, uint16_t, Micros arrival) {
      if (symbol != PacketSymbol::kMissing) {
        visit(PacketStatus{.seq = first, .received = true, .arrival = arrival});
      }
    });
  }

 private:
  /// A part of a chunk: `count` packets with one symbol.
  struct Run {
    PacketSymbol symbol;
    uint16_t count;
  };
  /// Steps through the chunks of a feedback.
  class ChunkCursor {
   public:
    ChunkCursor(Bytes chunks, uint16_t status_count) : reader_(chunks), left_(status_count) {}

    /// The next run; nothing when all packets have a symbol or, with `ok` false, when a chunk is
    /// missing, reserved or says too much.
    std::optional<Run> next();
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] size_t position() const { return reader_.position(); }

   private:
    ByteReader reader_;
    uint16_t left_;
    uint16_t vector_ = 0;         ///< symbols of a vector chunk, next one at the top
    uint8_t vector_symbols_ = 0;  ///< how many are left in it
    uint8_t symbol_bits_ = 1;
    bool ok_ = true;
  };

  /// Calls `visit(first, symbol, count, arrival)` for each run of missing packets and for each
  /// received packet.
  template <class Visit>
  void walk(Visit&& visit) const {
    ChunkCursor cursor(chunks_, status_count_);
    ByteReader deltas(deltas_);
    Micros arrival = reference_time_ * kReferenceTimeUnit;
    uint16_t seq = base_.value;
    while (const auto run = cursor.next()) {
      if (run->symbol == PacketSymbol::kMissing) {
        visit(SeqNum(seq), run->symbol, run->count, Micros(0));
        seq = static_cast<uint16_t>(seq + run->count);
        continue;
      }
      for (uint16_t i = 0; i < run->count; ++i) {
        const int delta = run->symbol == PacketSymbol::kSmallDelta
                              ? deltas.u8()
                              : static_cast<int16_t>(deltas.u16());
        arrival += delta * kFeedbackTimeUnit;
        visit(SeqNum(seq++), run->symbol, uint16_t{1}, arrival);
      }
    }
  }

  FeedbackHeader header_;
  SeqNum base_;
  uint16_t status_count_ = 0;
  uint16_t received_count_ = 0;
  int32_t reference_time_ = 0;
  uint8_t feedback_count_ = 0;
  Bytes chunks_;
  Bytes deltas_;
};

/// Time from reference time `from` to reference time `to`, taking the wrap of the 24 bits into
/// account: -2^29 .. 2^29 ms.
Micros reference_time_delta(int32_t from, int32_t to);

}  // namespace sluice::rtcp
