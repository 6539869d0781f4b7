#include "protocol/bwe/probe_controller.h"

#include <algorithm>

namespace sluice::bwe {
namespace {

/// How close the estimate must come to the recovery probe to make it pointless.
constexpr double kRecoveryUncertainty = 0.95;

bool since(std::optional<Micros> then, Micros time, Micros now) {
  return !then || now - *then >= time;
}

}  // namespace

void ProbeController::start(BitRate estimate, Micros now) {
  estimate_ = estimate;
  state_ = State::kReady;
  probe({scaled(estimate, kFirstInitial), scaled(estimate, kSecondInitial)}, true, now);
}

void ProbeController::stop() {
  *this = {};
}

void ProbeController::set_limits(BitRate max, BitRate desired, Micros now) {
  raised_ = raised_ || (max > max_ && state_ != State::kStopped);
  max_ = max;
  desired_ = desired;
  update(now);
}

void ProbeController::set_estimate(BitRate estimate, Micros now) {
  if (estimate < scaled(estimate_, kLargeDrop)) {
    before_drop_ = estimate_;
    dropped_at_ = now;
  }
  estimate_ = estimate;
  if (state_ == State::kWaiting && estimate > continue_above_) {
    probe({scaled(estimate, kStep)}, true, now);
  }
}

bool ProbeController::set_application_limited(std::optional<Micros> since, Micros now) {
  const bool ended = alr_since_ && !since;
  if (ended) {
    alr_ended_ = now;
  }
  alr_since_ = since;
  return ended;
}

void ProbeController::on_recovered(Micros now) {
  const BitRate rate = scaled(before_drop_, kRecovery);
  if (state_ != State::kReady || !was_application_limited(now) || !dropped_at_ ||
      now - *dropped_at_ >= kDropLifetime || !since(recovery_at_, kRecoveryInterval, now) ||
      scaled(rate, kRecoveryUncertainty) <= estimate_) {
    return;
  }
  recovery_at_ = now;
  probe({rate}, false, now);
}

bool ProbeController::was_application_limited(Micros now) const {
  return alr_since_ || (alr_ended_ && now - *alr_ended_ < kAlrEndedRecently);
}

void ProbeController::update(Micros now) {
  if (state_ == State::kWaiting && now - *probed_at_ > kResultWait) {
    state_ = State::kReady;
  }
  if (state_ != State::kReady) {
    return;
  }
  if (raised_) {
    raised_ = false;
    const BitRate wanted = desired_.value != 0 ? desired_ : max_;
    probe({wanted, scaled(wanted, kStep)}, true, now);
  } else if (periodic_probe_is_due(now)) {
    probe({scaled(estimate_, kStep)}, true, now);
  }
}

void ProbeController::set_acked(BitRate acked, Micros now) {
  if (acked >= scaled(estimate_, kInUse)) {
    unused_since_.reset();
  } else if (!unused_since_) {
    unused_since_ = now;
  }
}

bool ProbeController::periodic_probe_is_due(Micros now) const {
  if (!since(overuse_at_, kQuietTime, now)) {
    return false;
  }
  return (alr_since_ && since(std::max(alr_since_, probed_at_), kAlrInterval, now)) ||
         (demand_is_unmet(now) && since(probed_at_, kDemandInterval, now));
}

bool ProbeController::demand_is_unmet(Micros now) const {
  const bool unused = alr_since_ || (unused_since_ && now - *unused_since_ >= kUnusedTime);
  return desired_ > estimate_ && unused && loss_ <= kMaxDemandLoss;
}

BitRate ProbeController::most_useful() const {
  const BitRate max = max_.value != 0 ? max_ : kDefaultMax;
  return desired_.value != 0 ? std::min(max, scaled(desired_, kMaxOverDesired)) : max;
}

void ProbeController::probe(std::initializer_list<BitRate> rates, bool continued, Micros now) {
  const BitRate most = most_useful();
  const BitRate ceiling = std::min(most, scaled(estimate_, kMaxOverEstimate));
  BitRate last = estimate_;
  for (const BitRate wanted : rates) {
    const BitRate rate = std::min(wanted, ceiling);
    if (rate > last && queued_ < kMaxQueued) {
      queue_[queued_++] = rate;
      last = rate;
    }
  }
  if (last == estimate_) {
    return;
  }
  probed_at_ = now;
  // Beyond the most that is of use there is nothing to go on with.
  state_ = continued && last < most ? State::kWaiting : State::kReady;
  continue_above_ = scaled(last, kContinueAbove);
}

std::optional<BitRate> ProbeController::poll() {
  if (queued_ == 0) {
    return std::nullopt;
  }
  const BitRate first = queue_[0];
  std::shift_left(queue_.begin(), queue_.begin() + queued_, 1);
  --queued_;
  return first;
}

}  // namespace sluice::bwe
