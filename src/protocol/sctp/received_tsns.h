// Which TSNs have arrived: a cumulative one and the runs beyond it (RFC 9260 section 6.2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/sctp/sack_chunk.h"

namespace sluice::sctp {

/// TSNs are extended to 64 bits.
class ReceivedTsns {
 public:
  enum class Arrival : uint8_t {
    kNext,       ///< the one behind the cumulative TSN
    kGap,        ///< below the highest that arrived
    kNewest,     ///< beyond all others
    kDuplicate,  ///< arrived before
    kRefused,    ///< too far ahead, or one gap too many
  };

  /// `cumulative`: everything up to it counts as arrived.
  explicit ReceivedTsns(int64_t cumulative) : cumulative_(cumulative) {}

  [[nodiscard]] int64_t cumulative() const { return cumulative_; }
  [[nodiscard]] bool has_gaps() const { return !runs_.empty(); }

  [[nodiscard]] Arrival classify(int64_t tsn) const;
  /// `tsn` arrived; classify() said kNext, kGap or kNewest.
  void add(int64_t tsn);
  /// Everything up to `tsn` counts as arrived.
  void skip_to(int64_t tsn);

  /// To be listed in the next SACK; a bounded number is kept.
  void note_duplicate(int64_t tsn);
  void clear_duplicates() { duplicates_.clear(); }
  [[nodiscard]] std::span<const uint32_t> duplicates() const { return duplicates_; }
  /// The gap blocks of a SACK; valid until the next call.
  std::span<const GapBlock> gap_blocks();

 private:
  struct Run {
    int64_t first;
    int64_t last;
  };

  void absorb();

  int64_t cumulative_;
  std::vector<Run> runs_;  // ascending; neither touching each other nor cumulative_
  std::vector<uint32_t> duplicates_;
  std::vector<GapBlock> blocks_;
};

}  // namespace sluice::sctp
