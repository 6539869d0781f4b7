// profile-level-id of H.264 (ortc-model Appendix C).
#include "protocol/ortc/h264_profile_level_id.h"

#include <gtest/gtest.h>

#include <array>

namespace sluice::ortc {
namespace {

using enum H264Level;
using enum H264Profile;

ParameterMap fmtp(std::string_view id) {
  return {{"profile-level-id", std::string(id)}};
}

ParameterMap asymmetric(std::string_view id, ParameterValue allowed = int64_t{1}) {
  return {{"profile-level-id", std::string(id)}, {"level-asymmetry-allowed", std::move(allowed)}};
}

/// The answer, "none" when there is nothing to name, "failure" when the sides do not fit.
std::string answer(const ParameterMap& local, const ParameterMap& remote) {
  const auto value = answer_h264_profile_level_id(local, remote);
  return value ? value->value_or("none") : "failure";
}

TEST(H264ProfileLevelId, EveryProfilePattern) {
  struct Row {
    std::string_view text;
    H264Profile profile;
  };
  // The iop bytes set every bit that a row of the table leaves open, or none.
  constexpr std::array<Row, 19> kRows{{
      {"42401f", kConstrainedBaseline},
      {"42f01f", kConstrainedBaseline},
      {"42e01f", kConstrainedBaseline},
      {"4d801f", kConstrainedBaseline},
      {"4df01f", kConstrainedBaseline},
      {"58c01f", kConstrainedBaseline},
      {"58f01f", kConstrainedBaseline},
      {"42001f", kBaseline},
      {"42b01f", kBaseline},
      {"58801f", kBaseline},
      {"58b01f", kBaseline},
      {"4d001f", kMain},
      {"4d501f", kMain},
      {"64001f", kHigh},
      {"640c1f", kConstrainedHigh},
      {"f4001f", kPredictiveHigh444},
      {"F4001F", kPredictiveHigh444},
      {"4D401f", kMain},
      {"42C01f", kConstrainedBaseline},
  }};
  for (const Row& row : kRows) {
    const auto id = parse_h264_profile_level_id(row.text);
    ASSERT_TRUE(id) << row.text;
    EXPECT_EQ(id->profile, row.profile) << row.text;
    EXPECT_EQ(id->level, k3_1) << row.text;
  }
}

TEST(H264ProfileLevelId, PatternsOutsideTheTableAreInvalid) {
  for (const std::string_view text :
       {"42011f", "42e11f", "4d201f", "4d011f", "58001f", "58401f", "64011f", "64101f", "640d1f",
        "f4101f", "f40c1f", "6e001f", "00001f", "ffff1f"}) {
    EXPECT_FALSE(parse_h264_profile_level_id(text)) << text;
  }
}

TEST(H264ProfileLevelId, EveryLevel) {
  struct Row {
    std::string_view text;
    H264Level level;
  };
  constexpr std::array<Row, 17> kRows{{
      {"42e00a", k1},
      {"42f00b", k1b},
      {"42e00b", k1_1},
      {"42e00c", k1_2},
      {"42e00d", k1_3},
      {"42e014", k2},
      {"42e015", k2_1},
      {"42e016", k2_2},
      {"42e01e", k3},
      {"42e01f", k3_1},
      {"42e020", k3_2},
      {"42e028", k4},
      {"42e029", k4_1},
      {"42e02a", k4_2},
      {"42e032", k5},
      {"42e033", k5_1},
      {"42e034", k5_2},
  }};
  for (const Row& row : kRows) {
    const auto id = parse_h264_profile_level_id(row.text);
    ASSERT_TRUE(id) << row.text;
    EXPECT_EQ(id->level, row.level) << row.text;
    EXPECT_EQ(format_h264_profile_level_id(*id), row.text);
  }
}

TEST(H264ProfileLevelId, OtherLevelsAreInvalid) {
  for (const std::string_view text :
       {"42e000", "42e009", "42e00e", "42e013", "42e017", "42e021", "42e02b", "42e035", "42e0ff"}) {
    EXPECT_FALSE(parse_h264_profile_level_id(text)) << text;
  }
}

TEST(H264ProfileLevelId, NeedsExactlySixHexadecimalDigits) {
  for (const std::string_view text : {"", "42e01", "42e01f0", "42e01g", "42e0 f", "0x42e0",
                                      "CHICKEN", "\xc3\xa9\xc3\xa9\xc3\xa9"}) {
    EXPECT_FALSE(parse_h264_profile_level_id(text)) << text;
  }
}

TEST(H264ProfileLevelId, PrefixOfEveryProfile) {
  EXPECT_EQ(format_h264_profile_level_id({kConstrainedBaseline, k3_1}), "42e01f");
  EXPECT_EQ(format_h264_profile_level_id({kBaseline, k1}), "42000a");
  EXPECT_EQ(format_h264_profile_level_id({kMain, k3_1}), "4d001f");
  EXPECT_EQ(format_h264_profile_level_id({kConstrainedHigh, k4_2}), "640c2a");
  EXPECT_EQ(format_h264_profile_level_id({kHigh, k4_2}), "64002a");
  EXPECT_EQ(format_h264_profile_level_id({kPredictiveHigh444, k5_2}), "f40034");
}

TEST(H264ProfileLevelId, Level1bOfThoseThatCanExpressIt) {
  EXPECT_EQ(format_h264_profile_level_id({kConstrainedBaseline, k1b}), "42f00b");
  EXPECT_EQ(format_h264_profile_level_id({kBaseline, k1b}), "42100b");
  EXPECT_EQ(format_h264_profile_level_id({kMain, k1b}), "4d100b");
  EXPECT_EQ(format_h264_profile_level_id({kHigh, k1b}), std::nullopt);
  EXPECT_EQ(format_h264_profile_level_id({kConstrainedHigh, k1b}), std::nullopt);
  EXPECT_EQ(format_h264_profile_level_id({kPredictiveHigh444, k1b}), std::nullopt);
  for (const std::string_view text : {"42f00b", "42100b", "4d100b"}) {
    const auto id = parse_h264_profile_level_id(text);
    ASSERT_TRUE(id) << text;
    EXPECT_EQ(id->level, k1b) << text;
  }
}

TEST(H264ProfileLevelId, AbsentOrFalsyMeansTheDefault) {
  EXPECT_EQ(h264_profile_level({}), H264ProfileLevel{});
  EXPECT_EQ(h264_profile_level(fmtp("")), H264ProfileLevel{});
  EXPECT_EQ(h264_profile_level({{"profile-level-id", int64_t{0}}}), H264ProfileLevel{});
  EXPECT_EQ(format_h264_profile_level_id({}), "42e01f");
}

TEST(H264ProfileLevelId, ANumberIsInvalid) {
  EXPECT_FALSE(h264_profile_level({{"profile-level-id", int64_t{640032}}}));
  EXPECT_FALSE(h264_profile_level({{"profile-level-id", 1.5}}));
}

TEST(H264Answer, NothingWhenNeitherSideNamesOne) {
  EXPECT_EQ(answer({}, {}), "none");
  EXPECT_EQ(answer(fmtp(""), {}), "none");
}

TEST(H264Answer, ProfilesMustBeEqual) {
  EXPECT_EQ(answer(fmtp("42001f"), fmtp("42e01f")), "failure");
  EXPECT_EQ(answer(fmtp("640c1f"), fmtp("64001f")), "failure");
  EXPECT_EQ(answer(fmtp("4d001f"), {}), "failure");
  EXPECT_EQ(answer({}, fmtp("64001f")), "failure");
  EXPECT_EQ(answer(fmtp("CHICKEN"), fmtp("42e01f")), "failure");
  EXPECT_EQ(answer(fmtp("42e01f"), fmtp("CHICKEN")), "failure");
}

TEST(H264Answer, ASideWithoutOneHasTheDefault) {
  EXPECT_EQ(answer(fmtp("42e034"), {}), "42e01f");
  EXPECT_EQ(answer({}, fmtp("42e00a")), "42e00a");
}

TEST(H264Answer, TheLowerLevelUnlessBothAllowAsymmetry) {
  EXPECT_EQ(answer(fmtp("42e034"), fmtp("42e01f")), "42e01f");
  EXPECT_EQ(answer(fmtp("42e01f"), fmtp("42e034")), "42e01f");
  EXPECT_EQ(answer(asymmetric("42e034"), fmtp("42e01f")), "42e01f");
  EXPECT_EQ(answer(fmtp("42e034"), asymmetric("42e01f")), "42e01f");
  EXPECT_EQ(answer(asymmetric("42e034"), asymmetric("42e01f")), "42e034");
  EXPECT_EQ(answer(asymmetric("42e01f"), asymmetric("42e034")), "42e01f");
}

TEST(H264Answer, AsymmetryIsOneAsNumberOrText) {
  EXPECT_EQ(answer(asymmetric("42e034", "1"), asymmetric("42e01f")), "42e034");
  EXPECT_EQ(answer(asymmetric("42e034", int64_t{0}), asymmetric("42e01f")), "42e01f");
  EXPECT_EQ(answer(asymmetric("42e034", int64_t{2}), asymmetric("42e01f")), "42e01f");
  EXPECT_EQ(answer(asymmetric("42e034", "true"), asymmetric("42e01f")), "42e01f");
}

TEST(H264Answer, Level1bLiesBetween1And1Point1) {
  EXPECT_EQ(answer(fmtp("42f00b"), fmtp("42e00a")), "42e00a");
  EXPECT_EQ(answer(fmtp("42f00b"), fmtp("42e00b")), "42f00b");
  EXPECT_EQ(answer(fmtp("42e00b"), fmtp("42f00b")), "42f00b");
}

TEST(H264Answer, LevelsAreOrderedUpTo5Point2) {
  constexpr std::array<std::string_view, 17> kRising{
      "42e00a", "42f00b", "42e00b", "42e00c", "42e00d", "42e014", "42e015", "42e016", "42e01e",
      "42e01f", "42e020", "42e028", "42e029", "42e02a", "42e032", "42e033", "42e034"};
  for (size_t i = 1; i < kRising.size(); ++i) {
    EXPECT_EQ(answer(fmtp(kRising[i]), fmtp(kRising[i - 1])), kRising[i - 1]);
    EXPECT_EQ(answer(fmtp(kRising[i - 1]), fmtp(kRising[i])), kRising[i - 1]);
  }
}

TEST(H264Answer, IsInCanonicalForm) {
  EXPECT_EQ(answer(fmtp("42E01F"), fmtp("42e01f")), "42e01f");
  EXPECT_EQ(answer(fmtp("4d801f"), fmtp("42f01f")), "42e01f");
}

}  // namespace
}  // namespace sluice::ortc
