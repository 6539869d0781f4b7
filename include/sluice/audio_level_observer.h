// Tells how loud the loudest audio producers are, from the levels that their senders put into
// packets (RFC 6464).
#pragma once

#include <functional>
#include <vector>

#include "sluice/event.h"
#include "sluice/producer.h"
#include "sluice/rtp_observer.h"

namespace sluice {

class AudioLevelObserver : public RtpObserver {
 public:
  struct Volume {
    Producer producer;
    int volume = -127;  ///< mean over the interval, dBov, -127 to 0
  };

  AudioLevelObserver() = default;
  /// The observer as what it is; refers to nothing when it is of another kind.
  explicit AudioLevelObserver(const RtpObserver& observer);

  /// At the end of each interval in which somebody was loud enough: the loudest ones, loudest
  /// first.
  Connection on_volumes(std::function<void(const std::vector<Volume>&)> listener) const;
  /// Nobody is any longer, or the observer was paused: once after `on_volumes`.
  Connection on_silence(std::function<void()> listener) const;
};

}  // namespace sluice
