// RTP capabilities (what an endpoint can do) and RTP parameters (what a stream uses) as plain
// values, after normalisation (ortc-model 2.1, 2.2). JSON is turned into them, and validated, by
// json.h; the algorithms of this folder work on them only.
//
// Optional texts (mid, rid, scalabilityMode, cname, msid) are empty when absent: the object model
// treats an empty text as absent for each of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "protocol/ortc/parameter_map.h"

namespace sluice::ortc {

enum class MediaKind : uint8_t { kAudio, kVideo };

/// "audio" or "video".
[[nodiscard]] std::string_view to_text(MediaKind kind);

/// One RTCP feedback mechanism, e.g. {"nack", "pli"}. Compared case-sensitively.
struct RtcpFeedback {
  std::string type;
  std::string parameter;  ///< empty when there is none

  friend bool operator==(const RtcpFeedback&, const RtcpFeedback&) = default;
};

/// What codec capabilities and codec parameters have in common.
struct RtpCodec {
  std::string mime_type;            ///< "audio/NAME" or "video/NAME", compared ignoring case
  uint32_t clock_rate = 0;          ///< Hz
  std::optional<uint8_t> channels;  ///< set for audio, absent for video
  ParameterMap parameters;
  std::vector<RtcpFeedback> rtcp_feedback;

  friend bool operator==(const RtpCodec&, const RtpCodec&) = default;
};

/// A codec in RtpCapabilities or in the `mediaCodecs` of a router.
struct RtpCodecCapability : RtpCodec {
  MediaKind kind = MediaKind::kAudio;
  std::optional<PayloadType> preferred_payload_type;  ///< always set in router capabilities

  friend bool operator==(const RtpCodecCapability&, const RtpCodecCapability&) = default;
};

/// A codec in RtpParameters.
struct RtpCodecParameters : RtpCodec {
  PayloadType payload_type;

  friend bool operator==(const RtpCodecParameters&, const RtpCodecParameters&) = default;
};

/// A header extension in RtpCapabilities.
struct RtpHeaderExtension {
  MediaKind kind = MediaKind::kAudio;
  std::string uri;
  uint8_t preferred_id = 0;
  bool preferred_encrypt = false;
  /// "sendrecv", "sendonly", "recvonly" or "inactive", seen from the server. Only meaningful in
  /// router capabilities; an endpoint's text is kept unchecked.
  std::string direction = "sendrecv";

  friend bool operator==(const RtpHeaderExtension&, const RtpHeaderExtension&) = default;
};

struct RtpCapabilities {
  std::vector<RtpCodecCapability> codecs;
  std::vector<RtpHeaderExtension> header_extensions;

  friend bool operator==(const RtpCapabilities&, const RtpCapabilities&) = default;
};

/// A header extension in RtpParameters.
struct RtpHeaderExtensionParameters {
  std::string uri;
  uint8_t id = 0;
  bool encrypt = false;
  ParameterMap parameters;

  friend bool operator==(const RtpHeaderExtensionParameters&,
                         const RtpHeaderExtensionParameters&) = default;
};

/// A member that has no meaning here but must survive cloning, as JSON text.
struct RawMember {
  std::string key;
  std::string json;

  friend bool operator==(const RawMember&, const RawMember&) = default;
};

/// One stream of a sender, in spatial order (lowest quality first).
struct RtpEncodingParameters {
  std::optional<Ssrc> ssrc;  ///< never 0
  std::string rid;
  std::optional<PayloadType> codec_payload_type;  ///< absent: the first media codec
  std::optional<Ssrc> rtx_ssrc;                   ///< `rtx: {ssrc}` in JSON
  std::optional<bool> dtx;                        ///< always set after validation
  std::string scalability_mode;
  std::optional<uint32_t> max_bitrate;  ///< bits per second
  std::vector<RawMember> unknown;       ///< other members, in their order

  friend bool operator==(const RtpEncodingParameters&, const RtpEncodingParameters&) = default;
};

struct RtcpParameters {
  std::string cname;
  bool reduced_size = true;

  friend bool operator==(const RtcpParameters&, const RtcpParameters&) = default;
};

struct RtpParameters {
  std::string mid;
  std::vector<RtpCodecParameters> codecs;
  std::vector<RtpHeaderExtensionParameters> header_extensions;
  std::vector<RtpEncodingParameters> encodings;
  RtcpParameters rtcp;
  std::string msid;  ///< kept for the producer that gave it, never propagated

  friend bool operator==(const RtpParameters&, const RtpParameters&) = default;
};

/// ASCII comparison ignoring case.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

/// The media part of a mime type, or nothing when it is neither audio nor video.
[[nodiscard]] std::optional<MediaKind> media_kind_of(std::string_view mime_type);

/// True for "*/rtx" in any case (RFC 4588).
[[nodiscard]] bool is_rtx(const RtpCodec& codec);

/// False for codecs that only repair or carry others: rtx, red, ulpfec, flexfec.
[[nodiscard]] bool is_media_codec(const RtpCodec& codec);

/// The payload type that an RTX codec repairs (`apt`), or nothing when it is absent or cannot be a
/// payload type.
[[nodiscard]] std::optional<PayloadType> associated_payload_type(const RtpCodec& codec);

/// Payload types of the media codecs, in order (`supportedCodecPayloadTypes` of a consumer dump).
[[nodiscard]] std::vector<PayloadType> media_payload_types(const RtpParameters& parameters);

}  // namespace sluice::ortc
