// The secrets of one association object.
#pragma once

#include <cstdint>

#include "protocol/sctp/state_cookie.h"

namespace sluice::sctp {

struct Identity {
  uint32_t tag = 0;  ///< verification tag of incoming packets, never 0 (RFC 9260 section 5.3.1)
  uint32_t initial_tsn = 0;
  CookieKey cookie_key{};

  /// From the system's generator.
  static Identity generate();
};

/// A random verification tag.
uint32_t generate_tag();
/// A random initial TSN.
uint32_t generate_tsn();

}  // namespace sluice::sctp
