// What a LoopProducer and its sender tell each other beside media: requests for key frames and lost
// packets, and reports (media-plane 6.4 to 6.8).
#include <algorithm>

#include "media/loop_producer.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"

namespace sluice::media {

void LoopProducer::request_key_frame(std::optional<uint8_t> stream, Micros now) {
  if (!setup_.video || setup_.paused) {
    return;
  }
  for (size_t index = 0; index < streams_.size(); ++index) {
    if (streams_[index] && (!stream || *stream == index) && key_frame_in_hand_ != index) {
      key_frames_.needed(streams_[index]->ssrc(), now);
    }
  }
  send_key_frame_requests();
}

void LoopProducer::send_key_frame_requests() {
  while (const auto ssrc = key_frames_.poll()) {
    RecvStream* const stream = find_stream(*ssrc);
    if (stream == nullptr || setup_.paused) {
      continue;
    }
    const ProducerCodec& codec = stream->codec();
    if (codec.pli) {
      session_.feedback().send_pli(*ssrc);
      stream->count_key_frame_request(/*fir=*/false);
      trace(TraceType::kPli, TracedKeyFrameRequest{*ssrc});
    } else if (codec.fir) {
      session_.feedback().send_fir(*ssrc, fir_sequence_++);
      stream->count_key_frame_request(/*fir=*/true);
      trace(TraceType::kFir, TracedKeyFrameRequest{*ssrc});
    }
  }
  session_.wake_by(key_frames_.next_timeout());
}

void LoopProducer::send_nacks(RecvStream& stream, Micros now) {
  rtp::NackRequest& request = session_.nack_scratch();
  if (request.empty()) {
    return;
  }
  if (request.key_frame_needed()) {
    key_frames_.needed(stream.ssrc(), now);
    send_key_frame_requests();
  }
  if (!request.sequences().empty() && !setup_.paused) {
    session_.feedback().send_nack(stream.ssrc(), request.sequences());
    stream.count_nack(request.sequences().size());
    trace(TraceType::kNack, {});
  }
  request.clear();
}

void LoopProducer::on_sender_report(Ssrc ssrc, const rtcp::SenderInfo& info, Micros now) {
  RecvStream* const stream = find_stream(ssrc);
  if (stream == nullptr) {
    return;
  }
  if (stream->ssrc() == ssrc && !stream->takes_sender_report(now)) {
    return;
  }
  trace(TraceType::kSenderReport, TracedSenderReport{ssrc, info});
  if (stream->ssrc() != ssrc) {
    stream->on_rtx_sender_report(info, now);
  } else if (stream->on_sender_report(info, now)) {
    report_score();
  } else if (setup_.video) {
    session_.loop().publish_streams(fanout_, {stream->update()});
  }
}

void LoopProducer::on_bye(Ssrc ssrc, Micros now) {
  RecvStream* const stream = find_stream(ssrc);
  if (stream == nullptr || stream->ssrc() != ssrc) {
    return;
  }
  table_.on_bye(ssrc);
  if (stream->on_bye(now)) {
    report_score();
  }
}

void LoopProducer::on_dlrr(const rtcp::DlrrItem& item, uint32_t ntp_now) {
  if (RecvStream* const stream = find_stream(item.ssrc)) {
    stream->on_dlrr(item, ntp_now);
  }
}

void LoopProducer::on_consumer_loss(unsigned loop, uint8_t fraction) {
  if (loop >= consumer_loss_.size()) {
    consumer_loss_.resize(loop + 1);
  }
  consumer_loss_[loop] = fraction;
}

bool LoopProducer::add_reports(std::vector<rtcp::ReportBlock>& blocks, Micros now) {
  if (!report_interval_.due(now)) {
    return false;
  }
  const size_t before = blocks.size();
  const uint8_t worst =
      consumer_loss_.empty() ? uint8_t{0} : *std::ranges::max_element(consumer_loss_);
  for (const auto& stream : streams_) {
    if (!stream) {
      continue;
    }
    blocks.push_back(stream->make_report(now, worst));
    if (const auto rtx = stream->make_rtx_report(now)) {
      blocks.push_back(*rtx);
    }
  }
  if (blocks.size() == before) {
    return false;
  }
  report_interval_.sent(now);
  return true;
}

std::optional<Micros> LoopProducer::next_timeout() const {
  std::optional<Micros> next = key_frames_.next_timeout();
  for (const auto& stream : streams_) {
    if (stream) {
      next = earliest(next, stream->next_timeout());
    }
  }
  return next;
}

void LoopProducer::on_timeout(Micros now) {
  key_frames_.on_timeout(now);
  send_key_frame_requests();
  bool score_changed = false;
  for (const auto& stream : streams_) {
    if (stream) {
      score_changed |= stream->on_timeout(now, round_trip_time_, session_.nack_scratch());
      send_nacks(*stream, now);
    }
  }
  if (score_changed) {
    report_score();
  }
}

}  // namespace sluice::media
