#include "protocol/audio/dominant_speaker.h"

#include <algorithm>
#include <cmath>

namespace sluice::audio {
namespace {

// By how much a speaker must exceed the dominant one on each time scale, as logarithms of ratios.
constexpr double kImmediateLead = 3;
constexpr double kMediumLead = 2;
constexpr double kLongLead = 0;

}  // namespace

std::optional<uint64_t> DominantSpeaker::on_interval(std::span<const SpeakerState> speakers) {
  const auto chosen = choose(speakers);
  if (!chosen || chosen == current_) {
    return std::nullopt;
  }
  current_ = chosen;
  return chosen;
}

bool DominantSpeaker::on_removed(uint64_t producer) {
  if (current_ != producer) {
    return false;
  }
  current_.reset();
  return true;
}

std::optional<uint64_t> DominantSpeaker::choose(std::span<const SpeakerState> speakers) const {
  if (speakers.empty()) {
    return std::nullopt;
  }
  // Whoever is alone speaks, even without a word.
  if (speakers.size() == 1) {
    return speakers.front().producer;
  }
  auto dominant = std::ranges::find_if(
      speakers, [&](const SpeakerState& speaker) { return speaker.producer == current_; });
  if (dominant == speakers.end()) {
    dominant = speakers.begin();
  }
  uint64_t chosen = dominant->producer;
  double best_medium = kMediumLead;
  for (const SpeakerState& speaker : speakers) {
    if (speaker.producer == dominant->producer || speaker.paused) {
      continue;
    }
    const double immediate = std::log(speaker.scores.immediate / dominant->scores.immediate);
    const double medium = std::log(speaker.scores.medium / dominant->scores.medium);
    const double long_term = std::log(speaker.scores.long_term / dominant->scores.long_term);
    if (immediate > kImmediateLead && medium > best_medium && long_term > kLongLead) {
      best_medium = medium;
      chosen = speaker.producer;
    }
  }
  return chosen;
}

}  // namespace sluice::audio
