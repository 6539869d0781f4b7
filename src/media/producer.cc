#include "media/producer.h"

#include "media/consumer.h"
#include "media/direct_transport.h"
#include "media/media_loop.h"
#include "media/transport.h"

namespace sluice::media {

Producer::~Producer() = default;

void Producer::command_paused(bool paused) {
  loops_->post(loop_, [handle = handle_, paused](MediaLoop& loop) {
    loop.set_producer_paused(handle, paused);
  });
}

void Producer::command_remote_loop(unsigned loop, bool wanted) {
  loops_->post(loop_, [handle = handle_, loop, wanted](MediaLoop& home) {
    home.set_remote_loop(handle, loop, wanted);
  });
}

void Producer::leave() {
  loops_->unwatch(handle_);
  loops_->post(loop_, [handle = handle_](MediaLoop& loop) { loop.remove_producer(handle); });
  if (const auto transport = transport_.lock()) {
    transport->forget_producer(*this);
  }
}

Result<void> Producer::send(Bytes packet) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  const auto transport = std::dynamic_pointer_cast<DirectTransport>(transport_.lock());
  if (!transport) {
    return type_error("producer " + id_ +
                      " takes packets from a network, expected one on a direct "
                      "transport");
  }
  return transport->inject(packet);
}

void Producer::get_stats(Reply<std::vector<RtpStreamStats>> reply) {
  loops_->ask_for<std::vector<RtpStreamStats>>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) { return loop.producer_stats(handle); },
      std::move(reply));
}

Result<void> Producer::enable_trace_event(const std::vector<std::string>& types) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  traces_ = TraceSet::of_names(types, kProducerTraces);
  loops_->post(loop_, [handle = handle_, traces = traces_](MediaLoop& loop) {
    loop.set_traces(handle, traces);
  });
  return {};
}

void Producer::on_event(const ProducerEvent& event) {
  if (const auto* score = std::get_if<ProducerScoreChanged>(&event)) {
    if (score_ == score->score) {
      return;
    }
    score_ = score->score;
    on_score.emit(score_);
    for (const auto& consumer : consumers()) {
      consumer->producer_score_changed(score_);
    }
  } else if (const auto* changed = std::get_if<VideoOrientationChanged>(&event)) {
    on_video_orientation.emit(changed->orientation);
  } else if (const auto* trace = std::get_if<TraceEvent>(&event)) {
    // One that was on its way when its type was disabled is not wanted any more.
    if (traces_.has(trace->type)) {
      on_trace.emit(*trace);
    }
  }
}

}  // namespace sluice::media
