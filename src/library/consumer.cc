#include "sluice/consumer.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/consumer.h"
#include "protocol/ortc/json.h"

namespace sluice {

boost::json::object Consumer::client_parameters() const {
  const media::Consumer& consumer = object_of(*this);
  return {{"id", consumer.id()},
          {"producerId", consumer.producer_id()},
          {"kind", ortc::to_text(consumer.kind())},
          {"rtpParameters", ortc::to_json(consumer.rtp_parameters())},
          {"type", ortc::to_text(consumer.type())},
          {"producerPaused", consumer.producer_paused()}};
}

const std::string& Consumer::id() const {
  return object_of(*this).id();
}

const std::string& Consumer::producer_id() const {
  return object_of(*this).producer_id();
}

bool Consumer::closed() const {
  return object_of(*this).closed();
}

MediaKind Consumer::kind() const {
  return same<MediaKind>(object_of(*this).kind());
}

StreamType Consumer::type() const {
  return same<StreamType>(object_of(*this).type());
}

boost::json::value Consumer::rtp_parameters() const {
  return ortc::to_json(object_of(*this).rtp_parameters());
}

bool Consumer::paused() const {
  return object_of(*this).paused();
}

bool Consumer::producer_paused() const {
  return object_of(*this).producer_paused();
}

ConsumerScore Consumer::score() const {
  return to_public(object_of(*this).score());
}

uint8_t Consumer::priority() const {
  return object_of(*this).priority();
}

std::optional<Layers> Consumer::preferred_layers() const {
  return to_public(object_of(*this).preferred_layers());
}

std::optional<Layers> Consumer::current_layers() const {
  return to_public(object_of(*this).current_layers());
}

Result<void> Consumer::pause() const {
  return request(*this, [](media::Consumer& consumer) { return consumer.pause(); });
}

Result<void> Consumer::resume() const {
  return request(*this, [](media::Consumer& consumer) { return consumer.resume(); });
}

Result<void> Consumer::set_preferred_layers(const LayersRequest& layers) const {
  return request(*this, [&](media::Consumer& consumer) {
    return consumer.set_preferred_layers({.spatial = layers.spatial, .temporal = layers.temporal});
  });
}

Result<void> Consumer::set_priority(int priority) const {
  return request(*this, [&](media::Consumer& consumer) { return consumer.set_priority(priority); });
}

Result<void> Consumer::unset_priority() const {
  return request(*this, [](media::Consumer& consumer) { return consumer.unset_priority(); });
}

Result<void> Consumer::request_key_frame() const {
  return request(*this, [](media::Consumer& consumer) { return consumer.request_key_frame(); });
}

void Consumer::get_stats(Reply<boost::json::array> reply) const {
  ask(*this, std::move(reply), [](media::Consumer& consumer, auto answer) {
    consumer.get_stats(entries<media::RtpStreamStats>(std::move(answer)));
  });
}

void Consumer::dump(Reply<boost::json::object> reply) const {
  ask(*this, std::move(reply),
      [](media::Consumer& consumer, auto answer) { consumer.dump(std::move(answer)); });
}

Result<void> Consumer::enable_trace_event(const std::vector<std::string>& types) const {
  return request(*this,
                 [&](media::Consumer& consumer) { return consumer.enable_trace_event(types); });
}

void Consumer::close() const {
  object_of(*this).close();
}

Connection Consumer::on_score(std::function<void(const ConsumerScore&)> listener) const {
  return listen(*this, object_of(*this).on_score,
                [listener = std::move(listener)](const media::ConsumerScore& score) {
                  listener(to_public(score));
                });
}

Connection Consumer::on_layers_change(
    std::function<void(const std::optional<Layers>&)> listener) const {
  return listen(*this, object_of(*this).on_layers_change,
                [listener = std::move(listener)](const std::optional<ortc::Layers>& layers) {
                  listener(to_public(layers));
                });
}

Connection Consumer::on_producer_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_producer_pause, std::move(listener));
}

Connection Consumer::on_producer_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_producer_resume, std::move(listener));
}

Connection Consumer::on_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_pause, std::move(listener));
}

Connection Consumer::on_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_resume, std::move(listener));
}

Connection Consumer::on_rtp(std::function<void(Bytes)> listener) const {
  return listen(*this, object_of(*this).on_rtp, std::move(listener));
}

Connection Consumer::on_trace(std::function<void(const boost::json::object&)> listener) const {
  return listen(*this, object_of(*this).on_trace,
                [listener = std::move(listener)](const media::TraceEvent& event) {
                  listener(to_json(event));
                });
}

Connection Consumer::on_producer_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_producer_close, std::move(listener));
}

Connection Consumer::on_transport_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_transport_close, std::move(listener));
}

Connection Consumer::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

}  // namespace sluice
