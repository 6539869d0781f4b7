// When two descriptions mean the same codec (ortc-model 3.2.1).
#pragma once

#include "protocol/ortc/rtp_parameters.h"

namespace sluice::ortc {

enum class CodecMatch {
  kLoose,   ///< format parameters of H264, H265 and VP9 do not count: router configuration
  kStrict,  ///< they do: everything that ends at an endpoint
};

/// Mime type ignoring case, clock rate and channels must agree; multiopus also in its numbers of
/// streams, and in strict mode H264 in packetization mode and profile, H265 in profile, tier and
/// transmission mode, VP9 in its profile. Values of format parameters are compared with their type.
[[nodiscard]] bool codecs_match(const RtpCodec& a, const RtpCodec& b, CodecMatch mode);

/// Strict match that, for H264, also writes the negotiated `profile-level-id` into `local`
/// (Appendix C). `local` is unchanged when the codecs do not match.
[[nodiscard]] bool match_and_adapt_codec(RtpCodec& local, const RtpCodec& remote);

}  // namespace sluice::ortc
