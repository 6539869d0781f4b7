// Trace events: single packets, requests and decisions of an object, told to an application that
// asks for them (ortc-model 7.1). Meant for finding out why something does not work; each event
// travels to the control thread on its own. Without them an object pays one test of a flag.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/types.h"
#include "protocol/bwe/rate_feedback.h"
#include "protocol/rtcp/reports.h"

namespace sluice::media {

enum class TraceType : uint8_t {
  kRtp,
  kKeyFrame,
  kNack,
  kPli,
  kFir,
  kSenderReport,
  kProbation,
  kBwe
};

/// "rtp", "keyframe", "nack", "pli", "fir", "sr", "probation" or "bwe".
[[nodiscard]] std::string_view to_text(TraceType type);

/// Which events an object tells.
class TraceSet {
 public:
  constexpr TraceSet() = default;
  constexpr TraceSet(std::initializer_list<TraceType> types) {
    for (const TraceType type : types) {
      bits_ |= bit(type);
    }
  }
  /// Those of `possible` that are named; other names are ignored.
  static TraceSet of_names(std::span<const std::string> names, TraceSet possible);

  [[nodiscard]] constexpr bool any() const { return bits_ != 0; }
  [[nodiscard]] constexpr bool has(TraceType type) const { return (bits_ & bit(type)) != 0; }
  [[nodiscard]] std::vector<std::string_view> names() const;

  friend constexpr bool operator==(TraceSet, TraceSet) = default;

 private:
  static constexpr uint8_t bit(TraceType type) {
    return static_cast<uint8_t>(1U << static_cast<unsigned>(type));
  }
  uint8_t bits_ = 0;
};

// What each class of object can tell.
inline constexpr TraceSet kTransportTraces = {TraceType::kProbation, TraceType::kBwe};
inline constexpr TraceSet kConsumerTraces = {TraceType::kRtp, TraceType::kKeyFrame,
                                             TraceType::kNack, TraceType::kPli, TraceType::kFir};
inline constexpr TraceSet kProducerTraces = {TraceType::kRtp,  TraceType::kKeyFrame,
                                             TraceType::kNack, TraceType::kPli,
                                             TraceType::kFir,  TraceType::kSenderReport};

/// The event that a packet leads to: one at most, "keyframe" before "rtp".
[[nodiscard]] constexpr std::optional<TraceType> packet_trace(TraceSet wanted, bool key_frame) {
  if (key_frame && wanted.has(TraceType::kKeyFrame)) {
    return TraceType::kKeyFrame;
  }
  return wanted.has(TraceType::kRtp) ? std::optional(TraceType::kRtp) : std::nullopt;
}

/// An RTP packet as a producer received it, or as a consumer sends it. Sizes in bytes, before
/// protection. Absent texts are empty.
struct TracedPacket {
  PayloadType payload_type;
  SeqNum sequence_number;
  Timestamp timestamp;
  Ssrc ssrc;
  bool marker = false;
  bool key_frame = false;
  bool rtx = false;
  size_t size = 0;
  size_t payload_size = 0;
  uint8_t spatial_layer = 0;
  uint8_t temporal_layer = 0;
  std::string mid;
  std::string rid;
  std::string repaired_rid;
  std::optional<uint16_t> wide_sequence_number;
};

/// A picture loss indication or a full intra request for that stream.
struct TracedKeyFrameRequest {
  Ssrc ssrc;
};

struct TracedSenderReport {
  Ssrc ssrc;
  rtcp::SenderInfo info;
};

/// What a transport may send, each time that it is shared anew because of a new estimate.
struct TracedBandwidth {
  bwe::RateFeedback feedback = bwe::RateFeedback::kTransportCc;
  BitRate desired;            ///< what all consumers could use
  BitRate effective_desired;  ///< the same, falls smoothed
  BitRate min, max;           ///< between which the estimate moves
  BitRate start;              ///< where it would begin
  BitRate max_padding;        ///< what padding fills up to at most
  BitRate available;
};

/// By type; nothing for NACKs and padding.
using TraceInfo = std::variant<std::monostate, TracedPacket, TracedKeyFrameRequest,
                               TracedSenderReport, TracedBandwidth>;

struct TraceEvent {
  TraceType type = TraceType::kRtp;
  Micros at{0};  ///< of the monotonic clock
  bool incoming = true;
  TraceInfo info;
};

/// `{type, timestamp, direction, info}`, timestamps in ms.
[[nodiscard]] boost::json::object to_json(const TraceEvent& event);

}  // namespace sluice::media
