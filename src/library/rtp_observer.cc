#include "sluice/rtp_observer.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/active_speaker_observer.h"
#include "media/audio_level_observer.h"
#include "media/producer.h"
#include "sluice/active_speaker_observer.h"
#include "sluice/audio_level_observer.h"

namespace sluice {

ObserverType RtpObserver::type() const {
  return same<ObserverType>(object_of(*this).kind());
}

const std::string& RtpObserver::id() const {
  return object_of(*this).id();
}

bool RtpObserver::closed() const {
  return object_of(*this).closed();
}

bool RtpObserver::paused() const {
  return object_of(*this).paused();
}

std::vector<Producer> RtpObserver::producers() const {
  return handles_of<Producer>(object_of(*this).producers(), *this);
}

Result<void> RtpObserver::pause() const {
  return request(*this, [](media::RtpObserver& observer) { return observer.pause(); });
}

Result<void> RtpObserver::resume() const {
  return request(*this, [](media::RtpObserver& observer) { return observer.resume(); });
}

Result<void> RtpObserver::add_producer(const std::string& producer_id) const {
  return request(*this,
                 [&](media::RtpObserver& observer) { return observer.add_producer(producer_id); });
}

Result<void> RtpObserver::remove_producer(const std::string& producer_id) const {
  return request(
      *this, [&](media::RtpObserver& observer) { return observer.remove_producer(producer_id); });
}

void RtpObserver::close() const {
  object_of(*this).close();
}

Connection RtpObserver::on_pause(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_pause, std::move(listener));
}

Connection RtpObserver::on_resume(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_resume, std::move(listener));
}

Connection RtpObserver::on_add_producer(std::function<void(const Producer&)> listener) const {
  return listen_for(*this, object_of(*this).on_add_producer, std::move(listener));
}

Connection RtpObserver::on_remove_producer(std::function<void(const Producer&)> listener) const {
  return listen_for(*this, object_of(*this).on_remove_producer, std::move(listener));
}

Connection RtpObserver::on_router_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_router_close, std::move(listener));
}

Connection RtpObserver::on_close(std::function<void()> listener) const {
  return listen(*this, object_of(*this).on_close, std::move(listener));
}

AudioLevelObserver::AudioLevelObserver(const RtpObserver& observer)
    : RtpObserver(observer && observer.type() == ObserverType::kAudioLevel ? observer
                                                                           : RtpObserver()) {}

Connection AudioLevelObserver::on_volumes(
    std::function<void(const std::vector<Volume>&)> listener) const {
  return listen(*this, object_as<media::AudioLevelObserver>(*this).on_volumes,
                [life = std::weak_ptr(Access::life(*this)), listener = std::move(listener)](
                    const std::vector<media::AudioLevelObserver::Volume>& volumes) {
                  std::vector<Volume> loudest;
                  for (const auto& [producer, volume] : volumes) {
                    loudest.push_back({.producer = Access::make<Producer>(producer, life.lock()),
                                       .volume = volume});
                  }
                  listener(loudest);
                });
}

Connection AudioLevelObserver::on_silence(std::function<void()> listener) const {
  return listen(*this, object_as<media::AudioLevelObserver>(*this).on_silence, std::move(listener));
}

ActiveSpeakerObserver::ActiveSpeakerObserver(const RtpObserver& observer)
    : RtpObserver(observer && observer.type() == ObserverType::kActiveSpeaker ? observer
                                                                              : RtpObserver()) {}

Connection ActiveSpeakerObserver::on_dominant_speaker(
    std::function<void(const Producer&)> listener) const {
  return listen_for(*this, object_as<media::ActiveSpeakerObserver>(*this).on_dominant_speaker,
                    std::move(listener));
}

}  // namespace sluice
