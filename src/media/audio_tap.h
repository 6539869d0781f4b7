// What one observer hears of one producer: gathered on the producer's loop, packet by packet, and
// taken at the end of each of the observer's intervals (media-plane 11).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/types.h"
#include "media/loop_setup.h"
#include "protocol/audio/level_average.h"
#include "protocol/audio/speaker_activity.h"

namespace sluice::media {

/// What was heard in an interval.
struct AudioSample {
  Handle producer = 0;
  bool paused = false;  ///< the producer
  bool idle = false;    ///< silent for so long that it takes no part in a conversation
  /// Mean level, dBov; nothing with too few packets. Of audio level observers only.
  std::optional<int8_t> average;
  /// Of active speaker observers only.
  audio::ActivityScores activity;
};

class AudioTap {
 public:
  AudioTap(Handle observer, ObserverKind kind) : observer_(observer) {
    if (kind == ObserverKind::kActiveSpeaker) {
      heard_.emplace<audio::SpeakerActivity>();
    }
  }

  [[nodiscard]] Handle observer() const { return observer_; }

  /// `level`: of one packet, -dBov. Allocates nothing.
  void on_level(uint8_t level, Micros now) {
    if (auto* const average = std::get_if<audio::LevelAverage>(&heard_)) {
      average->add(level);
    } else {
      std::get<audio::SpeakerActivity>(heard_).on_level(level, now);
    }
  }

  /// The producer was paused: what an average has gathered no longer counts.
  void on_pause() {
    if (std::holds_alternative<audio::LevelAverage>(heard_)) {
      heard_.emplace<audio::LevelAverage>();
    }
  }

  /// The end of an interval. Leaves the producer for the caller to fill in.
  AudioSample take(Micros now) {
    AudioSample sample;
    if (auto* const average = std::get_if<audio::LevelAverage>(&heard_)) {
      sample.average = average->take();
      return sample;
    }
    auto& activity = std::get<audio::SpeakerActivity>(heard_);
    sample.idle = activity.idle(now);
    activity.on_tick(now);
    sample.activity = activity.scores();
    return sample;
  }

 private:
  Handle observer_;
  std::variant<audio::LevelAverage, audio::SpeakerActivity> heard_;
};

/// The taps of one producer: one for each observer that listens.
class AudioTaps {
 public:
  void add(const AudioTap& tap) { taps_.push_back(tap); }
  void remove(Handle observer) {
    std::erase_if(taps_, [observer](const AudioTap& tap) { return tap.observer() == observer; });
  }
  [[nodiscard]] bool empty() const { return taps_.empty(); }

  void on_level(uint8_t level, Micros now) {
    for (AudioTap& tap : taps_) {
      tap.on_level(level, now);
    }
  }
  void on_pause() { std::ranges::for_each(taps_, &AudioTap::on_pause); }

  /// What the observer has heard; nothing without a tap for it.
  std::optional<AudioSample> take(Handle observer, Micros now) {
    const auto tap = std::ranges::find(taps_, observer, &AudioTap::observer);
    return tap == taps_.end() ? std::nullopt : std::optional(tap->take(now));
  }

 private:
  std::vector<AudioTap> taps_;
};

}  // namespace sluice::media
