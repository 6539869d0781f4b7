#include "protocol/audio/volume_ranking.h"

#include <algorithm>

namespace sluice::audio {
namespace {

constexpr int64_t kMinThreshold = -127;
constexpr int64_t kMaxThreshold = 0;
constexpr Millis kMinInterval{250};
constexpr Millis kMaxInterval{5000};

}  // namespace

Result<AudioLevelOptions> validate(AudioLevelOptions options) {
  if (options.max_entries < 1) {
    return type_error(std::string("maxEntries: ") + std::to_string(options.max_entries) +
                      " given, at least 1 expected");
  }
  if (options.threshold < kMinThreshold || options.threshold > kMaxThreshold) {
    return type_error(std::string("threshold: ") + std::to_string(options.threshold) +
                      " given, -127 to 0 dBov expected");
  }
  options.interval = std::clamp(options.interval, kMinInterval, kMaxInterval);
  return options;
}

VolumeRanking::Event VolumeRanking::on_interval(std::span<const Volume> averages) {
  Volumes loud;
  for (const Volume& entry : averages) {
    if (entry.volume >= options_.threshold) {
      loud.push_back(entry);
    }
  }
  if (loud.empty()) {
    return silence();
  }
  // Equally loud producers keep their order.
  std::ranges::stable_sort(loud, std::ranges::greater{}, &Volume::volume);
  loud.resize(std::min(loud.size(), static_cast<size_t>(options_.max_entries)));
  silent_ = false;
  return loud;
}

VolumeRanking::Event VolumeRanking::on_pause() {
  return silence();
}

VolumeRanking::Event VolumeRanking::silence() {
  if (silent_) {
    return Nothing{};
  }
  silent_ = true;
  return Silence{};
}

}  // namespace sluice::audio
