// A router: transports whose producers and consumers can meet.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>

#include "sluice/active_speaker_observer.h"
#include "sluice/audio_level_observer.h"
#include "sluice/consumer.h"
#include "sluice/data_consumer.h"
#include "sluice/data_producer.h"
#include "sluice/direct_transport.h"
#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/options.h"
#include "sluice/pipe_transport.h"
#include "sluice/plain_transport.h"
#include "sluice/producer.h"
#include "sluice/rtp_observer.h"
#include "sluice/transport.h"
#include "sluice/webrtc_transport.h"

namespace sluice {

struct PipeOptions;
struct PipedProducer;

class Router : public Handle<media::Router> {
 public:
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] bool closed() const;
  /// RtpCapabilities: what a client's device is loaded with.
  [[nodiscard]] boost::json::value rtp_capabilities() const;

  // The router owns what it makes until that is closed or it closes itself. Errors besides those
  // that are named: router closed.

  /// Error: TypeError when the options leave no candidate.
  [[nodiscard]] Result<WebRtcTransport> create_webrtc_transport(
      const WebRtcTransportOptions& options = {}) const;
  /// Errors: TypeError for where it is to listen; Error when that cannot be bound.
  [[nodiscard]] Result<PlainTransport> create_plain_transport(
      const PlainTransportOptions& options) const;
  /// Errors as for plain transports.
  [[nodiscard]] Result<PipeTransport> create_pipe_transport(
      const PipeTransportOptions& options) const;
  [[nodiscard]] Result<DirectTransport> create_direct_transport(
      const DirectTransportOptions& options = {}) const;

  /// Error: TypeError for options out of range.
  [[nodiscard]] Result<AudioLevelObserver> create_audio_level_observer(
      const AudioLevelOptions& options = {}) const;
  [[nodiscard]] Result<ActiveSpeakerObserver> create_active_speaker_observer(
      const ActiveSpeakerOptions& options = {}) const;

  /// Makes a producer or data producer of this router one of another router as well, of this engine
  /// or of another one in the program, through a pair of pipe transports that all pipes between the
  /// two share. Pauses and the end of a producer pass on. Messages of a data producer reach the
  /// other router once SCTP of the pair is connected; those for subchannels stay here. Errors:
  /// TypeError for arguments that are missing or wrong, for data when the pair has no SCTP, and
  /// when the pair has a producer of that id already; Error when the other engine has an object of
  /// that id, or ports cannot be bound; UnsupportedError when the other router lacks the codec.
  [[nodiscard]] Result<PipedProducer> pipe_to_router(const PipeOptions& options) const;

  /// Whether an endpoint with these RtpCapabilities can receive the producer; false also for
  /// unknown producers and malformed capabilities.
  [[nodiscard]] bool can_consume(const std::string& producer_id,
                                 const boost::json::value& rtp_capabilities) const;

  /// Announces the capabilities of other codecs from now on; objects that exist stay as they are.
  /// Errors as for a new router, which leave the capabilities as they were.
  Result<void> update_media_codecs(const boost::json::value& media_codecs) const;

  /// A handle that refers to nothing when there is none of that id.
  [[nodiscard]] Producer find_producer(const std::string& id) const;
  [[nodiscard]] DataProducer find_data_producer(const std::string& id) const;

  /// Its objects and how they belong together, as mediasoup's `router.dump()`. Error: closed.
  [[nodiscard]] Result<boost::json::object> dump() const;

  /// Closes every transport and observer. Idempotent.
  void close() const;

  Connection on_new_transport(std::function<void(const Transport&)> listener) const;
  Connection on_new_rtp_observer(std::function<void(const RtpObserver&)> listener) const;
  /// The engine was closed; `on_close` follows.
  Connection on_engine_close(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

/// What to pipe, and where to.
struct PipeOptions {
  // One of them.
  std::string producer_id{};
  std::string data_producer_id{};
  Router router{};
  /// The producer there gets the same id, which takes another engine; else one of its own.
  bool keep_id = true;
  // For the pair of transports, when there is none yet.
  ListenInfo listen{.ip = "127.0.0.1"};
  bool enable_rtx = false;
  bool enable_srtp = false;
  /// Nothing: the pair takes no data producers.
  std::optional<SctpOptions> sctp = SctpOptions::for_pipe();
};

/// The two ends of a pipe, of media or of data: a consumer at the source, and a producer in the
/// other router. The others refer to nothing.
struct PipedProducer {
  Consumer consumer{};
  Producer producer{};
  DataConsumer data_consumer{};
  DataProducer data_producer{};
};

}  // namespace sluice
