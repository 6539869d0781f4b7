// Media that a transport receives, as the control thread sees it (ortc-model 1.11).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/signal.h"
#include "media/events.h"
#include "media/loop_pool.h"
#include "media/stats.h"
#include "protocol/ortc/negotiation.h"
#include "protocol/ortc/rtp_parameters.h"

namespace sluice::media {

class Consumer;
class Transport;
struct RtpStreamDump;

class Producer : public std::enable_shared_from_this<Producer> {
 public:
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  [[nodiscard]] ortc::MediaKind kind() const { return kind_; }
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] ortc::StreamType type() const { return type_; }
  [[nodiscard]] const ortc::RtpParameters& rtp_parameters() const { return rtp_parameters_; }
  [[nodiscard]] const ortc::RtpParameters& consumable_rtp_parameters() const { return consumable_; }
  [[nodiscard]] const std::vector<ProducerScore>& score() const { return score_; }

  /// Open ones, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<Consumer>> consumers() const;

  /// Media is still received and counted, but no longer forwarded. Idempotent. Error: closed.
  Result<void> pause();
  /// Forwards again, from a key frame on. Idempotent. Error: closed.
  Result<void> resume();
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
  /// Idempotent. Its consumers close too.
  void close();

  Signal<const std::vector<ProducerScore>&> on_score;
  Signal<VideoOrientation> on_video_orientation;
  Signal<> on_pause;
  Signal<> on_resume;
  Signal<const TraceEvent&> on_trace;
  /// The transport was closed; `on_close` follows.
  Signal<> on_transport_close;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 private:
  friend class Transport;
  friend class Consumer;
  friend class LoopPool;
  friend class RtpObserver;

  Producer() = default;
  void on_event(const ProducerEvent& event);
  [[nodiscard]] boost::json::object describe(const std::vector<RtpStreamDump>& streams) const;
  /// Ends the object here and on its loop; the caller tells the listeners.
  void end();
  void transport_closed();
  void close_consumers();
  Result<void> set_paused(bool paused);
  /// Consumers on one loop share one subscription there.
  void add_consumer(const std::shared_ptr<Consumer>& consumer, unsigned loop);
  void remove_consumer(const Consumer& consumer, unsigned loop);

  std::weak_ptr<Transport> transport_;
  std::string id_;
  uint64_t handle_ = 0;
  ortc::MediaKind kind_ = ortc::MediaKind::kAudio;
  bool closed_ = false;
  bool paused_ = false;
  TraceSet traces_;
  ortc::StreamType type_ = ortc::StreamType::kSimple;
  ortc::RtpParameters rtp_parameters_;
  ortc::RtpMapping mapping_;
  ortc::RtpParameters consumable_;
  std::vector<ProducerScore> score_;
  std::map<Handle, std::weak_ptr<Consumer>> consumers_;  ///< in order of creation
  std::unordered_map<unsigned, unsigned> consumers_by_loop_;
  unsigned loop_ = 0;
  LoopPool* loops_ = nullptr;
  uint64_t transport_handle_ = 0;
};

}  // namespace sluice::media
