#include "media/producer.h"

#include "media/consumer.h"
#include "media/direct_transport.h"
#include "media/media_loop.h"
#include "media/transport.h"

namespace sluice::media {

Producer::~Producer() = default;

Result<void> Producer::pause() {
  return set_paused(true);
}

Result<void> Producer::resume() {
  return set_paused(false);
}

Result<void> Producer::set_paused(bool paused) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (paused_ == paused) {
    return {};
  }
  paused_ = paused;
  loops_->post(loop_, [handle = handle_, paused](MediaLoop& loop) {
    loop.set_producer_paused(handle, paused);
  });
  const auto self = shared_from_this();
  (paused ? on_pause : on_resume).emit();
  for (const auto& consumer : consumers()) {
    consumer->producer_pause_changed(paused);
  }
  return {};
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

void Producer::close() {
  if (closed_) {
    return;
  }
  const auto self = shared_from_this();
  end();
  on_close.emit();
  close_consumers();
}

void Producer::transport_closed() {
  const auto self = shared_from_this();
  end();
  on_transport_close.emit();
  on_close.emit();
}

void Producer::end() {
  closed_ = true;
  loops_->unwatch(handle_);
  loops_->post(loop_, [handle = handle_](MediaLoop& loop) { loop.remove_producer(handle); });
  if (const auto transport = transport_.lock()) {
    transport->forget_producer(*this);
  }
}

void Producer::close_consumers() {
  for (const auto& consumer : consumers()) {
    consumer->producer_closed();
  }
}

std::vector<std::shared_ptr<Consumer>> Producer::consumers() const {
  std::vector<std::shared_ptr<Consumer>> open;
  for (const auto& [handle, weak] : consumers_) {
    if (auto consumer = weak.lock()) {
      open.push_back(std::move(consumer));
    }
  }
  return open;
}

Error Producer::closed_error() const {
  return loops_->closed_error("producer " + id_);
}

void Producer::add_consumer(const std::shared_ptr<Consumer>& consumer, unsigned loop) {
  consumers_.emplace(consumer->handle(), consumer);
  if (++consumers_by_loop_[loop] == 1 && loop != loop_) {
    loops_->post(loop_, [handle = handle_, loop](MediaLoop& home) {
      home.set_remote_loop(handle, loop, true);
    });
  }
}

void Producer::remove_consumer(const Consumer& consumer, unsigned loop) {
  if (consumers_.erase(consumer.handle()) == 0) {
    return;
  }
  if (--consumers_by_loop_[loop] == 0 && loop != loop_ && !closed_) {
    loops_->post(loop_, [handle = handle_, loop](MediaLoop& home) {
      home.set_remote_loop(handle, loop, false);
    });
  }
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
