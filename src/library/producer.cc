#include "sluice/producer.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/consumer.h"
#include "media/producer.h"
#include "protocol/ortc/json.h"
#include "sluice/consumer.h"

namespace sluice {

const std::string& Producer::id() const {
  return object_of(*this).id();
}

bool Producer::closed() const {
  return object_of(*this).closed();
}

MediaKind Producer::kind() const {
  return same<MediaKind>(object_of(*this).kind());
}

StreamType Producer::type() const {
  return same<StreamType>(object_of(*this).type());
}

bool Producer::paused() const {
  return object_of(*this).paused();
}

boost::json::value Producer::rtp_parameters() const {
  return ortc::to_json(object_of(*this).rtp_parameters());
}

boost::json::value Producer::consumable_rtp_parameters() const {
  return ortc::to_json(object_of(*this).consumable_rtp_parameters());
}

std::vector<ProducerScore> Producer::score() const {
  return to_public(object_of(*this).score());
}

std::vector<Consumer> Producer::consumers() const {
  return handles_of<Consumer>(object_of(*this).consumers(), *this);
}

Result<void> Producer::pause() const {
  return request(*this, [](media::Producer& producer) { return producer.pause(); });
}

Result<void> Producer::resume() const {
  return request(*this, [](media::Producer& producer) { return producer.resume(); });
}

Result<void> Producer::send(Bytes rtp_packet) const {
  return request(*this, [&](media::Producer& producer) { return producer.send(rtp_packet); });
}

void Producer::get_stats(Reply<boost::json::array> reply) const {
  ask(*this, std::move(reply), [](media::Producer& producer, auto answer) {
    producer.get_stats(entries<media::RtpStreamStats>(std::move(answer)));
  });
}

void Producer::dump(Reply<boost::json::object> reply) const {
  ask(*this, std::move(reply),
      [](media::Producer& producer, auto answer) { producer.dump(std::move(answer)); });
}

Result<void> Producer::enable_trace_event(const std::vector<std::string>& types) const {
  return request(*this,
                 [&](media::Producer& producer) { return producer.enable_trace_event(types); });
}

void Producer::close() const {
  object_of(*this).close();
}

Connection Producer::on_score(
    std::function<void(const std::vector<ProducerScore>&)> listener) const {
  return listen(*this, object_of(*this).on_score,
                [listener = std::move(listener)](const std::vector<media::ProducerScore>& score) {
                  listener(to_public(score));
                });
}

Connection Producer::on_video_orientation(
    std::function<void(const VideoOrientation&)> listener) const {
  return listen(*this, object_of(*this).on_video_orientation,
                [listener = std::move(listener)](const media::VideoOrientation& orientation) {
                  listener(to_public(orientation));
                });
}

Connection Producer::on_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_pause, std::move(listener));
}

Connection Producer::on_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_resume, std::move(listener));
}

Connection Producer::on_trace(std::function<void(const boost::json::object&)> listener) const {
  return listen(*this, object_of(*this).on_trace,
                [listener = std::move(listener)](const media::TraceEvent& event) {
                  listener(to_json(event));
                });
}

Connection Producer::on_transport_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_transport_close, std::move(listener));
}

Connection Producer::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

}  // namespace sluice
