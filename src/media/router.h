// A router: transports whose producers and consumers can meet (ortc-model 1.5).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/settings.h"
#include "protocol/audio/volume_ranking.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/ssrc_allocator.h"

namespace sluice::media {

class ActiveSpeakerObserver;
class AudioLevelObserver;
class Consumer;
class DataConsumer;
class DataProducer;
class DirectTransport;
class Engine;
class PipeTransport;
class PlainTransport;
class Producer;
class Router;
class RtpObserver;
class Transport;
class WebRtcTransport;

/// What to pipe, and where to.
struct PipeOptions {
  // One of them.
  std::string producer_id;
  std::string data_producer_id;
  std::shared_ptr<Router> router;
  /// The producer there gets the same id, which takes another engine; else one of its own.
  bool keep_id = true;
  // For the pair of transports, when there is none yet.
  TransportListenInfo listen = TransportListenInfo::on("127.0.0.1");
  bool enable_rtx = false;
  bool enable_srtp = false;
  /// Nothing: the pair takes no data producers.
  std::optional<SctpOptions> sctp = SctpOptions::for_pipe();
};

/// The two ends of a piped producer, of media or of data: a consumer at the source, and a producer
/// in the other router.
struct PipedProducer {
  std::shared_ptr<Consumer> consumer{};
  std::shared_ptr<Producer> producer{};
  std::shared_ptr<DataConsumer> data_consumer{};
  std::shared_ptr<DataProducer> data_producer{};
};

class Router : public std::enable_shared_from_this<Router> {
 public:
  Router(Engine& engine, ortc::RtpCapabilities capabilities, unsigned home_loop);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  [[nodiscard]] unsigned home_loop() const { return home_loop_; }
  [[nodiscard]] const ortc::RtpCapabilities& rtp_capabilities() const { return capabilities_; }

  /// The router owns it until it closes. Errors: no candidate left after the filters (TypeError),
  /// router closed.
  Result<std::shared_ptr<WebRtcTransport>> create_webrtc_transport(
      const WebRtcTransportOptions& options);

  /// The same for one of RTP over UDP. Errors: TypeError for where it is to listen; an address or
  /// port that cannot be bound; router closed.
  Result<std::shared_ptr<PlainTransport>> create_plain_transport(
      const PlainTransportOptions& options);

  /// The same for one end of a pipe to another router, of another host or engine in particular.
  /// Errors as for plain transports.
  Result<std::shared_ptr<PipeTransport>> create_pipe_transport(const PipeTransportOptions& options);

  /// The same for one whose other end is the application. Error: router closed.
  Result<std::shared_ptr<DirectTransport>> create_direct_transport(
      const DirectTransportOptions& options = {});

  /// Makes a producer or data producer of this router one of another router as well, through a pair
  /// of pipe transports that all pipes between the two share, in both directions. Pauses and the
  /// end of the producer pass on. Messages of a data producer reach the other router once SCTP of
  /// the pair is connected; those for subchannels stay here, as SCTP does not carry the numbers.
  /// Both routers are used on the same thread. Errors: TypeError for arguments that are missing or
  /// wrong, for data when the pair has no SCTP, and when the pair has a producer of that id
  /// already; Error when the other engine has an object of that id, or ports cannot be bound;
  /// UnsupportedError when the other router lacks the codec.
  Result<PipedProducer> pipe_to_router(const PipeOptions& options);

  // Observers of audio producers; they too are the router's. Errors: TypeError for options out of
  // range; router closed.
  Result<std::shared_ptr<AudioLevelObserver>> create_audio_level_observer(
      const audio::AudioLevelOptions& options = {});
  Result<std::shared_ptr<ActiveSpeakerObserver>> create_active_speaker_observer(
      const ActiveSpeakerOptions& options = {});

  /// Whether an endpoint with these capabilities can receive the producer; false for unknown ones.
  [[nodiscard]] bool can_consume(const std::string& producer_id,
                                 const ortc::RtpCapabilities& capabilities) const;

  /// Announces the capabilities of other codecs from now on; objects that exist stay as they are.
  /// Errors as for a new router, which leave the capabilities as they were.
  Result<void> update_media_codecs(const std::vector<ortc::RtpCodecCapability>& media_codecs);

  [[nodiscard]] std::shared_ptr<Producer> find_producer(const std::string& id) const;
  [[nodiscard]] std::shared_ptr<DataProducer> find_data_producer(const std::string& id) const;
  /// Its objects and how they belong together, for diagnosis and tests (dump.h). Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;
  [[nodiscard]] size_t transport_count() const { return transports_.size(); }

  /// Closes every transport and observer, each with the reason "router closed". Idempotent.
  void close();

  Signal<const std::shared_ptr<Transport>&> on_new_transport;
  Signal<const std::shared_ptr<RtpObserver>&> on_new_rtp_observer;
  /// The engine was closed; `on_close` follows.
  Signal<> on_engine_close;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 private:
  friend class Engine;
  friend class RtpObserver;
  friend class Transport;
  /// Makes a transport of kind T, which has its own way to start.
  template <class T, class... Options>
  Result<std::shared_ptr<T>> create_transport(const Options&... options);
  template <class T, class Options>
  Result<std::shared_ptr<T>> create_observer(const Options& options);
  unsigned place_transport();
  /// The two ends of a pipe between this router and another.
  struct Pipe {
    std::shared_ptr<PipeTransport> local, remote;
  };
  /// The pipe to that router, made if there is none.
  Result<Pipe> pipe_with(Router& other, const PipeOptions& options);
  void engine_closed();
  /// Closes what it has and leaves the engine; the caller tells the listeners.
  void end();

  Engine& engine_;
  std::string id_;
  uint64_t handle_;
  ortc::RtpCapabilities capabilities_;
  unsigned home_loop_;
  bool closed_ = false;
  ortc::SsrcAllocator ssrcs_;
  std::map<uint64_t, std::shared_ptr<Transport>> transports_;   ///< in order of creation
  std::map<uint64_t, std::shared_ptr<RtpObserver>> observers_;  ///< in order of creation
  std::unordered_map<std::string, std::weak_ptr<Producer>> producers_;
  std::unordered_map<std::string, Pipe> pipes_;  ///< by the other router's id
  std::unordered_map<std::string, std::weak_ptr<DataProducer>> data_producers_;
};

}  // namespace sluice::media
