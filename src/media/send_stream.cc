#include "media/send_stream.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "media/egress.h"
#include "media/fanout.h"
#include "media/first_number.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/rtcp/sender_report_clock.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::media {
namespace {

constexpr Micros kVideoHistory = 2s;
constexpr Micros kAudioHistory = 1s;
// Reports come with every request for packets or key frames, too. A score follows them at this
// distance at most: each change is an event for the application.
constexpr Micros kLeastScoreDistance = 100ms;

}  // namespace

/// A ring of sent packets as they went out. Only for streams that are repaired without RTX.
struct SendStream::Kept {
  static constexpr size_t kAudioSlots = 64;
  static constexpr size_t kVideoSlots = 512;

  struct Slot {
    SeqNum sequence;
    uint16_t size = 0;
    std::array<uint8_t, rtp::kMaxRetransmittableSize + srtp::kMaxTagSize> bytes;
  };

  explicit Kept(bool video) : slots(video ? kVideoSlots : kAudioSlots) {}

  Slot& slot(SeqNum sequence) { return slots[sequence.value % slots.size()]; }

  void keep(SeqNum sequence, Bytes packet) {
    Slot& kept = slot(sequence);
    kept.sequence = sequence;
    kept.size = static_cast<uint16_t>(packet.size());
    std::memcpy(kept.bytes.data(), packet.data(), packet.size());
  }

  std::vector<Slot> slots;
};

SendStream::SendStream(const ConsumerSetup& setup, RtpSession& session, Fanout& fanout)
    : session_(session),
      egress_(session.egress()),
      ssrc_(setup.ssrc),
      video_(setup.video),
      shares_rate_(setup.shares_rate()),
      header_(setup.extensions, /*two_byte=*/true),
      fanout_(fanout),
      setup_(setup),
      score_(session.loop().now()),
      report_interval_(setup.video ? rtcp::ReportInterval::kVideo : rtcp::ReportInterval::kAudio) {
  header_.set_mid(setup.mid);
  if (!setup.nack) {
    return;
  }
  history_ = std::make_unique<rtp::RetransmissionHistory<Sent>>(rtp::RetransmissionLimits{
      .max_age = setup.video ? kVideoHistory : kAudioHistory, .clock_rate = setup.clock_rate});
  if (setup.rtx_ssrc != 0) {
    rtx_numbers_.emplace(SeqNum{random_first_number()});
  } else {
    kept_ = std::make_unique<Kept>(setup.video);
  }
}

SendStream::~SendStream() {
  if (srtp::OutboundContext* context = session_.outbound()) {
    context->remove_stream(ssrc_);
    if (setup_.rtx_ssrc != 0) {
      context->remove_stream(Ssrc{setup_.rtx_ssrc});
    }
  }
}

bool SendStream::connect() {
  if (srtp::OutboundContext* context = session_.outbound()) {
    stream_ = &context->stream(ssrc_);
    if (setup_.rtx_ssrc != 0) {
      rtx_stream_ = &context->stream(Ssrc{setup_.rtx_ssrc});
    }
  }
  return stream_ != nullptr || !session_.is_protected();
}

/// For sending again through RTX, which audio does not have: RED is never unwrapped there.
SendStream::Sent SendStream::to_record(const codecs::PayloadProcessor::Decision& decision,
                                       uint32_t source) {
  return {.source = source,
          .frame_number = decision.frame_number.value_or(0),
          .rewrite_size = static_cast<uint8_t>(decision.rewrite.size & 0xf),
          .rewrite_skip = static_cast<uint8_t>(decision.rewrite.skip & 0xf),
          .has_frame_number = decision.frame_number.has_value(),
          .marker = decision.marker,
          .rewrite = decision.rewrite.bytes};
}

void SendStream::send(const ForwardedPacket& packet, SeqNum sequence, Timestamp timestamp,
                      const codecs::PayloadProcessor::Decision& decision, const SendTime& time) {
  net::Destination* const destination = session_.destination();
  if (destination == nullptr || (stream_ == nullptr && session_.is_protected())) {
    return;
  }
  const MediaPacket& media = packet.media();
  const size_t overhead = session_.rtp_overhead();
  uint8_t* const out =
      egress_.reserve(media.header.size + decision.rewrite.size + media.payload_size + overhead);
  if (out == nullptr) {
    ++discarded_;
    return;
  }
  const auto wide = take_wide(media.header);
  const rtp::HeaderPatch patch{
      .ssrc = ssrc_,
      .sequence_number = sequence,
      .timestamp = timestamp,
      .payload_type =
          decision.payload_type ? PayloadType{*decision.payload_type} : media.payload_type,
      .marker = decision.marker,
      .abs_send_time = time.abs_send_time,
      .transport_cc = wide.value_or(SeqNum{}).value,
      .frame_number = decision.frame_number,
  };
  const size_t header_size =
      rtp::compose(media.header, packet.buffer->buffer + media.header_offset, header_, patch, out);
  srtp::RtpJob job;
  job.stream = stream_;
  job.packet = out;
  job.header_size = static_cast<uint16_t>(header_size);
  job.payload = packet.buffer->buffer + media.payload_offset + decision.rewrite.skip;
  job.payload_size = static_cast<uint16_t>(media.payload_size - decision.rewrite.skip);
  egress_.commit(job, Bytes(decision.rewrite.bytes).first(decision.rewrite.size), overhead,
                 *destination, video_ ? net::Priority::kLow : net::Priority::kHigh);

  const size_t octets = decision.rewrite.size + size_t{job.payload_size};
  const size_t size = header_size + octets;
  if (traces_.any()) [[unlikely]] {
    trace_packet(media, patch, size, octets, /*rtx=*/false);
  }
  session_.on_rtp_sent({.wide = wide, .size = size, .shared = shares_rate_}, time.now);
  counters_.count_packet(size, time.now);
  octets_ += octets;
  if (counters_.packets() == 1 || is_higher(timestamp, max_timestamp_)) {
    max_timestamp_ = timestamp;
    max_timestamp_at_ = time.now;
  }
  if (!history_ || (!packet.source && !kept_)) {
    return;
  }
  if (history_->insert(sequence, timestamp, size, time.now,
                       to_record(decision, packet.source.value_or(0))) &&
      kept_) {
    egress_.protect();
    kept_->keep(sequence, {out, size + overhead});
  }
}

std::optional<layers::SentTime> SendStream::sent_time(Micros now) const {
  if (counters_.packets() == 0) {
    return std::nullopt;
  }
  const auto passed = std::max<int64_t>(1, (now - max_timestamp_at_) * clock_rate() / 1s);
  return layers::SentTime{.highest = max_timestamp_,
                          .now = Timestamp{max_timestamp_.value + static_cast<uint32_t>(passed)}};
}

void SendStream::clear_history() {
  if (history_) {
    history_->clear();
  }
}

void SendStream::count_nack(const rtcp::Nack& nack) {
  size_t packets = 0;
  for (const rtcp::NackItem item : nack.items) {
    packets += static_cast<size_t>(item.size());
  }
  counters_.count_nack(packets);
  trace(TraceType::kNack, {});
}

void SendStream::on_nack(const rtcp::Nack& nack, Micros now) {
  if (!history_) {
    return;
  }
  const rtp::ResendTiming timing{.round_trip = round_trip_.for_timers(),
                                 .least_round_trip = round_trip_.least()};
  std::vector<SeqNum>& due = session_.loop().sequence_scratch();
  due.clear();
  nack.for_each([&](SeqNum sequence) {
    if (history_->is_due(sequence, now, timing)) {
      due.push_back(sequence);
    }
  });
  size_t room = session_.retransmission_room(now);
  size_t first = due.size();
  for (size_t size = 0; first > 0 && (size = resend_size(due[first - 1])) <= room; --first) {
    room -= size;
  }
  const SendTime time(now);
  for (const SeqNum sequence : std::span(due).subspan(first)) {
    history_->resend(sequence, now, timing, [&](Timestamp timestamp, const Sent& sent) {
      return kept_ ? resend_kept(sequence, sent, now) : resend(sequence, timestamp, sent, time);
    });
  }
  egress_.protect();
}

std::optional<SeqNum> SendStream::take_wide(const rtp::HeaderTemplate& header) {
  return rtp::carries_transport_cc(header, header_)
             ? std::optional(SeqNum{session_.take_transport_sequence()})
             : std::nullopt;
}

/// About what sending a packet again takes; 0 when it is not there any more.
size_t SendStream::resend_size(SeqNum sequence) const {
  if (kept_) {
    return kept_->slot(sequence).size;
  }
  const net::Packet* const buffer = fanout_.find(history_->find(sequence)->source);
  return buffer == nullptr ? 0 : buffer->data_size + rtp::kOsnSize + session_.rtp_overhead();
}

bool SendStream::resend(SeqNum sequence, Timestamp timestamp, const Sent& sent,
                        const SendTime& time) {
  const net::Packet* const buffer = fanout_.find(sent.source);
  net::Destination* const destination = session_.destination();
  if (buffer == nullptr || destination == nullptr ||
      (rtx_stream_ == nullptr && session_.is_protected())) {
    return false;
  }
  const auto& packet = buffer->meta<MediaPacket>();
  const size_t overhead = session_.rtp_overhead();
  const size_t prefix_size = rtp::kOsnSize + sent.rewrite_size;
  uint8_t* const out =
      egress_.reserve(packet.header.size + prefix_size + packet.payload_size + overhead);
  if (out == nullptr) {
    return false;
  }
  const auto wide = take_wide(packet.header);
  const rtp::HeaderPatch patch{
      .ssrc = Ssrc{setup_.rtx_ssrc},
      .sequence_number = SeqNum{static_cast<uint16_t>(rtx_numbers_->take())},
      .timestamp = timestamp,
      .payload_type = PayloadType{static_cast<uint8_t>(setup_.rtx_payload_type)},
      .marker = sent.marker,
      .abs_send_time = time.abs_send_time,
      .transport_cc = wide.value_or(SeqNum{}).value,
      .frame_number = sent.has_frame_number ? std::optional(sent.frame_number) : std::nullopt,
  };
  const size_t header_size =
      rtp::compose(packet.header, buffer->buffer + packet.header_offset, header_, patch, out);
  std::array<uint8_t, rtp::kOsnSize + codecs::PayloadRewrite::kCapacity> prefix;
  const auto osn = rtp::osn_prefix(sequence);
  std::copy(osn.begin(), osn.end(), prefix.begin());
  std::copy_n(sent.rewrite.begin(), sent.rewrite_size, prefix.begin() + rtp::kOsnSize);
  srtp::RtpJob job;
  job.stream = rtx_stream_;
  job.packet = out;
  job.header_size = static_cast<uint16_t>(header_size);
  job.payload = buffer->buffer + packet.payload_offset + sent.rewrite_skip;
  job.payload_size = static_cast<uint16_t>(packet.payload_size - sent.rewrite_skip);
  egress_.commit(job, Bytes(prefix).first(prefix_size), overhead, *destination,
                 net::Priority::kLow);
  const size_t payload_size = prefix_size + job.payload_size;
  if (traces_.any()) [[unlikely]] {
    trace_packet(packet, patch, header_size + payload_size, payload_size, /*rtx=*/true);
  }
  session_.on_rtx_sent({.wide = wide, .size = header_size + payload_size, .shared = shares_rate_},
                       time.now);
  return true;
}

bool SendStream::resend_kept(SeqNum sequence, const Sent& sent, Micros now) {
  const Kept::Slot& slot = kept_->slot(sequence);
  net::Destination* const destination = session_.destination();
  if (slot.sequence != sequence || slot.size == 0 || destination == nullptr) {
    return false;
  }
  const Bytes bytes = Bytes(slot.bytes).first(slot.size);
  if (traces_.any()) [[unlikely]] {
    trace_kept(bytes, sent);
  }
  return session_.resend_protected(bytes, shares_rate_, *destination, now);
}

void SendStream::on_key_frame_request(bool fir) {
  counters_.count_key_frame_request(fir);
  trace(fir ? TraceType::kFir : TraceType::kPli, TracedKeyFrameRequest{ssrc_});
}

bool SendStream::on_report_block(const rtcp::ReportBlock& block, uint32_t ntp_now, Micros now) {
  fraction_lost_ = block.fraction_lost;
  packets_lost_ = block.cumulative_lost;
  round_trip_.on_report(ntp_now, block.last_sr, block.delay_since_sr);
  if (scored_at_ && now - *scored_at_ < kLeastScoreDistance) {
    return false;
  }
  scored_at_ = now;
  return score_.on_receiver_report({.sent = counters_.packets(),
                                    .cumulative_lost = block.cumulative_lost,
                                    .repaired = history_ ? history_->repaired() : 0,
                                    .retransmitted = history_ ? history_->retransmitted() : 0},
                                   now);
}

std::optional<rtcp::SenderInfo> SendStream::take_sender_info(Micros now,
                                                             const rtcp::NtpClock& clock) {
  if (!report_interval_.due(now)) {
    return std::nullopt;
  }
  const auto info = rtcp::SenderReportClock(clock, setup_.clock_rate)
                        .sender_info({.packets = counters_.packets(),
                                      .octets = octets_,
                                      .max_timestamp = max_timestamp_,
                                      .max_timestamp_at = max_timestamp_at_},
                                     now);
  if (info) {
    report_interval_.sent(now);
  }
  return info;
}

void SendStream::trace_packet(const MediaPacket& packet, const rtp::HeaderPatch& patch, size_t size,
                              size_t payload_size, bool rtx) {
  const auto type = packet_trace(traces_, packet.payload.key_frame);
  if (!type) {
    return;
  }
  const bool mid = header_.extensions().has(rtp::ExtensionKind::kMid);
  const bool wide = rtp::carries_transport_cc(packet.header, header_);
  trace(*type, TracedPacket{.payload_type = patch.payload_type,
                            .sequence_number = patch.sequence_number,
                            .timestamp = patch.timestamp,
                            .ssrc = patch.ssrc,
                            .marker = patch.marker,
                            .key_frame = packet.payload.key_frame,
                            .rtx = rtx,
                            .size = size,
                            .payload_size = payload_size,
                            .spatial_layer = packet.payload.spatial_layer,
                            .temporal_layer = packet.payload.temporal_layer,
                            .mid = std::string(mid ? header_.mid() : std::string_view{}),
                            .rid = {},
                            .repaired_rid = {},
                            .wide_sequence_number =
                                wide ? std::optional(patch.transport_cc) : std::nullopt});
}

void SendStream::trace_kept(Bytes bytes, const Sent& sent) {
  const net::Packet* const buffer = fanout_.find(sent.source);
  // Headers stay readable under SRTP.
  const auto view = rtp::PacketView::parse(bytes);
  if (buffer == nullptr || !view) {
    return;
  }
  const auto wide = rtp::read_transport_wide_cc(
      view->extension(rtp::router_id(rtp::ExtensionKind::kTransportWideCc)));
  const size_t overhead = session_.rtp_overhead();
  trace_packet(buffer->meta<MediaPacket>(),
               {.ssrc = view->ssrc(),
                .sequence_number = view->sequence_number(),
                .timestamp = view->timestamp(),
                .payload_type = view->payload_type(),
                .marker = view->marker(),
                .transport_cc = wide.value_or(0)},
               view->size() - overhead, view->payload().size() - overhead, /*rtx=*/false);
}

void SendStream::trace(TraceType type, TraceInfo info) {
  if (!traces_.has(type)) {
    return;
  }
  // Packets go out; what the receiver asks for comes in.
  const bool outgoing = type == TraceType::kRtp || type == TraceType::kKeyFrame;
  MediaLoop& loop = session_.loop();
  loop.emit(setup_.handle, ConsumerEvent{TraceEvent{type, loop.now(), !outgoing, std::move(info)}});
}

RtpStreamDump SendStream::dump() const {
  RtpStreamDump dump;
  dump.ssrc = ssrc_;
  dump.payload_type = PayloadType{setup_.payload_types.front()};
  dump.mime_type = setup_.mime_type;
  dump.clock_rate = setup_.clock_rate;
  dump.cname = setup_.cname;
  if (setup_.rtx_ssrc != 0) {
    dump.rtx_ssrc = Ssrc{setup_.rtx_ssrc};
    dump.rtx_payload_type = PayloadType{static_cast<uint8_t>(setup_.rtx_payload_type)};
  }
  dump.nack = setup_.nack;
  dump.pli = setup_.pli;
  dump.fir = setup_.fir;
  dump.spatial_layers = setup_.spatial_layers;
  dump.temporal_layers = setup_.temporal_layers;
  dump.score = score_.value();
  return dump;
}

RtpStreamStats SendStream::stats(Micros now) const {
  RtpStreamStats stats = counters_.stats(score_.value(), round_trip_, now);
  stats.inbound = false;
  stats.ssrc = ssrc_.value;
  if (setup_.rtx_ssrc != 0) {
    stats.rtx_ssrc = setup_.rtx_ssrc;
  }
  stats.kind = video_ ? "video" : "audio";
  stats.mime_type = setup_.mime_type;
  stats.packets_lost = packets_lost_;
  stats.fraction_lost = fraction_lost_;
  stats.packets_discarded = discarded_;
  stats.packets_retransmitted = history_ ? history_->retransmitted() : 0;
  stats.packets_repaired = history_ ? history_->repaired() : 0;
  return stats;
}

}  // namespace sluice::media
