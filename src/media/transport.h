// A transport as the control thread sees it, of whatever kind: its producers and consumers, limits,
// statistics and how it ends (ortc-model 1.6, 1.16). What the kinds differ in, i.e. how they reach
// their other end, is in the derived classes; the counterpart on the loop is LoopTransport.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/events.h"
#include "media/loop_pool.h"
#include "media/settings.h"
#include "media/stats.h"
#include "protocol/ortc/negotiation.h"
#include "protocol/ortc/rtp_id_registry.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/sctp_parameters.h"
#include "protocol/sctp/options.h"

namespace sluice::media {

class Consumer;
class DataConsumer;
class DataProducer;
class Engine;
class Producer;
class Router;
struct TransportDump;

struct ProduceOptions {
  ortc::MediaKind kind = ortc::MediaKind::kAudio;
  ortc::RtpParameters rtp_parameters;
  bool paused = false;
  /// Least time between key-frame requests upstream, ms.
  uint32_t key_frame_request_delay = 0;
  /// Own id (a UUID when empty).
  std::string id;
};

struct ConsumeOptions {
  std::string producer_id;
  ortc::RtpCapabilities rtp_capabilities;
  bool paused = false;
  /// Empty: the transport's next number.
  std::string mid;
  /// Retransmission through RTX; nothing: yes for video, no for audio.
  std::optional<bool> enable_rtx;
  /// Drop Opus packets that only mark silence.
  bool ignore_dtx = false;
  /// Send all streams of the producer, with all their layers.
  bool pipe = false;
  /// Simulcast and SVC: layers to get at most; nothing: all.
  std::optional<ortc::LayersRequest> preferred_layers;
};

struct ProduceDataOptions {
  /// What to receive on; not for direct transports, which ignore it.
  std::optional<ortc::SctpStreamParameters> sctp_stream_parameters;
  std::string label;
  std::string protocol;
  bool paused = false;
  /// Own id (a UUID when empty).
  std::string id;
};

struct ConsumeDataOptions {
  std::string data_producer_id;
  /// Instead of the data producer's own reliability; not for direct transports.
  ortc::SctpStreamOverrides reliability{};
  bool paused = false;
  /// Count modulo 65536.
  std::vector<int64_t> subchannels{};
};

class Transport : public std::enable_shared_from_this<Transport> {
 public:
  virtual ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  [[nodiscard]] TransportType type() const { return type_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  /// The loop it lives on.
  [[nodiscard]] unsigned loop() const { return loop_; }

  Result<std::shared_ptr<Producer>> produce(const ProduceOptions& options);
  Result<std::shared_ptr<Consumer>> consume(const ConsumeOptions& options);
  /// Errors: TypeError for missing or impossible stream parameters and for an id in use here; Error
  /// without SCTP, for a stream that has a data producer, and for an id in use elsewhere.
  Result<std::shared_ptr<DataProducer>> produce_data(const ProduceDataOptions& options);
  /// Errors: TypeError without SCTP, without an id, and for both lifetimes; Error for an unknown
  /// data producer and when no stream id is free.
  Result<std::shared_ptr<DataConsumer>> consume_data(const ConsumeDataOptions& options);

  /// What the peer needs to know; nothing without SCTP.
  [[nodiscard]] const std::optional<ortc::SctpParameters>& sctp_parameters() const {
    return sctp_parameters_;
  }
  /// Nothing without SCTP.
  [[nodiscard]] std::optional<SctpState> sctp_state() const { return sctp_state_; }

  // Limits in bit/s; 0 takes one away. Errors: TypeError for outgoing limits below
  // BitrateLimits::kLeastOutgoing, or when the minimum would be above the maximum.
  Result<void> set_max_incoming_bitrate(BitRate limit);
  Result<void> set_max_outgoing_bitrate(BitRate limit);
  Result<void> set_min_outgoing_bitrate(BitRate limit);
  [[nodiscard]] const BitrateLimits& bitrate_limits() const { return bitrate_limits_; }

  // Open ones, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<Producer>> producers() const;
  [[nodiscard]] std::vector<std::shared_ptr<Consumer>> consumers() const;
  [[nodiscard]] std::vector<std::shared_ptr<DataProducer>> data_producers() const;
  [[nodiscard]] std::vector<std::shared_ptr<DataConsumer>> data_consumers() const;

  void get_stats(Reply<TransportStats> reply);
  /// Its inside, for diagnosis and tests (dump.h).
  void dump(Reply<boost::json::object> reply);
  /// Tells the events of these types, and no others, through `on_trace`; names that mean nothing
  /// here are ignored. Error: closed.
  Result<void> enable_trace_event(const std::vector<std::string>& types = {});
  [[nodiscard]] TraceSet traces() const { return traces_; }

  /// Closes its producers, consumers, data producers and data consumers first; those are told why.
  /// Idempotent.
  void close();

  Signal<const TraceEvent&> on_trace;
  Signal<const std::shared_ptr<Producer>&> on_new_producer;
  Signal<const std::shared_ptr<Consumer>&> on_new_consumer;
  Signal<const std::shared_ptr<DataProducer>&> on_new_data_producer;
  Signal<const std::shared_ptr<DataConsumer>&> on_new_data_consumer;
  Signal<SctpState> on_sctp_state;
  /// The router was closed; `on_close` follows.
  Signal<> on_router_close;
  /// Its SRTP keys have protected as many packets as they may; `on_close` follows.
  Signal<> on_keys_exhausted;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 protected:
  Transport(TransportType type, const std::shared_ptr<Router>& router, Engine& engine,
            unsigned loop);

  [[nodiscard]] LoopPool& loops() const { return loops_; }
  [[nodiscard]] Handle handle() const { return handle_; }
  /// Checks and takes the options; before the first command. Returns those of the association.
  /// `data_channels`: the peer's streams are in pairs that end together. Errors: TypeError.
  Result<sctp::Options> enable_sctp(const SctpOptions& options, bool data_channels);
  /// Of data channels, in bytes; that of SCTP unless set.
  void set_max_message_size(uint32_t bytes) { max_message_size_ = bytes; }
  /// Enters it among what the loop has and what gets the loop's events; before the first command.
  void enter_loop();
  /// What its loop tells it. A kind takes its own events and leaves the rest to this.
  virtual void on_event(const TransportEvent& event);
  /// It has closed: the kind's own states follow. Emits nothing.
  virtual void on_ended() {}
  /// The open consumer that has this counterpart on the loop, if it is here.
  [[nodiscard]] std::shared_ptr<Consumer> find_consumer(Handle handle) const;
  /// What a consumer is made of here.
  virtual Result<ortc::NegotiatedConsumer> negotiate(const Producer& producer,
                                                     const ConsumeOptions& options,
                                                     ortc::SsrcAllocator& ssrcs);
  /// The CNAME that its producers share; null when each keeps its own.
  virtual ortc::CnamePolicy* cname() { return &cname_; }
  /// Adds what the control thread knows to what the loop counted.
  virtual void add_stats(TransportStats& stats) const;
  /// Adds what only this kind has to a dump.
  virtual void describe(boost::json::object& out) const = 0;
  virtual Result<void> set_bitrate_limits(const BitrateLimits& limits);

 private:
  friend class Router;
  friend class Producer;
  friend class Consumer;
  friend class DataProducer;
  friend class DataConsumer;
  friend class LoopPool;

  /// What has to close once the transport has.
  struct Orphans {
    std::vector<std::shared_ptr<Producer>> producers;
    std::vector<std::shared_ptr<DataProducer>> data_producers;
  };

  void forget_producer(const Producer& producer);
  void forget_consumer(const Consumer& consumer);
  void forget_data_producer(const DataProducer& producer);
  void forget_data_consumer(const DataConsumer& consumer);
  [[nodiscard]] Result<void> check_data_stream(
      const std::optional<ortc::SctpStreamParameters>& stream) const;
  /// Nothing for a direct transport.
  Result<std::optional<ortc::SctpStreamParameters>> allocate_stream(
      const DataProducer& producer, const ConsumeDataOptions& options);
  [[nodiscard]] boost::json::object describe(const TransportDump& dump) const;
  void router_closed();
  /// Closes what it has and leaves the router; the caller tells the listeners. Returns the
  /// producers it had: their consumers on other transports are not closed yet.
  Orphans end();

  TransportType type_;
  std::weak_ptr<Router> router_;
  Engine& engine_;
  LoopPool& loops_;
  std::string id_;
  Handle handle_ = 0;
  unsigned loop_;
  bool closed_ = false;
  BitrateLimits bitrate_limits_;
  TraceSet traces_;
  ortc::MidAllocator mids_;
  ortc::CnamePolicy cname_;
  ortc::RtpIdRegistry rtp_ids_;
  std::optional<ortc::SctpParameters> sctp_parameters_;
  std::optional<SctpState> sctp_state_;
  std::optional<ortc::SctpStreamIdAllocator> stream_ids_;
  uint32_t max_message_size_ = SctpOptions{}.max_message_size;
  // Open ones, in order of creation.
  std::map<Handle, std::shared_ptr<Producer>> producers_;
  std::map<Handle, std::shared_ptr<Consumer>> consumers_;
  std::map<Handle, std::shared_ptr<DataProducer>> data_producers_;
  std::map<Handle, std::shared_ptr<DataConsumer>> data_consumers_;
};

}  // namespace sluice::media
