// The walk over a compound: what ends it, what is passed over, and that each type of packet is
// recognised, at every length it may be cut to.
#include "protocol/rtcp/compound_parser.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

const Buffer kRr = hex("80c90001 00000011");
const Buffer kNackPacket = hex("81cd0003 00000011 00000022 0064 0000");

TEST(CompoundParser, Rtc01FewerThanFourBytesAreNothing) {  // RTC-01
  const Buffer packet = kRr;
  for (size_t size = 0; size < 4; ++size) {
    const Parsed parsed = parse(Buffer(packet.begin(), packet.begin() + size));
    EXPECT_TRUE(parsed.packets.empty()) << size;
    EXPECT_EQ(parsed.summary.broken, size > 0);
  }
}

TEST(CompoundParser, Rtc02AnotherVersionStopsTheWalk) {  // RTC-02
  for (const uint8_t version : std::initializer_list<uint8_t>{0, 1, 3}) {
    Buffer wrong = kRr;
    wrong[0] = static_cast<uint8_t>(version << 6);
    const Parsed parsed = parse(kRr + wrong + kNackPacket);
    EXPECT_EQ(parsed.packets.size(), 1u);
    EXPECT_TRUE(parsed.summary.broken);
  }
}

TEST(CompoundParser, Rtc03LengthBeyondTheEndKeepsEarlierPackets) {  // RTC-03
  Buffer wrong = kRr;
  wrong[3] = 2;
  const Parsed parsed = parse(kNackPacket + wrong);
  ASSERT_EQ(parsed.packets.size(), 1u);
  EXPECT_TRUE(is<Nack>(parsed.packets[0]));
  EXPECT_TRUE(parsed.summary.broken);
}

TEST(CompoundParser, Rtc04UnknownTypeIsPassedOver) {  // RTC-04
  const Parsed parsed = parse(hex("80d10001 00000000") + kRr);
  ASSERT_EQ(parsed.packets.size(), 1u);
  EXPECT_TRUE(is<ReceiverReport>(parsed.packets[0]));
  EXPECT_EQ(parsed.summary.skipped, 1u);
  EXPECT_FALSE(parsed.summary.broken);
}

TEST(CompoundParser, Rtc05AppDoesNotHideANack) {  // RTC-05
  const Parsed parsed = parse(hex("80cc0002 00000011 6e616d65") + kNackPacket);
  ASSERT_EQ(parsed.packets.size(), 1u);
  EXPECT_TRUE(is<Nack>(parsed.packets[0]));
}

TEST(CompoundParser, Rtc05MalformedSdesDoesNotHideANack) {  // RTC-05
  const Parsed parsed = parse(hex("81ca0002 00000011 01ff6162") + kNackPacket);
  ASSERT_EQ(parsed.packets.size(), 1u);
  EXPECT_TRUE(is<Nack>(parsed.packets[0]));
}

TEST(CompoundParser, UnknownFeedbackFormatsArePassedOver) {
  for (const char* header : {"85cd0002", "86cd0002", "8bcd0002", "8ace0002", "9fce0002"}) {
    const Parsed parsed = parse(hex(header) + hex("00000011 00000022") + kRr);
    EXPECT_EQ(parsed.packets.size(), 1u) << header;
    EXPECT_EQ(parsed.summary.skipped, 1u) << header;
  }
}

TEST(CompoundParser, Rtc23FeedbackOfAHeaderAloneIsIgnored) {  // RTC-23
  for (const uint8_t type : std::initializer_list<uint8_t>{205, 206}) {
    for (uint8_t format = 0; format < 32; ++format) {
      for (const uint8_t words : std::initializer_list<uint8_t>{0, 1}) {
        Buffer packet(4 + words * 4u);
        packet[0] = static_cast<uint8_t>(0x80 | format);
        packet[1] = type;
        packet[3] = words;
        const Parsed parsed = parse(packet + kRr);
        EXPECT_EQ(parsed.packets.size(), 1u) << int{type} << ' ' << int{format};
        EXPECT_EQ(parsed.summary.skipped, 1u);
      }
    }
  }
}

TEST(CompoundParser, PaddingOfTheLastPacketIsTakenOff) {
  const auto nack = parse_one<Nack>(hex("a1cd0004 00000011 00000022 0064 0000 00000004"));
  ASSERT_TRUE(nack);
  EXPECT_EQ(nack->items.size(), 1u);
}

TEST(CompoundParser, PaddingBeforeTheLastPacketIsMalformed) {
  const Parsed parsed = parse(hex("a1cd0004 00000011 00000022 0064 0000 00000004") + kRr);
  ASSERT_EQ(parsed.packets.size(), 1u);
  EXPECT_TRUE(is<ReceiverReport>(parsed.packets[0]));
  EXPECT_EQ(parsed.summary.skipped, 1u);
}

TEST(CompoundParser, PaddedTransportFeedbackMayBeFollowedByAnother) {
  const Buffer feedback = golden_packets()[9].packet;
  const Parsed parsed = parse(feedback + feedback);
  ASSERT_EQ(parsed.packets.size(), 2u);
  EXPECT_TRUE(is<TransportFeedback>(parsed.packets[0]));
}

TEST(CompoundParser, PaddingThatCountsNothingOrTooMuchIsMalformed) {
  for (const uint8_t count : std::initializer_list<uint8_t>{0, 17, 255}) {
    Buffer packet = hex("a1cd0004 00000011 00000022 0064 0000 00000004");
    packet.back() = count;
    const Parsed parsed = parse(packet);
    EXPECT_TRUE(parsed.packets.empty()) << int{count};
    EXPECT_EQ(parsed.summary.skipped, 1u);
  }
  EXPECT_TRUE(parse(hex("a0c90000")).packets.empty());
}

TEST(CompoundParser, NeedNotBeginWithAReport) {
  const Parsed parsed = parse(kNackPacket + kRr);
  EXPECT_EQ(parsed.packets.size(), 2u);
}

TEST(CompoundParser, VisitorTakesOnlyTheTypesItNames) {
  const Buffer datagram = kRr + kNackPacket + kRr;
  int reports = 0;
  const CompoundSummary summary =
      parse_compound(datagram, Overloaded{[&](const ReceiverReport&) { ++reports; }});
  EXPECT_EQ(reports, 2);
  EXPECT_EQ(summary.parsed, 3u);
}

TEST(CompoundParser, EveryTypeIsRecognised) {
  for (const Golden& golden : golden_packets()) {
    const Parsed parsed = parse(golden.packet);
    ASSERT_EQ(parsed.packets.size(), 1u) << golden.name;
    EXPECT_EQ(parsed.packets[0].index(), golden.index) << golden.name;
    EXPECT_FALSE(parsed.summary.broken);
  }
}

TEST(CompoundParser, EveryTypeInOneDatagram) {
  Buffer datagram;
  for (const Golden& golden : golden_packets()) {
    datagram = datagram + golden.packet;
  }
  EXPECT_EQ(parse(datagram).packets.size(), std::variant_size_v<Packet>);
}

TEST(CompoundParser, EveryTypeCutAnywhereIsNoPacket) {
  for (const Golden& golden : golden_packets()) {
    for (size_t size = 0; size < golden.packet.size(); ++size) {
      // An exact copy, so that a read behind it is seen by the address sanitizer.
      const Buffer cut(golden.packet.begin(), golden.packet.begin() + size);
      EXPECT_TRUE(parse(cut).packets.empty()) << golden.name << ' ' << size;
    }
  }
}

TEST(CompoundParser, EveryTypeWithAShorterLengthIsCheckedInside) {
  for (const Golden& golden : golden_packets()) {
    for (size_t size = 4; size <= golden.packet.size(); size += 4) {
      Buffer cut(golden.packet.begin(), golden.packet.begin() + size);
      cut[3] = static_cast<uint8_t>(size / 4 - 1);
      EXPECT_EQ(parse(cut).packets.size(), golden.valid_sizes.count(size))
          << golden.name << ' ' << size;
    }
  }
}

TEST(CompoundParser, Rtc16PliNamesTheStreamItIsAbout) {  // RTC-16
  // The owner looks the SSRC up and ignores what is no media stream of its own.
  const auto pli = parse_one<Pli>(hex("81ce0002 00000011 deadbeef"));
  ASSERT_TRUE(pli);
  EXPECT_EQ(pli->header.sender, Ssrc(0x11));
  EXPECT_EQ(pli->header.media, Ssrc(0xdeadbeef));
}

TEST(CompoundParser, Rtc24ReportAboutTheProbationStreamNamesIt) {  // RTC-24
  Buffer report = hex("81c90007 00000011") + hex(kBlockHex);
  store_be32(&report[8], 1234);
  const auto rr = parse_one<ReceiverReport>(report);
  ASSERT_TRUE(rr);
  EXPECT_EQ(rr->blocks[0].ssrc, Ssrc(1234));
}

}  // namespace
}  // namespace sluice::rtcp
