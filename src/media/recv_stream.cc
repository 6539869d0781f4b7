#include "media/recv_stream.h"

namespace sluice::media {
namespace {

// Sender reports of one stream that come closer to each other than this are not looked at: a tenth
// of their usual distance.
constexpr Micros kLeastReportDistance = 100ms;

}  // namespace

RecvStream::RecvStream(const ProducerEncoding& encoding, uint32_t encoding_index,
                       const ProducerCodec& codec, Ssrc ssrc, bool watch_inactivity, Micros now)
    : encoding_(encoding),
      encoding_index_(encoding_index),
      codec_(codec),
      ssrc_(ssrc),
      parser_(codec.codec),
      jitter_(codec.clock_rate),
      nack_({.send_delay = std::nullopt, .has_rtx = codec.rtx_payload_type >= 0}),
      score_(codec.rtx_payload_type >= 0, now),
      activity_(watch_inactivity, encoding.dtx, now) {}

bool RecvStream::accept(const rtp::PacketView& packet, Micros now, Outcome& outcome) {
  using Verdict = rtp::StreamSequence::Verdict;
  const Verdict verdict = sequence_.on_packet(packet.sequence_number(), packet.timestamp(), now);
  if (verdict == Verdict::kDiscarded) {
    return false;
  }
  if (verdict == Verdict::kRestarted) {
    restart();
    outcome.restarted = true;
  }
  const bool has_payload = !packet.payload().empty();
  const bool returned =
      activity_.on_packet(has_payload, now) == rtcp::InactivityWatch::Change::kActive;
  if (returned || (ended_ && has_payload)) {
    ended_ = false;
    outcome.score_changed = score_.reset(rtcp::kMaxScore, now);
  }
  return true;
}

RecvStream::Outcome RecvStream::on_media(const rtp::PacketView& packet, bool key_frame, Micros now,
                                         rtp::NackRequest& nacks) {
  Outcome outcome;
  if (!accept(packet, now, outcome)) {
    return outcome;
  }
  jitter_.on_packet(packet.timestamp(), now);
  counters_.count_packet(packet.size(), now);
  if (codec_.nack) {
    nack_.on_packet(packet.sequence_number(), key_frame, /*recovered=*/false, now, nacks);
  }
  // Not what was recovered before, and not what came twice.
  outcome.forward = forwarded_.insert(sequence_.extended(packet.sequence_number()));
  return outcome;
}

bool RecvStream::accept_rtx(const rtp::PacketView& rtx, Micros now) {
  if (!codec_.nack || codec_.rtx_payload_type != rtx.payload_type().value) {
    return false;
  }
  return rtx_sequence_.on_packet(rtx.sequence_number(), rtx.timestamp(), now) !=
         rtp::StreamSequence::Verdict::kDiscarded;
}

RecvStream::Outcome RecvStream::on_recovered(const rtp::PacketView& packet, bool key_frame,
                                             Micros now, rtp::NackRequest& nacks) {
  Outcome outcome;
  if (!accept(packet, now, outcome)) {
    return outcome;
  }
  ++retransmitted_;
  if (!nack_.on_packet(packet.sequence_number(), key_frame, /*recovered=*/true, now, nacks)) {
    return outcome;
  }
  ++repaired_;
  counters_.count_packet(packet.size(), now);
  outcome.forward = forwarded_.insert(sequence_.extended(packet.sequence_number()));
  return outcome;
}

void RecvStream::replace(Ssrc ssrc, Micros now) {
  ssrc_ = ssrc;
  ++source_;
  rtx_ssrc_.reset();
  ended_ = false;
  sequence_ = {};
  rtx_sequence_ = {};
  clock_.reset();
  restart();
  activity_.on_packet(true, now);
  score_.reset(rtcp::kMaxScore, now);
}

/// The sender's numbering started over.
void RecvStream::restart() {
  forwarded_.reset();
  nack_.reset();
  jitter_.reset();
  reception_.on_sequence_reset();
  parser_.reset();
}

void RecvStream::on_pause() {
  nack_.reset();
  jitter_.reset();
}

std::optional<Micros> RecvStream::next_timeout() const {
  return earliest(nack_.next_timeout(), activity_.next_timeout());
}

bool RecvStream::on_timeout(Micros now, Micros rtt, rtp::NackRequest& nacks) {
  if (const auto due = nack_.next_timeout(); due && *due <= now) {
    nack_.set_round_trip_time(rtt);
    nack_.on_timeout(now, nacks);
  }
  return activity_.on_timeout(now) == rtcp::InactivityWatch::Change::kInactive &&
         score_.reset(0, now);
}

bool RecvStream::takes_sender_report(Micros now) {
  if (reported_at_ && now - *reported_at_ < kLeastReportDistance) {
    return false;
  }
  reported_at_ = now;
  return true;
}

bool RecvStream::on_sender_report(const rtcp::SenderInfo& info, Micros now) {
  reception_.on_sender_report(info, now);
  clock_ = layers::ClockPair{.ntp = info.ntp, .rtp = info.rtp};
  return score_.on_sender_report({.expected = sequence_.expected(),
                                  .received = counters_.packets() - repaired_,
                                  .repaired = repaired_,
                                  .retransmitted = retransmitted_},
                                 activity_.active() && !ended_, now);
}

void RecvStream::on_rtx_sender_report(const rtcp::SenderInfo& info, Micros now) {
  rtx_reception_.on_sender_report(info, now);
}

bool RecvStream::on_bye(Micros now) {
  ended_ = true;
  nack_.reset();
  return score_.reset(0, now);
}

rtcp::ReportBlock RecvStream::make_report(Micros now, uint8_t worst_remote_fraction) {
  return reception_.make_block(ssrc_,
                               {.expected = sequence_.expected(),
                                .received = sequence_.received(),
                                .extended_highest = sequence_.extended_max_sequence(),
                                .jitter = jitter_.value()},
                               now, codec_.in_band_fec ? worst_remote_fraction : uint8_t{0});
}

std::optional<rtcp::ReportBlock> RecvStream::make_rtx_report(Micros now) {
  if (!rtx_ssrc_ || !rtx_sequence_.started()) {
    return std::nullopt;
  }
  return rtx_reception_.make_block(*rtx_ssrc_,
                                   {.expected = rtx_sequence_.expected(),
                                    .received = rtx_sequence_.received(),
                                    .extended_highest = rtx_sequence_.extended_max_sequence()},
                                   now);
}

ProducerScore RecvStream::producer_score() const {
  return {.encoding_index = encoding_index_,
          .ssrc = ssrc_.value,
          .rid = encoding_.rid,
          .score = score_.value()};
}

StreamUpdate RecvStream::update() const {
  return {.stream = static_cast<uint8_t>(encoding_index_),
          .score = score_.value(),
          .active_since = score_.active_since(),
          .clock = clock_};
}

RtpStreamStats RecvStream::stats(Micros now) const {
  RtpStreamStats stats = counters_.stats(score_.value(), round_trip_, now);
  stats.inbound = true;
  stats.ssrc = ssrc_.value;
  if (rtx_ssrc_) {
    stats.rtx_ssrc = rtx_ssrc_->value;
  }
  stats.rid = encoding_.rid;
  stats.mime_type = codec_.mime_type;
  stats.packets_lost = static_cast<int64_t>(reception_.packets_lost());
  stats.fraction_lost = reception_.fraction_lost();
  stats.packets_discarded = sequence_.discarded();
  stats.packets_retransmitted = retransmitted_;
  stats.packets_repaired = repaired_;
  stats.rtx_packets_discarded = rtx_sequence_.discarded();
  stats.jitter = jitter_.value();
  return stats;
}

RtpStreamDump RecvStream::dump() const {
  RtpStreamDump dump;
  dump.encoding_index = encoding_index_;
  dump.ssrc = ssrc_;
  dump.payload_type = PayloadType{codec_.payload_type};
  dump.mime_type = codec_.mime_type;
  dump.clock_rate = codec_.clock_rate;
  dump.rid = encoding_.rid;
  if (rtx_ssrc_ && codec_.rtx_payload_type >= 0) {
    dump.rtx_ssrc = rtx_ssrc_;
    dump.rtx_payload_type = PayloadType{static_cast<uint8_t>(codec_.rtx_payload_type)};
  }
  dump.nack = codec_.nack;
  dump.pli = codec_.pli;
  dump.fir = codec_.fir;
  dump.in_band_fec = codec_.in_band_fec;
  dump.dtx = encoding_.dtx;
  dump.spatial_layers = encoding_.spatial_layers;
  dump.temporal_layers = encoding_.temporal_layers;
  dump.score = score_.value();
  return dump;
}

}  // namespace sluice::media
