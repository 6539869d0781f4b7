#include "sluice/data_producer.h"

#include <utility>

#include "base/bytes.h"
#include "library/access.h"
#include "library/convert.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "protocol/ortc/json.h"
#include "sluice/data_consumer.h"

namespace sluice {
namespace {

media::DataMessage addressed(media::DataMessage message, const MessageOptions& options) {
  message.subchannels = options.subchannels;
  message.required_subchannel = options.required_subchannel;
  return message;
}

}  // namespace

const std::string& DataProducer::id() const {
  return object_of(*this).id();
}

bool DataProducer::closed() const {
  return object_of(*this).closed();
}

DataType DataProducer::type() const {
  return same<DataType>(object_of(*this).type());
}

boost::json::value DataProducer::sctp_stream_parameters() const {
  const auto& stream = object_of(*this).sctp_stream_parameters();
  return stream ? ortc::to_json(*stream) : boost::json::value();
}

const std::string& DataProducer::label() const {
  return object_of(*this).label();
}

const std::string& DataProducer::protocol() const {
  return object_of(*this).protocol();
}

bool DataProducer::paused() const {
  return object_of(*this).paused();
}

std::vector<DataConsumer> DataProducer::data_consumers() const {
  return handles_of<DataConsumer>(object_of(*this).data_consumers(), *this);
}

Result<void> DataProducer::pause() const {
  return request(*this, [](media::DataProducer& producer) { return producer.pause(); });
}

Result<void> DataProducer::resume() const {
  return request(*this, [](media::DataProducer& producer) { return producer.resume(); });
}

Result<void> DataProducer::send(std::string_view text, const MessageOptions& options) const {
  if (options.ppid) {
    return send(as_bytes(text), options);
  }
  return request(*this, [&](media::DataProducer& producer) {
    return producer.send(addressed(media::DataMessage::text(text), options));
  });
}

Result<void> DataProducer::send(Bytes message, const MessageOptions& options) const {
  return request(*this, [&](media::DataProducer& producer) {
    return producer.send(addressed(
        options.ppid ? media::DataMessage::make(*options.ppid, {message.begin(), message.end()})
                     : media::DataMessage::binary(message),
        options));
  });
}

void DataProducer::get_stats(Reply<boost::json::array> reply) const {
  ask(*this, std::move(reply), [](media::DataProducer& producer, auto answer) {
    producer.get_stats(entry<media::DataProducerStats>(std::move(answer)));
  });
}

Result<boost::json::object> DataProducer::dump() const {
  return request(*this, [](media::DataProducer& producer) { return producer.dump(); });
}

void DataProducer::close() const {
  object_of(*this).close();
}

Connection DataProducer::on_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_pause, std::move(listener));
}

Connection DataProducer::on_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_resume, std::move(listener));
}

Connection DataProducer::on_transport_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_transport_close, std::move(listener));
}

Connection DataProducer::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

}  // namespace sluice
