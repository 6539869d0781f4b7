// HMAC-SHA1 (RFC 2104) with both pads hashed ahead, so that a short message costs two compression
// rounds less and nothing is allocated. Serves the OpenSSL back end, and the ipsec-mb back end for
// batches too small to fill its lanes.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace sluice::srtp {

inline constexpr size_t kSha1Size = 20;

/// One keyed instance. Const after construction.
class HmacSha1 {
 public:
  /// `key` has at most 64 bytes.
  explicit HmacSha1(Bytes key);
  HmacSha1(const HmacSha1&) = delete;
  HmacSha1& operator=(const HmacSha1&) = delete;
  ~HmacSha1();

  /// The digest of `message` followed by `trailer`.
  void compute(Bytes message, Bytes trailer, std::span<uint8_t, kSha1Size> digest) const;

  /// SHA-1 state (five words, host order) after the inner and the outer pad.
  [[nodiscard]] const uint32_t* inner() const { return inner_.data(); }
  [[nodiscard]] const uint32_t* outer() const { return outer_.data(); }

 private:
  alignas(16) std::array<uint32_t, 5> inner_{};
  alignas(16) std::array<uint32_t, 5> outer_{};
};

}  // namespace sluice::srtp
