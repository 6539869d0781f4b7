#include "protocol/rtp/extension_kind.h"

#include <utility>

namespace sluice::rtp {
namespace {

using enum ExtensionKind;

constexpr std::pair<ExtensionKind, std::string_view> kUris[] = {
    {kMid, "urn:ietf:params:rtp-hdrext:sdes:mid"},
    {kRid, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"},
    {kRepairedRid, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"},
    {kAbsSendTime, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"},
    {kTransportWideCc, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"},
    {kFrameMarkingDraft07, "http://tools.ietf.org/html/draft-ietf-avtext-framemarking-07"},
    {kFrameMarking, "urn:ietf:params:rtp-hdrext:framemarking"},
    {kDependencyDescriptor,
     "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"},
    {kAudioLevel, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"},
    {kVideoOrientation, "urn:3gpp:video-orientation"},
    {kTimestampOffset, "urn:ietf:params:rtp-hdrext:toffset"},
    {kAbsCaptureTime, "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"},
    {kPlayoutDelay, "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"},
};

}  // namespace

std::optional<ExtensionKind> extension_kind(std::string_view uri) {
  for (const auto& [kind, known] : kUris) {
    if (known == uri) {
      return kind;
    }
  }
  return std::nullopt;
}

std::string_view extension_uri(ExtensionKind kind) {
  for (const auto& [known, uri] : kUris) {
    if (known == kind) {
      return uri;
    }
  }
  return {};
}

}  // namespace sluice::rtp
