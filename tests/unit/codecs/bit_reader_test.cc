// Reading bits, and the non-symmetric code.
#include "protocol/codecs/bit_reader.h"

#include <gtest/gtest.h>

#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

TEST(BitReader, ReadsAcrossBytes) {
  const Payload data = from_hex("a5 c3 0f 81 7e");
  BitReader bits(data);
  EXPECT_EQ(bits.read(3), 0b101U);
  EXPECT_EQ(bits.read(0), 0U);
  EXPECT_EQ(bits.read(9), 0b001011100U);
  EXPECT_EQ(bits.read(28), 0x30f817eU);
  EXPECT_TRUE(bits.ok());
  EXPECT_EQ(bits.remaining(), 0U);
}

TEST(BitReader, ReadsWholeWords) {
  const Payload data = from_hex("01 23 45 67 89");
  BitReader bits(data);
  EXPECT_EQ(bits.read(32), 0x01234567U);
}

TEST(BitReader, PastTheEndItFailsForGood) {
  const Payload data = from_hex("ff");
  BitReader bits(data);
  EXPECT_EQ(bits.read(7), 0x7fU);
  EXPECT_EQ(bits.read(2), 0U);
  EXPECT_FALSE(bits.ok());
  EXPECT_EQ(bits.read(1), 0U);
  EXPECT_FALSE(bits.ok());
}

TEST(BitReader, NonSymmetricNumbersRoundTrip) {
  for (uint32_t limit = 1; limit <= 33; ++limit) {
    BitWriter writer;
    for (uint32_t value = 0; value < limit; ++value) {
      writer.non_symmetric(value, limit);
    }
    BitReader bits(writer.bytes());
    for (uint32_t value = 0; value < limit; ++value) {
      ASSERT_EQ(bits.non_symmetric(limit), value) << "below " << limit;
    }
    EXPECT_TRUE(bits.ok());
  }
}

TEST(BitReader, NonSymmetricCodeOfFive) {  // 0 1 2 take two bits, 3 and 4 take three
  const Payload data = from_hex("1b 80");  // 00 01 10 110 111 -> padded
  BitReader bits(data);
  EXPECT_EQ(bits.non_symmetric(5), 0U);
  EXPECT_EQ(bits.non_symmetric(5), 1U);
  EXPECT_EQ(bits.non_symmetric(5), 2U);
  EXPECT_EQ(bits.non_symmetric(5), 4U);
}

}  // namespace
}  // namespace sluice::codecs
