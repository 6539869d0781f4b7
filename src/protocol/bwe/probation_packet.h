// Padding packets (media-plane 7.8): RTP packets of zeros in a stream of their own, sent to probe
// the way to a peer. The peer cannot tell the stream's payload type and drops it; only the receive
// times count. RTCP about the stream is to be ignored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::bwe {

inline constexpr Ssrc kProbationSsrc{1234};
inline constexpr PayloadType kProbationPayloadType{127};
inline constexpr std::string_view kProbationMid = "probator";

class ProbationStream {
 public:
  /// The header alone: fixed header, and MID, abs-send-time and transport-wide number as one-byte
  /// extensions under the router's ids.
  static constexpr size_t kMinSize = 32;
  static constexpr size_t kMaxSize = 1400;
  /// Per packet, of a clock that means nothing.
  static constexpr uint32_t kTimestampStep = 20;

  /// `sequence` and `timestamp` of the first packet should be random.
  ProbationStream(SeqNum sequence, Timestamp timestamp)
      : sequence_(sequence), timestamp_(timestamp) {}

  /// Writes the next packet, of `size` bytes cut to kMinSize..kMaxSize, to the beginning of `out`
  /// and returns its size; 0, and no packet is used up, when `out` is too small. `abs_send_time`
  /// has 24 bits (rtp::to_abs_send_time).
  size_t compose(MutableBytes out, size_t size, uint32_t abs_send_time, SeqNum wide);

 private:
  SeqNum sequence_;
  Timestamp timestamp_;
};

}  // namespace sluice::bwe
