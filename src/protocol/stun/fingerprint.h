// The FINGERPRINT value of a STUN message (RFC 8489 section 14.7).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace sluice::stun {

/// CRC-32 (ISO-HDLC, as in zlib) of `message` XOR "STUN". `message` is everything before the
/// attribute, with the length field already counting it.
uint32_t fingerprint_of(Bytes message);

}  // namespace sluice::stun
