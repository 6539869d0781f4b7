// Tells which of its audio producers dominates the conversation.
#pragma once

#include <functional>

#include "sluice/event.h"
#include "sluice/producer.h"
#include "sluice/rtp_observer.h"

namespace sluice {

class ActiveSpeakerObserver : public RtpObserver {
 public:
  ActiveSpeakerObserver() = default;
  /// The observer as what it is; refers to nothing when it is of another kind.
  explicit ActiveSpeakerObserver(const RtpObserver& observer);

  /// Another producer dominates than before.
  Connection on_dominant_speaker(std::function<void(const Producer&)> listener) const;
};

}  // namespace sluice
