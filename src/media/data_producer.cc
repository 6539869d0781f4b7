#include "media/data_producer.h"

#include <utility>

#include "media/media_loop.h"
#include "media/transport.h"

namespace sluice::media {

const char* to_string(DataType type) {
  return type == DataType::kSctp ? "sctp" : "direct";
}

DataProducer::~DataProducer() = default;

void DataProducer::command_paused(bool paused) {
  loops_->post(loop_, [handle = handle_, paused](MediaLoop& loop) {
    loop.data().set_producer_paused(handle, paused);
  });
}

void DataProducer::command_remote_loop(unsigned loop, bool wanted) {
  loops_->post(loop_, [handle = handle_, loop, wanted](MediaLoop& home) {
    home.data().set_remote_loop(handle, loop, wanted);
  });
}

void DataProducer::leave() {
  loops_->post(loop_, [handle = handle_](MediaLoop& loop) { loop.data().remove_producer(handle); });
  if (const auto transport = transport_.lock()) {
    transport->forget_data_producer(*this);
  }
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

}  // namespace sluice::media
