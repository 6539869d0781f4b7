// The loss-based half of the sender's estimate, which is also where all limits meet: the
// delay-based rate, REMB and the configured maximum (media-plane 8.5.6, 8.7,
// draft-ietf-rmcat-gcc-02 section 6).
//
// Loss sets a ceiling. It grows over what is used while there is hardly any loss, stands while
// there is some, and falls when there is much. The rate is the least of the ceiling and the limits.
// The ceiling does not follow the delay-based rate down, because under constant loss, which does
// not let it grow, it could not follow up again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/rate.h"
#include "protocol/bwe/rate_feedback.h"
#include "protocol/bwe/windowed_extreme.h"

namespace sluice::bwe {

class LossBased {
 public:
  static constexpr double kLowLoss = 0.02;
  static constexpr double kHighLoss = 0.10;
  static constexpr double kGrowth = 1.08;  ///< over the least rate of the last second
  static constexpr BitRate kGrowthBase{1'000};
  static constexpr Micros kGrowthWindow{1'000'000};
  /// When loss sets in, the ceiling is the highest rate that was used in this time.
  static constexpr Micros kCeilingWindow{10'000'000};
  /// Together with the round trip time, how long a reduction takes to show.
  static constexpr Micros kReductionInterval{300'000};
  /// A loss that is acted upon is that of so many packets and so long a time, so that chance does
  /// not make 5 % look like 10 %. One that is high beyond doubt does not wait.
  static constexpr uint32_t kMinPackets = 20;
  static constexpr Micros kLossWindow{1'000'000};
  /// Without traffic there is no new loss, and whether the link still loses only traffic shows.
  static constexpr Micros kLossLifetime{2'500'000};
  /// 1.2 times the longest interval of RTCP reports.
  static constexpr Micros kReportLifetime{6'000'000};
  /// For this long after the first report the rate may still jump.
  static constexpr Micros kStartPhase{2'000'000};
  static constexpr Micros kRembLifetime{5'000'000};

  /// `feedback` says what limits growth besides loss. kTransportCc: the delay-based rate; REMB too,
  /// when it comes. kRemb: REMB alone, and without a recent one there is no growth.
  LossBased(RateFeedback feedback, BitRate start, Micros now);

  /// The rate stays within these from now on. `min` wins.
  void set_limits(BitRate min, BitRate max);
  void set_delay_based(BitRate rate, Micros now);
  /// The receiver wants no more than `limit`; 0 for no limit.
  void on_remb(BitRate limit, Micros now);
  /// Of `packets` that a report newly tells of, `lost` did not arrive. `lost` is negative when more
  /// turned up that had been called lost, also without news of others.
  void on_report(int64_t lost, uint32_t packets, Micros now);
  void set_rtt(Micros rtt) { rtt_ = rtt; }
  /// A probe measured the rate.
  void on_probe(BitRate rate, Micros now);
  /// Lets time pass.
  void update(Micros now);

  [[nodiscard]] BitRate rate() const { return rate_; }
  /// The receiver's limit, while it is in force.
  [[nodiscard]] std::optional<BitRate> remb() const { return remb_; }
  /// Loss of the last window, 0..1; 0 when it is too long ago to tell anything of the link.
  [[nodiscard]] double loss(Micros now) const {
    return last_window_ && now - *last_window_ < kLossLifetime ? loss_ : 0;
  }

 private:
  void expire_remb(Micros now);
  [[nodiscard]] bool window_is_full(Micros now) const;
  bool jump_in_start_phase(Micros now);
  void grow(Micros now);
  void act_on_window(Micros now);
  /// Makes the rate the least of the ceiling and the limits.
  void limit();

  RateFeedback feedback_;
  BitRate ceiling_;
  BitRate rate_;
  BitRate min_ = kLowestRate;
  BitRate max_ = kHighestRate;
  std::optional<BitRate> delay_based_;
  std::optional<BitRate> remb_;
  Micros remb_at_;
  Micros rtt_{0};

  int64_t lost_ = 0;
  uint32_t packets_ = 0;
  Micros window_start_;
  double loss_ = 0;
  std::optional<Micros> first_report_;
  std::optional<Micros> last_window_;
  std::optional<Micros> reduced_at_;
  WindowedMin<BitRate> least_{kGrowthWindow};
  WindowedMax<BitRate> highest_{kCeilingWindow};
};

}  // namespace sluice::bwe
