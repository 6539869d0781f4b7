#include "media/rtcp_dispatch.h"

#include "media/loop_consumer.h"
#include "media/loop_producer.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/rtcp/compound_parser.h"

namespace sluice::media {
namespace {

void on_report_blocks(RtpSession& session, const rtcp::WireArray<rtcp::ReportBlock>& blocks,
                      Micros now) {
  MediaLoop& loop = session.loop();
  const uint32_t ntp_now = loop.ntp().at(now).compact();
  for (const rtcp::ReportBlock block : blocks) {
    LoopConsumer* const consumer = session.consumer_by_ssrc(block.ssrc);
    if (consumer == nullptr) {
      continue;
    }
    if (consumer->on_report_block(block, ntp_now, now)) {
      loop.emit(consumer->setup().handle, ConsumerEvent{ConsumerScoreChanged{consumer->score()}});
    }
    const auto rtt = session.on_round_trip_report(ntp_now, block.last_sr, block.delay_since_sr);
    if (SendBandwidth* const bandwidth = session.send_bandwidth()) {
      bandwidth->on_report_block(block, rtt, now);
    }
    loop.consumer_loss_changed(consumer->fanout());
  }
}

void on_extended_report(RtpSession& session, const rtcp::ExtendedReport& report, Micros now) {
  if (const auto reference = report.reference_time()) {
    session.reports().on_reference_time(report.sender(), *reference, now);
  }
  const uint32_t ntp_now = session.loop().ntp().at(now).compact();
  report.for_each_dlrr([&](const rtcp::DlrrItem& item) {
    // It answers us, whose SSRC is 0, which stands for the one that sent the report: a stream.
    if (LoopProducer* const producer = session.producer_by_ssrc(item.ssrc)) {
      producer->on_dlrr(item, ntp_now);
    }
    session.on_round_trip_report(ntp_now, item.last_rr, item.delay_since_rr);
  });
}

void on_nack(RtpSession& session, const rtcp::Nack& nack, Micros now) {
  if (LoopConsumer* const consumer = session.consumer_by_ssrc(nack.header.media)) {
    consumer->on_nack(nack, now);
  }
}

void on_key_frame_request(RtpSession& session, Ssrc media, bool fir, Micros now) {
  if (LoopConsumer* const consumer = session.consumer_by_ssrc(media)) {
    consumer->on_key_frame_request(fir, now);
  }
}

}  // namespace

void dispatch_rtcp(RtpSession& session, Bytes compound, Micros now) {
  rtcp::parse_compound(
      compound,
      rtcp::Overloaded{
          [&](const rtcp::SenderReport& report) {
            if (LoopProducer* const producer = session.producer_by_ssrc(report.ssrc);
                producer && report.info) {
              producer->on_sender_report(report.ssrc, *report.info, now);
            }
            on_report_blocks(session, report.blocks, now);
          },
          [&](const rtcp::ReceiverReport& report) {
            on_report_blocks(session, report.blocks, now);
          },
          [&](const rtcp::Bye& bye) {
            for (const auto source : bye.sources) {
              if (LoopProducer* const producer = session.producer_by_ssrc(source.ssrc)) {
                producer->on_bye(source.ssrc, now);
              }
            }
          },
          [&](const rtcp::Nack& nack) { on_nack(session, nack, now); },
          [&](const rtcp::Pli& pli) {
            on_key_frame_request(session, pli.header.media, /*fir=*/false, now);
          },
          [&](const rtcp::Fir& fir) {
            for (const auto item : fir.items) {
              on_key_frame_request(session, item.ssrc, /*fir=*/true, now);
            }
          },
          [&](const rtcp::TransportFeedback& feedback) {
            if (SendBandwidth* const bandwidth = session.send_bandwidth()) {
              bandwidth->on_transport_feedback(feedback, now);
            }
          },
          [&](const rtcp::Remb& remb) {
            if (SendBandwidth* const bandwidth = session.send_bandwidth()) {
              bandwidth->on_remb(remb.bitrate, now);
            }
          },
          [&](const rtcp::ExtendedReport& report) { on_extended_report(session, report, now); },
      });
}

}  // namespace sluice::media
