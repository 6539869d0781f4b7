#include "protocol/rtcp/remb_limiter.h"

namespace sluice::rtcp {

std::optional<BitRate> RembLimiter::set_limit(BitRate limit, Micros now) {
  const bool lifted = limit.value == 0 && limit_.value != 0;
  limit_ = limit;
  if (!lifted) {
    if (limit.value != 0) {
      unlimited_left_ = 0;
    }
    return std::nullopt;
  }
  unlimited_left_ = kUnlimitedPackets - 1;
  last_sent_ = now;
  return BitRate(0);
}

std::optional<BitRate> RembLimiter::on_packet(Micros now) {
  if (!active()) {
    return std::nullopt;
  }
  if (last_sent_ && now - *last_sent_ <= kInterval) {
    return std::nullopt;
  }
  last_sent_ = now;
  if (limit_.value == 0) {
    --unlimited_left_;
  }
  return limit_;
}

}  // namespace sluice::rtcp
