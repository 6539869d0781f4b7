// Which Opus packets are DTX.
#include "protocol/codecs/opus.h"

#include <gtest/gtest.h>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

bool is_dtx(std::string_view hex) {
  const auto opus = parse_opus(from_hex(hex));
  return opus && opus->dtx;
}

TEST(Opus, Opu01OneByteOfCode0Or1IsDtx) {  // OPU-01
  EXPECT_TRUE(is_dtx("78"));
  EXPECT_TRUE(is_dtx("79"));
}

TEST(Opus, Opu02OneByteOfCode2Or3IsInvalid) {  // OPU-02
  EXPECT_FALSE(parse_opus(from_hex("7a")));
  EXPECT_FALSE(parse_opus(from_hex("7b")));
}

TEST(Opus, Opu03TwoBytesOfCode2AreDtx) {  // OPU-03
  EXPECT_TRUE(is_dtx("7a 00"));
}

TEST(Opus, LongerPacketsAreNotDtx) {
  for (const char* hex : {"78 00", "79 00", "7a 00 00", "7b 01", "7b 01 00"}) {
    const auto opus = parse_opus(from_hex(hex));
    ASSERT_TRUE(opus) << hex;
    EXPECT_FALSE(opus->dtx) << hex;
  }
}

TEST(Opus, EmptyPayloadIsInvalid) {
  EXPECT_FALSE(parse_opus({}));
}

}  // namespace
}  // namespace sluice::codecs
