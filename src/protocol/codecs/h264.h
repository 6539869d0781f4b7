// What is read from H264 payloads (RFC 6184): whether a packet starts a key frame.
#pragma once

#include "base/bytes.h"

namespace sluice::codecs {

/// True for a sequence parameter set alone, in a STAP-A, or as the start of a FU-A or FU-B. With
/// `idr_counts` an IDR slice counts as well, for encoders that send the parameter sets in SDP only.
bool starts_h264_key_frame(Bytes payload, bool idr_counts = false);

}  // namespace sluice::codecs
