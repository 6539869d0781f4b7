// How long one master key may live (RFC 3711 section 9.2).
#pragma once

#include <cstdint>

namespace sluice::srtp {

/// Packets that one master key may protect over all SSRCs. Past that the transport has to close;
/// smaller values are for tests.
struct KeyLimits {
  uint64_t rtp = uint64_t{1} << 48;
  uint64_t rtcp = uint64_t{1} << 31;
};

}  // namespace sluice::srtp
