// What a receiver gets of a producer (ortc-model 3.5 to 3.7): whether it can receive at all, the
// parameters of an ordinary consumer, and those of a consumer that pipes all streams.
#pragma once

#include "base/error.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/ssrc_allocator.h"

namespace sluice::ortc {

/// True when the endpoint has a codec for the first codec of `consumable` that it shares, and that
/// is neither RTX nor RED. Header extensions, feedback and payload types of the endpoint play no
/// role.
[[nodiscard]] bool can_consume(const RtpParameters& consumable,
                               const RtpCapabilities& endpoint_capabilities);

struct ConsumerOptions {
  bool pipe = false;        ///< one encoding per consumable encoding instead of a single one
  bool enable_rtx = false;  ///< keep RTX codecs and plain NACK
};

/// The usual answer to whether a consumer gets retransmission when nobody says.
[[nodiscard]] constexpr bool default_enable_rtx(MediaKind kind) {
  return kind == MediaKind::kVideo;
}

/// Parameters towards one endpoint, without `mid`. Payload types and format parameters are the
/// router's, RTCP feedback is the endpoint's list reduced to what both can use.
/// Errors: kUnsupported when the endpoint has no codec for it.
[[nodiscard]] Result<RtpParameters> get_consumer_rtp_parameters(
    const RtpParameters& consumable, const RtpCapabilities& endpoint_capabilities,
    ConsumerOptions options, SsrcAllocator& ssrcs);

/// Parameters towards another router over a pipe transport: every stream, no extension or feedback
/// that belongs to one hop only.
[[nodiscard]] Result<RtpParameters> get_pipe_consumer_rtp_parameters(
    const RtpParameters& consumable, bool enable_rtx, SsrcAllocator& ssrcs);

}  // namespace sluice::ortc
