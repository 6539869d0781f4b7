// What is read from Opus payloads (RFC 6716 section 3.1, RFC 7587): whether a packet is DTX.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace sluice::codecs {

struct OpusPayload {
  /// No coded audio: at most two bytes, of which the frame-count code leaves nothing for a frame.
  bool dtx = false;
};

/// Nothing for an empty payload, and for one byte whose frame-count code asks for a second.
std::optional<OpusPayload> parse_opus(Bytes payload);

}  // namespace sluice::codecs
