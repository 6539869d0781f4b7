// MESSAGE-INTEGRITY of STUN with short-term credentials (RFC 8489 section 14.5): HMAC-SHA1 keyed
// with the bytes of the ICE password. The keyed state is made once per password and used again for
// every message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"

struct evp_mac_ctx_st;

namespace sluice::stun {

/// Not thread-safe: one key belongs to one loop.
class IntegrityKey {
 public:
  static constexpr size_t kTagSize = 20;
  using Tag = std::array<uint8_t, kTagSize>;

  explicit IntegrityKey(std::string_view password);

  /// The tag of a message whose bytes before the MESSAGE-INTEGRITY attribute are `head` (at least a
  /// whole header). The length field in `head` may hold anything: the one that counts is that of a
  /// message ending right after MESSAGE-INTEGRITY.
  [[nodiscard]] Tag sign(Bytes head);

 private:
  struct Release {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Release> context_;
};

}  // namespace sluice::stun
