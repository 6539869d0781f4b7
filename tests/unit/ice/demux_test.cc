// Packet classes (media-plane 2).
#include "protocol/ice/demux.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::ice {
namespace {

/// `size` bytes that begin with these two; longer ones carry the STUN cookie.
std::vector<uint8_t> packet(unsigned first, unsigned second, size_t size) {
  std::vector<uint8_t> bytes(std::max<size_t>(size, 8));
  bytes[0] = static_cast<uint8_t>(first);
  bytes[1] = static_cast<uint8_t>(second);
  store_be32(&bytes[4], stun::kMagicCookie);
  bytes.resize(size);
  return bytes;
}

PacketClass class_of(unsigned first, unsigned second, size_t size) {
  return classify(packet(first, second, size));
}

TEST(Demux, Dmx01Rtcp) {  // DMX-01
  EXPECT_EQ(class_of(128, 200, 8), PacketClass::kRtcp);
}

TEST(Demux, Dmx02Rtp) {  // DMX-02
  EXPECT_EQ(class_of(128, 96, 12), PacketClass::kRtp);
}

TEST(Demux, Dmx03AShortRtpIsUnknown) {  // DMX-03
  EXPECT_EQ(class_of(128, 96, 11), PacketClass::kUnknown);
}

TEST(Demux, Dmx04DtlsNeedsARecordHeader) {  // DMX-04
  EXPECT_EQ(class_of(22, 254, 13), PacketClass::kDtls);
  EXPECT_EQ(class_of(22, 254, 12), PacketClass::kUnknown);
}

TEST(Demux, Dmx05ZrtpAndTurnChannelsAreUnknown) {  // DMX-05
  EXPECT_EQ(class_of(64, 0, 20), PacketClass::kUnknown);
  EXPECT_EQ(class_of(16, 0, 20), PacketClass::kUnknown);
}

TEST(Demux, Dmx06PlainSctpHasPorts5000) {  // DMX-06
  std::vector<uint8_t> datagram(12);
  store_be16(&datagram[0], 5000);
  store_be16(&datagram[2], 5000);
  ASSERT_EQ(datagram[0], 0x13);
  EXPECT_EQ(classify_plain(datagram), PacketClass::kSctp);
  EXPECT_EQ(classify(datagram), PacketClass::kUnknown) << "not on WebRTC transports";
  EXPECT_EQ(classify_plain(Bytes(datagram).first(11)), PacketClass::kUnknown);
  datagram[3] ^= 1;
  EXPECT_EQ(classify_plain(datagram), PacketClass::kUnknown);
}

TEST(Demux, PlainTransportsClassifyTheRestAlike) {
  for (unsigned first = 0; first < 256; ++first) {
    for (const size_t size : {0, 4, 12, 13, 20}) {
      const auto datagram = packet(first, 0x60, size);
      EXPECT_EQ(classify_plain(datagram), classify(datagram));
    }
  }
}

TEST(Demux, EveryFirstByteAndLength) {
  for (unsigned first = 0; first < 256; ++first) {
    for (size_t size = 0; size <= 20; ++size) {
      PacketClass with_rtp_type = PacketClass::kUnknown;
      PacketClass with_rtcp_type = PacketClass::kUnknown;
      if (first <= 2) {
        if (size >= 20) {
          with_rtp_type = with_rtcp_type = PacketClass::kStun;
        }
      } else if (first >= 20 && first <= 63) {
        if (size >= 13) {
          with_rtp_type = with_rtcp_type = PacketClass::kDtls;
        }
      } else if (first >= 128 && first <= 191) {
        with_rtp_type = size >= 12 ? PacketClass::kRtp : PacketClass::kUnknown;
        with_rtcp_type = size >= 4 ? PacketClass::kRtcp : PacketClass::kUnknown;
      }
      EXPECT_EQ(class_of(first, 96, size), with_rtp_type) << first << " " << size;
      EXPECT_EQ(class_of(first, 200, size), with_rtcp_type) << first << " " << size;
    }
  }
}

TEST(Demux, EverySecondByteIsRtpOrRtcp) {
  for (unsigned second = 0; second < 256; ++second) {
    const bool rtcp = second >= 192 && second <= 223;
    EXPECT_EQ(class_of(0x80, second, 20), rtcp ? PacketClass::kRtcp : PacketClass::kRtp) << second;
    EXPECT_EQ(class_of(0xbf, second, 20), rtcp ? PacketClass::kRtcp : PacketClass::kRtp) << second;
  }
}

TEST(Demux, StunNeedsTheCookie) {
  auto datagram = packet(0, 1, 20);
  datagram[4] ^= 1;
  EXPECT_EQ(classify(datagram), PacketClass::kUnknown);
}

}  // namespace
}  // namespace sluice::ice
