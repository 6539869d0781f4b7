#include "protocol/ortc/rtp_parameters.h"

#include <algorithm>
#include <array>

namespace sluice::ortc {
namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// What follows the first '/'; empty when there is none.
std::string_view subtype_of(std::string_view mime_type) {
  const size_t slash = mime_type.find('/');
  return slash == std::string_view::npos ? std::string_view{} : mime_type.substr(slash + 1);
}

}  // namespace

std::string_view to_text(MediaKind kind) {
  return kind == MediaKind::kAudio ? "audio" : "video";
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

std::optional<MediaKind> media_kind_of(std::string_view mime_type) {
  constexpr size_t kPrefixLength = 6;  // "audio/" and "video/"
  const std::string_view prefix = mime_type.substr(0, kPrefixLength);
  if (equals_ignoring_case(prefix, "audio/")) {
    return MediaKind::kAudio;
  }
  if (equals_ignoring_case(prefix, "video/")) {
    return MediaKind::kVideo;
  }
  return std::nullopt;
}

bool is_rtx(const RtpCodec& codec) {
  return equals_ignoring_case(subtype_of(codec.mime_type), "rtx");
}

bool is_media_codec(const RtpCodec& codec) {
  constexpr std::array<std::string_view, 5> kFeatureCodecs{"rtx", "red", "ulpfec", "flexfec",
                                                           "x-ulpfecuc"};
  const std::string_view name = subtype_of(codec.mime_type);
  return std::ranges::none_of(kFeatureCodecs, [&](std::string_view feature) {
    return equals_ignoring_case(name, feature);
  });
}

std::optional<PayloadType> associated_payload_type(const RtpCodec& codec) {
  const std::optional<int64_t> apt = codec.parameters.integer("apt");
  if (!apt || *apt < 0 || *apt > UINT8_MAX) {
    return std::nullopt;
  }
  return PayloadType(static_cast<uint8_t>(*apt));
}

std::vector<PayloadType> media_payload_types(const RtpParameters& parameters) {
  std::vector<PayloadType> types;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (is_media_codec(codec)) {
      types.push_back(codec.payload_type);
    }
  }
  return types;
}

}  // namespace sluice::ortc
