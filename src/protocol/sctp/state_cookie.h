// The state cookie of INIT ACK (RFC 9260 section 5.1.3): everything needed to set up an association
// from COOKIE ECHO, authenticated, so that an INIT leaves no state behind.
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/sctp/init_chunk.h"

namespace sluice::sctp {

/// Secret of an association object; never leaves it.
using CookieKey = std::array<uint8_t, 32>;

inline constexpr Micros kCookieLifetime = 60s;

struct StateCookie {
  static constexpr size_t kSize = 92;
  using Wire = std::array<uint8_t, kSize>;

  enum class Error : uint8_t {
    kMalformed,    ///< length or magic
    kUnauthentic,  ///< not made with this key
  };

  Micros created{};
  InitFields local;  ///< as in our INIT ACK
  InitFields peer;   ///< as in its INIT
  Extensions peer_extensions;
  // Tags of the association that existed when the INIT came, or 0: they tell a restart of the peer
  // from a stranger (RFC 9260 section 5.2.4).
  uint32_t local_tie_tag = 0;
  uint32_t peer_tie_tag = 0;

  [[nodiscard]] Wire sign(const CookieKey& key) const;
  /// The age is not judged.
  static std::expected<StateCookie, Error> open(Bytes wire, const CookieKey& key);
};

}  // namespace sluice::sctp
