#include "protocol/bwe/delay_based.h"

#include <algorithm>

namespace sluice::bwe {

LinkUsage QueueTrend::on_packet(Micros sent, Micros arrival, Micros system, size_t size) {
  if (last_seen_ && system - *last_seen_ > kTimeout) {
    reset();
  }
  last_seen_ = system;
  if (const auto delta = groups_.on_packet(sent, arrival, system, size)) {
    trend_.update(*delta, arrival);
    detector_.update(trend_.modified(), trend_.slope(), delta->send, arrival);
  }
  return usage();
}

void StandingQueue::on_feedback(std::span<const PacketResult> received, Micros now) {
  std::optional<Micros> least;
  for (const PacketResult& packet : received) {
    if (!packet.late) {
      const Micros delay = packet.arrival - packet.sent;
      least = std::min(least.value_or(delay), delay);
    }
  }
  if (least) {
    least_.update(*least, now);
    empty_ = *least - least_.get(now).value_or(*least) < kEmpty;
  }
}

/// A queue that grew, but is not there any more, is no reason to send less, nor to send more.
LinkUsage DelayBased::judge() const {
  const bool over = queue_.usage() == LinkUsage::kOveruse;
  return over && standing_.empty() ? LinkUsage::kUnderuse : queue_.usage();
}

DelayBased::Outcome DelayBased::on_feedback(const Input& input, Micros now) {
  Outcome outcome;
  const LinkUsage before = usage_;
  for (const PacketResult& packet : input.received) {
    if (!packet.late) {
      queue_.on_packet(packet.sent, packet.arrival, now, packet.size);
    }
  }
  standing_.on_feedback(input.received, now);
  usage_ = judge();
  if (usage_ == LinkUsage::kOveruse) {
    if (rate_.may_reduce(input.acked, now)) {
      rate_.update(LinkUsage::kOveruse, input.acked, now);
    }
    overuse_since_ = overuse_since_.value_or(now);
    outcome.persistent = now - *overuse_since_ >= kPersistent;
    return outcome;
  }
  overuse_since_.reset();
  if (input.probed) {
    rate_.on_probe(*input.probed, now);
    outcome.probed = true;
  } else {
    rate_.update(usage_, input.acked, now);
  }
  outcome.recovered = before == LinkUsage::kUnderuse && usage_ == LinkUsage::kNormal;
  return outcome;
}

}  // namespace sluice::bwe
