#include "sluice/transport.h"

#include <limits>
#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/producer.h"
#include "media/transport.h"
#include "protocol/ortc/json.h"

namespace sluice {
namespace {

/// A lifetime in the width that SCTP stream parameters have; zero stands for none.
Result<std::optional<uint16_t>> life_time(const std::optional<std::chrono::milliseconds>& wanted) {
  if (!wanted || wanted->count() == 0) {
    return std::nullopt;
  }
  if (wanted->count() < 0 || wanted->count() > std::numeric_limits<uint16_t>::max()) {
    return type_error("max_packet_life_time is " + std::to_string(wanted->count()) +
                      " ms, expected 0 to 65535");
  }
  return static_cast<uint16_t>(wanted->count());
}

Result<uint32_t> delay(std::chrono::milliseconds wanted) {
  if (wanted.count() < 0 || wanted.count() > std::numeric_limits<uint32_t>::max()) {
    return type_error("key_frame_request_delay is " + std::to_string(wanted.count()) +
                      " ms, expected 0 or more, and 32 bits at most");
  }
  return static_cast<uint32_t>(wanted.count());
}

}  // namespace

TransportType Transport::type() const {
  return same<TransportType>(object_of(*this).type());
}

const std::string& Transport::id() const {
  return object_of(*this).id();
}

bool Transport::closed() const {
  return object_of(*this).closed();
}

Result<Producer> Transport::produce(const ProduceOptions& options) const {
  return request(*this, [&](media::Transport& transport) -> Result<Producer> {
    auto parameters = ortc::parse_rtp_parameters(given(options.rtp_parameters));
    const auto request_delay = delay(options.key_frame_request_delay);
    if (!parameters || !request_delay) {
      return std::unexpected(!parameters ? parameters.error() : request_delay.error());
    }
    return handle_of<Producer>(transport.produce({.kind = same<ortc::MediaKind>(options.kind),
                                                  .rtp_parameters = std::move(*parameters),
                                                  .paused = options.paused,
                                                  .key_frame_request_delay = *request_delay,
                                                  .id = options.id}),
                               *this);
  });
}

Result<Consumer> Transport::consume(const ConsumeOptions& options) const {
  return request(*this, [&](media::Transport& transport) -> Result<Consumer> {
    media::ConsumeOptions converted;
    converted.producer_id = options.producer_id;
    if (transport.type() != media::TransportType::kPipe) {
      auto capabilities = ortc::parse_rtp_capabilities(given(options.rtp_capabilities));
      if (!capabilities) {
        return std::unexpected(std::move(capabilities.error()));
      }
      converted.rtp_capabilities = std::move(*capabilities);
    }
    converted.paused = options.paused;
    converted.mid = options.mid;
    converted.enable_rtx = options.enable_rtx;
    converted.ignore_dtx = options.ignore_dtx;
    converted.pipe = options.pipe;
    if (options.preferred_layers) {
      converted.preferred_layers =
          ortc::LayersRequest{.spatial = options.preferred_layers->spatial,
                              .temporal = options.preferred_layers->temporal};
    }
    return handle_of<Consumer>(transport.consume(converted), *this);
  });
}

Result<DataProducer> Transport::produce_data(const ProduceDataOptions& options) const {
  return request(*this, [&](media::Transport& transport) -> Result<DataProducer> {
    media::ProduceDataOptions converted;
    if (const auto* const stream = given(options.sctp_stream_parameters)) {
      const auto parameters = ortc::parse_sctp_stream_parameters(stream);
      if (!parameters) {
        return std::unexpected(parameters.error());
      }
      converted.sctp_stream_parameters = *parameters;
    }
    converted.label = options.label;
    converted.protocol = options.protocol;
    converted.paused = options.paused;
    converted.id = options.id;
    return handle_of<DataProducer>(transport.produce_data(converted), *this);
  });
}

Result<DataConsumer> Transport::consume_data(const ConsumeDataOptions& options) const {
  return request(*this, [&](media::Transport& transport) -> Result<DataConsumer> {
    const auto max_packet_life_time = life_time(options.max_packet_life_time);
    if (!max_packet_life_time) {
      return std::unexpected(max_packet_life_time.error());
    }
    media::ConsumeDataOptions converted;
    converted.data_producer_id = options.data_producer_id;
    converted.reliability.ordered = options.ordered;
    converted.reliability.max_packet_life_time = *max_packet_life_time;
    if (options.max_retransmits.value_or(0) != 0) {
      converted.reliability.max_retransmits = options.max_retransmits;
    }
    converted.paused = options.paused;
    converted.subchannels.assign(options.subchannels.begin(), options.subchannels.end());
    return handle_of<DataConsumer>(transport.consume_data(converted), *this);
  });
}

std::vector<Producer> Transport::producers() const {
  return handles_of<Producer>(object_of(*this).producers(), *this);
}

std::vector<Consumer> Transport::consumers() const {
  return handles_of<Consumer>(object_of(*this).consumers(), *this);
}

std::vector<DataProducer> Transport::data_producers() const {
  return handles_of<DataProducer>(object_of(*this).data_producers(), *this);
}

std::vector<DataConsumer> Transport::data_consumers() const {
  return handles_of<DataConsumer>(object_of(*this).data_consumers(), *this);
}

boost::json::value Transport::sctp_parameters() const {
  const auto& parameters = object_of(*this).sctp_parameters();
  return parameters ? ortc::to_json(*parameters) : boost::json::value();
}

std::optional<SctpState> Transport::sctp_state() const {
  const auto state = object_of(*this).sctp_state();
  return state ? std::optional(same<SctpState>(*state)) : std::nullopt;
}

Result<void> Transport::set_max_incoming_bitrate(uint64_t limit) const {
  return request(*this, [&](media::Transport& transport) {
    return transport.set_max_incoming_bitrate(BitRate{limit});
  });
}

Result<void> Transport::set_max_outgoing_bitrate(uint64_t limit) const {
  return request(*this, [&](media::Transport& transport) {
    return transport.set_max_outgoing_bitrate(BitRate{limit});
  });
}

Result<void> Transport::set_min_outgoing_bitrate(uint64_t limit) const {
  return request(*this, [&](media::Transport& transport) {
    return transport.set_min_outgoing_bitrate(BitRate{limit});
  });
}

void Transport::get_stats(Reply<boost::json::array> reply) const {
  ask(*this, std::move(reply), [](media::Transport& transport, auto answer) {
    transport.get_stats(entry<media::TransportStats>(std::move(answer)));
  });
}

void Transport::dump(Reply<boost::json::object> reply) const {
  ask(*this, std::move(reply),
      [](media::Transport& transport, auto answer) { transport.dump(std::move(answer)); });
}

Result<void> Transport::enable_trace_event(const std::vector<std::string>& types) const {
  return request(*this,
                 [&](media::Transport& transport) { return transport.enable_trace_event(types); });
}

void Transport::close() const {
  object_of(*this).close();
}

Connection Transport::on_new_producer(std::function<void(const Producer&)> listener) const {
  return listen_for(*this, object_of(*this).on_new_producer, std::move(listener));
}

Connection Transport::on_new_consumer(std::function<void(const Consumer&)> listener) const {
  return listen_for(*this, object_of(*this).on_new_consumer, std::move(listener));
}

Connection Transport::on_new_data_producer(
    std::function<void(const DataProducer&)> listener) const {
  return listen_for(*this, object_of(*this).on_new_data_producer, std::move(listener));
}

Connection Transport::on_new_data_consumer(
    std::function<void(const DataConsumer&)> listener) const {
  return listen_for(*this, object_of(*this).on_new_data_consumer, std::move(listener));
}

Connection Transport::on_sctp_state(std::function<void(SctpState)> listener) const {
  return listen(*this, object_of(*this).on_sctp_state,
                [listener = std::move(listener)](media::SctpState state) {
                  listener(same<SctpState>(state));
                });
}

Connection Transport::on_trace(std::function<void(const boost::json::object&)> listener) const {
  return listen(*this, object_of(*this).on_trace,
                [listener = std::move(listener)](const media::TraceEvent& event) {
                  listener(to_json(event));
                });
}

Connection Transport::on_router_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_router_close, std::move(listener));
}

Connection Transport::on_keys_exhausted(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_keys_exhausted, std::move(listener));
}

Connection Transport::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

}  // namespace sluice
