// How the streams of a producer appear inside a router: the mapping of payload types and SSRCs, and
// the consumable parameters, which speak only in router payload types, router extension ids and
// mapped SSRCs (ortc-model 3.3, 3.4).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/ssrc_allocator.h"

namespace sluice::ortc {

struct CodecMapping {
  PayloadType payload_type;         ///< of the producer
  PayloadType mapped_payload_type;  ///< of the router

  friend bool operator==(const CodecMapping&, const CodecMapping&) = default;
};

struct EncodingMapping {
  std::optional<Ssrc> ssrc;
  std::string rid;
  std::string scalability_mode;
  Ssrc mapped_ssrc;

  friend bool operator==(const EncodingMapping&, const EncodingMapping&) = default;
};

struct RtpMapping {
  std::vector<CodecMapping> codecs;  ///< media codecs first, then RTX
  std::vector<EncodingMapping> encodings;

  friend bool operator==(const RtpMapping&, const RtpMapping&) = default;
};

/// Maps `parameters` into a router. May rewrite the H.264 `profile-level-id` of `parameters` to the
/// negotiated one.
///
/// Errors: kUnsupported for a codec (or RTX) that the router lacks, kType for an RTX codec whose
/// `apt` names no media codec of `parameters`.
[[nodiscard]] Result<RtpMapping> get_producer_rtp_parameters_mapping(
    RtpParameters& parameters, const RtpCapabilities& router_capabilities, SsrcAllocator& ssrcs);

/// What the router can offer of that producer. Every media codec is followed by the router's RTX
/// for it, whether the producer has RTX or not; a second codec with the same router payload type is
/// left out.
///
/// Errors: kType when `mapping` was not made from `parameters`.
[[nodiscard]] Result<RtpParameters> get_consumable_rtp_parameters(
    MediaKind kind, const RtpParameters& parameters, const RtpCapabilities& router_capabilities,
    const RtpMapping& mapping);

}  // namespace sluice::ortc
