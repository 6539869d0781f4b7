// Decides who speaks, from the speech activity of all audio producers that an observer watches: the
// second half of dominant speaker identification (media-plane 11.2). Somebody else becomes dominant
// only by speaking clearly more on all three time scales, so a cough or a door does not switch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "protocol/audio/speaker_activity.h"

namespace sluice::audio {

/// One speaker at the end of an interval.
struct SpeakerState {
  uint64_t producer = 0;
  bool paused = false;
  ActivityScores scores;
};

class DominantSpeaker {
 public:
  /// The end of an interval, speakers in the order in which they were added. Returns the new
  /// dominant speaker when there is one.
  std::optional<uint64_t> on_interval(std::span<const SpeakerState> speakers);
  /// The producer left; true when it was the dominant one, which asks for an evaluation at once.
  bool on_removed(uint64_t producer);

  [[nodiscard]] std::optional<uint64_t> current() const { return current_; }

 private:
  std::optional<uint64_t> choose(std::span<const SpeakerState> speakers) const;

  std::optional<uint64_t> current_;
};

}  // namespace sluice::audio
