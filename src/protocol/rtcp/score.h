// How well a stream gets through, 0 (not at all) to 10 (media-plane 6.10, ortc-model 7.2). Each
// report interval yields a sub-score; the score is the weighted mean of the last 24.
#pragma once

#include <array>
#include <cstdint>

#include "base/types.h"

namespace sluice::rtcp {

inline constexpr uint8_t kMaxScore = 10;

/// One interval of a received stream.
struct ReceivedInterval {
  uint64_t expected = 0;       ///< by sequence numbers
  uint64_t received = 0;       ///< originals, without repaired ones
  uint64_t repaired = 0;       ///< lost ones that a retransmission brought
  uint64_t retransmitted = 0;  ///< retransmissions received, useful or not
  bool has_rtx = false;
};

/// One interval of a sent stream.
struct SentInterval {
  uint64_t sent = 0;           ///< originals
  uint64_t lost = 0;           ///< growth of the receiver's cumulative loss
  uint64_t repaired = 0;       ///< packets retransmitted at least once
  uint64_t retransmitted = 0;  ///< retransmissions, repetitions included
};

uint8_t sub_score(const ReceivedInterval& interval);
uint8_t sub_score(const SentInterval& interval);

/// The running score of one stream.
class Score {
 public:
  /// `now` is when the stream became active.
  explicit Score(Micros now, uint8_t initial = kMaxScore) : value_(initial), active_since_(now) {}

  [[nodiscard]] uint8_t value() const { return value_; }
  /// When the score last rose from 0, or the beginning.
  [[nodiscard]] Micros active_since() const { return active_since_; }

  /// Adds a sub-score. True when the rounded score changed, which is what is worth an event.
  bool add(uint8_t sub_score, Micros now);
  /// Forgets the past and sets the score. True when it changed.
  bool reset(uint8_t value, Micros now);

 private:
  static constexpr size_t kHistory = 24;

  bool set(uint8_t value, Micros now);

  std::array<uint8_t, kHistory> history_{};  ///< ring
  size_t count_ = 0;
  size_t next_ = 0;
  uint8_t value_;
  Micros active_since_;
};

/// Running totals of a received stream; turned into intervals by `ReceiveScore`.
struct ReceivedTotals {
  uint64_t expected = 0;
  uint64_t received = 0;
  uint64_t repaired = 0;
  uint64_t retransmitted = 0;
};

/// Running totals of a sent stream.
struct SentScoreTotals {
  uint64_t sent = 0;
  int64_t cumulative_lost = 0;  ///< from the last report block
  uint64_t repaired = 0;
  uint64_t retransmitted = 0;
};

/// The score of a received stream, computed on each sender report.
class ReceiveScore {
 public:
  ReceiveScore(bool has_rtx, Micros now) : score_(now), has_rtx_(has_rtx) {}

  /// A sender report arrived. While the stream is not `active` nothing is computed, but the
  /// interval ends all the same. True when the score changed.
  bool on_sender_report(const ReceivedTotals& totals, bool active, Micros now);
  bool reset(uint8_t value, Micros now) { return score_.reset(value, now); }
  [[nodiscard]] uint8_t value() const { return score_.value(); }
  [[nodiscard]] Micros active_since() const { return score_.active_since(); }

 private:
  Score score_;
  bool has_rtx_;
  ReceivedTotals prior_;
};

/// The score of a sent stream, computed on each report block about it.
class SendScore {
 public:
  explicit SendScore(Micros now) : score_(now) {}

  /// True when the score changed.
  bool on_receiver_report(const SentScoreTotals& totals, Micros now);
  bool reset(uint8_t value, Micros now) { return score_.reset(value, now); }
  [[nodiscard]] uint8_t value() const { return score_.value(); }
  [[nodiscard]] Micros active_since() const { return score_.active_since(); }

 private:
  Score score_;
  SentScoreTotals prior_;
};

}  // namespace sluice::rtcp
