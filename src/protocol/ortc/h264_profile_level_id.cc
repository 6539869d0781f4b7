#include "protocol/ortc/h264_profile_level_id.h"

#include <algorithm>
#include <array>

namespace sluice::ortc {
namespace {

constexpr std::string_view kProfileLevelId = "profile-level-id";

/// One way to write a profile: `profile_idc` and the bits of `profile_iop` that must agree.
struct ProfilePattern {
  uint8_t idc;
  uint8_t mask;
  uint8_t bits;
  H264Profile profile;
};

// RFC 6184 table 5 with what browsers add; the first row that fits counts.
constexpr std::array<ProfilePattern, 9> kPatterns{{
    {0x42, 0x4F, 0x40, H264Profile::kConstrainedBaseline},
    {0x4D, 0x8F, 0x80, H264Profile::kConstrainedBaseline},
    {0x58, 0xCF, 0xC0, H264Profile::kConstrainedBaseline},
    {0x42, 0x4F, 0x00, H264Profile::kBaseline},
    {0x58, 0xCF, 0x80, H264Profile::kBaseline},
    {0x4D, 0xAF, 0x00, H264Profile::kMain},
    {0x64, 0xFF, 0x00, H264Profile::kHigh},
    {0x64, 0xFF, 0x0C, H264Profile::kConstrainedHigh},
    {0xF4, 0xFF, 0x00, H264Profile::kPredictiveHigh444},
}};

/// `level_idc` of each H264Level. Level 1b has none of its own: it is 11 with constraint_set3.
constexpr std::array<uint8_t, 17> kLevelIdc{10, 11, 11, 12, 13, 20, 21, 22, 30,
                                            31, 32, 40, 41, 42, 50, 51, 52};
constexpr uint8_t kConstraintSet3 = 0x10;

std::optional<uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<uint8_t>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<uint8_t>(lower - 'a' + 10);
  }
  return std::nullopt;
}

std::optional<H264Level> level_of(uint8_t idc, uint8_t iop) {
  constexpr uint8_t kIdcOf11 = 11;
  if (idc == kIdcOf11) {
    return (iop & kConstraintSet3) != 0 ? H264Level::k1b : H264Level::k1_1;
  }
  const auto it = std::ranges::find(kLevelIdc, idc);
  if (it == kLevelIdc.end()) {
    return std::nullopt;
  }
  return static_cast<H264Level>(it - kLevelIdc.begin());
}

/// `level-asymmetry-allowed` as browsers and applications write it.
bool allows_level_asymmetry(const ParameterMap& parameters) {
  const ParameterValue* value = parameters.find("level-asymmetry-allowed");
  return value != nullptr &&
         (*value == ParameterValue(int64_t{1}) || *value == ParameterValue(std::string("1")));
}

bool names_profile_level(const ParameterMap& parameters) {
  const ParameterValue* value = parameters.find(kProfileLevelId);
  return value != nullptr && is_truthy(*value);
}

}  // namespace

std::optional<H264ProfileLevel> parse_h264_profile_level_id(std::string_view text) {
  if (text.size() != 6) {
    return std::nullopt;
  }
  std::array<uint8_t, 3> bytes{};
  for (size_t i = 0; i < text.size(); ++i) {
    const std::optional<uint8_t> digit = hex_digit(text[i]);
    if (!digit) {
      return std::nullopt;
    }
    bytes[i / 2] = static_cast<uint8_t>(bytes[i / 2] << 4 | *digit);
  }
  const auto [idc, iop, level_idc] = bytes;
  const std::optional<H264Level> level = level_of(level_idc, iop);
  if (!level) {
    return std::nullopt;
  }
  for (const ProfilePattern& pattern : kPatterns) {
    if (pattern.idc == idc && (iop & pattern.mask) == pattern.bits) {
      return H264ProfileLevel{pattern.profile, *level};
    }
  }
  return std::nullopt;
}

std::optional<std::string> format_h264_profile_level_id(H264ProfileLevel id) {
  if (id.level == H264Level::k1b) {
    switch (id.profile) {
      case H264Profile::kConstrainedBaseline:
        return "42f00b";
      case H264Profile::kBaseline:
        return "42100b";
      case H264Profile::kMain:
        return "4d100b";
      default:
        return std::nullopt;
    }
  }
  // Indexed by H264Profile.
  constexpr std::array<std::string_view, 6> kPrefixes{"42e0", "4200", "4d00",
                                                      "640c", "6400", "f400"};
  constexpr std::string_view kDigits = "0123456789abcdef";
  const uint8_t level_idc = kLevelIdc[static_cast<size_t>(id.level)];
  std::string text(kPrefixes[static_cast<size_t>(id.profile)]);
  text.push_back(kDigits[level_idc >> 4]);
  text.push_back(kDigits[level_idc & 0xF]);
  return text;
}

std::optional<H264ProfileLevel> h264_profile_level(const ParameterMap& parameters) {
  if (!names_profile_level(parameters)) {
    return H264ProfileLevel{};
  }
  const auto* text = std::get_if<std::string>(parameters.find(kProfileLevelId));
  return text == nullptr ? std::nullopt : parse_h264_profile_level_id(*text);
}

std::expected<std::optional<std::string>, std::monostate> answer_h264_profile_level_id(
    const ParameterMap& local, const ParameterMap& remote) {
  if (!names_profile_level(local) && !names_profile_level(remote)) {
    return std::nullopt;
  }
  const std::optional<H264ProfileLevel> ours = h264_profile_level(local);
  const std::optional<H264ProfileLevel> theirs = h264_profile_level(remote);
  if (!ours || !theirs || ours->profile != theirs->profile) {
    return std::unexpected(std::monostate{});
  }
  const bool asymmetric = allows_level_asymmetry(local) && allows_level_asymmetry(remote);
  const H264Level level = asymmetric ? ours->level : std::min(ours->level, theirs->level);
  std::optional<std::string> text = format_h264_profile_level_id({ours->profile, level});
  if (!text) {
    return std::unexpected(std::monostate{});
  }
  return text;
}

}  // namespace sluice::ortc
