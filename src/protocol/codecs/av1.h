// What is read from AV1 payloads when there is no dependency descriptor (AV1 RTP payload
// specification 1.0, section 4.4).
#pragma once

#include "base/bytes.h"

namespace sluice::codecs {

/// True when the aggregation header says that a new coded video sequence starts (N bit). A
/// fragment continued from the packet before (Z bit) cannot be such a start.
bool starts_av1_sequence(Bytes payload);

}  // namespace sluice::codecs
