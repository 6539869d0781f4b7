#include "protocol/rtcp/reception_stats.h"

#include <algorithm>

namespace sluice::rtcp {

uint8_t loss_fraction(uint64_t lost, uint64_t expected) {
  if (expected == 0) {
    return 0;
  }
  return static_cast<uint8_t>(std::min<uint64_t>((lost * 256 + expected / 2) / expected, 255));
}

void ReceptionStats::on_sender_report(const SenderInfo& info, Micros now) {
  sender_info_ = info;
  sender_info_at_ = now;
  echo_.on_report(info.ntp, now);
}

void ReceptionStats::on_sequence_reset() {
  prior_expected_ = 0;
  prior_received_ = 0;
}

ReportBlock ReceptionStats::make_block(Ssrc ssrc, const ReceptionTotals& totals, Micros now,
                                       uint8_t worst_remote_fraction) {
  if (totals.expected < prior_expected_ || totals.received < prior_received_) {
    on_sequence_reset();
  }
  const uint64_t expected = totals.expected - prior_expected_;
  const uint64_t received = totals.received - prior_received_;
  prior_expected_ = totals.expected;
  prior_received_ = totals.received;

  // Negative when packets of an earlier interval came late, or some came twice.
  const int64_t lost = static_cast<int64_t>(expected) - static_cast<int64_t>(received);
  fraction_lost_ = loss_fraction(static_cast<uint64_t>(std::max<int64_t>(lost, 0)), expected);
  if (worst_remote_fraction > fraction_lost_) {
    fraction_lost_ = worst_remote_fraction;
    cumulative_lost_ += static_cast<int64_t>(worst_remote_fraction * expected / 256);
  } else {
    cumulative_lost_ += lost;
  }

  return {.ssrc = ssrc,
          .fraction_lost = fraction_lost_,
          .cumulative_lost = static_cast<int32_t>(
              std::clamp<int64_t>(cumulative_lost_, kMinCumulativeLost, kMaxCumulativeLost)),
          .extended_highest = totals.extended_highest,
          .jitter = totals.jitter,
          .last_sr = echo_.last(),
          .delay_since_sr = echo_.delay(now)};
}

}  // namespace sluice::rtcp
