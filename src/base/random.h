// Randomness. Everything a peer could profit from guessing comes from the operating system's
// generator (media-plane 0.5).
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace sluice {

/// Fills `out` from the CSPRNG. Ends the process when the system has no randomness to give: there
/// is nothing safe to do without it.
void random_bytes(MutableBytes out);

/// Uniform number in [min, max].
uint32_t random_uint32(uint32_t min, uint32_t max);

/// `length` characters of [a-z0-9], e.g. an ICE ufrag or password (media-plane 1.4).
std::string random_alphanumeric(size_t length);

/// Lower-case hexadecimal text of `length` digits.
std::string random_hex(size_t length);

/// A version 4 UUID (RFC 9562) in its usual lower-case text form.
std::string random_uuid();

}  // namespace sluice
