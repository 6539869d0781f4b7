#include "media/data_consumer.h"

#include <algorithm>
#include <utility>

#include "media/media_loop.h"
#include "media/transport.h"

namespace sluice::media {
namespace {

/// The loop is told of taken messages in portions: a small part of what may be on its way.
constexpr size_t kTellEvery = 256 * 1024;

Result<void> to_result(DataSendOutcome outcome, const std::string& id) {
  switch (outcome) {
    case DataSendOutcome::kSent:
      return {};
    case DataSendOutcome::kInactive:
      return generic_error("data consumer " + id + " is paused or not connected");
    case DataSendOutcome::kTooLarge:
      return type_error("the message is larger than the transport of data consumer " + id +
                        " sends");
    case DataSendOutcome::kBufferFull:
      return generic_error("the send buffer of the transport of data consumer " + id + " is full");
    case DataSendOutcome::kInvalidStream:
      break;
  }
  return generic_error("the peer does not accept the stream of data consumer " + id);
}

}  // namespace

DataConsumer::~DataConsumer() = default;

void DataConsumer::command_paused(bool paused) {
  loops_->post(loop_, [handle = handle_, paused](MediaLoop& loop) {
    loop.data().set_consumer_paused(handle, paused);
  });
}

void DataConsumer::command_producer_paused(bool paused) {
  loops_->post(loop_, [handle = handle_, paused](MediaLoop& loop) {
    loop.data().set_consumer_producer_paused(handle, paused);
  });
}

void DataConsumer::leave() {
  loops_->unwatch(handle_);
  loops_->post(loop_, [handle = handle_](MediaLoop& loop) { loop.data().remove_consumer(handle); });
  if (const auto transport = transport_.lock()) {
    transport->forget_data_consumer(*this);
  }
}

// --- subchannels ---------------------------------------------------------------------------------

Result<void> DataConsumer::set_subchannels(std::span<const int64_t> numbers) {
  return apply_subchannels(ortc::normalise_subchannels(numbers));
}

Result<void> DataConsumer::add_subchannel(int64_t number) {
  std::vector<int64_t> numbers(subchannels_.begin(), subchannels_.end());
  numbers.push_back(number);
  return set_subchannels(numbers);
}

Result<void> DataConsumer::remove_subchannel(int64_t number) {
  std::vector<uint16_t> rest = subchannels_;
  std::erase(rest, static_cast<uint16_t>(number));
  return apply_subchannels(std::move(rest));
}

Result<void> DataConsumer::apply_subchannels(std::vector<uint16_t> subchannels) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  subchannels_ = std::move(subchannels);
  loops_->post(loop_, [handle = handle_, subchannels = subchannels_](MediaLoop& loop) mutable {
    loop.data().set_consumer_subchannels(handle, std::move(subchannels));
  });
  return {};
}

// --- what needs SCTP -----------------------------------------------------------------------------

Result<void> DataConsumer::check_sctp(const char* what) const {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  if (type() != DataType::kSctp) {
    return type_error("data consumer " + id_ + " is of type direct, expected sctp for " + what);
  }
  return {};
}

Result<void> DataConsumer::set_buffered_amount_low_threshold(uint32_t bytes) {
  if (auto checked = check_sctp("a threshold of the buffered amount"); !checked) {
    return checked;
  }
  low_threshold_ = bytes;
  loops_->post(loop_, [handle = handle_, bytes](MediaLoop& loop) {
    loop.data().set_consumer_low_threshold(handle, bytes);
  });
  return {};
}

void DataConsumer::get_buffered_amount(Reply<size_t> reply) {
  if (auto checked = check_sctp("a buffered amount"); !checked) {
    loops_->refuse(std::move(reply), std::move(checked.error()));
    return;
  }
  loops_->ask_for<size_t>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) { return loop.data().buffered_amount(handle); },
      std::move(reply));
}

void DataConsumer::send(DataMessage message, Reply<void> reply) {
  if (auto checked = check_sctp("sending"); !checked) {
    loops_->refuse(std::move(reply), std::move(checked.error()));
    return;
  }
  loops_->ask_for<DataSendOutcome>(
      shared_from_this(), loop_,
      [handle = handle_, message = std::move(message)](MediaLoop& loop) {
        return loop.data().send(handle, message);
      },
      [id = id_, reply = std::move(reply)](Result<DataSendOutcome> outcome) mutable {
        reply(outcome ? to_result(*outcome, id) : std::unexpected(std::move(outcome.error())));
      });
}

void DataConsumer::get_stats(Reply<DataConsumerStats> reply) {
  loops_->ask_for<DataConsumerStats>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) {
        const DataCounters counters = loop.data().consumer_counters(handle);
        return DataConsumerStats{.timestamp = static_cast<uint64_t>(loop.now() / 1ms),
                                 .messages_sent = counters.messages,
                                 .bytes_sent = counters.bytes,
                                 .buffered_amount = loop.data().buffered_amount(handle)};
      },
      [self = shared_from_this(),
       reply = std::move(reply)](Result<DataConsumerStats> stats) mutable {
        if (stats) {
          stats->label = self->label_;
          stats->protocol = self->protocol_;
        }
        reply(std::move(stats));
      });
}

// --- what happens to it --------------------------------------------------------------------------

void DataConsumer::on_event(const DataConsumerEvent& event) {
  const auto self = shared_from_this();
  if (const auto* received = std::get_if<DataMessageReceived>(&event)) {
    take_message(*received->message);
  } else if (const auto* low = std::get_if<BufferedAmountLow>(&event)) {
    on_buffered_amount_low.emit(low->amount);
  } else if (std::holds_alternative<SctpSendBufferFull>(event)) {
    on_sctp_send_buffer_full.emit();
  }
}

void DataConsumer::take_message(const DataMessage& message) {
  untold_ += message.cost();
  if (untold_ >= kTellEvery) {
    loops_->post(loop_, [handle = handle_, taken = std::exchange(untold_, 0)](MediaLoop& loop) {
      loop.data().on_delivered(handle, taken);
    });
  }
  on_message.emit(message);
}

}  // namespace sluice::media
