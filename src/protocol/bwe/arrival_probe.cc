#include "protocol/bwe/arrival_probe.h"

#include <chrono>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {

bool ArrivalProbe::continues(Micros send_distance) const {
  if (send_distance < Micros(0) || send_distance > kMaxDistance) {
    return false;
  }
  return distances_ == 0 || std::chrono::abs(send_distance - sent_ / distances_) <= kMaxSpread;
}

std::optional<BitRate> ArrivalProbe::on_packet(Micros sent, Micros arrival, size_t size) {
  begun_ = begun_.value_or(arrival);
  if (arrival - *begun_ > kPeriod || size < kMinSize) {
    return std::nullopt;
  }
  const bool continued = last_ && continues(sent - last_->sent);
  if (continued) {
    ++distances_;
    sent_ += sent - last_->sent;
    arrived_ += arrival - last_->arrival;
    bytes_ += size;
  } else {
    distances_ = 0;
    sent_ = arrived_ = Micros(0);
    bytes_ = 0;
  }
  last_ = {.sent = sent, .arrival = arrival};
  return distances_ + 1 >= kMinPackets ? rate() : std::nullopt;
}

std::optional<BitRate> ArrivalProbe::rate() const {
  const Micros sent = sent_ / distances_;
  const Micros arrived = arrived_ / distances_;
  if (sent <= Micros(0) || arrived <= Micros(0) || arrived - sent > kMaxStretch ||
      sent - arrived > kMaxSqueeze) {
    return std::nullopt;
  }
  return rate_of(bytes_, std::max(sent_, arrived_));
}

}  // namespace sluice::bwe
