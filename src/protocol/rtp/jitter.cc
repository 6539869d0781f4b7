#include "protocol/rtp/jitter.h"

namespace sluice::rtp {
namespace {

/// Two packets' transit times do not differ by more, unless the sender's timestamps jumped.
constexpr uint64_t kMaxDistanceSeconds = 10;

}  // namespace

void Jitter::on_packet(Timestamp timestamp, Micros now) {
  // Seconds and rest apart: the product of a long uptime and the clock rate does not fit.
  const uint64_t us = static_cast<uint64_t>(now.count());
  const uint64_t arrival = us / 1'000'000 * clock_rate_ + us % 1'000'000 * clock_rate_ / 1'000'000;
  const uint32_t transit = static_cast<uint32_t>(arrival) - timestamp.value;
  if (!started_) {
    started_ = true;
    transit_ = transit;
    return;
  }
  const auto moved = static_cast<int32_t>(transit - transit_);
  transit_ = transit;
  const uint32_t distance =
      moved < 0 ? uint32_t{0} - static_cast<uint32_t>(moved) : static_cast<uint32_t>(moved);
  // A jump of the timestamps by minutes is no jitter and would stay in the average for long.
  if (distance > kMaxDistanceSeconds * clock_rate_) {
    return;
  }
  scaled_ += distance - ((scaled_ + 8) >> 4);
}

void Jitter::reset() {
  started_ = false;
  scaled_ = 0;
}

}  // namespace sluice::rtp
