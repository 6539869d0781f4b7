#include "media/rtp_session.h"

#include <algorithm>

#include "base/log.h"
#include "media/fanout.h"
#include "media/media_loop.h"
#include "media/rtcp_dispatch.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::media {
namespace {

// A peer with wrong keys must not fill the log (media-plane 4.2).
constexpr Micros kWarningInterval = 1s;

}  // namespace

RtpSession::RtpSession(MediaLoop& loop, Handle transport, BitRate initial_outgoing)
    : loop_(loop),
      egress_(loop.egress()),
      transport_(transport),
      timer_(net::Timer::of<&RtpSession::on_timeout>(this)),
      initial_outgoing_(initial_outgoing),
      receive_bandwidth_(*this),
      reports_(*this),
      feedback_(*this) {}

RtpSession::~RtpSession() {
  loop_.remove_session(*this);
}

rtp::NackRequest& RtpSession::nack_scratch() {
  return loop_.nack_scratch();
}

// --- the transport -------------------------------------------------------------------------------

void RtpSession::set_keys(const srtp::SessionKeys& outbound, const srtp::SessionKeys& inbound) {
  const srtp::KeyLimits& limits = loop_.resources().key_limits;
  outbound_ = std::make_unique<srtp::OutboundContext>(loop_.crypto(), outbound, limits);
  inbound_ = std::make_unique<srtp::InboundContext>(loop_.crypto(), inbound, limits);
  rtp_overhead_ = srtp::rtp_overhead(outbound.profile);
  if (send_bandwidth_) {
    send_bandwidth_->set_path(destination_, rtp_overhead_);
  }
}

void RtpSession::set_destination(net::Destination destination) {
  destination_ = std::move(destination);
  if (send_bandwidth_) {
    send_bandwidth_->set_path(destination_, rtp_overhead_);
  }
}

void RtpSession::set_connected(bool connected, Micros now) {
  connected = connected && (unprotected_ || has_keys()) && !keys_exhausted();
  if (connected == connected_) {
    return;
  }
  connected_ = connected;
  if (connected) {
    reports_.start(now);
    receive_bandwidth_.start(now);
    if (send_bandwidth_) {
      send_bandwidth_->start(now);
    }
  } else {
    reports_.stop();
    receive_bandwidth_.stop();
    if (send_bandwidth_) {
      send_bandwidth_->stop();
    }
    feedback_.clear();
  }
  for (const auto& [handle, consumer] : consumers_) {
    if (connected) {
      consumer->on_transport_connected(now);
    } else {
      consumer->on_transport_disconnected(now);
    }
  }
  reschedule();
}

void RtpSession::set_bitrate_limits(const BitrateLimits& limits, Micros now) {
  bitrate_limits_ = limits;
  receive_bandwidth_.set_max(limits.max_incoming, now);
  if (send_bandwidth_) {
    send_bandwidth_->set_limits(limits, now);
  }
}

void RtpSession::set_traces(TraceSet traces) {
  traces_ = traces;
  if (send_bandwidth_) {
    send_bandwidth_->set_traces(traces);
  }
}

void RtpSession::add_stats(TransportStats& stats, Micros now) {
  auto& [received, sent] = traffic_;
  stats.bytes_received = received.bytes();
  stats.bytes_sent = sent.bytes();
  stats.recv_bitrate = received.rate(now);
  stats.send_bitrate = sent.rate(now);
  stats.rtp_bytes_received = received.rtp.bytes;
  stats.rtp_bytes_sent = sent.rtp.bytes;
  stats.rtp_recv_bitrate = received.rtp.rate.rate(now);
  stats.rtp_send_bitrate = sent.rtp.rate.rate(now);
  stats.rtx_bytes_received = received.rtx.bytes;
  stats.rtx_bytes_sent = sent.rtx.bytes;
  stats.rtx_recv_bitrate = received.rtx.rate.rate(now);
  stats.rtx_send_bitrate = sent.rtx.rate.rate(now);
  stats.probation_bytes_sent = sent.padding.bytes;
  stats.probation_send_bitrate = sent.padding.rate.rate(now);
  stats.limits = bitrate_limits_;
  stats.available_incoming_bitrate = receive_bandwidth_.available();
  stats.rtp_packet_loss_received = receive_bandwidth_.loss();
  if (send_bandwidth_) {
    stats.available_outgoing_bitrate = send_bandwidth_->available();
    stats.rtp_packet_loss_sent = send_bandwidth_->loss();
  }
}

TransportDump RtpSession::dump() const {
  TransportDump dump;
  dump.extension_ids = extension_ids_;
  const auto handle = [this](uint32_t index) { return producers_[index]->setup().handle; };
  for (const rtp::SsrcTable::Entry& entry : listener_.ssrcs().entries()) {
    dump.ssrcs.emplace_back(entry.ssrc, handle(entry.producer));
  }
  for (const auto& [mid, index] : listener_.mids()) {
    dump.mids.emplace_back(mid, handle(index));
  }
  for (const auto& [rid, index] : listener_.rids()) {
    dump.rids.emplace_back(rid, handle(index));
  }
  return dump;
}

// --- received packets ----------------------------------------------------------------------------

net::PacketRef RtpSession::unprotect_rtp(Bytes packet, Micros now) {
  net::PacketRef buffer;
  if ((connected_ || listening_) && packet.size() <= net::Packet::kDataCapacity) {
    buffer = loop_.home().slab().make();
    if (!buffer) {
      loop_.count_slab_exhausted();
    } else if (const auto size = open_rtp(packet, buffer->storage(), now)) {
      buffer->resize(*size);
      return buffer;
    }
  }
  traffic_.received.other.count(packet.size(), now);
  return {};
}

std::optional<size_t> RtpSession::open_rtp(Bytes packet, MutableBytes out, Micros now) {
  if (unprotected_) {
    std::ranges::copy(packet, out.begin());
    return packet.size();
  }
  if (const auto size = inbound_->unprotect_rtp(packet, 0, out)) {
    return *size;
  } else {
    on_unprotect_error(size.error(), now);
    return std::nullopt;
  }
}

void RtpSession::on_rtp(net::PacketRef buffer, size_t wire_size, Micros now) {
  switch (accept_rtp(std::move(buffer), wire_size, now)) {
    case LoopProducer::PacketKind::kMedia:
      traffic_.received.rtp.count(wire_size, now);
      break;
    case LoopProducer::PacketKind::kRtx:
      traffic_.received.rtx.count(wire_size, now);
      break;
    case LoopProducer::PacketKind::kUnknown:
      traffic_.received.other.count(wire_size, now);
  }
}

LoopProducer::PacketKind RtpSession::accept_rtp(net::PacketRef buffer, size_t wire_size,
                                                Micros now) {
  using PacketKind = LoopProducer::PacketKind;
  const auto view = rtp::PacketView::parse(buffer->data());
  if (!view) {
    forget_stream(Ssrc{load_be32(&buffer->data()[8])});
    return PacketKind::kUnknown;
  }
  const auto extension = [&](rtp::ExtensionKind kind) {
    const uint8_t id = extension_ids_.id(kind);
    return id == 0 ? Bytes{} : view->extension(id);
  };
  if (const auto wide =
          rtp::read_transport_wide_cc(extension(rtp::ExtensionKind::kTransportWideCc))) {
    receive_bandwidth_.on_transport_sequence(SeqNum{*wide}, view->ssrc(), now);
  }
  const auto index =
      listener_.find({.ssrc = view->ssrc(),
                      .mid = rtp::read_text(extension(rtp::ExtensionKind::kMid)),
                      .rid = rtp::read_text(extension(rtp::ExtensionKind::kRid)),
                      .repaired_rid = rtp::read_text(extension(rtp::ExtensionKind::kRepairedRid))});
  if (!index || !producers_[*index]) {
    forget_stream(view->ssrc());
    return PacketKind::kUnknown;
  }
  if (receive_bandwidth_.wants_send_times()) {
    if (const auto time = rtp::read_abs_send_time(extension(rtp::ExtensionKind::kAbsSendTime))) {
      receive_bandwidth_.on_send_time(*time, view->ssrc(), wire_size, now);
    }
  }
  LoopProducer& producer = *producers_[*index];
  const Ssrc ssrc = view->ssrc();
  const PacketKind kind = producer.on_rtp(std::move(buffer), *view, now);
  if (kind == PacketKind::kUnknown) {
    forget_stream(ssrc);
  }
  wake_by(producer.next_timeout());
  return kind;
}

/// Ever new SSRCs of a peer must not leave anything behind (media-plane 4.1). What belongs to a
/// stream stays, even when it is another producer's by now: without it packets could be replayed.
void RtpSession::forget_stream(Ssrc ssrc) {
  const auto has_it = [ssrc](const auto& producer) {
    return producer && producer->has_stream(ssrc);
  };
  if (inbound_ && std::ranges::none_of(producers_, has_it)) {
    inbound_->remove_stream(ssrc);
  }
}

bool RtpSession::on_rtcp(MutableBytes packet, Micros now) {
  traffic_.received.other.count(packet.size(), now);
  if (!connected_ && !listening_) {
    return false;
  }
  if (!unprotected_) {
    const auto size = inbound_->unprotect_rtcp(packet);
    if (!size) {
      on_unprotect_error(size.error(), now);
      return false;
    }
    packet = packet.first(*size);
  }
  dispatch_rtcp(*this, packet, now);
  return true;
}

void RtpSession::on_unprotect_error(srtp::UnprotectError error, Micros now) {
  if (error != srtp::UnprotectError::kAuthentication) {
    return;
  }
  ++unauthentic_;
  if (now - last_authentication_warning_ >= kWarningInterval) {
    last_authentication_warning_ = now;
    logger("srtp")->debug("a packet failed authentication transport={} total={}", transport_,
                          unauthentic_);
  }
}

std::optional<Micros> RtpSession::on_round_trip_report(uint32_t ntp_now, uint32_t last_report,
                                                       uint32_t delay) {
  if (!round_trip_.on_report(ntp_now, last_report, delay)) {
    return std::nullopt;
  }
  receive_bandwidth_.set_rtt(round_trip_.value());
  for (const auto& producer : producers_) {
    if (producer) {
      producer->set_round_trip_time(round_trip_.for_timers());
    }
  }
  return round_trip_.value();
}

LoopConsumer* RtpSession::consumer_by_ssrc(Ssrc ssrc) {
  const auto found = consumers_by_ssrc_.find(ssrc.value);
  return found == consumers_by_ssrc_.end() ? nullptr : found->second;
}

LoopProducer* RtpSession::producer_by_ssrc(Ssrc ssrc) {
  const auto index = listener_.find({.ssrc = ssrc});
  return index ? producers_[*index].get() : nullptr;
}

// --- producers and consumers ---------------------------------------------------------------------

LoopProducer* RtpSession::add_producer(const ProducerSetup& setup, Fanout& fanout) {
  std::vector<Ssrc> ssrcs;
  std::vector<std::string_view> rids;
  for (const ProducerEncoding& encoding : setup.encodings) {
    for (const uint32_t ssrc : {encoding.ssrc, encoding.rtx_ssrc}) {
      if (ssrc != 0) {
        ssrcs.emplace_back(ssrc);
      }
    }
    if (!encoding.rid.empty()) {
      rids.emplace_back(encoding.rid);
    }
  }
  const auto free = std::ranges::find_if(producers_, [](const auto& entry) { return !entry; });
  const auto index = static_cast<uint32_t>(free - producers_.begin());
  if (const auto added = listener_.add(index, {.ssrcs = ssrcs, .mid = setup.mid, .rids = rids});
      !added) {
    logger("rtp")->error("producer refused handle={} error=\"{}\"", setup.handle,
                         added.error().message);
    return nullptr;
  }
  for (size_t kind = 1; kind < rtp::kExtensionKindEnd; ++kind) {
    const auto extension = static_cast<rtp::ExtensionKind>(kind);
    if (const uint8_t id = setup.extension_ids.id(extension); id != 0) {
      extension_ids_.set(extension, id);
    }
  }
  if (setup.rate_feedback) {
    receive_bandwidth_.set_mode(*setup.rate_feedback, loop_.now());
  }
  auto producer = std::make_unique<LoopProducer>(setup, *this, fanout);
  producer->set_round_trip_time(round_trip_.for_timers());
  LoopProducer* const result = producer.get();
  if (free == producers_.end()) {
    producers_.push_back(std::move(producer));
  } else {
    *free = std::move(producer);
  }
  return result;
}

void RtpSession::remove_producer(Handle handle) {
  for (uint32_t index = 0; index < producers_.size(); ++index) {
    if (!producers_[index] || producers_[index]->setup().handle != handle) {
      continue;
    }
    listener_.remove(index);
    const std::vector<Ssrc> ssrcs = producers_[index]->received_ssrcs();
    producers_[index].reset();
    std::ranges::for_each(ssrcs, [this](Ssrc ssrc) { forget_stream(ssrc); });
  }
}

LoopConsumer* RtpSession::add_consumer(const ConsumerSetup& setup, Fanout& fanout) {
  auto consumer = std::make_unique<LoopConsumer>(setup, *this, fanout);
  LoopConsumer* const result = consumer.get();
  consumers_by_ssrc_[setup.ssrc] = result;
  consumers_.emplace(setup.handle, std::move(consumer));
  share_rate(*result);
  return result;
}

/// The first consumer that can have the rate estimated makes all that can share it do so.
void RtpSession::share_rate(LoopConsumer& consumer) {
  if (!consumer.setup().shares_rate()) {
    return;
  }
  if (send_bandwidth_) {
    send_bandwidth_->add(consumer);
    return;
  }
  if (!consumer.setup().rate_feedback) {
    return;
  }
  send_bandwidth_ = std::make_unique<SendBandwidth>(
      *this, transport_,
      bwe::SendSideController::Settings{.feedback = *consumer.setup().rate_feedback,
                                        .initial = initial_outgoing_});
  send_bandwidth_->set_path(destination_, rtp_overhead_);
  send_bandwidth_->set_traces(traces_);
  send_bandwidth_->set_limits(bitrate_limits_, loop_.now());
  for (const auto& [handle, entry] : consumers_) {
    if (entry->setup().shares_rate()) {
      send_bandwidth_->add(*entry);
    }
  }
  if (connected_) {
    send_bandwidth_->start(loop_.now());
  }
}

void RtpSession::remove_consumer(Handle handle) {
  const auto found = consumers_.find(handle);
  if (found == consumers_.end()) {
    return;
  }
  if (send_bandwidth_) {
    send_bandwidth_->remove(*found->second);
  }
  consumers_by_ssrc_.erase(found->second->setup().ssrc);
  consumers_.erase(found);
}

// --- sent packets --------------------------------------------------------------------------------

void RtpSession::on_rtx_sent(const SentPacket& packet, Micros now) {
  traffic_.sent.rtx.count(packet.size + rtp_overhead_, now);
  retransmissions_.spend(packet.size + rtp_overhead_, now);
  if (send_bandwidth_) {
    send_bandwidth_->on_sent(packet, now);
  }
}

bool RtpSession::resend_protected(Bytes packet, bool shared, net::Destination& destination,
                                  Micros now) {
  uint8_t* const out = egress_.reserve(packet.size());
  if (out == nullptr) {
    return false;
  }
  std::copy(packet.begin(), packet.end(), out);
  egress_.queue().commit(packet.size(), destination, net::Priority::kHigh);
  // Its transport-wide number is that of the first time.
  on_rtx_sent({.wide = {}, .size = packet.size() - rtp_overhead_, .shared = shared}, now);
  return true;
}

net::Destination* RtpSession::rtcp_destination() {
  if (!connected_ || rtcp_muxed_) {
    return destination();
  }
  return rtcp_destination_ ? &*rtcp_destination_ : nullptr;
}

void RtpSession::send_rtcp(Bytes plain, Micros now) {
  net::Destination* const to = rtcp_destination();
  if (to == nullptr) {
    return;
  }
  const size_t capacity =
      plain.size() + (unprotected_ ? 0 : srtp::rtcp_overhead(outbound_->profile()));
  uint8_t* const out = egress_.reserve(capacity);
  if (out == nullptr) {
    return;
  }
  std::copy(plain.begin(), plain.end(), out);
  size_t size = plain.size();
  if (!unprotected_) {
    const auto sealed = outbound_->protect_rtcp(MutableBytes(out, capacity), plain.size());
    if (!sealed) {
      return;
    }
    size = *sealed;
  }
  egress_.queue().commit(size, *to, net::Priority::kHigh);
  traffic_.sent.other.count(size, now);
}

void RtpSession::finish_turn_later() {
  loop_.finish_turn_with(*this);
}

void RtpSession::finish_turn(Micros now) {
  if (send_bandwidth_) {
    send_bandwidth_->finish_turn(now);
  }
  feedback_.flush(now);
}

// --- time ----------------------------------------------------------------------------------------

void RtpSession::on_timeout(Micros now) {
  reports_.on_timeout(now);
  receive_bandwidth_.on_timeout(now);
  if (send_bandwidth_) {
    send_bandwidth_->on_timeout(now);
  }
  for (const auto& producer : producers_) {
    if (!producer) {
      continue;
    }
    if (const auto due = producer->next_timeout(); due && *due <= now) {
      producer->on_timeout(now);
    }
  }
  reschedule();
}

void RtpSession::reschedule() {
  std::optional<Micros> next = earliest(reports_.next_timeout(), receive_bandwidth_.next_timeout());
  if (send_bandwidth_) {
    next = earliest(next, send_bandwidth_->next_timeout());
  }
  for (const auto& producer : producers_) {
    if (producer) {
      next = earliest(next, producer->next_timeout());
    }
  }
  if (next) {
    loop_.timers().schedule(timer_, *next);
  } else {
    timer_.cancel();
  }
}

void RtpSession::wake_by(std::optional<Micros> deadline) {
  if (deadline && (!timer_.armed() || *deadline < timer_.deadline())) {
    loop_.timers().schedule(timer_, *deadline);
  }
}

}  // namespace sluice::media
