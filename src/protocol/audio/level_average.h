// Mean of the audio levels (RFC 6464) of one producer over an observer's interval.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace sluice::audio {

class LevelAverage {
 public:
  /// Fewer packets than this in an interval say nothing about a speaker (media-plane 11.1).
  static constexpr uint32_t kMinSamples = 10;

  /// `level`: -dBov, 0 (loudest) to 127 (silence).
  void add(uint8_t level) {
    sum_ += level;
    ++count_;
  }

  /// The mean since the last call in dBov, -127 to 0, rounded; nothing with too few samples.
  std::optional<int8_t> take() {
    const uint64_t sum = std::exchange(sum_, 0);
    const uint64_t count = std::exchange(count_, 0);
    if (count < kMinSamples) {
      return std::nullopt;
    }
    return static_cast<int8_t>(-static_cast<int64_t>((sum + count / 2) / count));
  }

 private:
  // Wide enough for any interval: the reference adds up in 16 bits and overflows.
  uint64_t sum_ = 0;
  uint64_t count_ = 0;
};

}  // namespace sluice::audio
