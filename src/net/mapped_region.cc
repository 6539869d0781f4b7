#include "net/mapped_region.h"

#include <sys/mman.h>

#include <new>

namespace sluice::net {
namespace {

// Size of a transparent huge page on x86-64 and on arm64 with 4 KiB base pages.
constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

MappedRegion::MappedRegion(size_t size) : mapping_size_(size), size_(size) {
  const bool huge = size >= kHugePage;
  if (huge) {
    // Room to move the start to a huge-page border.
    size_ = (size + kHugePage - 1) / kHugePage * kHugePage;
    mapping_size_ = size_ + kHugePage;
  }
  mapping_ = mmap(nullptr, mapping_size_, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    throw std::bad_alloc();
  }
  data_ = static_cast<uint8_t*>(mapping_);
  if (huge) {
    const size_t past_border = reinterpret_cast<uintptr_t>(mapping_) % kHugePage;
    data_ += past_border == 0 ? 0 : kHugePage - past_border;
    // Best effort: a refusal leaves ordinary pages.
    madvise(data_, size_, MADV_HUGEPAGE);
  }
}

MappedRegion::~MappedRegion() {
  munmap(mapping_, mapping_size_);
}

}  // namespace sluice::net
