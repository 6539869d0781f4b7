// The data channels of a transport: making data producers and data consumers (ortc-model 5).
#include <algorithm>
#include <ranges>

#include "base/random.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/engine.h"
#include "media/media_loop.h"
#include "media/router.h"
#include "media/transport.h"

namespace sluice::media {
namespace {

sctp::Reliability reliability(const ortc::SctpStreamParameters& stream) {
  sctp::Reliability reliability{.ordered = stream.ordered,
                                .max_packet_life_time = {},
                                .max_retransmits = stream.max_retransmits};
  if (stream.max_packet_life_time) {
    reliability.max_packet_life_time = Millis{*stream.max_packet_life_time};
  }
  return reliability;
}

}  // namespace

Result<sctp::Options> Transport::enable_sctp(const SctpOptions& options, bool data_channels) {
  if (options.streams.os == 0 || options.streams.mis == 0) {
    return type_error("numSctpStreams: got OS " + std::to_string(options.streams.os) + " and MIS " +
                      std::to_string(options.streams.mis) + ", expected 1 or more of each");
  }
  if (options.send_buffer_size > SctpOptions::kMaxSendBufferSize) {
    return type_error("sctpSendBufferSize is " + std::to_string(options.send_buffer_size) +
                      ", expected at most " + std::to_string(SctpOptions::kMaxSendBufferSize));
  }
  sctp_parameters_ = ortc::make_sctp_parameters(options.streams, options.max_message_size);
  sctp_parameters_->send_buffer_size = options.send_buffer_size;
  sctp_parameters_->buffered_amount = 0;
  sctp_parameters_->is_data_channel = data_channels;
  sctp_state_ = SctpState::kNew;
  stream_ids_.emplace(options.streams.mis);
  max_message_size_ = options.max_message_size;
  return sctp::Options{.outgoing_streams = options.streams.os,
                       .incoming_streams = options.streams.mis,
                       .max_send_message_size = options.max_message_size,
                       .max_receive_message_size = options.max_message_size,
                       .send_buffer_size = options.send_buffer_size,
                       .data_channels = data_channels};
}

Result<void> Transport::check_data_stream(
    const std::optional<ortc::SctpStreamParameters>& stream) const {
  if (type_ == TransportType::kDirect) {
    return {};
  }
  if (!stream) {
    return type_error("sctpStreamParameters are missing");
  }
  if (!sctp_parameters_) {
    return generic_error("SCTP is not enabled on transport " + id_);
  }
  if (auto checked = ortc::check_sctp_stream_parameters(*stream); !checked) {
    return checked;
  }
  for (const auto& producer : std::views::values(data_producers_)) {
    if (producer->stream_->stream_id == stream->stream_id) {
      return generic_error("sctpStreamParameters.streamId: " + std::to_string(stream->stream_id) +
                           " has a data producer on this transport already");
    }
  }
  return {};
}

Result<std::shared_ptr<DataProducer>> Transport::produce_data(const ProduceDataOptions& options) {
  const auto router = router_.lock();
  if (closed_ || !router) {
    return std::unexpected(closed_error());
  }
  if (const auto same = router->find_data_producer(options.id);
      same && data_producers_.contains(same->handle_)) {
    return type_error("a data producer with id '" + options.id +
                      "' already exists on this transport");
  }
  if (engine_.ids().contains(options.id)) {
    return generic_error("an object with id '" + options.id + "' already exists");
  }
  if (auto checked = check_data_stream(options.sctp_stream_parameters); !checked) {
    return std::unexpected(checked.error());
  }
  std::shared_ptr<DataProducer> producer(new DataProducer);
  producer->transport_ = weak_from_this();
  producer->id_ = options.id.empty() ? random_uuid() : options.id;
  producer->handle_ = loops_.next_handle();
  if (type_ != TransportType::kDirect) {
    producer->stream_ = options.sctp_stream_parameters;
  }
  producer->label_ = options.label;
  producer->protocol_ = options.protocol;
  producer->max_message_size_ = max_message_size_;
  producer->paused_ = options.paused;
  producer->loop_ = loop_;
  producer->loops_ = &loops_;
  DataProducerSetup setup{
      .handle = producer->handle_, .transport = handle_, .stream = {}, .paused = options.paused};
  if (producer->stream_) {
    setup.stream = producer->stream_->stream_id;
  }
  engine_.ids().add(producer->id_, ObjectKind::kDataProducer);
  data_producers_.emplace(producer->handle_, producer);
  router->data_producers_.emplace(producer->id_, producer);
  loops_.post(loop_, [setup](MediaLoop& loop) { loop.data().add_producer(setup); });
  on_new_data_producer.emit(producer);
  return producer;
}

Result<std::optional<ortc::SctpStreamParameters>> Transport::allocate_stream(
    const DataProducer& producer, const ConsumeDataOptions& options) {
  if (type_ == TransportType::kDirect) {
    return std::nullopt;
  }
  if (!sctp_parameters_) {
    return type_error("SCTP is not enabled on transport " + id_);
  }
  auto stream = ortc::derive_data_consumer_stream(producer.stream_ ? &*producer.stream_ : nullptr,
                                                  options.reliability, 0);
  if (!stream) {
    return std::unexpected(stream.error());
  }
  // Last, as nothing can fail after it: an id that was taken is used.
  auto id = stream_ids_->allocate();
  if (!id) {
    return std::unexpected(id.error());
  }
  stream->stream_id = *id;
  return *stream;
}

Result<std::shared_ptr<DataConsumer>> Transport::consume_data(const ConsumeDataOptions& options) {
  const auto router = router_.lock();
  if (closed_ || !router) {
    return std::unexpected(closed_error());
  }
  if (options.data_producer_id.empty()) {
    return type_error("dataProducerId is missing");
  }
  const auto producer = router->find_data_producer(options.data_producer_id);
  if (!producer) {
    return not_found_error("DataProducer not found: " + options.data_producer_id);
  }
  auto stream = allocate_stream(*producer, options);
  if (!stream) {
    return std::unexpected(stream.error());
  }
  std::shared_ptr<DataConsumer> consumer(new DataConsumer);
  consumer->transport_ = weak_from_this();
  consumer->producer_ = producer;
  consumer->id_ = random_uuid();
  consumer->producer_id_ = producer->id();
  consumer->handle_ = loops_.next_handle();
  consumer->stream_ = *stream;
  consumer->label_ = producer->label();
  consumer->protocol_ = producer->protocol();
  consumer->subchannels_ = ortc::normalise_subchannels(options.subchannels);
  consumer->paused_ = options.paused;
  consumer->producer_paused_ = producer->paused();
  consumer->loop_ = loop_;
  consumer->loops_ = &loops_;
  DataConsumerSetup setup{.handle = consumer->handle_,
                          .transport = handle_,
                          .producer = producer->handle_,
                          .stream = {},
                          .paused = options.paused,
                          .producer_paused = producer->paused(),
                          .subchannels = consumer->subchannels_};
  if (*stream) {
    setup.stream = DataStream{(*stream)->stream_id, reliability(**stream)};
  }
  engine_.ids().add(consumer->id_, ObjectKind::kDataConsumer);
  data_consumers_.emplace(consumer->handle_, consumer);
  loops_.watch(consumer->handle_, std::weak_ptr(consumer));
  loops_.post(loop_,
              [setup = std::move(setup)](MediaLoop& loop) { loop.data().add_consumer(setup); });
  producer->add_consumer(consumer);
  on_new_data_consumer.emit(consumer);
  return consumer;
}

std::vector<std::shared_ptr<DataProducer>> Transport::data_producers() const {
  const auto values = std::views::values(data_producers_);
  return {values.begin(), values.end()};
}

std::vector<std::shared_ptr<DataConsumer>> Transport::data_consumers() const {
  const auto values = std::views::values(data_consumers_);
  return {values.begin(), values.end()};
}

void Transport::forget_data_producer(const DataProducer& producer) {
  engine_.ids().remove(producer.id());
  if (const auto router = router_.lock()) {
    router->data_producers_.erase(producer.id());
  }
  data_producers_.erase(producer.handle_);
}

void Transport::forget_data_consumer(const DataConsumer& consumer) {
  engine_.ids().remove(consumer.id());
  if (consumer.stream_) {
    stream_ids_->release(consumer.stream_->stream_id);
  }
  data_consumers_.erase(consumer.handle_);
}

}  // namespace sluice::media
