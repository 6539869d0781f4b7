#include "sluice/data_consumer.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/data_consumer.h"
#include "protocol/ortc/json.h"

namespace sluice {
namespace {

void send_message(const DataConsumer& consumer, media::DataMessage message, Reply<void> reply) {
  ask(consumer, std::move(reply), [&](media::DataConsumer& object, auto answer) {
    object.send(std::move(message), std::move(answer));
  });
}

}  // namespace

boost::json::object DataConsumer::client_parameters() const {
  boost::json::object parameters{{"id", id()},
                                 {"dataProducerId", data_producer_id()},
                                 {"label", label()},
                                 {"protocol", protocol()}};
  if (auto stream = sctp_stream_parameters(); !stream.is_null()) {
    parameters["sctpStreamParameters"] = std::move(stream);
  }
  return parameters;
}

const std::string& DataConsumer::id() const {
  return object_of(*this).id();
}

const std::string& DataConsumer::data_producer_id() const {
  return object_of(*this).data_producer_id();
}

bool DataConsumer::closed() const {
  return object_of(*this).closed();
}

DataType DataConsumer::type() const {
  return same<DataType>(object_of(*this).type());
}

boost::json::value DataConsumer::sctp_stream_parameters() const {
  const auto& stream = object_of(*this).sctp_stream_parameters();
  return stream ? ortc::to_json(*stream) : boost::json::value();
}

const std::string& DataConsumer::label() const {
  return object_of(*this).label();
}

const std::string& DataConsumer::protocol() const {
  return object_of(*this).protocol();
}

bool DataConsumer::paused() const {
  return object_of(*this).paused();
}

bool DataConsumer::data_producer_paused() const {
  return object_of(*this).data_producer_paused();
}

std::vector<uint16_t> DataConsumer::subchannels() const {
  return object_of(*this).subchannels();
}

Result<void> DataConsumer::pause() const {
  return request(*this, [](media::DataConsumer& consumer) { return consumer.pause(); });
}

Result<void> DataConsumer::resume() const {
  return request(*this, [](media::DataConsumer& consumer) { return consumer.resume(); });
}

Result<void> DataConsumer::set_subchannels(std::span<const uint16_t> subchannels) const {
  return request(*this, [&](media::DataConsumer& consumer) {
    const std::vector<int64_t> numbers(subchannels.begin(), subchannels.end());
    return consumer.set_subchannels(numbers);
  });
}

Result<void> DataConsumer::add_subchannel(uint16_t subchannel) const {
  return request(
      *this, [&](media::DataConsumer& consumer) { return consumer.add_subchannel(subchannel); });
}

Result<void> DataConsumer::remove_subchannel(uint16_t subchannel) const {
  return request(
      *this, [&](media::DataConsumer& consumer) { return consumer.remove_subchannel(subchannel); });
}

Result<void> DataConsumer::set_buffered_amount_low_threshold(uint32_t bytes) const {
  return request(*this, [&](media::DataConsumer& consumer) {
    return consumer.set_buffered_amount_low_threshold(bytes);
  });
}

void DataConsumer::get_buffered_amount(Reply<size_t> reply) const {
  ask(*this, std::move(reply), [](media::DataConsumer& consumer, auto answer) {
    consumer.get_buffered_amount(std::move(answer));
  });
}

void DataConsumer::send(std::string_view text, Reply<void> reply) const {
  send_message(*this, media::DataMessage::text(text), std::move(reply));
}

void DataConsumer::send(Bytes message, Reply<void> reply) const {
  send_message(*this, media::DataMessage::binary(message), std::move(reply));
}

void DataConsumer::send(uint32_t ppid, Bytes message, Reply<void> reply) const {
  send_message(*this, media::DataMessage::make(ppid, {message.begin(), message.end()}),
               std::move(reply));
}

void DataConsumer::get_stats(Reply<boost::json::array> reply) const {
  ask(*this, std::move(reply), [](media::DataConsumer& consumer, auto answer) {
    consumer.get_stats(entry<media::DataConsumerStats>(std::move(answer)));
  });
}

Result<boost::json::object> DataConsumer::dump() const {
  return request(*this, [](media::DataConsumer& consumer) { return consumer.dump(); });
}

void DataConsumer::close() const {
  object_of(*this).close();
}

Connection DataConsumer::on_message(std::function<void(Bytes, uint32_t)> listener) const {
  return listen(*this, object_of(*this).on_message,
                [listener = std::move(listener)](const media::DataMessage& message) {
                  listener(message.payload, message.ppid);
                });
}

Connection DataConsumer::on_sctp_send_buffer_full(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_sctp_send_buffer_full, std::move(listener));
}

Connection DataConsumer::on_buffered_amount_low(std::function<void(size_t)> listener) const {
  return listen(*this, object_of(*this).on_buffered_amount_low, std::move(listener));
}

Connection DataConsumer::on_data_producer_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_data_producer_pause, std::move(listener));
}

Connection DataConsumer::on_data_producer_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_data_producer_resume, std::move(listener));
}

Connection DataConsumer::on_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_pause, std::move(listener));
}

Connection DataConsumer::on_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_resume, std::move(listener));
}

Connection DataConsumer::on_data_producer_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_data_producer_close, std::move(listener));
}

Connection DataConsumer::on_transport_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_transport_close, std::move(listener));
}

Connection DataConsumer::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

}  // namespace sluice
