// The `profile-level-id` of H.264 (RFC 6184 section 8.1; ortc-model Appendix C): which profile and
// level it names, whether two sides speak the same profile, and which value answers an offer.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/ortc/parameter_map.h"

namespace sluice::ortc {

enum class H264Profile : uint8_t {
  kConstrainedBaseline,
  kBaseline,
  kMain,
  kConstrainedHigh,
  kHigh,
  kPredictiveHigh444,
};

/// In ascending order: 1b lies between 1 and 1.1.
enum class H264Level : uint8_t {
  k1,
  k1b,
  k1_1,
  k1_2,
  k1_3,
  k2,
  k2_1,
  k2_2,
  k3,
  k3_1,
  k3_2,
  k4,
  k4_1,
  k4_2,
  k5,
  k5_1,
  k5_2,
};

/// The default is what an absent profile-level-id stands for here.
struct H264ProfileLevel {
  H264Profile profile = H264Profile::kConstrainedBaseline;
  H264Level level = H264Level::k3_1;

  friend bool operator==(const H264ProfileLevel&, const H264ProfileLevel&) = default;
};

/// Reads exactly six hexadecimal digits of any case; nothing for an unknown profile or level.
[[nodiscard]] std::optional<H264ProfileLevel> parse_h264_profile_level_id(std::string_view text);

/// Six lower-case digits; nothing for level 1b of a profile that cannot express it.
[[nodiscard]] std::optional<std::string> format_h264_profile_level_id(H264ProfileLevel id);

/// Reads `profile-level-id` of fmtp parameters: the default when it is absent or falsy, nothing
/// when it is not a text or not valid.
[[nodiscard]] std::optional<H264ProfileLevel> h264_profile_level(const ParameterMap& parameters);

/// The value with which `local` answers `remote`: nothing inside when neither side names one.
/// Unexpected when the two sides do not fit or the answer cannot be expressed.
[[nodiscard]] std::expected<std::optional<std::string>, std::monostate>
answer_h264_profile_level_id(const ParameterMap& local, const ParameterMap& remote);

}  // namespace sluice::ortc
