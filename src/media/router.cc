#include "media/router.h"

#include "base/random.h"
#include "media/active_speaker_observer.h"
#include "media/audio_level_observer.h"
#include "media/data_producer.h"
#include "media/direct_transport.h"
#include "media/engine.h"
#include "media/loop_pool.h"
#include "media/pipe_transport.h"
#include "media/plain_transport.h"
#include "media/producer.h"
#include "media/webrtc_transport.h"
#include "protocol/ortc/consumer_parameters.h"
#include "protocol/ortc/router_capabilities.h"

namespace sluice::media {

Router::Router(Engine& engine, ortc::RtpCapabilities capabilities, unsigned home_loop)
    : engine_(engine),
      id_(random_uuid()),
      handle_(engine.loops().next_handle()),
      capabilities_(std::move(capabilities)),
      home_loop_(home_loop) {
  engine_.loops().router_added(home_loop_);
}

Router::~Router() = default;

template <class T, class... Options>
Result<std::shared_ptr<T>> Router::create_transport(const Options&... options) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  std::shared_ptr<T> transport(new T(shared_from_this(), engine_, place_transport()));
  if (auto started = transport->start(options...); !started) {
    return std::unexpected(started.error());
  }
  engine_.ids().add(transport->id(), ObjectKind::kTransport);
  transports_.emplace(transport->handle(), transport);
  on_new_transport.emit(transport);
  return transport;
}

Result<std::shared_ptr<WebRtcTransport>> Router::create_webrtc_transport(
    const WebRtcTransportOptions& options) {
  return create_transport<WebRtcTransport>(options);
}

Result<std::shared_ptr<PlainTransport>> Router::create_plain_transport(
    const PlainTransportOptions& options) {
  return create_transport<PlainTransport>(options);
}

Result<std::shared_ptr<PipeTransport>> Router::create_pipe_transport(
    const PipeTransportOptions& options) {
  return create_transport<PipeTransport>(options);
}

Result<std::shared_ptr<DirectTransport>> Router::create_direct_transport(
    const DirectTransportOptions& options) {
  return create_transport<DirectTransport>(options);
}

unsigned Router::place_transport() {
  // A small room pays nothing for sharing: it stays on one loop until it is worth spreading.
  if (transports_.size() < engine_.settings().transports_before_spread) {
    return home_loop_;
  }
  return engine_.loops().least_loaded();
}

template <class T, class Options>
Result<std::shared_ptr<T>> Router::create_observer(const Options& options) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  std::shared_ptr<T> observer(new T(shared_from_this(), engine_));
  if (auto started = observer->start(options); !started) {
    return std::unexpected(started.error());
  }
  engine_.ids().add(observer->id(), ObjectKind::kRtpObserver);
  observers_.emplace(static_cast<RtpObserver&>(*observer).handle_, observer);
  on_new_rtp_observer.emit(observer);
  return observer;
}

Result<std::shared_ptr<AudioLevelObserver>> Router::create_audio_level_observer(
    const audio::AudioLevelOptions& options) {
  return create_observer<AudioLevelObserver>(options);
}

Result<std::shared_ptr<ActiveSpeakerObserver>> Router::create_active_speaker_observer(
    const ActiveSpeakerOptions& options) {
  return create_observer<ActiveSpeakerObserver>(options);
}

bool Router::can_consume(const std::string& producer_id,
                         const ortc::RtpCapabilities& capabilities) const {
  const auto producer = find_producer(producer_id);
  return producer && ortc::can_consume(producer->consumable_rtp_parameters(), capabilities);
}

Result<void> Router::update_media_codecs(
    const std::vector<ortc::RtpCodecCapability>& media_codecs) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  auto capabilities = ortc::generate_router_rtp_capabilities(media_codecs);
  if (!capabilities) {
    return std::unexpected(capabilities.error());
  }
  capabilities_ = std::move(*capabilities);
  return {};
}

std::shared_ptr<Producer> Router::find_producer(const std::string& id) const {
  const auto found = producers_.find(id);
  return found == producers_.end() ? nullptr : found->second.lock();
}

std::shared_ptr<DataProducer> Router::find_data_producer(const std::string& id) const {
  const auto found = data_producers_.find(id);
  return found == data_producers_.end() ? nullptr : found->second.lock();
}

void Router::close() {
  if (closed_) {
    return;
  }
  const auto self = shared_from_this();
  end();
  on_close.emit();
}

void Router::engine_closed() {
  const auto self = shared_from_this();
  end();
  on_engine_close.emit();
  on_close.emit();
}

void Router::end() {
  closed_ = true;
  while (!transports_.empty()) {
    const auto transport = transports_.begin()->second;
    transport->router_closed();
  }
  while (!observers_.empty()) {
    const auto observer = observers_.begin()->second;
    observer->router_closed();
  }
  engine_.loops().router_removed(home_loop_);
  engine_.ids().remove(id_);
  engine_.routers_.erase(handle_);
}

Error Router::closed_error() const {
  return engine_.loops().closed_error("router " + id_);
}

}  // namespace sluice::media
