// What is read from H265 payloads (RFC 7798): the temporal layer, whether a packet starts a key
// frame, and where a receiver may take up a higher temporal layer. Only streams without DONL fields
// (tx-mode SRST, sprop-max-don-diff 0) are understood.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sluice::codecs {

struct H265Payload {
  bool key_frame = false;  ///< an IRAP picture or a parameter set starts here
  uint8_t temporal_layer = 0;
  /// TSA, STSA or IRAP picture: a receiver of all lower layers may take up this layer here.
  bool switching_up = false;
  /// TSA or IRAP picture: it may take up all layers above as well.
  bool switching_up_all = false;
};

/// Nothing for payloads shorter than a NAL unit header with one byte behind it, and for the
/// forbidden temporal id 0.
std::optional<H265Payload> parse_h265(Bytes payload);

}  // namespace sluice::codecs
