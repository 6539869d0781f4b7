#include "protocol/sctp/crc32c.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

// RFC 3720 appendix B.4, and the usual check value.
TEST(Crc32c, KnownValues) {
  const std::vector<uint8_t> zeros(32, 0x00);
  const std::vector<uint8_t> ones(32, 0xFF);
  std::vector<uint8_t> up(32);
  for (size_t i = 0; i < up.size(); ++i) {
    up[i] = static_cast<uint8_t>(i);
  }
  for (const auto& [data, value] : {std::pair{Bytes(zeros), 0x8A9136AAu},
                                    {Bytes(ones), 0x62A8AB43u},
                                    {Bytes(up), 0x46DD794Eu},
                                    {as_bytes("123456789"), 0xE3069283u},
                                    {Bytes{}, 0u}}) {
    EXPECT_EQ(crc32c(data), value);
    EXPECT_EQ(crc32c_portable(data), value);
  }
}

TEST(Crc32c, BothWaysAgreeOnEveryLengthAndAlignment) {
  const std::vector<uint8_t> data = pattern(1300);
  for (size_t start = 0; start < 8; ++start) {
    for (size_t size = 0; size < 1290; size += size < 40 ? 1 : 53) {
      const Bytes part = Bytes(data).subspan(start, size);
      ASSERT_EQ(crc32c(part), crc32c_portable(part)) << start << " " << size;
    }
  }
}

TEST(Crc32c, OfAPacketIgnoresItsOwnField) {
  std::vector<uint8_t> packet = pattern(100);
  const uint32_t checksum = packet_checksum(packet);
  store_be32(&packet[8], 0);
  // The field holds the least significant byte first.
  EXPECT_EQ(checksum, __builtin_bswap32(crc32c(packet)));
}

}  // namespace
}  // namespace sluice::sctp
