// The media codecs of every room of this dialect (foundryvtt 2.1), fixed like the original's.
#pragma once

#include <vector>

#include "protocol/ortc/rtp_parameters.h"

namespace sluice::foundry {

/// Opus, VP8, VP9 profile 2 and H264 main, in this order: the browser module sends with the first
/// codec that both sides know. Their numbers are numbers, not texts, else browsers drop VP9 and
/// H264.
std::vector<ortc::RtpCodecCapability> router_codecs();

}  // namespace sluice::foundry
