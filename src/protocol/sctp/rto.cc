#include "protocol/sctp/rto.h"

#include <algorithm>

namespace sluice::sctp {
namespace {

// Peers delay an acknowledgement by up to 200 ms (RFC 9260 section 6.2), which few samples show,
// and their timers may tick every 10 ms. A timeout within that would be spurious.
constexpr Micros kDelayedAckAllowance = 220ms;

}  // namespace

void Rto::on_sample(Micros rtt) {
  rtt = std::max(rtt, Micros(0));
  if (!smoothed_) {
    smoothed_ = rtt;
    variation_ = rtt / 2;
  } else {
    const Micros error = rtt > *smoothed_ ? rtt - *smoothed_ : *smoothed_ - rtt;
    variation_ = (3 * variation_ + error) / 4;
    smoothed_ = (7 * *smoothed_ + rtt) / 8;
  }
  restore();
}

void Rto::back_off() {
  value_ = std::min(2 * value_, kMax);
}

void Rto::restore() {
  value_ = smoothed_
               ? std::clamp(*smoothed_ + std::max(4 * variation_, kDelayedAckAllowance), kMin, kMax)
               : kInitial;
}

}  // namespace sluice::sctp
