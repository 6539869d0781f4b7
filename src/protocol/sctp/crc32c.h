// CRC32c (Castagnoli), the checksum of SCTP packets (RFC 9260 appendix A).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace sluice::sctp {

/// CRC32c of `data`. Uses the processor's instruction where there is one.
uint32_t crc32c(Bytes data);

/// The same from tables: what crc32c() does on other processors.
uint32_t crc32c_portable(Bytes data);

/// Checksum of a packet (at least a common header long) as it belongs into its checksum field, in
/// network byte order; the field itself counts as zero.
uint32_t packet_checksum(Bytes packet);

}  // namespace sluice::sctp
