// Grows a rate while the link has room and cuts it when it has not (media-plane 8.5.4,
// draft-ietf-rmcat-gcc-02 section 5.5). Used by the sender with acknowledged rates and by the
// receiver (REMB) with received ones.
#pragma once

#include <optional>

#include "base/types.h"
#include "protocol/bwe/link_capacity.h"
#include "protocol/bwe/overuse_detector.h"
#include "protocol/bwe/rate.h"

namespace sluice::bwe {

class AimdRateControl {
 public:
  static constexpr double kBackoff = 0.85;
  static constexpr double kGrowthPerSecond = 1.08;
  static constexpr BitRate kMinGrowth{1'000};  ///< per update
  /// Additive growth is a packet per response time, but at least and at most this per second.
  static constexpr BitRate kMinAdditive{4'000};
  static constexpr double kMaxAdditive = 0.2;
  /// The rate stays below 1.5 times what gets through, plus this.
  static constexpr double kMaxHeadroom = 1.5;
  static constexpr BitRate kHeadroomBase{10'000};
  static constexpr Micros kDefaultRtt{200'000};
  /// Without a rate to start from, what gets through after this time is it.
  static constexpr Micros kInitialTime{5'000'000};

  /// The rate to start from is found by `update` itself unless `set_estimate` gives one.
  explicit AimdRateControl(BitRate min = kLowestRate) : min_(min) {}

  void set_min(BitRate min) { min_ = min; }
  void set_rtt(Micros rtt) { rtt_ = rtt; }
  /// While the sender has less to send than it may, what gets through says nothing about the link,
  /// and the rate does not grow.
  void set_application_limited(bool limited) { application_limited_ = limited; }

  /// Sets the rate, from a measurement or a configuration.
  void set_estimate(BitRate rate, Micros now);
  /// A probe measured `rate`: the rate from now on, and a hint of the link's capacity.
  void on_probe(BitRate rate, Micros now);
  /// The link's state and the rate that gets through, if known, as of now. Returns the rate.
  BitRate update(LinkUsage usage, std::optional<BitRate> acked, Micros now);

  /// Nothing until there is a rate to start from.
  [[nodiscard]] std::optional<BitRate> estimate() const {
    return known_ ? std::optional(rate_) : std::nullopt;
  }
  /// The rate, known or not.
  [[nodiscard]] BitRate rate() const { return rate_; }
  /// True when the last reduction had time to take effect, or when what gets through, if known, is
  /// so little that there is no time to wait.
  [[nodiscard]] bool may_reduce(std::optional<BitRate> acked, Micros now) const;
  [[nodiscard]] const LinkCapacity& link_capacity() const { return link_capacity_; }

 private:
  enum class State : uint8_t { kHold, kIncrease, kDecrease };

  void find_start(std::optional<BitRate> acked, Micros now);
  void change_state(LinkUsage usage, Micros now);
  void increase(std::optional<BitRate> acked, Micros now);
  void decrease(BitRate acked, Micros now);
  [[nodiscard]] BitRate additive_step(Micros elapsed) const;
  [[nodiscard]] BitRate multiplicative_step(Micros elapsed) const;

  BitRate min_;
  BitRate rate_ = kilobits(300);
  bool known_ = false;
  bool application_limited_ = false;
  Micros rtt_ = kDefaultRtt;
  State state_ = State::kHold;
  std::optional<Micros> first_acked_at_;
  std::optional<Micros> changed_at_;
  std::optional<Micros> reduced_at_;
  LinkCapacity link_capacity_;
};

}  // namespace sluice::bwe
