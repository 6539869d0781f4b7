// One message on its way out: waiting in the send queue, then cut into DATA chunks in flight.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "base/types.h"

namespace sluice::sctp {

struct OutgoingMessage {
  /// What a message costs besides its payload: small ones count this much against the send buffer.
  static constexpr size_t kMinCharge = 64;

  uint16_t stream = 0;
  uint16_t ssn = 0;  ///< set when it leaves the queue
  bool unordered = false;
  uint32_t ppid = 0;
  std::vector<uint8_t> payload{};
  std::optional<Micros> expires_at{};
  std::optional<uint16_t> max_retransmits{};  ///< of each of its chunks
  /// No message: what was queued before belongs to before a reset of the stream, the rest to after.
  bool is_reset = false;

  // Once chunks of it have been sent:
  size_t sent = 0;        ///< bytes that were given a TSN
  int64_t first_tsn = 0;  ///< extended to 64 bits
  int64_t last_tsn = 0;
  bool abandoned = false;

  [[nodiscard]] bool expired(Micros now) const { return expires_at && now > *expires_at; }
  [[nodiscard]] bool complete() const { return sent == payload.size(); }
  /// What it adds to its payload as its cost.
  [[nodiscard]] size_t surcharge() const {
    return kMinCharge - std::min(payload.size(), kMinCharge);
  }
};

using MessageList = std::list<OutgoingMessage>;

}  // namespace sluice::sctp
