// The mixing step of the lookup hashes here.
#pragma once

#include <cstdint>

namespace sluice::ice {

/// Folds one word into a hash. The two halves of a 128-bit product are combined, so that the carry
/// bits hide behind the secret seed which inputs collide.
constexpr uint64_t mix_hash(uint64_t hash, uint64_t word) {
  __extension__ using Wide = unsigned __int128;
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15u;  // odd, without pattern (golden ratio)
  const Wide product = static_cast<Wide>(hash ^ word) * kMultiplier;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace sluice::ice
