#include "protocol/bwe/loss_based.h"

#include <algorithm>
#include <cmath>

namespace sluice::bwe {

LossBased::LossBased(RateFeedback feedback, BitRate start, Micros now)
    : feedback_(feedback), ceiling_(start), rate_(start), remb_at_(now), window_start_(now) {}

void LossBased::set_limits(BitRate min, BitRate max) {
  min_ = min;
  max_ = max;
  // When the maximum rises again, what was available before it fell is old news.
  ceiling_ = std::min(ceiling_, max);
  limit();
}

void LossBased::set_delay_based(BitRate rate, Micros now) {
  delay_based_ = rate;
  update(now);
}

void LossBased::on_probe(BitRate rate, Micros now) {
  ceiling_ = std::max(ceiling_, rate);
  least_.reset();
  set_delay_based(rate, now);
}

void LossBased::on_remb(BitRate limit, Micros now) {
  remb_ = limit.value == 0 ? std::nullopt : std::optional(limit);
  remb_at_ = now;
  update(now);
}

void LossBased::expire_remb(Micros now) {
  if (remb_ && now - remb_at_ > kRembLifetime) {
    remb_.reset();
    if (feedback_ == RateFeedback::kRemb) {
      ceiling_ = rate_;
    }
  }
}

void LossBased::on_report(int64_t lost, uint32_t packets, Micros now) {
  first_report_ = first_report_.value_or(now);
  lost_ += lost;
  packets_ += packets;
  if (window_is_full(now)) {
    act_on_window(now);
  }
  update(now);
}

bool LossBased::window_is_full(Micros now) const {
  if (packets_ < kMinPackets) {
    return false;
  }
  // Two standard deviations above what high loss would bring.
  const double expected = kHighLoss * packets_;
  const double surely_high = expected + 2 * std::sqrt(expected * (1 - kHighLoss));
  return now - window_start_ >= kLossWindow || static_cast<double>(lost_) > surely_high;
}

void LossBased::act_on_window(Micros now) {
  const double before = loss_;
  loss_ = static_cast<double>(std::clamp<int64_t>(lost_, 0, packets_)) / packets_;
  lost_ = 0;
  packets_ = 0;
  last_window_ = window_start_ = now;
  if (loss_ > kHighLoss) {
    if (!reduced_at_ || now - *reduced_at_ >= kReductionInterval + rtt_) {
      ceiling_ = scaled(rate_, 1 - 0.5 * loss_);
      reduced_at_ = now;
    }
  } else if (loss_ > kLowLoss && before <= kLowLoss) {
    ceiling_ = std::min(ceiling_, highest_.get(now).value_or(ceiling_));
  }
}

void LossBased::update(Micros now) {
  expire_remb(now);
  least_.update(rate_, now);
  highest_.update(rate_, now);
  if (!jump_in_start_phase(now)) {
    grow(now);
  }
  limit();
}

bool LossBased::jump_in_start_phase(Micros now) {
  if (loss_ > 0 || (first_report_ && now - *first_report_ >= kStartPhase)) {
    return false;
  }
  const BitRate jump = std::max(delay_based_.value_or(rate_), remb_.value_or(rate_));
  if (jump <= ceiling_) {
    return false;
  }
  ceiling_ = jump;
  least_.reset();
  return true;
}

void LossBased::grow(Micros now) {
  const bool fresh = last_window_ && now - *last_window_ < kReportLifetime;
  const bool allowed = feedback_ == RateFeedback::kTransportCc || now - remb_at_ <= kRembLifetime;
  if (!fresh || !allowed || loss_ > kLowLoss) {
    return;
  }
  const BitRate least = least_.get(now).value_or(rate_);
  ceiling_ = std::max(ceiling_, BitRate(scaled(least, kGrowth).value + kGrowthBase.value));
}

void LossBased::limit() {
  const BitRate limit =
      std::min({ceiling_, max_, delay_based_.value_or(ceiling_), remb_.value_or(ceiling_)});
  rate_ = std::max(limit, min_);
}

}  // namespace sluice::bwe
