// Generic NACK (RFC 4585 section 6.2.1) and the third-party loss indication of the same shape,
// TLLEI (RFC 6642 section 5.1.1).
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/wire_array.h"

namespace sluice::rtcp {

/// A lost packet and which of the 16 that follow it are lost as well.
struct NackItem {
  static constexpr size_t kWireSize = 4;

  SeqNum first;
  uint16_t following = 0;  ///< bit i set: first + i + 1 is lost

  static constexpr NackItem read(const uint8_t* at) {
    return {SeqNum(load_be16(at)), load_be16(at + 2)};
  }
  /// Packets named by the item, 1..17.
  [[nodiscard]] int size() const { return 1 + std::popcount(following); }
  /// Calls `visit(SeqNum)` for each lost packet in ascending order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    visit(first);
    for (uint16_t bits = following; bits != 0; bits = static_cast<uint16_t>(bits & (bits - 1))) {
      visit(SeqNum(static_cast<uint16_t>(first.value + 1 + std::countr_zero(bits))));
    }
  }
  friend bool operator==(const NackItem&, const NackItem&) = default;
};

/// PT 205, FMT 1. One without items is valid and has no effect.
struct Nack {
  FeedbackHeader header;
  WireArray<NackItem> items;

  static std::optional<Nack> parse(const Frame& frame);

  /// Calls `visit(SeqNum)` for each lost packet.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const NackItem item : items) {
      item.for_each(visit);
    }
  }
};

/// PT 205, FMT 7: losses that somebody else has noticed already. Parsed, then ignored.
struct Tllei {
  FeedbackHeader header;
  WireArray<NackItem> items;

  static std::optional<Tllei> parse(const Frame& frame);
};

/// Writes one NACK for as many of `lost` (ascending, RFC 1982 order) as fit into the room left, and
/// returns how many it named; 0 and nothing written when there is no room for one or none to name.
size_t write_nack(ByteWriter& writer, FeedbackHeader header, std::span<const SeqNum> lost);

}  // namespace sluice::rtcp
