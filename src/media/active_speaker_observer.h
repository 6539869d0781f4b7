// Tells which of its audio producers dominates the conversation (ortc-model 1.15, media-plane
// 11.2).
#pragma once

#include <memory>

#include "media/rtp_observer.h"
#include "media/settings.h"

namespace sluice::media {

class ActiveSpeakerObserver final : public RtpObserver {
 public:
  /// Another producer dominates than before.
  Signal<const std::shared_ptr<Producer>&> on_dominant_speaker;

 private:
  friend class Router;

  ActiveSpeakerObserver(const std::shared_ptr<Router>& router, Engine& engine)
      : RtpObserver(ObserverKind::kActiveSpeaker, router, engine) {}
  Result<void> start(const ActiveSpeakerOptions& options);
  void on_event(const ObserverEvent& event) override;
};

}  // namespace sluice::media
