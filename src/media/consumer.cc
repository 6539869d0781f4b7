#include "media/consumer.h"

#include <algorithm>
#include <utility>

#include "media/media_loop.h"
#include "media/negotiated_setup.h"
#include "media/producer.h"
#include "media/transport.h"

namespace sluice::media {

Consumer::~Consumer() = default;

template <class Command>
void Consumer::post(Command command) const {
  loops_->post(loop_, [handles = handles_, command](MediaLoop& loop) {
    for (const Handle handle : handles) {
      command(loop, handle);
    }
  });
}

void Consumer::command_paused(bool paused) {
  post([paused](MediaLoop& loop, Handle handle) { loop.set_consumer_paused(handle, paused); });
}

void Consumer::command_producer_paused(bool paused) {
  post([paused](MediaLoop& loop, Handle handle) {
    loop.set_consumer_producer_paused(handle, paused);
  });
}

void Consumer::leave() {
  for (const Handle handle : handles_) {
    loops_->unwatch(handle);
  }
  post([](MediaLoop& loop, Handle handle) { loop.remove_consumer(handle); });
  if (const auto transport = transport_.lock()) {
    transport->forget_consumer(*this);
  }
}

Result<void> Consumer::set_priority(int priority) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (priority < 1 || priority > 255) {
    return type_error("priority is " + std::to_string(priority) + ", expected 1 to 255");
  }
  priority_ = static_cast<uint8_t>(priority);
  post([priority = priority_](MediaLoop& loop, Handle handle) {
    loop.set_consumer_priority(handle, priority);
  });
  return {};
}

Result<void> Consumer::unset_priority() {
  return set_priority(1);
}

Result<void> Consumer::set_preferred_layers(const ortc::LayersRequest& request) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  const auto layers = ortc::preferred_layers(type_, mode_, request);
  if (!layers) {
    return {};
  }
  preferred_layers_ = layers;
  post([wanted = loop_layers(*layers)](MediaLoop& loop, Handle handle) {
    loop.set_consumer_preferred_layers(handle, wanted);
  });
  return {};
}

Result<void> Consumer::request_key_frame() {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  post([](MediaLoop& loop, Handle handle) { loop.request_consumer_key_frame(handle); });
  return {};
}

void Consumer::get_stats(Reply<std::vector<RtpStreamStats>> reply) {
  using Stats = std::vector<RtpStreamStats>;
  // The consumer's own stream first, then the producer's that it shows (ortc-model 6.2).
  loops_->ask_for<Stats>(
      shared_from_this(), loop_,
      [handles = handles_](MediaLoop& loop) {
        Stats all;
        for (const Handle handle : handles) {
          std::ranges::move(loop.consumer_stats(handle), std::back_inserter(all));
        }
        return all;
      },
      [self = shared_from_this(), reply = std::move(reply)](Result<Stats> stats) mutable {
        const auto producer = self->producer_.lock();
        if (!stats || !producer) {
          reply(std::move(stats));
          return;
        }
        producer->get_stats([self, stats = std::move(*stats),
                             reply = std::move(reply)](Result<Stats> inbound) mutable {
          if (self->closed()) {
            reply(std::unexpected(self->closed_error()));
            return;
          }
          if (inbound) {
            stats.insert(stats.end(), inbound->begin(), inbound->end());
          }
          reply(std::move(stats));
        });
      });
}

Result<void> Consumer::enable_trace_event(const std::vector<std::string>& types) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  traces_ = TraceSet::of_names(types, kConsumerTraces);
  post([traces = traces_](MediaLoop& loop, Handle handle) { loop.set_traces(handle, traces); });
  return {};
}

void Consumer::producer_score_changed(const std::vector<ProducerScore>& score) {
  if (closed_) {
    return;
  }
  ConsumerScore next = score_;
  for (const ProducerScore& entry : score) {
    if (entry.encoding_index < next.producer_scores.size()) {
      next.producer_scores[entry.encoding_index] = entry.score;
    }
  }
  update_score(std::move(next));
}

/// Of several streams, the producer's score is that of the one that is sent.
void Consumer::update_score(ConsumerScore next) {
  size_t stream = 0;
  if (type_ == ortc::StreamType::kSimulcast) {
    stream = current_layers_ ? current_layers_->spatial : next.producer_scores.size();
  }
  next.producer_score =
      stream < next.producer_scores.size() ? next.producer_scores[stream] : uint8_t{0};
  if (type_ == ortc::StreamType::kPipe) {
    next.producer_score = kPipeScore;
  }
  if (next != score_) {
    score_ = std::move(next);
    on_score.emit(score_);
  }
}

void Consumer::layers_changed(codecs::Layers current) {
  const auto self = shared_from_this();
  current_layers_.reset();
  if (current.spatial >= 0) {
    current_layers_ = ortc::Layers{static_cast<uint8_t>(current.spatial),
                                   static_cast<uint8_t>(std::max<int8_t>(current.temporal, 0))};
  }
  on_layers_change.emit(current_layers_);
  if (!closed_) {
    update_score(score_);
  }
}

void Consumer::on_event(const ConsumerEvent& event) {
  if (const auto* changed = std::get_if<ConsumerScoreChanged>(&event)) {
    if (score_.score != changed->score && type_ != ortc::StreamType::kPipe) {
      score_.score = changed->score;
      on_score.emit(score_);
    }
  } else if (const auto* layers = std::get_if<ConsumerLayersChanged>(&event)) {
    layers_changed(layers->current);
  } else if (const auto* trace = std::get_if<TraceEvent>(&event)) {
    // One that was on its way when its type was disabled is not wanted any more.
    if (traces_.has(trace->type)) {
      on_trace.emit(*trace);
    }
  }
}

}  // namespace sluice::media
