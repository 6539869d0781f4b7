// The delay-based half of the sender's estimate: arrival groups, trend, overuse detector and rate
// control in one (media-plane 8.5.1 to 8.5.4).
#pragma once

#include <optional>
#include <span>

#include "base/types.h"
#include "protocol/bwe/aimd_rate_control.h"
#include "protocol/bwe/arrival_groups.h"
#include "protocol/bwe/feedback_adapter.h"
#include "protocol/bwe/overuse_detector.h"
#include "protocol/bwe/trendline.h"
#include "protocol/bwe/windowed_extreme.h"

namespace sluice::bwe {

/// The queueing on the way as arrivals show it.
class QueueTrend {
 public:
  /// Without packets for this long the past says nothing any more.
  static constexpr Micros kTimeout{2'000'000};

  /// A packet arrived; see ArrivalGroups::on_packet.
  LinkUsage on_packet(Micros sent, Micros arrival, Micros system, size_t size);
  [[nodiscard]] LinkUsage usage() const { return detector_.usage(); }
  void reset() { *this = {}; }

 private:
  ArrivalGroups groups_;
  Trendline trend_;
  OveruseDetector detector_;
  std::optional<Micros> last_seen_;
};

/// Whether packets wait at all: the least delay of a feedback's packets, above the least of the
/// last 10 s. A burst of our own, e.g. a key frame, makes a queue that grows and is gone before the
/// next frame comes; a link that is too slow has no moment without one.
class StandingQueue {
 public:
  static constexpr Micros kWindow{10'000'000};
  /// Less is jitter.
  static constexpr Micros kEmpty{5'000};

  void on_feedback(std::span<const PacketResult> received, Micros now);
  /// The last feedback had packets that did not wait.
  [[nodiscard]] bool empty() const { return empty_; }

 private:
  WindowedMin<Micros> least_{kWindow};
  bool empty_ = false;
};

class DelayBased {
 public:
  /// An overuse of this length is no mistake of ours that the first reduction corrects: the link
  /// got slower.
  static constexpr Micros kPersistent{300'000};

  explicit DelayBased(BitRate start, Micros now) { rate_.set_estimate(start, now); }

  /// What one feedback brought.
  struct Input {
    std::span<const PacketResult> received;  ///< by time of arrival
    std::optional<BitRate> acked;
    std::optional<BitRate> probed;  ///< a probe's result
  };
  struct Outcome {
    bool probed = false;      ///< the estimate is the probe's result
    bool recovered = false;   ///< the queue of an overuse has drained
    bool persistent = false;  ///< the link has been overused for kPersistent or longer
  };
  Outcome on_feedback(const Input& input, Micros now);

  void set_min(BitRate min) { rate_.set_min(min); }
  void set_rtt(Micros rtt) { rate_.set_rtt(rtt); }
  void set_application_limited(bool limited) { rate_.set_application_limited(limited); }

  [[nodiscard]] BitRate estimate() const { return rate_.rate(); }
  [[nodiscard]] LinkUsage usage() const { return usage_; }

 private:
  [[nodiscard]] LinkUsage judge() const;

  QueueTrend queue_;
  StandingQueue standing_;
  LinkUsage usage_ = LinkUsage::kNormal;
  AimdRateControl rate_;
  std::optional<Micros> overuse_since_;
};

}  // namespace sluice::bwe
