// Timestamps across a switch between simulcast streams (media-plane 7.3): each stream has a
// timestamp base of its own, but the receiver sees one stream whose time never goes back.
//
// The sender reports of both streams tell the difference of their bases. Where that does not
// suffice, because the new stream's frame is older than what was sent, a small extra offset moves
// it behind; a large one is worth another key frame first.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "protocol/layers/stream_state.h"

namespace sluice::layers {

/// What to subtract from timestamps of `stream` to get those that `reference` would have had at the
/// same moment, modulo 2^32.
uint32_t timestamp_offset(const ClockPair& reference, const ClockPair& stream, uint32_t clock_rate);

/// The time line of what was sent.
struct SentTime {
  Timestamp highest;  ///< that went out
  Timestamp now;      ///< what a packet sent at this moment continues it with; above `highest`
};

struct SwitchTimestamp {
  /// False: ask for another key frame and wait for it.
  bool accept = true;
  /// To subtract from the stream's timestamps.
  uint32_t offset = 0;
};

/// The first packet of a switch, with the offset of its stream. `retried`: a key frame was asked
/// for because of this before, so now it is taken as it is.
///
/// Where the offset leads far from the time that is due, it is of no use: the stream, or the one
/// that it refers to, has gone on with another base. Then the packet is due now.
SwitchTimestamp switch_timestamp(Timestamp timestamp, uint32_t offset, const SentTime& sent,
                                 uint32_t clock_rate, bool retried);

}  // namespace sluice::layers
