#include "support/bottleneck_link.h"

#include <cmath>

namespace sluice::test {
namespace {

constexpr uint32_t kCrossFlow = UINT32_MAX;
constexpr size_t kCrossSize = 1000;

}  // namespace

BottleneckLink::BottleneckLink(uint64_t seed, const net::Impairments& settings)
    : settings_(settings), link_(seed, settings), random_(~seed) {}

void BottleneckLink::set_impairments(const net::Impairments& settings) {
  settings_ = settings;
  link_.set_impairments(settings);
}

void BottleneckLink::set_cross_traffic(BitRate rate, Micros now) {
  push_cross_traffic(now);
  cross_rate_ = rate;
  if (rate.value > 0) {
    next_cross_ = now + next_gap();
  }
}

Micros BottleneckLink::next_gap() {
  // Spelled out because the standard distributions differ between libraries.
  const double draw =
      (static_cast<double>(random_() >> 11) + 0.5) / static_cast<double>(uint64_t{1} << 53);
  const double mean = kCrossSize * 8e6 / static_cast<double>(cross_rate_.value);
  return Micros(static_cast<int64_t>(-std::log(draw) * mean));
}

void BottleneckLink::push_cross_traffic(Micros now) {
  while (cross_rate_.value > 0 && next_cross_ <= now) {
    scratch_.assign(kCrossSize, 0);
    store_be32(scratch_.data(), kCrossFlow);
    link_.push(next_cross_, scratch_);
    next_cross_ += next_gap();
  }
}

void BottleneckLink::push(Micros now, uint32_t flow, Bytes datagram) {
  push_cross_traffic(now);
  // What is remembered of the datagram travels where its headers would be.
  scratch_.assign(kHeaderSize, 0);
  store_be32(scratch_.data(), flow);
  store_be64(scratch_.data() + 4, static_cast<uint64_t>(now.count()));
  store_be64(scratch_.data() + 12, static_cast<uint64_t>(settings_.delay.count()));
  scratch_.insert(scratch_.end(), datagram.begin(), datagram.end());
  link_.push(now, scratch_);
}

std::optional<BottleneckLink::Delivery> BottleneckLink::pop_due(Micros now) {
  push_cross_traffic(now);
  for (;;) {
    const auto due = link_.next_due();
    auto bytes = link_.pop_due(now);
    if (!bytes) {
      return std::nullopt;
    }
    const uint32_t flow = load_be32(bytes->data());
    if (flow == kCrossFlow) {
      continue;
    }
    const Micros sent{static_cast<int64_t>(load_be64(bytes->data() + 4))};
    const Micros delay{static_cast<int64_t>(load_be64(bytes->data() + 12))};
    bytes->erase(bytes->begin(), bytes->begin() + kHeaderSize);
    return Delivery{.flow = flow,
                    .sent = sent,
                    .arrived = *due,
                    .queued = *due - sent - delay,
                    .datagram = std::move(*bytes)};
  }
}

}  // namespace sluice::test
