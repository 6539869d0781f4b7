#include "media/audio_level_observer.h"

#include "media/producer.h"

namespace sluice::media {

Result<void> AudioLevelObserver::start(const audio::AudioLevelOptions& options) {
  const auto valid = audio::validate(options);
  if (!valid) {
    return std::unexpected(valid.error());
  }
  RtpObserver::start({.interval = valid->interval, .levels = *valid});
  return {};
}

void AudioLevelObserver::on_event(const ObserverEvent& event) {
  if (const auto* measured = std::get_if<VolumesMeasured>(&event)) {
    std::vector<Volume> volumes;
    for (const audio::Volume& entry : measured->volumes) {
      // One that was removed meanwhile is nobody's concern any more.
      if (auto producer = find(entry.producer)) {
        volumes.push_back({.producer = std::move(producer), .volume = entry.volume});
      }
    }
    if (!volumes.empty()) {
      on_volumes.emit(volumes);
    }
  } else if (std::holds_alternative<SilenceBegan>(event)) {
    on_silence.emit();
  }
}

}  // namespace sluice::media
