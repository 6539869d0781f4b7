// Speech activity of one audio producer on three time scales, from its audio levels: the first half
// of dominant speaker identification (Volfin and Cohen 2012; media-plane 11.2). `DominantSpeaker`
// compares what this computes.
//
// Levels are kept in steps of 20 ms, most recent first. Each step counts as speech or not
// (immediate), five steps make a group (medium) and ten groups the whole second (long).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::audio {

/// How far recent levels look like speech; each at least 1e-10, higher is more.
struct ActivityScores {
  double immediate = 1e-10;
  double medium = 1e-10;
  double long_term = 1e-10;
};

class SpeakerActivity {
 public:
  /// `level`: -dBov as on the wire (RFC 6464), 0 (loudest) to 127 (silence).
  void on_level(uint8_t level, Micros now);
  /// A tick of the observer: a speaker who sent nothing for 40 ms is silent now.
  void on_tick(Micros now);
  [[nodiscard]] ActivityScores scores();

  /// Nothing was heard for so long that the speaker no longer takes part.
  [[nodiscard]] bool idle(Micros now) const;

 private:
  static constexpr size_t kSteps = 50;
  static constexpr size_t kStepsPerGroup = 5;
  static constexpr size_t kGroups = kSteps / kStepsPerGroup;

  /// Fills the steps since the last sample with `loudness` (0..127, 127 loudest).
  void push(uint8_t loudness, Micros now);
  void update_floor(uint8_t loudness);
  [[nodiscard]] uint8_t step(size_t age) const {
    return levels_[(next_ + kSteps - 1 - age) % kSteps];
  }

  std::array<uint8_t, kSteps> levels_{};
  size_t next_ = 0;
  std::optional<Micros> last_sample_;

  /// The speaker's own noise floor, and the lowest level since it was last adjusted.
  uint8_t floor_ = 0;
  uint8_t next_floor_ = 0;
  uint32_t next_floor_samples_ = 0;
};

}  // namespace sluice::audio
