#include "protocol/bwe/aimd_rate_control.h"

#include <algorithm>
#include <cmath>

namespace sluice::bwe {
namespace {

constexpr double kPacketBits = 1200 * 8;
constexpr Micros kResponseTime{100'000};
constexpr Micros kMinReductionInterval{10'000};
constexpr Micros kMaxReductionInterval{200'000};

BitRate sum(BitRate a, BitRate b) {
  return std::min(BitRate(a.value + b.value), kHighestRate);
}

}  // namespace

void AimdRateControl::set_estimate(BitRate rate, Micros now) {
  rate_ = std::clamp(rate, min_, kHighestRate);
  known_ = true;
  changed_at_ = now;
}

void AimdRateControl::on_probe(BitRate rate, Micros now) {
  set_estimate(rate, now);
  link_capacity_.on_probe(rate);
}

BitRate AimdRateControl::update(LinkUsage usage, std::optional<BitRate> acked, Micros now) {
  find_start(acked, now);
  // Without a rate to start from only overuse, which gives one, is of interest.
  if (!known_ && (usage != LinkUsage::kOveruse || !acked)) {
    return rate_;
  }
  change_state(usage, now);
  if (state_ == State::kIncrease) {
    increase(acked, now);
  } else if (state_ == State::kDecrease) {
    if (acked) {
      decrease(*acked, now);
    } else if (may_reduce(acked, now)) {
      rate_ = std::max(scaled(rate_, 0.5), min_);
      reduced_at_ = changed_at_ = now;
    }
    state_ = State::kHold;
  }
  return rate_;
}

void AimdRateControl::find_start(std::optional<BitRate> acked, Micros now) {
  if (known_ || !acked) {
    return;
  }
  if (!first_acked_at_) {
    first_acked_at_ = now;
  } else if (now - *first_acked_at_ > kInitialTime) {
    set_estimate(*acked, now);
  }
}

void AimdRateControl::change_state(LinkUsage usage, Micros now) {
  switch (usage) {
    case LinkUsage::kNormal:
      if (state_ == State::kHold) {
        state_ = State::kIncrease;
        changed_at_ = now;
      }
      return;
    case LinkUsage::kUnderuse:
      // The queue drains; nobody knows yet how much room there will be.
      state_ = State::kHold;
      return;
    case LinkUsage::kOveruse:
      state_ = State::kDecrease;
      return;
  }
}

void AimdRateControl::increase(std::optional<BitRate> acked, Micros now) {
  const Micros elapsed = changed_at_ ? std::max(now - *changed_at_, Micros(0)) : Micros(0);
  changed_at_ = now;
  if (application_limited_) {
    return;
  }
  BitRate limit = kHighestRate;
  if (acked) {
    limit = sum(scaled(*acked, kMaxHeadroom), kHeadroomBase);
    // Not while the rate is lower than what still arrives: that was sent before a reduction.
    if (link_capacity_.estimate() && std::min(*acked, rate_) > link_capacity_.upper()) {
      link_capacity_.reset();
    }
  }
  if (rate_ < limit) {
    const BitRate step =
        link_capacity_.estimate() ? additive_step(elapsed) : multiplicative_step(elapsed);
    rate_ = std::min(sum(rate_, step), limit);
  }
}

BitRate AimdRateControl::additive_step(Micros elapsed) const {
  // The same for fast and slow flows on one link, which is what makes them fair to each other.
  const double response = to_seconds(2 * (rtt_ + kResponseTime));
  const BitRate packet{static_cast<uint64_t>(kPacketBits / response)};
  const BitRate per_second = std::min(packet, scaled(rate_, kMaxAdditive));
  return scaled(std::max(per_second, kMinAdditive), to_seconds(elapsed));
}

BitRate AimdRateControl::multiplicative_step(Micros elapsed) const {
  const double factor = std::pow(kGrowthPerSecond, std::min(to_seconds(elapsed), 1.0));
  return std::max(scaled(rate_, factor - 1), kMinGrowth);
}

void AimdRateControl::decrease(BitRate acked, Micros now) {
  BitRate reduced = scaled(acked, kBackoff);
  const auto capacity = link_capacity_.estimate();
  if (reduced > rate_ && capacity) {
    reduced = scaled(*capacity, kBackoff);
  }
  rate_ = std::max(known_ ? std::min(rate_, reduced) : reduced, min_);
  known_ = true;
  // The capacity is not where it was believed to be.
  if (capacity && acked < link_capacity_.lower()) {
    link_capacity_.reset();
  }
  link_capacity_.on_overuse(acked);
  reduced_at_ = changed_at_ = now;
}

bool AimdRateControl::may_reduce(std::optional<BitRate> acked, Micros now) const {
  if (!reduced_at_) {
    return true;
  }
  const Micros interval = std::clamp(rtt_, kMinReductionInterval, kMaxReductionInterval);
  return now - *reduced_at_ >= interval || (acked && *acked < scaled(rate_, 0.5));
}

}  // namespace sluice::bwe
