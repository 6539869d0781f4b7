#include "protocol/audio/speaker_activity.h"

#include <algorithm>
#include <cmath>

namespace sluice::audio {
namespace {

constexpr Micros kStep = 20ms;
constexpr Micros kSilentAfter = 40ms;
constexpr Micros kIdleAfter = 3600s;
constexpr uint8_t kMaxLevel = 127;

// The noise floor follows what was lowest in about 15 s of steps.
constexpr uint32_t kFloorSamples = 750;

// A level is seen in as many units as there are immediate steps of speech likelihood.
constexpr uint8_t kImmediateUnits = 13;
constexpr uint8_t kLevelUnit = (kMaxLevel + kImmediateUnits - 1) / kImmediateUnits;
constexpr uint8_t kMediumThreshold = 7;
constexpr uint8_t kLongThreshold = 4;

constexpr double kMinScore = 1e-10;

/// Log-likelihood ratio that `value` of `count` units are speech: binomial against exponential.
double score(unsigned value, unsigned count, double lambda) {
  constexpr double kSpeech = 0.5;
  const double n = count;
  const double v = value;
  const double log_combinations = std::lgamma(n + 1) - std::lgamma(v + 1) - std::lgamma(n - v + 1);
  const double result = log_combinations + v * std::log(kSpeech) + (n - v) * std::log(1 - kSpeech) -
                        std::log(lambda) + lambda * v;
  return std::max(result, kMinScore);
}

}  // namespace

void SpeakerActivity::on_level(uint8_t level, Micros now) {
  push(static_cast<uint8_t>(kMaxLevel - std::min(level, kMaxLevel)), now);
}

void SpeakerActivity::on_tick(Micros now) {
  if (!last_sample_ || now - *last_sample_ > kSilentAfter) {
    push(0, now);
  }
}

bool SpeakerActivity::idle(Micros now) const {
  return last_sample_ && now - *last_sample_ > kIdleAfter;
}

void SpeakerActivity::push(uint8_t loudness, Micros now) {
  int64_t steps = 1;
  if (last_sample_) {
    steps = std::clamp<int64_t>((now - *last_sample_) / kStep, 1, kSteps);
  }
  last_sample_ = now;
  for (int64_t i = 0; i < steps; ++i) {
    levels_[next_] = loudness;
    next_ = (next_ + 1) % kSteps;
  }
  update_floor(loudness);
}

void SpeakerActivity::update_floor(uint8_t loudness) {
  if (loudness == 0) {
    return;
  }
  if (floor_ == 0 || loudness < floor_) {
    floor_ = loudness;
    next_floor_ = 0;
    next_floor_samples_ = 0;
    return;
  }
  next_floor_ = next_floor_ == 0 ? loudness : std::min(next_floor_, loudness);
  if (++next_floor_samples_ >= kFloorSamples) {
    // The geometric mean lets the floor rise, but not at once.
    floor_ = static_cast<uint8_t>(
        std::min<double>(std::sqrt(static_cast<double>(floor_) * next_floor_), kMaxLevel));
    next_floor_ = 0;
    next_floor_samples_ = 0;
  }
}

ActivityScores SpeakerActivity::scores() {
  const unsigned audible = floor_ + kLevelUnit;
  const auto immediate = [&](size_t age) {
    const uint8_t level = step(age);
    return level >= audible ? static_cast<unsigned>(level / kLevelUnit) : 0U;
  };
  std::array<unsigned, kGroups> medium{};
  for (size_t age = 0; age < kSteps; ++age) {
    medium[age / kStepsPerGroup] += immediate(age) > kMediumThreshold ? 1 : 0;
  }
  const auto long_term = static_cast<unsigned>(
      std::ranges::count_if(medium, [](unsigned group) { return group > kLongThreshold; }));
  return {.immediate = score(immediate(0), kImmediateUnits, 0.78),
          .medium = score(medium[0], kStepsPerGroup, 24),
          .long_term = score(long_term, kGroups, 47)};
}

}  // namespace sluice::audio
