#include "protocol/bwe/send_side_controller.h"

#include <algorithm>
#include <limits>

namespace sluice::bwe {
namespace {

/// Weight of a new round trip time, as for TCP (RFC 6298).
constexpr int kRttSmoothing = 8;

}  // namespace

SendSideController::Running::Running(const Settings& settings, BitRate start, Micros now)
    : delay(start, now),
      loss(settings.feedback, start, now),
      alr(start, now),
      probe_sender(settings.packet_overhead),
      padding(now),
      last_sent(now),
      deadline(now + kProcessInterval) {}

SendSideController::SendSideController(const Settings& settings) : settings_(settings) {
  limits_.set_initial(settings.initial);
  available_ = limits_.initial();
}

void SendSideController::start(Micros now) {
  running_.emplace(settings_, available_, now);
  event_ = false;
  apply_limits(now);
  running_->probes.start(available_, now);
  send_clusters(now);
  if (settings_.feedback == RateFeedback::kRemb) {
    // Nobody measures probes for us. The first ones are for the peer's own estimator, which looks
    // out for them when a stream begins.
    running_->probes.stop();
  }
}

// --- limits ------------------------------------------------------------------------------------

Result<void> SendSideController::set_max(BitRate max, Micros now) {
  const auto result = limits_.set_max(max);
  if (result) {
    apply_limits(now);
  }
  return result;
}

Result<void> SendSideController::set_min(BitRate min, Micros now) {
  const auto result = limits_.set_min(min);
  if (result) {
    apply_limits(now);
  }
  return result;
}

void SendSideController::set_desired(BitRate desired, RateLimits::Fall fall, Micros now) {
  limits_.set_desired(desired, fall, now);
  apply_limits(now);
}

void SendSideController::set_packet_overhead(size_t bytes) {
  settings_.packet_overhead = bytes;
  if (running_) {
    running_->probe_sender.set_overhead(bytes);
  }
}

void SendSideController::apply_limits(Micros now) {
  if (!running_) {
    available_ = std::clamp(available_, limits_.min(), limits_.max());
    return;
  }
  running_->delay.set_min(limits_.min());
  running_->loss.set_limits(limits_.min(), limits_.max());
  publish(now);
  running_->probes.set_limits(limits_.max(), limits_.desired(), now);
  send_clusters(now);
  wake(now);
}

// --- what happens ------------------------------------------------------------------------------

void SendSideController::on_packet_sent(std::optional<SeqNum> wide, size_t size,
                                        std::optional<PaddingPacket> padding, Micros now) {
  if (!running_) {
    return;
  }
  const size_t on_wire = size + settings_.packet_overhead;
  ClusterId cluster;
  if (padding) {
    cluster = padding->cluster;
  } else {
    cluster = running_->probe_sender.current();
    running_->probe_sender.on_media_sent(on_wire);
    running_->padding.on_sent(on_wire, now);
  }
  if (wide && settings_.feedback == RateFeedback::kTransportCc) {
    constexpr size_t kMaxSize = std::numeric_limits<uint16_t>::max();
    running_->sent.add(*wide, {.sent = now,
                               .size = static_cast<uint16_t>(std::min(on_wire, kMaxSize)),
                               .cluster = cluster});
  }
  running_->alr.on_sent(on_wire, now);
  running_->last_sent = now;
  wake(now);
}

void SendSideController::on_transport_feedback(const rtcp::TransportFeedback& feedback,
                                               Micros now) {
  if (!running_ || settings_.feedback != RateFeedback::kTransportCc) {
    return;
  }
  const FeedbackNews news = running_->adapter.process(feedback, running_->sent, now);
  if (news.received.empty() && news.lost == 0) {
    return;
  }
  if (news.round_trip) {
    on_rtt(*news.round_trip, now);
  }
  update_application_limited(now);
  const auto probed = measure(news, now);
  const int64_t lost = int64_t{news.lost} - news.recovered;
  count_loss(lost, news.told());
  if (!is_old(news)) {
    running_->loss.on_report(lost, news.told(), now);
  }
  estimate(news, probed, now);
  if (news.round_trip) {
    drain_queue(*news.round_trip, now);
  }
  publish(now);
  send_clusters(now);
}

std::optional<BitRate> SendSideController::measure(const FeedbackNews& news, Micros now) {
  std::optional<BitRate> probed;
  if (news.gap) {
    running_->acked.on_gap();
  }
  for (const PacketResult& packet : news.received) {
    if (running_->raised_at && packet.number >= *running_->raised_at) {
      running_->raised_at.reset();
      running_->acked.on_raised();
    }
    running_->acked.on_packet(packet.arrival, packet.size);
    if (const auto result = running_->probe_estimator.on_packet(packet)) {
      probed = result;
    }
  }
  const auto acked = running_->acked.rate();
  if (acked) {
    running_->probes.set_acked(*acked, now);
  }
  if (probed && acked) {
    // A burst that met other traffic measures less than what is known to get through.
    const BitRate estimate = running_->delay.estimate();
    probed = std::max(*probed,
                      running_->probes.estimate_in_use() ? estimate : std::min(*acked, estimate));
  }
  return probed;
}

void SendSideController::estimate(const FeedbackNews& news, std::optional<BitRate> probed,
                                  Micros now) {
  const BitRate before = running_->delay.estimate();
  const auto outcome = running_->delay.on_feedback(
      {.received = news.received, .acked = running_->acked.rate(), .probed = probed}, now);
  if (running_->delay.estimate() < before) {
    running_->reduced_at = now;
  }
  if (outcome.probed) {
    running_->loss.on_probe(running_->delay.estimate(), now);
  } else {
    running_->loss.set_delay_based(running_->delay.estimate(), now);
  }
  if (outcome.persistent) {
    running_->acked.expect_change();
  }
  if (running_->delay.usage() == LinkUsage::kOveruse) {
    running_->probes.on_overuse(now);
  } else if (outcome.recovered) {
    running_->probes.on_recovered(now);
  }
}

void SendSideController::drain_queue(Micros round_trip, Micros now) {
  const auto propagation = running_->propagation.get(now);
  const auto acked = running_->acked.rate();
  if (propagation && acked) {
    running_->drain.update(round_trip, *propagation, *acked, now);
  }
  if (running_->drain.limit()) {
    running_->probes.on_overuse(now);
  }
}

void SendSideController::on_receiver_report(const rtcp::ReportBlock& block,
                                            std::optional<Micros> rtt, Micros now) {
  if (!running_ || settings_.feedback != RateFeedback::kRemb) {
    return;
  }
  if (rtt) {
    on_rtt(*rtt, now);
  }
  const auto interval = running_->reports.on_report(block, now);
  count_loss(interval.lost, interval.packets);
  running_->loss.on_report(interval.lost, interval.packets, now);
  publish(now);
}

bool SendSideController::is_old(const FeedbackNews& news) const {
  return running_->reduced_at && !news.received.empty() &&
         std::ranges::max(news.received, {}, &PacketResult::sent).sent < *running_->reduced_at;
}

void SendSideController::count_loss(int64_t lost, uint32_t packets) {
  if (packets > 0) {
    running_->reported = true;
    const double share = static_cast<double>(lost) / packets;
    running_->loss_history.add(std::clamp(share, 0.0, 1.0));
  }
}

void SendSideController::on_remb(BitRate limit, Micros now) {
  if (!running_) {
    return;
  }
  running_->reported = true;
  running_->loss.on_remb(limit, now);
  publish(now);
}

void SendSideController::on_rtt(Micros rtt, Micros now) {
  auto& smoothed = running_->rtt;
  smoothed = smoothed ? *smoothed + (rtt - *smoothed) / kRttSmoothing : rtt;
  running_->propagation.update(rtt, now);
  running_->delay.set_rtt(*smoothed);
  running_->loss.set_rtt(*smoothed);
}

void SendSideController::on_media_raised() {
  if (running_) {
    running_->raised_at = running_->sent.end();
  }
}

void SendSideController::on_distributed(Micros now) {
  event_ = false;
  if (running_) {
    running_->events.distributed(available_, now);
  }
}

// --- time --------------------------------------------------------------------------------------

std::optional<Micros> SendSideController::next_timeout() const {
  return running_ ? earliest(running_->deadline, running_->probe_sender.next_due()) : std::nullopt;
}

void SendSideController::on_timeout(Micros now) {
  if (!running_ || !running_->deadline || now < *running_->deadline) {
    return;
  }
  running_->alr.on_sent(0, now);
  running_->padding.on_sent(0, now);
  update_application_limited(now);
  running_->loss.update(now);
  publish(now);
  running_->probes.set_loss(running_->loss.loss(now));
  running_->probes.update(now);
  send_clusters(now);
  const bool idle = now - running_->last_sent > kIdleTime && limits_.desired().value == 0;
  running_->deadline = idle ? std::nullopt : std::optional(now + kProcessInterval);
}

void SendSideController::wake(Micros now) {
  if (!running_->deadline) {
    running_->deadline = now + kProcessInterval;
  }
}

void SendSideController::update_application_limited(Micros now) {
  const auto since = running_->alr.since();
  running_->delay.set_application_limited(since.has_value());
  if (running_->probes.set_application_limited(since, now)) {
    running_->acked.expect_change();
  }
}

void SendSideController::send_clusters(Micros now) {
  while (const auto rate = running_->probes.poll()) {
    if (const auto cluster = running_->probe_sender.add(*rate, now)) {
      running_->probe_estimator.expect(*cluster);
    }
  }
}

void SendSideController::publish(Micros now) {
  const BitRate drain = running_->drain.limit().value_or(kHighestRate);
  available_ = std::max(std::min(running_->loss.rate(), drain), limits_.min());
  running_->alr.set_estimate(available_);
  running_->probes.set_estimate(available_, now);
  running_->padding.set_rate(padding_rate());
  if (running_->reported && running_->events.update(available_, now)) {
    event_ = true;
  }
}

BitRate SendSideController::base_rate() const {
  const auto drain = running_ ? running_->drain.base_limit() : std::nullopt;
  return drain ? std::max(std::min(running_->loss.rate(), *drain), available_) : available_;
}

BitRate SendSideController::padding_rate() const {
  const bool unmet = limits_.desired() > available_;
  const bool remb = settings_.feedback == RateFeedback::kRemb && running_->loss.remb();
  return unmet && remb ? std::min(available_, limits_.max_padding()) : BitRate(0);
}

// --- what follows from it ----------------------------------------------------------------------

std::optional<BitRate> SendSideController::poll_available() {
  if (!event_) {
    return std::nullopt;
  }
  event_ = false;
  return available_;
}

std::optional<PaddingPacket> SendSideController::poll_padding(Micros now) {
  if (!running_) {
    return std::nullopt;
  }
  if (const auto probe = running_->probe_sender.poll(now)) {
    return probe;
  }
  return running_->padding.poll(settings_.packet_overhead);
}

double SendSideController::loss() const {
  return running_ ? running_->loss_history.loss() : 0;
}

std::optional<Micros> SendSideController::rtt() const {
  return running_ ? running_->rtt : std::nullopt;
}

std::optional<Micros> SendSideController::propagation_rtt(Micros now) const {
  return running_ ? running_->propagation.get(now) : std::nullopt;
}

std::optional<BitRate> SendSideController::acked_rate() const {
  return running_ ? running_->acked.rate() : std::nullopt;
}

size_t SendSideController::bytes_in_flight() const {
  return running_ ? running_->sent.bytes_in_flight() : 0;
}

bool SendSideController::application_limited() const {
  return running_ && running_->alr.since().has_value();
}

}  // namespace sluice::bwe
