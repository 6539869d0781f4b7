// A connection of a router to somebody, of whatever kind: producers are what it receives, consumers
// what it sends.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sluice/consumer.h"
#include "sluice/data_consumer.h"
#include "sluice/data_producer.h"
#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/producer.h"
#include "sluice/reply.h"
#include "sluice/types.h"

namespace sluice {

struct ProduceOptions {
  MediaKind kind = MediaKind::kAudio;
  /// RtpParameters, as mediasoup-client gives them to the listeners of `produce`.
  boost::json::value rtp_parameters{};
  bool paused = false;
  /// Least time between requests for a key frame to the sender.
  std::chrono::milliseconds key_frame_request_delay{0};
  /// Own id; empty: a UUID.
  std::string id{};
};

struct ConsumeOptions {
  std::string producer_id{};
  /// RtpCapabilities of the receiver. Not used by pipe transports.
  boost::json::value rtp_capabilities{};
  /// Recommended for WebRTC: resume when the client has made its end, so that nothing gets lost.
  bool paused = false;
  /// Empty: the transport's next number.
  std::string mid{};
  /// Retransmission through RTX; nothing: yes for video, no for audio.
  std::optional<bool> enable_rtx{};
  /// Drop Opus packets that only mark silence.
  bool ignore_dtx = false;
  /// Send all streams of the producer, with all their layers.
  bool pipe = false;
  /// Simulcast and SVC: layers to get at most; nothing: all.
  std::optional<LayersRequest> preferred_layers{};
};

struct ProduceDataOptions {
  /// SctpStreamParameters, as mediasoup-client gives them to the listeners of `producedata`. Not
  /// used by direct transports.
  boost::json::value sctp_stream_parameters{};
  std::string label{};
  std::string protocol{};
  bool paused = false;
  /// Own id; empty: a UUID.
  std::string id{};
};

struct ConsumeDataOptions {
  std::string data_producer_id{};
  // Instead of the data producer's own reliability; not for direct transports. One of the last two
  // at most.
  std::optional<bool> ordered{};
  std::optional<std::chrono::milliseconds> max_packet_life_time{};  ///< at most 65535 ms
  std::optional<uint16_t> max_retransmits{};
  bool paused = false;
  std::vector<uint16_t> subchannels{};
};

/// Handles of each kind of transport are handles of a Transport too.
class Transport : public Handle<media::Transport> {
 public:
  [[nodiscard]] TransportType type() const;
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] bool closed() const;

  // The transport owns what it makes until that is closed or it closes itself. Errors besides those
  // that are named: transport closed.

  /// Errors: TypeError for malformed parameters, and for an id, MID, RID or SSRC in use here;
  /// UnsupportedError for codecs that the router was not made for; Error for an id in use
  /// elsewhere.
  [[nodiscard]] Result<Producer> produce(const ProduceOptions& options) const;
  /// Errors: TypeError for malformed capabilities; UnsupportedError when the receiver lacks the
  /// codec; Error for an unknown producer.
  [[nodiscard]] Result<Consumer> consume(const ConsumeOptions& options) const;
  /// Errors: TypeError for missing or impossible stream parameters and for an id in use here; Error
  /// without SCTP, for a stream that has a data producer, and for an id in use elsewhere.
  [[nodiscard]] Result<DataProducer> produce_data(const ProduceDataOptions& options = {}) const;
  /// Errors: TypeError without SCTP, without an id, and for both lifetimes; Error for an unknown
  /// data producer and when no stream id is free.
  [[nodiscard]] Result<DataConsumer> consume_data(const ConsumeDataOptions& options) const;

  // Open ones, in order of creation.
  [[nodiscard]] std::vector<Producer> producers() const;
  [[nodiscard]] std::vector<Consumer> consumers() const;
  [[nodiscard]] std::vector<DataProducer> data_producers() const;
  [[nodiscard]] std::vector<DataConsumer> data_consumers() const;

  /// SctpParameters, for the peer; null without SCTP.
  [[nodiscard]] boost::json::value sctp_parameters() const;
  /// Nothing without SCTP.
  [[nodiscard]] std::optional<SctpState> sctp_state() const;

  // Limits in bit/s; 0 takes one away. Errors: TypeError for outgoing limits below 30000, and when
  // the minimum would be above the maximum; UnsupportedError for direct transports.
  Result<void> set_max_incoming_bitrate(uint64_t limit) const;
  Result<void> set_max_outgoing_bitrate(uint64_t limit) const;
  Result<void> set_min_outgoing_bitrate(uint64_t limit) const;

  /// One entry, as mediasoup's `transport.getStats()`.
  void get_stats(Reply<boost::json::array> reply) const;
  /// Its inside, as mediasoup's `transport.dump()`, for diagnosis and tests.
  void dump(Reply<boost::json::object> reply) const;
  /// Tells the events of these types, and no others, through `on_trace`: "bwe" and "probation";
  /// other names are ignored. Error: closed.
  Result<void> enable_trace_event(const std::vector<std::string>& types = {}) const;

  /// Closes its producers, consumers, data producers and data consumers first. Idempotent.
  void close() const;

  Connection on_new_producer(std::function<void(const Producer&)> listener) const;
  Connection on_new_consumer(std::function<void(const Consumer&)> listener) const;
  Connection on_new_data_producer(std::function<void(const DataProducer&)> listener) const;
  Connection on_new_data_consumer(std::function<void(const DataConsumer&)> listener) const;
  Connection on_sctp_state(std::function<void(SctpState)> listener) const;
  /// A trace event as in mediasoup: `{type, timestamp, direction, info}`.
  Connection on_trace(std::function<void(const boost::json::object&)> listener) const;
  /// The router was closed; `on_close` follows.
  Connection on_router_close(std::function<void()> listener) const;
  /// Its SRTP keys have protected as many packets as they may; `on_close` follows.
  Connection on_keys_exhausted(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

}  // namespace sluice
