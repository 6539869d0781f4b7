#include "net/impaired_link.h"

#include <algorithm>
#include <utility>

namespace sluice::net {

bool ImpairedLink::chance(std::mt19937_64& random, double share) {
  // Drawn even when the share is 0, so that one setting does not shift the others' decisions. The
  // division is spelled out because the standard distributions differ between libraries.
  const double draw = static_cast<double>(random() >> 11) / static_cast<double>(uint64_t{1} << 53);
  return draw < share;
}

bool ImpairedLink::lost_in_burst() {
  bad_ = bad_ ? !chance(burst_random_, settings_.bursts.leave)
              : chance(burst_random_, settings_.bursts.enter);
  return bad_ && chance(burst_random_, settings_.bursts.loss);
}

void ImpairedLink::push(Micros now, Bytes datagram) {
  ++counters_.pushed;
  const bool in_burst = lost_in_burst();
  const bool lost = chance(settings_.loss) || in_burst;
  const bool reordered = chance(settings_.reorder);
  const bool duplicated = chance(settings_.duplicate);
  const uint64_t jitter_draw = random_();
  if (lost) {
    ++counters_.lost;
    return;
  }
  const auto sent = transmit(now, datagram.size());
  if (!sent) {
    ++counters_.queue_dropped;
    return;
  }
  const auto jitter_range = static_cast<uint64_t>(std::max<int64_t>(settings_.jitter.count(), 0));
  Micros due =
      *sent + settings_.delay + Micros(static_cast<int64_t>(jitter_draw % (jitter_range + 1)));
  due = std::max(due, last_due_);
  if (reordered) {
    ++counters_.reordered;
    due += settings_.reorder_hold;
  } else {
    last_due_ = due;
  }
  deliver(due, datagram);
  if (duplicated) {
    ++counters_.duplicated;
    deliver(due, datagram);
  }
}

std::optional<Micros> ImpairedLink::transmit(Micros now, size_t size) {
  const uint64_t rate = settings_.bandwidth.value;
  if (rate == 0) {
    return now;
  }
  const Micros start = std::max(now, link_free_);
  // What still has to leave before this datagram can start.
  const auto waiting = static_cast<uint64_t>((start - now).count()) * rate / 8'000'000;
  if (waiting + size > settings_.queue_bytes) {
    return std::nullopt;
  }
  link_free_ = start + Micros(static_cast<int64_t>(uint64_t{size} * 8'000'000 / rate));
  return link_free_;
}

void ImpairedLink::deliver(Micros due, Bytes datagram) {
  flying_.push({due, next_order_++, {datagram.begin(), datagram.end()}});
}

std::optional<std::vector<uint8_t>> ImpairedLink::pop_due(Micros now) {
  if (flying_.empty() || flying_.top().due > now) {
    return std::nullopt;
  }
  // The queue shows its top as const only to protect the order, which the bytes do not affect.
  std::vector<uint8_t> bytes = std::move(const_cast<Item&>(flying_.top()).bytes);
  flying_.pop();
  ++counters_.delivered;
  return bytes;
}

std::optional<Micros> ImpairedLink::next_due() const {
  if (flying_.empty()) {
    return std::nullopt;
  }
  return flying_.top().due;
}

}  // namespace sluice::net
