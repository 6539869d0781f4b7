// Tells how loud the loudest audio producers are (ortc-model 1.15, media-plane 11.1), from the
// audio levels that their senders put into packets (RFC 6464).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "media/rtp_observer.h"
#include "protocol/audio/volume_ranking.h"

namespace sluice::media {

class AudioLevelObserver final : public RtpObserver {
 public:
  struct Volume {
    std::shared_ptr<Producer> producer;
    int8_t volume = -127;  ///< mean over the interval, dBov, -127 to 0
  };

  /// At the end of each interval in which somebody was loud enough: the loudest ones, loudest
  /// first.
  Signal<const std::vector<Volume>&> on_volumes;
  /// Nobody is any longer, or the observer was paused: once after `on_volumes`.
  Signal<> on_silence;

 private:
  friend class Router;

  AudioLevelObserver(const std::shared_ptr<Router>& router, Engine& engine)
      : RtpObserver(ObserverKind::kAudioLevel, router, engine) {}
  /// Error: TypeError for options out of range.
  Result<void> start(const audio::AudioLevelOptions& options);
  void on_event(const ObserverEvent& event) override;
};

}  // namespace sluice::media
