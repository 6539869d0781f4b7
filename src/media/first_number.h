// Where the numbering of an outgoing stream begins.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace sluice::media {

/// A stream's first sequence number, in 1000..32767: the receiver cannot guess the rollover counter
/// wrong when the first packets are lost or reordered (media-plane 4.1).
inline uint16_t random_first_number() {
  constexpr uint32_t kMin = 1000;
  constexpr uint32_t kMax = 32767;
  return static_cast<uint16_t>(random_uint32(kMin, kMax));
}

}  // namespace sluice::media
