// RED payloads (RFC 2198 section 3): what another codec encoded for a packet, the primary block,
// behind copies of what it encoded for earlier packets. Each block names its payload type, and so
// RED cannot pass unchanged where payload types are renumbered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace sluice::codecs {

/// A payload type of one side and what it is called on the other.
struct RedPayloadType {
  uint8_t from = 0;
  uint8_t to = 0;
};

/// The block that belongs to the packet: the last one, up to the end of the payload.
struct RedPrimary {
  uint8_t payload_type = 0;
  uint16_t offset = 0;  ///< in the payload; never 0
};

/// Renames the payload types of all blocks, in place. Nothing when the payload is malformed or a
/// block has a type that is not in `types`; the payload is unchanged then. Allocates nothing.
[[nodiscard]] std::optional<RedPrimary> translate_red(MutableBytes payload,
                                                      std::span<const RedPayloadType> types);

}  // namespace sluice::codecs
