// From the `mediaCodecs` of an application to the RTP capabilities that a router announces
// (ortc-model 3.2).
#pragma once

#include <span>

#include "base/error.h"
#include "protocol/ortc/rtp_parameters.h"

namespace sluice::ortc {

/// Capabilities of a router for `media_codecs`, in their order: mime type, feedback, channels and
/// clock rate come from the supported codec, format parameters are its own overlaid with the given
/// ones, and every video codec is followed by its RTX. RED refers to the payload type of Opus, not
/// to the given ones. Header extensions are the whole table.
///
/// Errors: kUnsupported for a codec that is not in the table and for RED without Opus, kType when
/// two codecs end up with one payload type, kGeneric ("cannot allocate …") when the dynamic payload
/// types are used up.
[[nodiscard]] Result<RtpCapabilities> generate_router_rtp_capabilities(
    std::span<const RtpCodecCapability> media_codecs);

}  // namespace sluice::ortc
