#include "media/data_producer.h"

#include <utility>

#include "media/data_consumer.h"
#include "media/media_loop.h"
#include "media/transport.h"

namespace sluice::media {

const char* to_string(DataType type) {
  return type == DataType::kSctp ? "sctp" : "direct";
}

DataProducer::~DataProducer() = default;

Result<void> DataProducer::pause() {
  return set_paused(true);
}

Result<void> DataProducer::resume() {
  return set_paused(false);
}

Result<void> DataProducer::set_paused(bool paused) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (paused_ == paused) {
    return {};
  }
  paused_ = paused;
  loops_->post(loop_, [handle = handle_, paused](MediaLoop& loop) {
    loop.data().set_producer_paused(handle, paused);
  });
  const auto self = shared_from_this();
  (paused ? on_pause : on_resume).emit();
  for (const auto& consumer : data_consumers()) {
    consumer->producer_pause_changed(paused);
  }
  return {};
}

Result<void> DataProducer::send(DataMessage message) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (type() != DataType::kDirect) {
    return type_error("data producer " + id_ +
                      " is of type sctp, expected direct: its messages come from the peer");
  }
  if (message.payload.size() > max_message_size_) {
    return {};
  }
  loops_->post(
      loop_, [handle = handle_, message = std::make_shared<const DataMessage>(std::move(message))](
                 MediaLoop& loop) { loop.data().produce(handle, message); });
  return {};
}

void DataProducer::get_stats(Reply<DataProducerStats> reply) {
  loops_->ask_for<DataProducerStats>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) {
        const DataCounters counters = loop.data().producer_counters(handle);
        return DataProducerStats{.timestamp = static_cast<uint64_t>(loop.now() / 1ms),
                                 .messages_received = counters.messages,
                                 .bytes_received = counters.bytes};
      },
      [self = shared_from_this(),
       reply = std::move(reply)](Result<DataProducerStats> stats) mutable {
        if (stats) {
          stats->label = self->label_;
          stats->protocol = self->protocol_;
        }
        reply(std::move(stats));
      });
}

void DataProducer::close() {
  if (closed_) {
    return;
  }
  const auto self = shared_from_this();
  end();
  on_close.emit();
  close_consumers();
}

void DataProducer::transport_closed() {
  const auto self = shared_from_this();
  end();
  on_transport_close.emit();
  on_close.emit();
}

void DataProducer::end() {
  closed_ = true;
  loops_->post(loop_, [handle = handle_](MediaLoop& loop) { loop.data().remove_producer(handle); });
  if (const auto transport = transport_.lock()) {
    transport->forget_data_producer(*this);
  }
}

void DataProducer::close_consumers() {
  for (const auto& consumer : data_consumers()) {
    consumer->producer_closed();
  }
}

std::vector<std::shared_ptr<DataConsumer>> DataProducer::data_consumers() const {
  std::vector<std::shared_ptr<DataConsumer>> open;
  for (const auto& [handle, weak] : consumers_) {
    if (auto consumer = weak.lock()) {
      open.push_back(std::move(consumer));
    }
  }
  return open;
}

Error DataProducer::closed_error() const {
  return loops_->closed_error("data producer " + id_);
}

void DataProducer::add_consumer(const std::shared_ptr<DataConsumer>& consumer, unsigned loop) {
  consumers_.emplace(consumer->handle_, consumer);
  if (++consumers_by_loop_[loop] == 1 && loop != loop_) {
    loops_->post(loop_, [handle = handle_, loop](MediaLoop& home) {
      home.data().set_remote_loop(handle, loop, true);
    });
  }
}

void DataProducer::remove_consumer(const DataConsumer& consumer, unsigned loop) {
  if (consumers_.erase(consumer.handle_) == 0) {
    return;
  }
  if (--consumers_by_loop_[loop] == 0 && loop != loop_ && !closed_) {
    loops_->post(loop_, [handle = handle_, loop](MediaLoop& home) {
      home.data().set_remote_loop(handle, loop, false);
    });
  }
}

}  // namespace sluice::media
