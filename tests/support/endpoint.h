// A client in a LoopWorld: the sources and sinks of one connection, its transport-wide feedback or
// its REMB, and its consent checks, driven in virtual time.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "protocol/bwe/receive_side_estimator.h"
#include "protocol/rtcp/transport_feedback_generator.h"
#include "support/loop_world.h"
#include "support/media_sink.h"
#include "support/media_source.h"

namespace sluice::test {

class Endpoint {
 public:
  explicit Endpoint(LoopWorld::Connection& connection) : connection_(connection) {}

  MediaSource& add_source(const SourceSettings& settings);
  MediaSink& add_sink(const SinkSettings& settings);
  /// Answers packets with this header extension with transport-wide feedback.
  void enable_feedback(uint8_t transport_cc_id, Micros now);
  /// Estimates from packets with this header extension what may be sent here, and tells it by REMB.
  void enable_remb(uint8_t abs_send_time_id) { abs_send_time_id_ = abs_send_time_id; }

  /// Takes what arrived and sends what is due.
  void step(Micros now);

  [[nodiscard]] LoopWorld::Connection& connection() { return connection_; }
  [[nodiscard]] media::Handle transport() const { return connection_.handle; }
  [[nodiscard]] unsigned loop() const { return connection_.loop; }

 private:
  void take(Bytes packet, Micros now);
  void send_feedback(Micros now);
  void send_remb(const bwe::ReceiveSideEstimator::Announcement& announcement);

  LoopWorld::Connection& connection_;
  std::vector<std::unique_ptr<MediaSource>> sources_;
  std::vector<std::unique_ptr<MediaSink>> sinks_;
  uint16_t transport_sequence_ = 0;
  uint8_t transport_cc_id_ = 0;
  uint8_t abs_send_time_id_ = 0;
  rtcp::TransportFeedbackGenerator feedback_{Ssrc{1}};
  bwe::ReceiveSideEstimator estimator_;
  Micros next_check_{0};
};

/// How well the packets of a source got to a sink.
struct Delivery {
  size_t sent = 0;     ///< packets sent in the period
  size_t in_time = 0;  ///< of them, those that came within the given time
  size_t lost = 0;     ///< of them, those that never came

  [[nodiscard]] double share_in_time() const {
    return static_cast<double>(in_time) / static_cast<double>(sent);
  }
};

/// About the packets that were sent between `from` and `to`.
Delivery delivery(const MediaSource& source, const MediaSink& sink, Micros from, Micros to,
                  Micros within);

}  // namespace sluice::test
