// What an audio level observer tells its listeners at the end of each interval: the loudest
// producers, or that silence began (media-plane 11.1).
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/types.h"

namespace sluice::audio {

struct AudioLevelOptions {
  /// Loudest producers that one event names; at least 1.
  int64_t max_entries = 1;
  /// Quieter producers are left out; dBov, -127 to 0.
  int64_t threshold = -80;
  /// Brought into 250..5000 ms.
  Millis interval{1000};
};

/// The options in their ranges, or a TypeError that names the wrong one.
Result<AudioLevelOptions> validate(AudioLevelOptions options);

struct Volume {
  uint64_t producer = 0;
  int8_t volume = -127;  ///< mean over the interval, dBov
  friend bool operator==(const Volume&, const Volume&) = default;
};

class VolumeRanking {
 public:
  struct Nothing {};
  struct Silence {};
  using Volumes = std::vector<Volume>;
  using Event = std::variant<Nothing, Silence, Volumes>;

  explicit VolumeRanking(const AudioLevelOptions& options) : options_(options) {}

  /// The end of an interval, with the mean of each producer that has one. `Silence` comes once
  /// after each time of `Volumes`, never before the first.
  Event on_interval(std::span<const Volume> averages);
  /// The observer was paused: whoever was heard no longer is.
  Event on_pause();

 private:
  Event silence();

  AudioLevelOptions options_;
  bool silent_ = true;
};

}  // namespace sluice::audio
