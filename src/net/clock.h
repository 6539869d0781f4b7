// The one place that reads the clock. Everything else takes `Micros now` as an argument.
#pragma once

#include "base/types.h"

namespace sluice::net {

/// Microseconds of CLOCK_MONOTONIC.
inline Micros monotonic_now() {
  return std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace sluice::net
