// The media payload types that a consumer's receiver can take.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/types.h"

namespace sluice::media {

class PayloadTypeSet {
 public:
  explicit PayloadTypeSet(const std::vector<uint8_t>& types) {
    for (const uint8_t type : types) {
      bits_[type / 64] |= uint64_t{1} << type % 64;
    }
  }
  [[nodiscard]] bool contains(PayloadType type) const {
    return (bits_[type.value / 64] >> type.value % 64 & 1) != 0;
  }

 private:
  /// An application may give a router's codecs any number (ortc-model 3.2).
  std::array<uint64_t, 4> bits_{};
};

}  // namespace sluice::media
