#include "media/active_speaker_observer.h"

#include <algorithm>

#include "media/producer.h"

namespace sluice::media {
namespace {

constexpr Millis kMinInterval{100};
constexpr Millis kMaxInterval{5000};

}  // namespace

Result<void> ActiveSpeakerObserver::start(const ActiveSpeakerOptions& options) {
  ObserverSetup setup;
  setup.interval = std::clamp(options.interval, kMinInterval, kMaxInterval);
  RtpObserver::start(setup);
  return {};
}

void ActiveSpeakerObserver::on_event(const ObserverEvent& event) {
  if (const auto* changed = std::get_if<DominantSpeakerChanged>(&event)) {
    if (const auto producer = find(changed->producer)) {
      on_dominant_speaker.emit(producer);
    }
  }
}

}  // namespace sluice::media
