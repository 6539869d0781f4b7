// Decides when to probe for a higher rate, and how high (media-plane 8.5.7): at the start, when
// more may be used than before, from time to time while the sender has little to send or wants more
// than it has, and after a drop. A probe that nearly got through is followed by one of twice its
// result.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/rate.h"

namespace sluice::bwe {

class ProbeController {
 public:
  /// Of the rate to start from.
  static constexpr double kFirstInitial = 3;
  static constexpr double kSecondInitial = 6;
  /// A result above this share of the probe did not show the limit of the link.
  static constexpr double kContinueAbove = 0.7;
  /// Of the estimate, for the next probe and for periodic ones.
  static constexpr double kStep = 2;
  /// Later results do not lead to a next probe.
  static constexpr Micros kResultWait{1'000'000};
  /// Of periodic probes while application limited.
  static constexpr Micros kAlrInterval{5'000'000};
  /// While consumers want more than there is, a limit that is lifted must be found within seconds.
  static constexpr Micros kDemandInterval{2'500'000};
  /// No probes into a link that was full this short a while ago.
  static constexpr Micros kQuietTime{2'500'000};
  /// For how long the estimate must have been more than what gets through. A source that fills it
  /// finds the limit without probes, which would only upset what it shares the link with.
  static constexpr Micros kUnusedTime{700'000};
  static constexpr double kInUse = 0.9;
  /// With more loss the link is no place for what is wanted.
  static constexpr double kMaxDemandLoss = 0.10;
  /// A fall below this share of the estimate, while there was little to send, may be a mistake.
  /// Once the queue is gone, most of what was before is probed for.
  static constexpr double kLargeDrop = 0.66;
  static constexpr double kRecovery = 0.85;
  static constexpr Micros kAlrEndedRecently{3'000'000};
  static constexpr Micros kDropLifetime{5'000'000};
  static constexpr Micros kRecoveryInterval{5'000'000};
  /// Probes stay below this while no maximum is known,
  static constexpr BitRate kDefaultMax{5'000'000};
  /// below this many times what is wanted,
  static constexpr double kMaxOverDesired = 2;
  /// and below this many times the estimate: on a link that is as slow as estimated the first probe
  /// fills the queue for 90 ms, not more.
  static constexpr double kMaxOverEstimate = 6;

  /// The transport is connected; `estimate` is where it starts.
  void start(BitRate estimate, Micros now);
  /// No more probes.
  void stop();

  /// Nothing above `max` (0: unknown) is of use; `desired` (0: unknown) is what would be sent. A
  /// raised maximum is probed for.
  void set_limits(BitRate max, BitRate desired, Micros now);
  void set_estimate(BitRate estimate, Micros now);
  /// See AlrDetector::since. True when the sender has just ceased to be limited.
  bool set_application_limited(std::optional<Micros> since, Micros now);
  void set_loss(double loss) { loss_ = loss; }
  void set_acked(BitRate acked, Micros now);
  void on_overuse(Micros now) { overuse_at_ = now; }
  /// The queue of an overuse has drained.
  void on_recovered(Micros now);
  /// Lets time pass.
  void update(Micros now);

  /// True while about as much gets through as the estimate allows.
  [[nodiscard]] bool estimate_in_use() const { return !unused_since_; }
  /// The rate of the next cluster to send, if any.
  std::optional<BitRate> poll();

 private:
  enum class State : uint8_t { kStopped, kWaiting, kReady };

  /// Probes each rate that, within the limits, is above the estimate.
  void probe(std::initializer_list<BitRate> rates, bool continued, Micros now);
  [[nodiscard]] BitRate most_useful() const;
  [[nodiscard]] bool demand_is_unmet(Micros now) const;
  [[nodiscard]] bool periodic_probe_is_due(Micros now) const;
  [[nodiscard]] bool was_application_limited(Micros now) const;

  State state_ = State::kStopped;
  BitRate estimate_;
  BitRate max_;
  BitRate desired_;
  double loss_ = 0;
  std::optional<Micros> unused_since_;
  bool raised_ = false;  ///< the maximum was, and has not been probed for yet
  BitRate continue_above_;
  std::optional<Micros> probed_at_;
  std::optional<Micros> overuse_at_;
  std::optional<Micros> alr_since_;
  std::optional<Micros> alr_ended_;
  BitRate before_drop_;
  std::optional<Micros> dropped_at_;
  std::optional<Micros> recovery_at_;

  static constexpr size_t kMaxQueued = 4;
  std::array<BitRate, kMaxQueued> queue_{};
  size_t queued_ = 0;
};

}  // namespace sluice::bwe
