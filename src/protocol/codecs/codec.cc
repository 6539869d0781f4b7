#include "protocol/codecs/codec.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::codecs {
namespace {

constexpr std::array<std::pair<std::string_view, Codec>, 6> kKnown = {{
    {"audio/opus", Codec::kOpus},
    {"video/vp8", Codec::kVp8},
    {"video/vp9", Codec::kVp9},
    {"video/h264", Codec::kH264},
    {"video/h265", Codec::kH265},
    {"video/av1", Codec::kAv1},
}};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

Codec codec_of(std::string_view mime_type) {
  const auto found = std::ranges::find_if(kKnown, [mime_type](const auto& known) {
    return std::ranges::equal(known.first, mime_type, {}, {}, lower);
  });
  return found == kKnown.end() ? Codec::kOther : found->second;
}

bool needs_key_frame(Codec codec) {
  switch (codec) {
    case Codec::kVp8:
    case Codec::kVp9:
    case Codec::kH264:
    case Codec::kH265:
    case Codec::kAv1:
      return true;
    case Codec::kOpus:
    case Codec::kOther:
      break;
  }
  return false;
}

}  // namespace sluice::codecs
