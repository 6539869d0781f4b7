// Which datagrams are STUN at all (media-plane 1.2, first paragraph).
#include <gtest/gtest.h>

#include "protocol/stun/message.h"
#include "unit/stun/vectors.h"

namespace sluice::stun {
namespace {

TEST(StunRecognition, AcceptsABareHeader) {
  EXPECT_TRUE(is_stun(Bytes(vectors::request()).first(20)));
}

TEST(StunRecognition, Ice01RejectsNineteenBytes) {  // ICE-01
  const auto datagram = vectors::request();
  EXPECT_FALSE(is_stun(Bytes(datagram).first(19)));
}

TEST(StunRecognition, Ice02RejectsOtherFirstBytes) {  // ICE-02
  auto datagram = vectors::request();
  for (unsigned first = 0; first < 256; ++first) {
    datagram[0] = static_cast<uint8_t>(first);
    EXPECT_EQ(is_stun(datagram), first < 3) << first;
  }
}

TEST(StunRecognition, Ice03RejectsAnotherCookie) {  // ICE-03
  for (size_t i = 4; i < 8; ++i) {
    auto datagram = vectors::request();
    datagram[i] ^= 0x01;
    EXPECT_FALSE(is_stun(datagram)) << i;
    EXPECT_EQ(Message::parse(datagram).error(), ParseError::kNotStun) << i;
  }
}

}  // namespace
}  // namespace sluice::stun
