#include "protocol/ortc/ssrc_allocator.h"

#include <numeric>
#include <string>

#include "base/random.h"

namespace sluice::ortc {
namespace {

uint32_t random_stride() {
  for (;;) {
    const uint32_t stride = random_uint32(1, SsrcAllocator::kBlocks - 1);
    if (std::gcd(stride, SsrcAllocator::kBlocks) == 1) {
      return stride;
    }
  }
}

}  // namespace

SsrcAllocator::SsrcAllocator() : SsrcAllocator(random_uint32(0, kBlocks - 1), random_stride()) {}

SsrcAllocator::SsrcAllocator(uint32_t start, uint32_t stride)
    : block_(start % kBlocks), stride_(stride % kBlocks) {}

Result<Ssrc> SsrcAllocator::allocate(size_t count) {
  if (count > kBlock) {
    return type_error("encodings: got " + std::to_string(count) + ", expected at most " +
                      std::to_string(kBlock));
  }
  const Ssrc first(kMin + block_ * kBlock);
  block_ = static_cast<uint32_t>((uint64_t{block_} + stride_) % kBlocks);
  return first;
}

}  // namespace sluice::ortc
