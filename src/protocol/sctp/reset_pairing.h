// Which resets go with which. A data channel is closed by resets of both directions (RFC 8831
// section 6.7): whoever sees the other's reset first answers with its own, and nobody answers an
// answer.
#pragma once

#include <cstdint>
#include <map>

#include "base/types.h"

namespace sluice::sctp {

class ResetPairing {
 public:
  /// A peer's reset that comes this much later than ours is no answer to it.
  static constexpr Micros kAnswerTime = 30s;

  /// A new channel begins on this stream, or a message went either way.
  void on_use(uint16_t stream);
  /// The owner resets our direction. False when that is pointless: both are reset and the stream
  /// was not used since.
  bool on_own_reset(uint16_t stream, Micros now);
  /// The peer has reset its direction. True when ours has to be reset for it.
  bool on_peer_reset(uint16_t stream, Micros now);

 private:
  struct Stream {
    bool closed = false;  // our direction is reset, and the stream was not used since
    uint8_t awaited = 0;  // answers to resets of ours
    Micros last_own_reset{};
  };

  std::map<uint16_t, Stream> streams_;  // those that were ever reset
};

}  // namespace sluice::sctp
