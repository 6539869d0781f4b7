#include "protocol/rtcp/rate_calculator.h"

#include <algorithm>

namespace sluice::rtcp {

RateCalculator::RateCalculator(Millis window, uint32_t scale, uint32_t buckets)
    : window_(std::max(window, Millis(1))),
      bucket_(std::max(std::chrono::floor<Millis>(window_ / std::max(buckets, 1u)), Millis(1))),
      scale_(scale),
      // Starts of buckets are at least `bucket_` apart and less than `window_` old, which makes
      // ceil(window / bucket) of them; one to spare.
      capacity_(static_cast<uint32_t>((window_ + bucket_ - Micros(1)) / bucket_) + 1),
      buckets_(capacity_) {}

void RateCalculator::expire(Micros now) {
  while (count_ > 0 && buckets_[oldest_].start <= now - window_) {
    total_ -= buckets_[oldest_].sum;
    oldest_ = next(oldest_);
    --count_;
  }
}

void RateCalculator::update(uint64_t amount, Micros now) {
  expire(now);
  if (count_ == 0) {
    oldest_ = newest_ = 0;
    buckets_[0] = {now, amount};
    count_ = 1;
  } else if (now - buckets_[newest_].start >= bucket_) {
    newest_ = next(newest_);
    buckets_[newest_] = {now, amount};
    ++count_;
  } else if (now >= buckets_[oldest_].start) {
    buckets_[newest_].sum += amount;
  } else {
    return;
  }
  total_ += amount;
}

uint64_t RateCalculator::rate(Micros now) {
  expire(now);
  const double per_window = static_cast<double>(total_) * scale_;
  return static_cast<uint64_t>(per_window / static_cast<double>(window_ / Millis(1)) + 0.5);
}

void RateCalculator::reset() {
  count_ = 0;
  total_ = 0;
}

void TrendCalculator::update(uint64_t value, Micros now) {
  if (value >= value_) {
    force(value, now);
    return;
  }
  const double seconds = std::max(std::chrono::duration<double>(now - high_at_).count(), 0.0);
  const double high = static_cast<double>(high_);
  const double sunk = std::max(high - high * kDecreasePerSecond * seconds, 0.0);
  // Not above the value it has: a clock reading from before the last update raises nothing.
  value_ = std::max(value, std::min(value_, static_cast<uint64_t>(sunk)));
}

void TrendCalculator::force(uint64_t value, Micros now) {
  value_ = value;
  high_ = value;
  high_at_ = now;
}

}  // namespace sluice::rtcp
