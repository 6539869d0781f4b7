// Arithmetic on bit rates, with limits that keep it from overflowing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/types.h"

namespace sluice::bwe {

/// Above every rate that a transport reaches; results are cut to it, so sums and products of rates
/// stay far from the end of their type.
inline constexpr BitRate kHighestRate{1'000'000'000'000};

/// The floor of a sender's estimate (media-plane 0.3): below it not even audio gets through.
inline constexpr BitRate kLowestRate{30'000};

constexpr BitRate kilobits(uint64_t kbps) {
  return BitRate(kbps * 1000);
}

/// `rate` times `factor`, which is not negative.
constexpr BitRate scaled(BitRate rate, double factor) {
  const double product = static_cast<double>(rate.value) * factor;
  return product < static_cast<double>(kHighestRate.value) ? BitRate(static_cast<uint64_t>(product))
                                                           : kHighestRate;
}

/// The rate of `bytes` in `time`; the highest rate when no time passed.
constexpr BitRate rate_of(uint64_t bytes, Micros time) {
  if (time <= Micros(0)) {
    return kHighestRate;
  }
  const double bits = static_cast<double>(bytes) * 8e6 / static_cast<double>(time.count());
  return scaled(BitRate(1), bits);
}

/// How many bytes `rate` brings in `time`, which is not negative.
constexpr uint64_t bytes_in(BitRate rate, Micros time) {
  const double rounded = static_cast<double>(std::min(rate, kHighestRate).value) *
                         static_cast<double>(time.count()) / 8e6;
  return static_cast<uint64_t>(rounded);
}

/// How long `rate` (not 0) takes for `bytes`.
constexpr Micros time_for(uint64_t bytes, BitRate rate) {
  return Micros(
      static_cast<int64_t>(static_cast<double>(bytes) * 8e6 / static_cast<double>(rate.value)));
}

constexpr double to_kbps(BitRate rate) {
  return static_cast<double>(rate.value) / 1000;
}
constexpr double to_ms(Micros time) {
  return static_cast<double>(time.count()) / 1000;
}
constexpr double to_seconds(Micros time) {
  return static_cast<double>(time.count()) / 1'000'000;
}

}  // namespace sluice::bwe
