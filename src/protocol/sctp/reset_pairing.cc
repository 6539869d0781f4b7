#include "protocol/sctp/reset_pairing.h"

#include <utility>

namespace sluice::sctp {

void ResetPairing::on_use(uint16_t stream) {
  if (const auto found = streams_.find(stream); found != streams_.end()) {
    found->second.closed = false;
  }
}

bool ResetPairing::on_own_reset(uint16_t id, Micros now) {
  Stream& stream = streams_[id];
  if (std::exchange(stream.closed, true)) {
    return false;
  }
  if (stream.awaited < UINT8_MAX) {
    ++stream.awaited;
  }
  stream.last_own_reset = now;
  return true;
}

bool ResetPairing::on_peer_reset(uint16_t id, Micros now) {
  Stream& stream = streams_[id];
  if (stream.awaited > 0 && now - stream.last_own_reset < kAnswerTime) {
    --stream.awaited;
    return false;
  }
  // A peer that has no such channel does not answer.
  stream.awaited = 0;
  // A closed stream is not reset again: two ends of our kind would go on for ever once they
  // disagree.
  return !std::exchange(stream.closed, true);
}

}  // namespace sluice::sctp
