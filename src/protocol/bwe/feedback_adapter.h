// Turns transport-cc feedback into what became of each sent packet (media-plane 8.4).
//
// The work for one feedback is bounded by the bytes that it consists of plus the packets that are
// told of for the first time: a small feedback that claims thousands of losses again and again
// costs no more than reading it. Nothing is allocated once the result has grown to the size of a
// feedback.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/types.h"
#include "protocol/bwe/sent_packets.h"
#include "protocol/rtcp/transport_feedback.h"

namespace sluice::bwe {

/// A packet that arrived.
struct PacketResult {
  Micros sent{0};
  /// On the receiver's clock, which differs from ours by an unknown constant and drifts.
  Micros arrival{0};
  int64_t number = 0;  ///< extended wide sequence number
  uint16_t size = 0;   ///< bytes on the wire
  ClusterId cluster;
  /// An earlier feedback called it lost. It counts for rates, not for delays.
  bool late = false;
};

/// News from one feedback. Packets that were never sent, are no longer known or were told of before
/// are not in it.
struct FeedbackNews {
  /// By time of arrival; valid until the next feedback.
  std::span<const PacketResult> received;
  uint32_t lost = 0;       ///< reported missing for the first time
  uint32_t recovered = 0;  ///< among `received`, those called lost before
  /// Packets before these have not been told of: a feedback is lost, or late.
  bool gap = false;
  /// From the newest packet in it, without the time which that packet waited for the feedback.
  std::optional<Micros> round_trip;

  /// Packets whose fate was unknown until now.
  [[nodiscard]] uint32_t told() const {
    return static_cast<uint32_t>(received.size()) - recovered + lost;
  }
};

class FeedbackAdapter {
 public:
  /// Arrival times start over when the receiver's clock has left ours by more than this. No real
  /// clock does, so only nonsense is cut off, before it adds up to an overflow.
  static constexpr Micros kMaxClockOffset{3'600'000'000};

  /// `feedback` arrived at `now`.
  FeedbackNews process(const rtcp::TransportFeedback& feedback, SentPackets& sent, Micros now);

 private:
  void unwrap_reference(int32_t reference, Micros now);

  std::optional<int32_t> reference_;  ///< of the last feedback
  Micros base_{0};                    ///< the time that it stands for
  std::vector<PacketResult> results_;
};

}  // namespace sluice::bwe
