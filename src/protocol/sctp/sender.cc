#include "protocol/sctp/sender.h"

#include <algorithm>

#include "protocol/sctp/wire.h"

namespace sluice::sctp {
namespace {

// Gap blocks reach 65535 TSNs far; half of that leaves no doubt about any comparison, and a bound
// for the work per SACK.
constexpr size_t kMaxSpan = 16384;

}  // namespace

Sender::Sender(SendQueue& queue, BufferedAmounts& amounts, Rto& rto, const Setup& setup)
    : queue_(&queue),
      rto_(&rto),
      flight_(amounts, setup.initial_tsn),
      // Chunks are padded, so an odd rest of the packet is of no use.
      max_payload_((setup.packet_size & ~size_t{3}) - kCommonHeaderSize - kDataHeaderSize),
      congestion_(kDataHeaderSize + max_payload_),
      peer_window_(setup.peer_window) {}

bool Sender::window_allows(size_t payload) const {
  // Whatever the window, one chunk may always be on its way, to learn when it opens (RFC 9260
  // section 6.1 A).
  return flight_.payload_bytes() + payload <= peer_window_ || flight_.bytes() == 0;
}

std::optional<Sender::Next> Sender::next(Micros now) {
  if (burst_ == 0) {
    return std::nullopt;
  }
  return flight_.first_lost() ? next_lost(now) : next_new(now);
}

std::optional<Sender::Next> Sender::next_lost(Micros now) {
  while (const std::optional<int64_t> tsn = flight_.first_lost()) {
    OutgoingMessage& message = flight_.message_of(*tsn);
    if (message.expired(now)) {
      flight_.abandon(message);
      continue;
    }
    const size_t payload = flight_.payload_size(*tsn);
    if ((!fast_retransmit_ && flight_.bytes() >= congestion_.size()) || !window_allows(payload)) {
      return std::nullopt;
    }
    return Next{.lost = tsn, .payload = payload};
  }
  return next_new(now);
}

std::optional<Sender::Next> Sender::next_new(Micros now) {
  OutgoingMessage* unfinished = flight_.unfinished();
  if (unfinished != nullptr && unfinished->expired(now)) {
    flight_.abandon(*unfinished);
    unfinished = nullptr;
  }
  if (flight_.bytes() >= congestion_.size() || flight_.span() >= kMaxSpan) {
    return std::nullopt;
  }
  size_t payload = 0;
  if (unfinished != nullptr) {
    payload = unfinished->payload.size() - unfinished->sent;
  } else if (const OutgoingMessage* message = queue_->peek(now)) {
    payload = message->payload.size();
  } else {
    return std::nullopt;
  }
  payload = std::min(payload, max_payload_);
  return window_allows(payload) ? std::optional(Next{.payload = payload}) : std::nullopt;
}

DataChunk Sender::produce(const Next& what, Micros now) {
  probing_ = flight_.payload_bytes() + what.payload > peer_window_;
  if (what.lost) {
    ++(timed_out_ ? counters_.timeout_retransmits : counters_.fast_retransmits);
    return flight_.resend(*what.lost, now);
  }
  if (flight_.unfinished() == nullptr) {
    queue_->take(flight_.messages());
    flight_.begin();
  }
  return flight_.send(what.payload, now);
}

void Sender::write_data(PacketBuilder& packet, Micros now) {
  bool wrote = false;
  bool restart = false;
  for (auto what = next(now); what; what = next(now)) {
    const size_t size = kDataHeaderSize - kRecordHeaderSize + what->payload;
    if (!packet.fits(size)) {
      break;
    }
    if (flight_.empty()) {
      congestion_.on_idle(now - last_sent_, rto_->value());
    }
    // Sending the earliest chunk again starts its time anew (RFC 9260 section 7.2.4).
    restart |= what->lost == flight_.cumulative() + 1;
    DataChunk data = produce(*what, now);
    data.immediate_ack = want_ack_ || probing_;
    data.write(packet.add(chunk::kData, data.flags(), size));
    ++counters_.chunks;
    counters_.bytes += data.payload.size();
    wrote = true;
  }
  if (!wrote) {
    return;
  }
  --burst_;
  fast_retransmit_ = false;
  want_ack_ = false;
  last_sent_ = now;
  if (!t3_ || restart) {
    t3_ = now + rto_->value();
  }
}

void Sender::write_forward_tsn(PacketBuilder& packet, Micros now) {
  if (!flight_.can_forward() || (!forward_due_ && abandoned_told_ == flight_.abandoned_count())) {
    return;
  }
  const Flight::Forward forward = flight_.forward(forward_tsn_capacity(packet));
  if (forward.tsn <= flight_.cumulative() ||
      !sctp::write_forward_tsn(packet, static_cast<uint32_t>(forward.tsn), forward.streams)) {
    return;  // in the next packet
  }
  forward_due_ = false;
  abandoned_told_ = flight_.abandoned_count();
  forwarded_ = forward.tsn;
  forwarded_at_ = now;
  ++counters_.forward_tsns;
  if (!t3_) {
    t3_ = now + rto_->value();
  }
}

Sender::SackResult Sender::on_sack(const SackChunk& sack, Micros now) {
  const int64_t cumulative = extend<32>(sack.cumulative_tsn(), flight_.cumulative());
  if (cumulative < flight_.cumulative() || cumulative >= flight_.next_tsn()) {
    return SackResult::kStale;
  }
  const size_t in_flight = flight_.bytes();
  const Flight::Acked acked = flight_.on_sack(cumulative, sack, recovery_end_.has_value(), now);
  burst_ += kMaxBurst;
  after_acked(acked, in_flight, now);
  const bool probed = probing_;
  on_window(sack.window(), acked.advanced, now);
  return acked.bytes > 0 || acked.advanced || probed ? SackResult::kProgress : SackResult::kNothing;
}

Sender::SackResult Sender::on_cumulative(uint32_t tsn, Micros now) {
  const int64_t cumulative = extend<32>(tsn, flight_.cumulative());
  if (cumulative < flight_.cumulative() || cumulative >= flight_.next_tsn()) {
    return SackResult::kStale;
  }
  const size_t in_flight = flight_.bytes();
  const Flight::Acked acked = flight_.on_cumulative(cumulative, now);
  after_acked(acked, in_flight, now);
  return acked.advanced ? SackResult::kProgress : SackResult::kNothing;
}

void Sender::after_acked(const Flight::Acked& acked, size_t in_flight_before, Micros now) {
  if (acked.rtt) {
    rto_->on_sample(*acked.rtt);
  }
  if (recovery_end_ && flight_.cumulative() >= *recovery_end_) {
    recovery_end_.reset();
  }
  if (acked.bytes > 0) {
    timed_out_ = false;
    congestion_.on_acked(acked.bytes, in_flight_before, acked.advanced, recovery_end_.has_value());
  }
  if (acked.new_losses && !recovery_end_) {
    congestion_.on_loss();
    recovery_end_ = flight_.next_tsn() - 1;
    fast_retransmit_ = true;
  }
  if (flight_.empty()) {
    t3_.reset();
  } else if (acked.advanced) {
    t3_ = now + rto_->value();
  }
  if (flight_.can_forward()) {
    // Once per round trip is enough for what was said before.
    const Micros interval = rto_->smoothed().value_or(rto_->value());
    forward_due_ |=
        !forwarded_ || flight_.cumulative() >= *forwarded_ || now >= forwarded_at_ + interval;
  }
}

void Sender::on_window(uint32_t window, bool advanced, Micros now) {
  peer_window_ = window;
  if (!probing_ || flight_.bytes() == 0) {
    probing_ = false;
    return;
  }
  // The peer answers a probe, so it is there however long the window stays shut. When it opens
  // without having taken the probe, that has to be sent again, and soon: nothing else is in flight
  // whose acknowledgement would show the loss.
  if (advanced || flight_.payload_bytes() <= window) {
    probing_ = false;
    if (!advanced) {
      flight_.on_timeout(now);
      rto_->restore();
      t3_ = now + rto_->value();
    }
  }
}

bool Sender::on_timeout(Micros now) {
  if (!t3_ || now < *t3_) {
    return false;
  }
  ++counters_.timeouts;
  rto_->back_off();
  if (flight_.bytes() > 0 && !probing_) {
    congestion_.on_timeout();
  }
  flight_.on_timeout(now);
  recovery_end_.reset();
  fast_retransmit_ = false;
  forward_due_ = flight_.can_forward();
  timed_out_ = true;
  want_ack_ = true;
  burst_ = kMaxBurst;
  t3_ = flight_.empty() ? std::nullopt : std::optional(now + rto_->value());
  return true;
}

}  // namespace sluice::sctp
