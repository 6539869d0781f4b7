// SSRCs that the SFU makes up: mapped SSRCs of producers and SSRCs of consumers (ortc-model 3.3,
// 3.6). One allocator per router makes all of them unique there, hence on each of its transports.
//
// The range is cut into blocks of kBlock consecutive values, which are walked in a random stride
// that visits each block once. So no value repeats before about 28 million allocations, without
// remembering any; after that the oldest blocks come round again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "base/types.h"

namespace sluice::ortc {

class SsrcAllocator {
 public:
  /// Range of the first value of a block: nine digits, as the baseline's.
  static constexpr uint32_t kMin = 100'000'000;
  static constexpr uint32_t kMax = 999'999'999;  ///< exclusive
  /// The most values that one allocation can have; also the limit of encodings (json.h).
  static constexpr uint32_t kBlock = 32;
  static constexpr uint32_t kBlocks = (kMax - kMin) / kBlock;

  /// Random start and stride.
  SsrcAllocator();
  /// A fixed walk, for tests. `stride` must have no common divisor with kBlocks.
  SsrcAllocator(uint32_t start, uint32_t stride);

  /// The first of `count` consecutive SSRCs. Errors: kType when `count` is above kBlock.
  [[nodiscard]] Result<Ssrc> allocate(size_t count = 1);

 private:
  uint32_t block_;
  uint32_t stride_;
};

}  // namespace sluice::ortc
