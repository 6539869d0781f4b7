#include "protocol/rtcp/sender_report_clock.h"

namespace sluice::rtcp {

std::optional<SenderInfo> SenderReportClock::sender_info(const SentTotals& sent, Micros now) const {
  if (sent.packets == 0) {
    return std::nullopt;
  }
  // Whole seconds apart from the rest: a stream silent for weeks does not overflow.
  const Micros elapsed = now - sent.max_timestamp_at;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(elapsed);
  const int64_t ticks =
      seconds.count() * clock_rate_ + (elapsed - seconds).count() * clock_rate_ / 1'000'000;
  return SenderInfo{.ntp = ntp_.at(now),
                    .rtp = Timestamp(sent.max_timestamp.value + static_cast<uint32_t>(ticks)),
                    .packets = static_cast<uint32_t>(sent.packets),
                    .octets = static_cast<uint32_t>(sent.octets)};
}

}  // namespace sluice::rtcp
