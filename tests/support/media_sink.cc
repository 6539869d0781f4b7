#include "support/media_sink.h"

#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtp/rtx.h"
#include "support/media_source.h"

namespace sluice::test {
namespace {

constexpr Micros kReportInterval = 1s;
/// What a browser's receivers report as; not one of its streams.
constexpr Ssrc kReceiver{1};
const rtcp::NtpClock kClock(1'700'000'000s, 0s);

}  // namespace

MediaSink::MediaSink(const SinkSettings& settings, TestPeer& peer)
    : settings_(settings),
      peer_(peer),
      jitter_(settings.clock_rate),
      nack_({.send_delay = 0ms, .has_rtx = settings.rtx_ssrc != 0}) {
  nack_.set_round_trip_time(settings.rtt);
}

void MediaSink::on_rtp(Bytes packet, Micros now) {
  const auto view = rtp::PacketView::parse(packet);
  if (!view) {
    return;
  }
  if (view->ssrc().value == settings_.ssrc) {
    ++counters_.media;
    sequence_.on_packet(view->sequence_number(), view->timestamp(), now);
    jitter_.on_packet(view->timestamp(), now);
    take(view->payload(), view->sequence_number(), /*recovered=*/false, now);
  } else if (settings_.rtx_ssrc != 0 && view->ssrc().value == settings_.rtx_ssrc &&
             view->payload().size() > rtp::kOsnSize) {
    ++counters_.rtx;
    take(view->payload().subspan(rtp::kOsnSize), SeqNum{load_be16(view->payload().data())},
         /*recovered=*/true, now);
  }
}

void MediaSink::take(Bytes payload, SeqNum sequence, bool recovered, Micros now) {
  const uint32_t number = load_be32(&payload[MediaSource::kNumberOffset]);
  if (!by_sequence_.emplace(sequence_.extended(sequence), number).second) {
    ++(recovered ? counters_.useless_rtx : counters_.duplicates);
  }
  arrivals_.emplace(number, now);
  if (settings_.nack) {
    nack_.on_packet(sequence, /*key_frame=*/false, recovered, now, request_);
    send_nack();
  }
}

void MediaSink::on_rtcp(Bytes compound, Micros now) {
  rtcp::parse_compound(compound, rtcp::Overloaded{
                                     [&](const rtcp::SenderReport& report) {
                                       if (report.ssrc.value == settings_.ssrc && report.info) {
                                         reception_.on_sender_report(*report.info, now);
                                       }
                                     },
                                     [&](const rtcp::ExtendedReport& report) {
                                       report.for_each_dlrr([&](const rtcp::DlrrItem& item) {
                                         if (item.ssrc == kReceiver) {
                                           measured_rtt_ = rtcp::round_trip_time(
                                               kClock.at(now).compact(), item.last_rr,
                                               item.delay_since_rr);
                                         }
                                       });
                                     },
                                 });
}

void MediaSink::step(Micros now) {
  if (const auto due = nack_.next_timeout(); due && *due <= now) {
    nack_.on_timeout(now, request_);
    send_nack();
  }
  if (sequence_.started() && next_report_ <= now) {
    next_report_ = now + kReportInterval;
    send_report(now);
  }
}

void MediaSink::send_nack() {
  Buffer buffer(rtcp::kRtcpBudget);
  ByteWriter writer(buffer);
  const rtcp::FeedbackHeader header{.sender = kReceiver, .media = Ssrc{settings_.ssrc}};
  if (request_.key_frame_needed()) {
    ++counters_.key_frame_requests;
    rtcp::write_pli(writer, header);
  }
  for (auto wanted = request_.sequences(); !wanted.empty();) {
    const size_t named = rtcp::write_nack(writer, header, wanted);
    counters_.nacked += named;
    wanted = wanted.subspan(named);
    if (!wanted.empty()) {
      peer_.send_rtcp(writer.written());
      writer = ByteWriter(buffer);
    }
  }
  if (!writer.written().empty()) {
    peer_.send_rtcp(writer.written());
  }
  request_.clear();
}

void MediaSink::send_report(Micros now) {
  Buffer buffer(rtcp::kRtcpBudget);
  ByteWriter writer(buffer);
  const rtcp::ReportBlock block =
      reception_.make_block(Ssrc{settings_.ssrc},
                            {.expected = sequence_.expected(),
                             .received = sequence_.received(),
                             .extended_highest = sequence_.extended_max_sequence(),
                             .jitter = jitter_.value()},
                            now);
  rtcp::write_receiver_report(writer, kReceiver, {&block, 1});
  rtcp::write_extended_report(writer, kReceiver, kClock.at(now), {});
  peer_.send_rtcp(writer.written());
}

}  // namespace sluice::test
