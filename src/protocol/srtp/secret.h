// Fixed-size storage for key material that is wiped when it goes away.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace sluice::srtp {

/// Overwrites memory in a way that the compiler does not remove.
void wipe(void* data, size_t size);

/// Up to `Capacity` secret bytes. Copies are wiped as well.
template <size_t Capacity>
class SecretBytes {
 public:
  SecretBytes() = default;
  /// Keeps at most `Capacity` bytes of `bytes`.
  explicit SecretBytes(Bytes bytes) : size_(std::min(bytes.size(), Capacity)) {
    std::copy_n(bytes.begin(), size_, bytes_.begin());
  }
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(bytes_.data(), bytes_.size()); }

  [[nodiscard]] Bytes view() const { return Bytes(bytes_).first(size_); }
  /// Room for `size` bytes (at most `Capacity`) to write a secret in place.
  [[nodiscard]] MutableBytes reserve(size_t size) {
    size_ = std::min(size, Capacity);
    return MutableBytes(bytes_).first(size_);
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  std::array<uint8_t, Capacity> bytes_{};
  size_t size_ = 0;
};

}  // namespace sluice::srtp
