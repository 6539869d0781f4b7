// A large block of zeroed memory straight from the kernel, on huge pages where it grants them.
// Pages become resident when first touched.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::net {

class MappedRegion {
 public:
  /// Maps at least `size` bytes, aligned to 2 MiB when that large and to a page otherwise. Throws
  /// std::bad_alloc; made only while a loop is set up.
  explicit MappedRegion(size_t size);
  ~MappedRegion();
  MappedRegion(const MappedRegion&) = delete;
  MappedRegion& operator=(const MappedRegion&) = delete;

  [[nodiscard]] uint8_t* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  void* mapping_ = nullptr;
  size_t mapping_size_ = 0;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace sluice::net
