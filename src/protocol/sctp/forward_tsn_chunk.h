// FORWARD TSN (RFC 3758 section 3.2): the sender gave up everything up to a TSN.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "protocol/sctp/packet_builder.h"

namespace sluice::sctp {

/// The last ordered message of a stream that is given up.
struct SkippedStream {
  uint16_t stream = 0;
  uint16_t ssn = 0;

  friend bool operator==(const SkippedStream&, const SkippedStream&) = default;
};

class ForwardTsnChunk {
 public:
  /// Nothing when the chunk is too short or ends within an entry.
  static std::optional<ForwardTsnChunk> parse(Bytes value);

  [[nodiscard]] uint32_t new_cumulative_tsn() const { return new_cumulative_tsn_; }
  [[nodiscard]] size_t stream_count() const { return streams_.size() / 4; }
  /// `index` below stream_count().
  [[nodiscard]] SkippedStream stream(size_t index) const {
    return {load_be16(&streams_[index * 4]), load_be16(&streams_[index * 4 + 2])};
  }

 private:
  uint32_t new_cumulative_tsn_ = 0;
  Bytes streams_;
};

/// How many streams a FORWARD TSN in this packet may list.
size_t forward_tsn_capacity(const PacketBuilder& packet);

/// Appends the chunk if it fits. False if not.
bool write_forward_tsn(PacketBuilder& packet, uint32_t new_cumulative_tsn,
                       std::span<const SkippedStream> streams);

}  // namespace sluice::sctp
