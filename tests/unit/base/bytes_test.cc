// ByteReader and ByteWriter stop at the end of the buffer and stay stopped; wrapping comparison
// follows media-plane 0.2.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

#include "base/types.h"

namespace sluice {
namespace {

TEST(ByteReader, ReadsBigEndianInOrder) {
  const std::array<uint8_t, 10> data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  ByteReader reader(data);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u24(), 0x040506u);
  EXPECT_EQ(reader.u32(), 0x0708090au);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ByteReader, AReadPastTheEndFailsForGood) {
  const std::array<uint8_t, 2> data = {1, 2};
  ByteReader reader(data);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteWriter, AWritePastTheEndWritesNothing) {
  std::array<uint8_t, 3> data = {9, 9, 9};
  ByteWriter writer(data);
  writer.u16(0x0102);
  writer.u16(0x0304);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(data, (std::array<uint8_t, 3>{1, 2, 9}));
}

TEST(WrappingNumbers, CompareAcrossTheWrap) {
  EXPECT_TRUE(is_higher(SeqNum{0}, SeqNum{65000}));
  EXPECT_FALSE(is_higher(SeqNum{65000}, SeqNum{0}));
  EXPECT_FALSE(is_higher(SeqNum{7}, SeqNum{7}));
  EXPECT_TRUE((is_higher<15, uint16_t>(0, 32500)));
  EXPECT_TRUE((is_higher<64, uint64_t>(5, UINT64_MAX - 5)));
}

TEST(WrappingNumbers, ExtendStaysNearTheReference) {
  EXPECT_EQ(extend<16>(1, 65535), 65537);
  EXPECT_EQ(extend<16>(65535, 65537), 65535);
  EXPECT_EQ(extend<16>(65535, 0), -1);
  EXPECT_EQ(extend<32>(5, (int64_t{1} << 32) - 1), (int64_t{1} << 32) + 5);
}

}  // namespace
}  // namespace sluice
