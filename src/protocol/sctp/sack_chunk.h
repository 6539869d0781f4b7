// SACK (RFC 9260 section 3.3.4): which TSNs arrived, and how much more may come.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "protocol/sctp/packet_builder.h"

namespace sluice::sctp {

/// A run of TSNs beyond a gap, both ends included, as distances from the cumulative TSN.
struct GapBlock {
  uint16_t start = 0;
  uint16_t end = 0;

  friend bool operator==(const GapBlock&, const GapBlock&) = default;
};

class SackChunk {
 public:
  /// Nothing when the chunk is too short for what it announces.
  static std::optional<SackChunk> parse(Bytes value);

  [[nodiscard]] uint32_t cumulative_tsn() const { return cumulative_tsn_; }
  /// Bytes that the receiver has room for.
  [[nodiscard]] uint32_t window() const { return window_; }
  [[nodiscard]] size_t gap_count() const { return gaps_.size() / 4; }
  /// `index` below gap_count(). As the peer wrote it: of any order.
  [[nodiscard]] GapBlock gap(size_t index) const {
    return {load_be16(&gaps_[index * 4]), load_be16(&gaps_[index * 4 + 2])};
  }
  /// How many TSNs it lists as arrived more than once.
  [[nodiscard]] size_t duplicate_count() const { return duplicate_count_; }

 private:
  uint32_t cumulative_tsn_ = 0;
  uint32_t window_ = 0;
  Bytes gaps_;
  size_t duplicate_count_ = 0;
};

/// Appends a SACK with as many gaps, then duplicates, as fit. False when not even an empty one
/// does.
bool write_sack(PacketBuilder& packet, uint32_t cumulative_tsn, uint32_t window,
                std::span<const GapBlock> gaps, std::span<const uint32_t> duplicates);

}  // namespace sluice::sctp
