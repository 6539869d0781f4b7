// Media that a transport receives, for consumers of the router.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <vector>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/reply.h"
#include "sluice/types.h"

namespace sluice {

class Consumer;

class Producer : public Handle<media::Producer> {
 public:
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] bool closed() const;
  [[nodiscard]] MediaKind kind() const;
  [[nodiscard]] StreamType type() const;
  [[nodiscard]] bool paused() const;
  /// RtpParameters as they are used.
  [[nodiscard]] boost::json::value rtp_parameters() const;
  /// RtpParameters that the router can offer of it, before a receiver's capabilities are known.
  [[nodiscard]] boost::json::value consumable_rtp_parameters() const;
  /// Of the streams that have come, in the order of the encodings.
  [[nodiscard]] std::vector<ProducerScore> score() const;
  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<Consumer> consumers() const;

  /// Media is still received and counted, but no longer forwarded. Idempotent. Error: closed.
  Result<void> pause() const;
  /// Forwards again, from a key frame on. Idempotent. Error: closed.
  Result<void> resume() const;
  /// Takes an RTP packet of the program, on a direct transport. One that is malformed or larger
  /// than 1600 bytes is dropped. Errors: TypeError on another transport; closed.
  Result<void> send(Bytes rtp_packet) const;
  /// An "inbound-rtp" entry for each stream that has come, as mediasoup's `producer.getStats()`.
  void get_stats(Reply<boost::json::array> reply) const;
  /// Its inside, as mediasoup's `producer.dump()`, for diagnosis and tests.
  void dump(Reply<boost::json::object> reply) const;
  /// Tells the events of these types, and no others, through `on_trace`: "rtp", "keyframe", "nack",
  /// "pli", "fir" and "sr"; other names are ignored. Error: closed.
  Result<void> enable_trace_event(const std::vector<std::string>& types = {}) const;
  /// Idempotent. Its consumers close too.
  void close() const;

  Connection on_score(std::function<void(const std::vector<ProducerScore>&)> listener) const;
  Connection on_video_orientation(std::function<void(const VideoOrientation&)> listener) const;
  Connection on_pause(std::function<void()> listener) const;
  Connection on_resume(std::function<void()> listener) const;
  /// A trace event as in mediasoup: `{type, timestamp, direction, info}`.
  Connection on_trace(std::function<void(const boost::json::object&)> listener) const;
  /// The transport was closed; `on_close` follows.
  Connection on_transport_close(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

}  // namespace sluice
