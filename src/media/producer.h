// Media that a transport receives, as the control thread sees it (ortc-model 1.11).
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/signal.h"
#include "media/basic_producer.h"
#include "media/events.h"
#include "media/loop_pool.h"
#include "media/stats.h"
#include "protocol/ortc/negotiation.h"
#include "protocol/ortc/rtp_parameters.h"

namespace sluice::media {

class Consumer;
struct RtpStreamDump;

class Producer final : public BasicProducer<Producer, Consumer> {
 public:
  ~Producer();

  [[nodiscard]] ortc::MediaKind kind() const { return kind_; }
  [[nodiscard]] ortc::StreamType type() const { return type_; }
  [[nodiscard]] const ortc::RtpParameters& rtp_parameters() const { return rtp_parameters_; }
  [[nodiscard]] const ortc::RtpParameters& consumable_rtp_parameters() const { return consumable_; }
  [[nodiscard]] const std::vector<ProducerScore>& score() const { return score_; }

  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<Consumer>> consumers() const {
    return open_consumers();
  }

  /// Takes an RTP packet of the application, on a direct transport. One that is malformed or too
  /// large is dropped. Errors: TypeError on another transport; closed.
  Result<void> send(Bytes packet);
  /// One entry for each stream that was received.
  void get_stats(Reply<std::vector<RtpStreamStats>> reply);
  /// Its inside, for diagnosis and tests (dump.h).
  void dump(Reply<boost::json::object> reply);
  /// Tells the events of these types, and no others, through `on_trace`; names that mean nothing
  /// here are ignored. Error: closed.
  Result<void> enable_trace_event(const std::vector<std::string>& types = {});
  [[nodiscard]] TraceSet traces() const { return traces_; }

  Signal<const std::vector<ProducerScore>&> on_score;
  Signal<VideoOrientation> on_video_orientation;
  Signal<const TraceEvent&> on_trace;

 private:
  friend class Transport;
  friend class LoopPool;
  friend class RtpObserver;
  friend class BasicProducer<Producer, Consumer>;

  static constexpr const char* kName = "producer";

  Producer() = default;
  void command_paused(bool paused);
  void command_remote_loop(unsigned loop, bool wanted);
  void leave();
  void on_event(const ProducerEvent& event);
  [[nodiscard]] boost::json::object describe(const std::vector<RtpStreamDump>& streams) const;

  ortc::MediaKind kind_ = ortc::MediaKind::kAudio;
  TraceSet traces_;
  ortc::StreamType type_ = ortc::StreamType::kSimple;
  ortc::RtpParameters rtp_parameters_;
  ortc::RtpMapping mapping_;
  ortc::RtpParameters consumable_;
  std::vector<ProducerScore> score_;
};

extern template class BasicProducer<Producer, Consumer>;

}  // namespace sluice::media
