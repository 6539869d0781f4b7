// Which H264 packets start a key frame.
#include "protocol/codecs/h264.h"

#include <gtest/gtest.h>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

bool is_key(std::string_view hex, bool idr_counts = false) {
  return starts_h264_key_frame(from_hex(hex), idr_counts);
}

TEST(H264, H26401ParameterSetStartsAKeyFrame) {  // H264-01
  EXPECT_TRUE(is_key("67 42")) << "alone";
  EXPECT_TRUE(is_key("78 0002 09f0 0003 674200")) << "second in a STAP-A";
  EXPECT_TRUE(is_key("7c 87 42")) << "start of a FU-A";
  EXPECT_TRUE(is_key("7d 87 0000 42")) << "start of a FU-B";
}

TEST(H264, H26402WhatOnlyLooksLikeAParameterSetDoesNot) {  // H264-02
  EXPECT_FALSE(is_key("7c 07 42")) << "middle of a FU-A";
  EXPECT_FALSE(is_key("7c 47 42")) << "end of a FU-A";
  EXPECT_FALSE(is_key("78 0005 6742")) << "the STAP-A ends inside it";
  EXPECT_FALSE(is_key("78 0002 09f0 00")) << "the STAP-A ends inside a size";
  EXPECT_FALSE(is_key("78 ffff 09f0 0003 674200")) << "behind an overrun";
  EXPECT_FALSE(is_key("67")) << "one byte";
  EXPECT_FALSE(is_key(""));
}

TEST(H264, EmptyUnitInAStapAIsSkipped) {
  EXPECT_TRUE(is_key("78 0000 0002 6742"));
  EXPECT_FALSE(is_key("78 0000 0000"));
}

TEST(H264, OtherUnitsDoNot) {
  for (const char* hex :
       {"61 aa", "41 aa", "68 ce", "06 05", "65 88", "78 0002 65aa", "7c 85 aa"}) {
    EXPECT_FALSE(is_key(hex)) << hex;
  }
}

TEST(H264, IdrCountsWhenAskedFor) {
  EXPECT_TRUE(is_key("65 88", true));
  EXPECT_TRUE(is_key("78 0002 65aa", true));
  EXPECT_TRUE(is_key("7c 85 aa", true));
  EXPECT_FALSE(is_key("7c 05 aa", true));
  EXPECT_FALSE(is_key("61 aa", true));
  EXPECT_TRUE(is_key("67 42", true));
}

TEST(H264, NoLengthOfAStapAIsOverread) {
  const Payload whole = from_hex("78 0002 09f0 0003 674200");
  for (size_t size = 0; size <= whole.size(); ++size) {
    // An own allocation for each length, so that the address sanitizer sees any overread.
    const Payload cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(starts_h264_key_frame(cut), size == whole.size()) << size;
  }
}

}  // namespace
}  // namespace sluice::codecs
