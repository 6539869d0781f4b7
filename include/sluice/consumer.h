// A producer's media sent on a transport.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/reply.h"
#include "sluice/types.h"

namespace sluice {

class Consumer : public Handle<media::Consumer> {
 public:
  /// `{id, producerId, kind, rtpParameters, type, producerPaused}`: what mediasoup-client's
  /// `transport.consume` takes, and what applications want to know besides.
  [[nodiscard]] boost::json::object client_parameters() const;

  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] const std::string& producer_id() const;
  [[nodiscard]] bool closed() const;
  [[nodiscard]] MediaKind kind() const;
  [[nodiscard]] StreamType type() const;
  /// RtpParameters, for the receiver.
  [[nodiscard]] boost::json::value rtp_parameters() const;
  [[nodiscard]] bool paused() const;
  [[nodiscard]] bool producer_paused() const;
  [[nodiscard]] ConsumerScore score() const;
  /// 1 to 255; higher ones get more of what the receiver's connection can take.
  [[nodiscard]] uint8_t priority() const;
  /// Layers that it gets at most; nothing without layers.
  [[nodiscard]] std::optional<Layers> preferred_layers() const;
  /// Layers that it gets now; nothing while it gets none, and without layers.
  [[nodiscard]] std::optional<Layers> current_layers() const;

  // Idempotent. Error: closed.
  Result<void> pause() const;
  Result<void> resume() const;
  /// Layers that do not exist are brought down to those that do; without layers nothing happens.
  /// Error: closed.
  Result<void> set_preferred_layers(const LayersRequest& request) const;
  /// 1 to 255. Errors: TypeError for anything else; closed.
  Result<void> set_priority(int priority) const;
  /// Back to 1. Error: closed.
  Result<void> unset_priority() const;
  /// Asks the producer's sender for a key frame; nothing happens for audio. Error: closed.
  Result<void> request_key_frame() const;
  /// An "outbound-rtp" entry for what is sent, and an "inbound-rtp" one for the producer's stream
  /// once there is one, as mediasoup's `consumer.getStats()`.
  void get_stats(Reply<boost::json::array> reply) const;
  /// Its inside, as mediasoup's `consumer.dump()`, for diagnosis and tests.
  void dump(Reply<boost::json::object> reply) const;
  /// Tells the events of these types, and no others, through `on_trace`: "rtp", "keyframe", "nack",
  /// "pli" and "fir"; other names are ignored. Error: closed.
  Result<void> enable_trace_event(const std::vector<std::string>& types = {}) const;
  /// Idempotent.
  void close() const;

  Connection on_score(std::function<void(const ConsumerScore&)> listener) const;
  /// Other layers go out than before, or none.
  Connection on_layers_change(std::function<void(const std::optional<Layers>&)> listener) const;
  Connection on_producer_pause(std::function<void()> listener) const;
  Connection on_producer_resume(std::function<void()> listener) const;
  // The effective state has changed: paused here or at the producer.
  Connection on_pause(std::function<void()> listener) const;
  Connection on_resume(std::function<void()> listener) const;
  /// An RTP packet, on a direct transport. The bytes are valid for the call.
  Connection on_rtp(std::function<void(Bytes)> listener) const;
  /// A trace event as in mediasoup: `{type, timestamp, direction, info}`.
  Connection on_trace(std::function<void(const boost::json::object&)> listener) const;
  /// The producer is gone; `on_close` follows.
  Connection on_producer_close(std::function<void()> listener) const;
  /// The transport was closed; `on_close` follows.
  Connection on_transport_close(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

}  // namespace sluice
