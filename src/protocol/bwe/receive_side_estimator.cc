#include "protocol/bwe/receive_side_estimator.h"

#include <algorithm>

namespace sluice::bwe {
namespace {

/// Microseconds of a tick of abs-send-time, 2^-18 s.
constexpr int64_t kTickNumerator = 15'625;
constexpr int64_t kTickDenominator = 4'096;
/// The sender's clock starts over before its extended form becomes too large to count in
/// microseconds; honest ones take 130 years to get there.
constexpr int64_t kMaxTicks = int64_t{1} << 50;

}  // namespace

Micros remb_interval(BitRate rate) {
  const BitRate share = scaled(rate, ReceiveSideEstimator::kRembShare);
  if (share.value == 0) {
    return ReceiveSideEstimator::kMaxInterval;
  }
  return std::clamp(time_for(ReceiveSideEstimator::kRembSize, share),
                    ReceiveSideEstimator::kMinInterval, ReceiveSideEstimator::kMaxInterval);
}

Micros ReceiveSideEstimator::send_time(uint32_t abs_send_time) {
  const int64_t ticks = extend<24>(abs_send_time, send_ticks_.value_or(abs_send_time));
  if (ticks > kMaxTicks || ticks < -kMaxTicks) {
    queue_.reset();
    send_ticks_ = abs_send_time;
  } else {
    send_ticks_ = ticks;
  }
  return Micros(*send_ticks_ * kTickNumerator / kTickDenominator);
}

std::optional<ReceiveSideEstimator::Announcement> ReceiveSideEstimator::on_packet(
    uint32_t abs_send_time, Ssrc source, size_t size, Micros now) {
  if (!receiving_since_ || now - last_packet_ > QueueTrend::kTimeout) {
    receiving_since_ = now;
  }
  last_packet_ = now;
  note_source(source, now);
  incoming_.update(size, now);
  const Micros sent = send_time(abs_send_time);
  const auto probed = probe_.on_packet(sent, now, size);
  if (probed && *probed > rate_.estimate().value_or(BitRate(0))) {
    rate_.on_probe(*probed, now);
  }
  update(queue_.on_packet(sent, now, now, size), now);
  return announce(now);
}

void ReceiveSideEstimator::update(LinkUsage usage, Micros now) {
  const auto arriving = incoming(now);
  const bool due = now - updated_at_ >= remb_interval(rate_.rate());
  if (usage == LinkUsage::kOveruse ? rate_.may_reduce(arriving, now) : due) {
    updated_at_ = now;
    rate_.update(usage, arriving, now);
  }
}

std::optional<BitRate> ReceiveSideEstimator::incoming(Micros now) {
  // Before the window is full its average is too low.
  const bool full = now - *receiving_since_ >= rtcp::RateCalculator::kDefaultWindow;
  return full ? std::optional(incoming_.bit_rate(now)) : std::nullopt;
}

std::optional<BitRate> ReceiveSideEstimator::estimate() const {
  const auto estimate = rate_.estimate();
  if (max_.value == 0) {
    return estimate;
  }
  return std::min(estimate.value_or(max_), max_);
}

std::optional<ReceiveSideEstimator::Announcement> ReceiveSideEstimator::announce(Micros now) {
  const auto rate = estimate();
  if (!rate) {
    return std::nullopt;
  }
  const bool due = !told_ || now - told_at_ >= remb_interval(*rate);
  if (!due && *rate >= scaled(*told_, kLargeFall)) {
    return std::nullopt;
  }
  told_ = rate;
  told_at_ = now;
  std::erase_if(sources_, [now](const Source& s) { return now - s.last > kSourceTimeout; });
  listed_.clear();
  for (const Source& source : sources_) {
    listed_.push_back(source.ssrc);
  }
  return Announcement{.rate = *rate, .sources = listed_};
}

void ReceiveSideEstimator::note_source(Ssrc ssrc, Micros now) {
  const auto known = std::ranges::find(sources_, ssrc, &Source::ssrc);
  if (known != sources_.end()) {
    known->last = now;
  } else if (sources_.size() < kMaxSources) {
    sources_.push_back({.ssrc = ssrc, .last = now});
  }
}

}  // namespace sluice::bwe
