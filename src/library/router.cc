#include "sluice/router.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/active_speaker_observer.h"
#include "media/audio_level_observer.h"
#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/direct_transport.h"
#include "media/pipe_transport.h"
#include "media/plain_transport.h"
#include "media/producer.h"
#include "media/router.h"
#include "media/webrtc_transport.h"
#include "protocol/ortc/json.h"

namespace sluice {

const std::string& Router::id() const {
  return object_of(*this).id();
}

bool Router::closed() const {
  return object_of(*this).closed();
}

boost::json::value Router::rtp_capabilities() const {
  return ortc::to_json(object_of(*this).rtp_capabilities());
}

Result<WebRtcTransport> Router::create_webrtc_transport(
    const WebRtcTransportOptions& options) const {
  return request(*this, [&](media::Router& router) {
    return handle_of<WebRtcTransport>(router.create_webrtc_transport(to_media(options)), *this);
  });
}

Result<PlainTransport> Router::create_plain_transport(const PlainTransportOptions& options) const {
  return request(*this, [&](media::Router& router) {
    return handle_of<PlainTransport>(router.create_plain_transport(to_media(options)), *this);
  });
}

Result<PipeTransport> Router::create_pipe_transport(const PipeTransportOptions& options) const {
  return request(*this, [&](media::Router& router) {
    return handle_of<PipeTransport>(router.create_pipe_transport(to_media(options)), *this);
  });
}

Result<DirectTransport> Router::create_direct_transport(
    const DirectTransportOptions& options) const {
  return request(*this, [&](media::Router& router) {
    return handle_of<DirectTransport>(router.create_direct_transport(to_media(options)), *this);
  });
}

Result<AudioLevelObserver> Router::create_audio_level_observer(
    const AudioLevelOptions& options) const {
  return request(*this, [&](media::Router& router) {
    return handle_of<AudioLevelObserver>(router.create_audio_level_observer(to_media(options)),
                                         *this);
  });
}

Result<ActiveSpeakerObserver> Router::create_active_speaker_observer(
    const ActiveSpeakerOptions& options) const {
  return request(*this, [&](media::Router& router) {
    return handle_of<ActiveSpeakerObserver>(
        router.create_active_speaker_observer(to_media(options)), *this);
  });
}

Result<PipedProducer> Router::pipe_to_router(const PipeOptions& options) const {
  return request(*this, [&](media::Router& router) -> Result<PipedProducer> {
    if (options.router && !Access::life(options.router)->engine) {
      return engine_gone();
    }
    media::PipeOptions converted;
    converted.producer_id = options.producer_id;
    converted.data_producer_id = options.data_producer_id;
    converted.router = Access::object(options.router);
    converted.keep_id = options.keep_id;
    converted.listen = to_media(options.listen);
    converted.enable_rtx = options.enable_rtx;
    converted.enable_srtp = options.enable_srtp;
    converted.sctp = to_media(options.sctp);
    auto piped = router.pipe_to_router(converted);
    if (!piped) {
      return std::unexpected(std::move(piped.error()));
    }
    const auto& here = Access::life(*this);
    const auto& there = Access::life(options.router);
    return PipedProducer{
        .consumer = Access::make<Consumer>(std::move(piped->consumer), here),
        .producer = Access::make<Producer>(std::move(piped->producer), there),
        .data_consumer = Access::make<DataConsumer>(std::move(piped->data_consumer), here),
        .data_producer = Access::make<DataProducer>(std::move(piped->data_producer), there)};
  });
}

bool Router::can_consume(const std::string& producer_id,
                         const boost::json::value& rtp_capabilities) const {
  const auto capabilities = ortc::parse_rtp_capabilities(given(rtp_capabilities));
  return capabilities && object_of(*this).can_consume(producer_id, *capabilities);
}

Result<void> Router::update_media_codecs(const boost::json::value& media_codecs) const {
  return request(*this, [&](media::Router& router) -> Result<void> {
    const auto codecs = ortc::parse_media_codecs(given(media_codecs));
    if (!codecs) {
      return std::unexpected(codecs.error());
    }
    return router.update_media_codecs(*codecs);
  });
}

Producer Router::find_producer(const std::string& id) const {
  return Access::make<Producer>(object_of(*this).find_producer(id), Access::life(*this));
}

DataProducer Router::find_data_producer(const std::string& id) const {
  return Access::make<DataProducer>(object_of(*this).find_data_producer(id), Access::life(*this));
}

Result<boost::json::object> Router::dump() const {
  return request(*this, [](media::Router& router) { return router.dump(); });
}

void Router::close() const {
  object_of(*this).close();
}

Connection Router::on_new_transport(std::function<void(const Transport&)> listener) const {
  return listen_for(*this, object_of(*this).on_new_transport, std::move(listener));
}

Connection Router::on_new_rtp_observer(std::function<void(const RtpObserver&)> listener) const {
  return listen_for(*this, object_of(*this).on_new_rtp_observer, std::move(listener));
}

Connection Router::on_engine_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_engine_close, std::move(listener));
}

Connection Router::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

}  // namespace sluice
