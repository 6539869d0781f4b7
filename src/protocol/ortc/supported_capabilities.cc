#include "protocol/ortc/supported_capabilities.h"

#include <algorithm>
#include <utility>

namespace sluice::ortc {
namespace {

enum class Feedback { kNone, kTransportCc, kNackAndTransportCc };

RtpCodecCapability audio(std::string_view name, uint32_t clock_rate, Feedback feedback,
                         std::optional<uint8_t> static_payload_type = std::nullopt) {
  RtpCodecCapability codec;
  codec.kind = MediaKind::kAudio;
  codec.mime_type = "audio/" + std::string(name);
  codec.clock_rate = clock_rate;
  codec.channels = uint8_t{1};
  if (feedback == Feedback::kNackAndTransportCc) {
    codec.rtcp_feedback.push_back({"nack", ""});
  }
  if (feedback != Feedback::kNone) {
    codec.rtcp_feedback.push_back({"transport-cc", ""});
  }
  if (static_payload_type) {
    codec.preferred_payload_type = PayloadType(*static_payload_type);
  }
  return codec;
}

RtpCodecCapability opus(uint8_t channels, std::string_view name, ParameterMap parameters) {
  RtpCodecCapability codec = audio(name, 48000, Feedback::kNackAndTransportCc);
  codec.channels = channels;
  codec.parameters = std::move(parameters);
  return codec;
}

/// Opus with copies of earlier packets; nobody sends feedback about it in particular.
RtpCodecCapability red() {
  RtpCodecCapability codec = audio("red", 48000, Feedback::kNone);
  codec.channels = uint8_t{2};
  return codec;
}

RtpCodecCapability video(std::string_view name, ParameterMap parameters = {}) {
  RtpCodecCapability codec;
  codec.kind = MediaKind::kVideo;
  codec.mime_type = "video/" + std::string(name);
  codec.clock_rate = 90000;
  codec.parameters = std::move(parameters);
  codec.rtcp_feedback = {
      {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}};
  return codec;
}

ParameterMap multiopus_parameters(std::string_view mapping, int64_t streams, int64_t coupled) {
  return {{"channel_mapping", std::string(mapping)},
          {"num_streams", streams},
          {"coupled_streams", coupled}};
}

std::vector<RtpCodecCapability> supported_codecs() {
  using enum Feedback;
  return {
      opus(2, "opus", {}),
      opus(4, "multiopus", multiopus_parameters("0,1,2,3", 2, 2)),
      opus(6, "multiopus", multiopus_parameters("0,4,1,2,3,5", 4, 2)),
      opus(8, "multiopus", multiopus_parameters("0,6,1,2,3,4,5,7", 5, 3)),
      audio("PCMU", 8000, kTransportCc, 0),
      audio("PCMA", 8000, kTransportCc, 8),
      audio("ISAC", 32000, kTransportCc),
      audio("ISAC", 16000, kTransportCc),
      audio("G722", 8000, kTransportCc, 9),
      audio("iLBC", 8000, kTransportCc),
      audio("SILK", 24000, kTransportCc),
      audio("SILK", 16000, kTransportCc),
      audio("SILK", 12000, kTransportCc),
      audio("SILK", 8000, kTransportCc),
      audio("CN", 32000, kNone, 13),
      audio("CN", 16000, kNone, 13),
      audio("CN", 8000, kNone, 13),
      audio("telephone-event", 48000, kNone),
      audio("telephone-event", 32000, kNone),
      audio("telephone-event", 16000, kNone),
      audio("telephone-event", 8000, kNone),
      red(),
      video("VP8"),
      video("VP9"),
      video("H264", {{"level-asymmetry-allowed", int64_t{1}}}),
      video("AV1"),
      video("H265"),
  };
}

std::vector<RtpHeaderExtension> supported_header_extensions() {
  using enum MediaKind;
  const auto row = [](MediaKind kind, std::string_view extension_uri, uint8_t id,
                      std::string_view direction = "sendrecv") {
    return RtpHeaderExtension{kind, std::string(extension_uri), id, false, std::string(direction)};
  };
  return {
      row(kAudio, uri::kMid, 1),
      row(kVideo, uri::kMid, 1),
      row(kVideo, uri::kRtpStreamId, 2, "recvonly"),
      row(kVideo, uri::kRepairedRtpStreamId, 3, "recvonly"),
      row(kAudio, uri::kAbsSendTime, 4),
      row(kVideo, uri::kAbsSendTime, 4),
      row(kAudio, uri::kTransportWideCc, 5, "recvonly"),
      row(kVideo, uri::kTransportWideCc, 5),
      row(kVideo, uri::kDependencyDescriptor, 8, "sendrecv"),
      row(kAudio, uri::kAudioLevel, 10),
      row(kVideo, uri::kVideoOrientation, 11),
      row(kVideo, uri::kTimeOffset, 12),
      row(kAudio, uri::kAbsCaptureTime, 13),
      row(kVideo, uri::kAbsCaptureTime, 13),
      row(kAudio, uri::kPlayoutDelay, 14),
      row(kVideo, uri::kPlayoutDelay, 14),
  };
}

}  // namespace

const RtpCapabilities& supported_rtp_capabilities() {
  static const RtpCapabilities kSupported{supported_codecs(), supported_header_extensions()};
  return kSupported;
}

bool is_supported_header_extension(std::string_view extension_uri) {
  return std::ranges::any_of(
      supported_rtp_capabilities().header_extensions,
      [&](const RtpHeaderExtension& extension) { return extension.uri == extension_uri; });
}

std::string_view canonical_mime_type(std::string_view mime_type) {
  constexpr std::string_view kVideoRtx = "video/rtx";
  if (equals_ignoring_case(mime_type, kVideoRtx)) {
    return kVideoRtx;
  }
  for (const RtpCodecCapability& codec : supported_rtp_capabilities().codecs) {
    if (equals_ignoring_case(codec.mime_type, mime_type)) {
      return codec.mime_type;
    }
  }
  return mime_type;
}

}  // namespace sluice::ortc
