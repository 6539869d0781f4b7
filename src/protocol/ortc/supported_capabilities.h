// What this SFU can route: the codec table and the header extension table (ortc-model 2.3, 2.4).
// The order of both is part of the contract: the first match wins, and announced lists keep it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "protocol/ortc/rtp_parameters.h"

namespace sluice::ortc {

namespace uri {
inline constexpr std::string_view kMid = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr std::string_view kRtpStreamId = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
inline constexpr std::string_view kRepairedRtpStreamId =
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
inline constexpr std::string_view kAbsSendTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr std::string_view kTransportWideCc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
inline constexpr std::string_view kDependencyDescriptor =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
inline constexpr std::string_view kAudioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
inline constexpr std::string_view kVideoOrientation = "urn:3gpp:video-orientation";
inline constexpr std::string_view kTimeOffset = "urn:ietf:params:rtp-hdrext:toffset";
inline constexpr std::string_view kAbsCaptureTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
inline constexpr std::string_view kPlayoutDelay =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
}  // namespace uri

/// Both tables, and beyond that of codecs audio/red and video/H265 (decisions/020). Codecs with a
/// static payload type carry it as `preferred_payload_type`. Retransmission is not listed: it is
/// made per video codec of a router.
[[nodiscard]] const RtpCapabilities& supported_rtp_capabilities();

/// Payload types for codecs without a static or a chosen one, in the order in which they are given
/// out: 100 … 127, then 96 … 99.
[[nodiscard]] constexpr std::array<uint8_t, 32> dynamic_payload_types() {
  std::array<uint8_t, 32> types{};
  for (size_t i = 0; i < types.size(); ++i) {
    types[i] = static_cast<uint8_t>(i < 28 ? 100 + i : 96 + (i - 28));
  }
  return types;
}

/// True when the engine knows the header extension of that URI, for either media kind.
[[nodiscard]] bool is_supported_header_extension(std::string_view extension_uri);

/// The table's spelling of a supported mime type (or of video/rtx); any other text unchanged.
[[nodiscard]] std::string_view canonical_mime_type(std::string_view mime_type);

}  // namespace sluice::ortc
