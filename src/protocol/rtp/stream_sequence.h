// What a receiver knows of one RTP stream from sequence numbers and timestamps: acceptance of
// packets, extended highest number, expected and lost counts, highest timestamp (RFC 3550
// appendices A.1 and A.3, media-plane 5.8). Each SSRC has its own, an RTX stream too.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace sluice::rtp {

/// Forward jumps of this many numbers or more are not believed at once.
inline constexpr uint16_t kMaxDropout = 3000;
/// Packets up to (not including) this far behind the highest are late, not a jump.
inline constexpr uint16_t kMaxMisorder = 1500;

class StreamSequence {
 public:
  enum class Verdict : uint8_t {
    kFirst,      ///< first packet of the stream
    kAdvanced,   ///< the highest number so far; there may be a gap before it
    kOld,        ///< late or duplicate
    kRestarted,  ///< second consecutive packet of a new series: the state started over with it, and
                 ///< so must retransmission buffers and NACK state
    kDiscarded,  ///< a jump; not to be processed
  };

  /// Accounts for a packet.
  Verdict on_packet(SeqNum sequence, Timestamp timestamp, Micros now);

  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] SeqNum max_sequence() const { return SeqNum{max_}; }
  /// Highest number with the count of wraps in the upper 16 bits, as in receiver reports.
  [[nodiscard]] uint32_t extended_max_sequence() const { return cycles_ + max_; }
  /// The extended number of a packet near the highest one, counted like extended_max_sequence().
  /// Below zero for packets from before the first.
  [[nodiscard]] int64_t extended(SeqNum sequence) const {
    return extend<16>(sequence.value, int64_t{cycles_} + max_);
  }

  /// Packets that should have come since the (re)start: cycles + highest - first + 1.
  [[nodiscard]] uint32_t expected() const { return started_ ? cycles_ + max_ - base_ + 1 : 0; }
  /// Accepted packets since the (re)start, duplicates included (RFC 3550 A.3).
  [[nodiscard]] uint32_t received() const { return received_; }
  /// Expected less received; negative when duplicates outweigh losses.
  [[nodiscard]] int64_t lost() const { return int64_t{expected()} - int64_t{received_}; }
  /// Packets discarded, over the whole life of the stream.
  [[nodiscard]] uint64_t discarded() const { return discarded_; }

  /// Highest timestamp and when it came. A packet in order with a lower timestamp (an encoder that
  /// was restarted or paused for long) sets a new maximum.
  [[nodiscard]] Timestamp max_timestamp() const { return max_timestamp_; }
  [[nodiscard]] Micros max_timestamp_at() const { return max_timestamp_at_; }

 private:
  /// No sequence number equals this.
  static constexpr uint32_t kNoBadSequence = 0x10000;

  void start(uint16_t sequence);
  void take_timestamp(Timestamp timestamp, Micros now);

  bool started_ = false;
  uint16_t max_ = 0;
  uint16_t base_ = 0;
  uint32_t bad_ = kNoBadSequence;  ///< what the second packet of a new series would have
  uint32_t cycles_ = 0;            ///< multiples of 65536
  uint32_t received_ = 0;
  Timestamp max_timestamp_;
  Micros max_timestamp_at_{0};
  uint64_t discarded_ = 0;
};

}  // namespace sluice::rtp
