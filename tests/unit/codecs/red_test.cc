// Renaming the payload types inside RED, and finding the primary block (RFC 2198 section 3).
#include "protocol/codecs/red.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

constexpr std::array<RedPayloadType, 2> kTypes{{{111, 100}, {13, 113}}};

/// The payload after renaming and where its primary block begins, or what is wrong with it.
std::string translated(std::string_view hex) {
  Payload payload = from_hex(hex);
  const Payload before = payload;
  const auto primary = translate_red(payload, kTypes);
  if (!primary) {
    return payload == before ? "refused" : "refused, and changed";
  }
  std::string text =
      std::to_string(primary->payload_type) + " at " + std::to_string(primary->offset) + ":";
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const uint8_t byte : payload) {
    text += {' ', kDigits[byte >> 4], kDigits[byte & 0xf]};
  }
  return text;
}

TEST(Red, OnlyAPrimaryBlock) {
  EXPECT_EQ(translated("6f aa bb"), "100 at 1: 64 aa bb");
}

TEST(Red, OneCopyBeforeThePrimaryBlock) {
  // Type 111, 960 ticks ago, 2 bytes; then the primary block of 3 bytes.
  EXPECT_EQ(translated("ef 0f 00 02 6f a0 a1 b0 b1 b2"), "100 at 7: e4 0f 00 02 64 a0 a1 b0 b1 b2");
}

TEST(Red, EachBlockHasATypeOfItsOwn) {
  EXPECT_EQ(translated("ef 1e 00 01 8d 0f 00 02 6f a0 c0 c1 b0"),
            "100 at 12: e4 1e 00 01 f1 0f 00 02 64 a0 c0 c1 b0");
}

TEST(Red, BlocksMayBeEmpty) {
  EXPECT_EQ(translated("ef 0f 00 00 6f"), "100 at 5: e4 0f 00 00 64");
}

TEST(Red, TheLengthHasTenBits) {
  std::string hex = "ef 00 07 ff 6f";  // 14 bits of time offset 1, 10 bits of length 1023
  EXPECT_EQ(translated(hex), "refused");
  for (int i = 0; i < 1023; ++i) {
    hex += " 00";
  }
  EXPECT_EQ(translated(hex).substr(0, 11), "100 at 1028");
}

TEST(Red, UnknownTypesAreRefused) {
  EXPECT_EQ(translated("70 aa"), "refused");
  EXPECT_EQ(translated("f0 0f 00 01 6f a0 b0"), "refused");
  EXPECT_EQ(translated("ef 0f 00 01 70 a0 b0"), "refused");
}

TEST(Red, ATypeThatRedCannotCarryIsRefused) {
  Payload payload = from_hex("6f aa");
  EXPECT_FALSE(translate_red(payload, std::array<RedPayloadType, 1>{{{111, 200}}}));
}

TEST(Red, TruncatedPayloadsAreRefused) {
  EXPECT_EQ(translated(""), "refused");
  for (const char* hex : {"ef", "ef 0f", "ef 0f 00", "ef 0f 00 02", "ef 0f 00 02 6f",
                          "ef 0f 00 02 6f a0", "ef 0f 00 00 ef"}) {
    EXPECT_EQ(translated(hex), "refused") << hex;
  }
}

TEST(Red, EndlessHeadersAreRefused) {
  std::string hex;
  for (int i = 0; i < 40; ++i) {
    hex += "ef 00 00 00 ";
  }
  EXPECT_EQ(translated(hex + "6f"), "refused");
}

}  // namespace
}  // namespace sluice::codecs
