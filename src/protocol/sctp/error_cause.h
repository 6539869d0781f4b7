// Causes in ABORT and ERROR (RFC 9260 section 3.3.10).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {

/// A cause as it stands in a chunk.
std::vector<uint8_t> error_cause(uint16_t code, Bytes info = {});
/// A cause whose information is one number.
std::vector<uint8_t> error_cause_u32(uint16_t code, uint32_t info);

/// The code of the first cause in the value of ABORT or ERROR, 0 without one.
uint16_t first_cause(Bytes value);

/// The causes of an ABORT in words, e.g. "user-initiated abort".
std::string describe_causes(Bytes value);

}  // namespace sluice::sctp
