// A producer's media sent on a transport, as the control thread sees it (ortc-model 1.12).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/signal.h"
#include "media/basic_consumer.h"
#include "media/basic_producer.h"
#include "media/events.h"
#include "media/loop_pool.h"
#include "media/stats.h"
#include "protocol/ortc/negotiation.h"
#include "protocol/ortc/rtp_parameters.h"

namespace sluice::media {

class Producer;
struct ConsumerDump;

class Consumer final : public BasicConsumer<Consumer, Producer> {
 public:
  ~Consumer();

  [[nodiscard]] const std::string& producer_id() const { return producer_id_; }
  [[nodiscard]] ortc::MediaKind kind() const { return kind_; }
  [[nodiscard]] ortc::StreamType type() const { return type_; }
  [[nodiscard]] const ortc::RtpParameters& rtp_parameters() const { return rtp_parameters_; }
  [[nodiscard]] bool producer_paused() const { return producer_paused_; }
  [[nodiscard]] const ConsumerScore& score() const { return score_; }
  [[nodiscard]] uint8_t priority() const { return priority_; }
  /// Layers that it gets at most; simulcast and SVC only.
  [[nodiscard]] const std::optional<ortc::Layers>& preferred_layers() const {
    return preferred_layers_;
  }
  /// Layers that it gets now; nothing while it gets none, and for other types.
  [[nodiscard]] const std::optional<ortc::Layers>& current_layers() const {
    return current_layers_;
  }

  // Each fails once the consumer is closed.
  /// 1..255; anything else is a TypeError.
  Result<void> set_priority(int priority);
  /// Back to 1.
  Result<void> unset_priority();
  /// Brought down to what exists. Consumers without layers stay without.
  Result<void> set_preferred_layers(const ortc::LayersRequest& request);
  Result<void> request_key_frame();
  /// The stream that is sent, then the producer's that it shows, once there is one.
  void get_stats(Reply<std::vector<RtpStreamStats>> reply);
  /// Its inside, for diagnosis and tests (dump.h).
  void dump(Reply<boost::json::object> reply);
  /// Tells the events of these types, and no others, through `on_trace`; names that mean nothing
  /// here are ignored. Error: closed.
  Result<void> enable_trace_event(const std::vector<std::string>& types = {});
  [[nodiscard]] TraceSet traces() const { return traces_; }

  Signal<const ConsumerScore&> on_score;
  /// Other layers go out than before, or none.
  Signal<const std::optional<ortc::Layers>&> on_layers_change;
  Signal<> on_producer_pause;
  Signal<> on_producer_resume;
  Signal<const TraceEvent&> on_trace;
  /// The producer is gone; `on_close` follows.
  Signal<> on_producer_close;
  /// RTP that goes out, on a direct transport. The bytes are valid for the call.
  Signal<Bytes> on_rtp;

 private:
  friend class Transport;
  friend class Producer;
  friend class LoopPool;
  friend class BasicConsumer<Consumer, Producer>;
  friend class BasicProducer<Producer, Consumer>;

  static constexpr const char* kName = "consumer";
  /// Of a pipe consumer, whatever its streams are like (media-plane 7.7).
  static constexpr uint8_t kPipeScore = 10;

  Consumer() = default;
  /// Names it among the consumers of its transport and its producer.
  [[nodiscard]] Handle handle() const { return handles_.front(); }
  /// Runs a command for each of its counterparts on the loop.
  template <class Command>
  void post(Command command) const;
  void command_paused(bool paused);
  void command_producer_paused(bool paused);
  void tell_producer_paused(bool paused) {
    (paused ? on_producer_pause : on_producer_resume).emit();
  }
  void tell_producer_closed() { on_producer_close.emit(); }
  void leave();
  void on_event(const ConsumerEvent& event);
  void producer_score_changed(const std::vector<ProducerScore>& score);
  void layers_changed(codecs::Layers current);
  void update_score(ConsumerScore next);
  [[nodiscard]] boost::json::object describe(std::vector<ConsumerDump> dumps) const;

  std::vector<Handle> handles_;  ///< its counterparts on the loop; several for a pipe consumer
  ortc::MediaKind kind_ = ortc::MediaKind::kAudio;
  ortc::StreamType type_ = ortc::StreamType::kSimple;
  uint8_t priority_ = 1;
  TraceSet traces_;
  ortc::RtpParameters rtp_parameters_;
  std::vector<ortc::RtpEncodingParameters> consumable_encodings_;
  ConsumerScore score_;
  ortc::ScalabilityMode mode_;  ///< layers that exist
  std::optional<ortc::Layers> preferred_layers_;
  std::optional<ortc::Layers> current_layers_;
};

extern template class BasicConsumer<Consumer, Producer>;

}  // namespace sluice::media
