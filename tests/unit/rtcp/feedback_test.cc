// Feedback messages other than transport-cc, read and written.
#include <gtest/gtest.h>

#include <vector>

#include "golden.h"
#include "protocol/rtcp/nack.h"
#include "protocol/rtcp/picture_feedback.h"
#include "protocol/rtcp/rate_feedback.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

constexpr FeedbackHeader kHeader{Ssrc(0x11), Ssrc(0x22)};

std::vector<uint16_t> named(const Buffer& datagram) {
  std::vector<uint16_t> seqs;
  parse_compound(datagram, [&](const Nack& nack) {
    nack.for_each([&](SeqNum seq) { seqs.push_back(seq.value); });
  });
  return seqs;
}

std::vector<SeqNum> seq_nums(std::initializer_list<int> values) {
  std::vector<SeqNum> seqs;
  for (const int value : values) {
    seqs.emplace_back(static_cast<uint16_t>(value));
  }
  return seqs;
}

TEST(Nack, Rtc17FullMaskNames17Packets) {  // RTC-17
  const auto seqs = named(hex("81cd0003 00000011 00000022 0064 ffff"));
  ASSERT_EQ(seqs.size(), 17u);
  for (size_t i = 0; i < seqs.size(); ++i) {
    EXPECT_EQ(seqs[i], 100 + i);
  }
  EXPECT_EQ((NackItem{SeqNum(100), 0xffff}.size()), 17);
}

TEST(Nack, MaskWrapsAroundTheSequence) {
  EXPECT_EQ(named(hex("81cd0003 00000011 00000022 fffe 8003")),
            (std::vector<uint16_t>{0xfffe, 0xffff, 0, 14}));
}

TEST(Nack, WithoutItemsIsValidAndNamesNothing) {
  const Buffer packet = hex("81cd0002 00000011 00000022");
  ASSERT_TRUE(parse_one<Nack>(packet));
  EXPECT_TRUE(named(packet).empty());
}

TEST(Nack, IsWrittenAsItWasRead) {
  const auto lost = seq_nums({100, 101, 103});
  EXPECT_EQ(written([&](ByteWriter& writer) { EXPECT_EQ(write_nack(writer, kHeader, lost), 3u); }),
            golden_packets()[4].packet);
}

TEST(Nack, DistantAndWrappingNumbersArePackedIntoItems) {
  const auto lost = seq_nums({65530, 65535, 0, 10, 11, 500, 516, 517});
  const Buffer packet =
      written([&](ByteWriter& writer) { EXPECT_EQ(write_nack(writer, kHeader, lost), 8u); });
  // 65530 reaches to 10; 11 is alone; 500 reaches to 516; 517 is alone.
  EXPECT_EQ(packet.size(), 12u + 4 * 4);
  EXPECT_EQ(named(packet), (std::vector<uint16_t>{65530, 65535, 0, 10, 11, 500, 516, 517}));
}

TEST(Nack, WritesWhatFitsAndTellsHowMuch) {
  const auto lost = seq_nums({0, 100, 200, 300});
  for (size_t room = 0; room < 40; ++room) {
    Buffer buffer(room);
    ByteWriter writer(buffer);
    const size_t expected = room < 16 ? 0 : std::min<size_t>((room - 12) / 4, 4);
    EXPECT_EQ(write_nack(writer, kHeader, lost), expected) << room;
    EXPECT_EQ(writer.size(), expected == 0 ? 0 : 12 + expected * 4);
    EXPECT_TRUE(writer.ok());
  }
}

TEST(Nack, NothingLostIsNoPacket) {
  EXPECT_TRUE(written([](ByteWriter& writer) { write_nack(writer, kHeader, {}); }).empty());
}

TEST(Tllei, ItemsAreRead) {
  const Buffer packet = golden_packets()[7].packet;
  const auto tllei = parse_one<Tllei>(packet);
  ASSERT_TRUE(tllei);
  EXPECT_EQ(tllei->items[0], (NackItem{SeqNum(100), 5}));
}

TEST(Pli, IsWrittenAsItWasRead) {
  EXPECT_EQ(written([](ByteWriter& writer) { write_pli(writer, kHeader); }),
            golden_packets()[10].packet);
}

TEST(Fir, Rtc15TwoEntriesAreTwoRequests) {  // RTC-15
  const Buffer packet = hex("84ce0006 00000011 00000000 00000022 07000000 00000033 08000000");
  const auto fir = parse_one<Fir>(packet);
  ASSERT_TRUE(fir);
  ASSERT_EQ(fir->items.size(), 2u);
  EXPECT_EQ(fir->items[0], (FirItem{Ssrc(0x22), 7}));
  EXPECT_EQ(fir->items[1], (FirItem{Ssrc(0x33), 8}));

  const std::vector<FirItem> items(fir->items.begin(), fir->items.end());
  EXPECT_EQ(written([&](ByteWriter& writer) { write_fir(writer, fir->header, items); }), packet);
}

TEST(Fir, IncompleteEntryIsMalformed) {
  EXPECT_TRUE(parse(hex("84ce0003 00000011 00000000 00000022")).packets.empty());
}

TEST(Sli, BitFieldsAreTakenApart) {
  const Buffer packet = golden_packets()[11].packet;
  const auto sli = parse_one<Sli>(packet);
  ASSERT_TRUE(sli);
  EXPECT_EQ(sli->items[0], (SliItem{1, 2, 1}));
  EXPECT_EQ(SliItem::read(hex("ffffffff").data()), (SliItem{0x1fff, 0x1fff, 0x3f}));
}

TEST(Rpsi, PaddingBitsAreTakenOff) {
  const Buffer packet = hex("83ce0004 00000011 00000022 18 e0 0102 03000000");
  const auto rpsi = parse_one<Rpsi>(packet);
  ASSERT_TRUE(rpsi);
  EXPECT_EQ(rpsi->payload_type, PayloadType(0x60));
  EXPECT_EQ(Buffer(rpsi->bit_string.begin(), rpsi->bit_string.end()), hex("010203"));
}

TEST(Rpsi, Rtc21WrongPaddingBitsAreIgnored) {  // RTC-21
  // No whole bytes; more than there are.
  EXPECT_TRUE(parse(hex("83ce0003 00000011 00000022 07600102")).packets.empty());
  EXPECT_TRUE(parse(hex("83ce0003 00000011 00000022 18600102")).packets.empty());
  EXPECT_TRUE(parse_one<Rpsi>(hex("83ce0003 00000011 00000022 10600102")));
}

TEST(Tstr, ItemsAreRead) {
  const Buffer request = golden_packets()[14].packet;
  const auto tstr = parse_one<Tstr>(request);
  ASSERT_TRUE(tstr);
  EXPECT_EQ(tstr->items[0], (TstItem{Ssrc(0x22), 7, 31}));
  const Buffer answer = golden_packets()[15].packet;
  const auto tstn = parse_one<Tstn>(answer);
  ASSERT_TRUE(tstn);
  EXPECT_EQ(tstn->items[0], (TstItem{Ssrc(0x22), 7, 31}));
}

TEST(Vbcm, MessagesOfAnyLengthAreRead) {
  const Buffer packet =
      hex("87ce0008 00000011 00000000"
          "00000022 07600003 01020300"
          "00000033 08610004 0a0b0c0d");
  const auto vbcm = parse_one<Vbcm>(packet);
  ASSERT_TRUE(vbcm);
  std::vector<Buffer> octets;
  vbcm->for_each(
      [&](const VbcmItem& item) { octets.emplace_back(item.octets.begin(), item.octets.end()); });
  EXPECT_EQ(octets, (std::vector<Buffer>{hex("010203"), hex("0a0b0c0d")}));
}

TEST(Vbcm, MessageBeyondTheEndIsMalformed) {
  EXPECT_TRUE(parse(hex("87ce0005 00000011 00000000 00000022 07600005 01020300")).packets.empty());
}

TEST(Pslei, SourcesAreRead) {
  const Buffer packet = golden_packets()[17].packet;
  const auto pslei = parse_one<Pslei>(packet);
  ASSERT_TRUE(pslei);
  EXPECT_EQ(pslei->sources[0].ssrc, Ssrc(0x22));
}

TEST(Remb, IsReadAndWrittenBack) {
  const Buffer packet = golden_packets()[18].packet;
  const auto remb = parse_one<Remb>(packet);
  ASSERT_TRUE(remb);
  EXPECT_EQ(remb->bitrate, BitRate(500'000));
  ASSERT_EQ(remb->sources.size(), 1u);
  const Ssrc source = remb->sources[0].ssrc;
  EXPECT_EQ(written([&](ByteWriter& writer) {
              write_remb(writer, remb->header.sender, remb->bitrate, {&source, 1});
            }),
            packet);
}

TEST(Remb, RatesSurviveWithEighteenBits) {
  for (const uint64_t rate :
       {0ull, 1ull, 30'000ull, 0x3ffffull, 0x40000ull, 0x40001ull, 123'456'789ull, 0xffffffffull}) {
    const Buffer packet =
        written([&](ByteWriter& writer) { write_remb(writer, Ssrc(1), BitRate(rate), {}); });
    const auto remb = parse_one<Remb>(packet);
    ASSERT_TRUE(remb) << rate;
    EXPECT_LE(remb->bitrate.value, rate);
    EXPECT_GE(remb->bitrate.value + (rate >> 17), rate);
  }
}

TEST(Remb, RateBeyond32BitsIsWrittenAsTheMost) {
  const Buffer packet =
      written([](ByteWriter& writer) { write_remb(writer, Ssrc(1), BitRate(1ull << 40), {}); });
  EXPECT_EQ(parse_one<Remb>(packet)->bitrate, BitRate(0x3ffffull << 14));
}

TEST(Remb, Rtc13WrongNumberOfSourcesIsIgnored) {  // RTC-13
  for (const uint8_t count : std::initializer_list<uint8_t>{0, 2, 255}) {
    Buffer packet = golden_packets()[18].packet;
    packet[16] = count;
    EXPECT_TRUE(parse(packet).packets.empty()) << int{count};
  }
}

TEST(Remb, Rtc14OverflowIsIgnored) {  // RTC-14
  EXPECT_TRUE(parse(hex("8fce0004 00000011 00000000 52454d42 00ffffff")).packets.empty());
  // 18 bits of mantissa may be shifted by 14.
  EXPECT_TRUE(parse_one<Remb>(hex("8fce0004 00000011 00000000 52454d42 003bffff")));
  EXPECT_TRUE(parse(hex("8fce0004 00000011 00000000 52454d42 003fffff")).packets.empty());
  // Nothing shifted is nothing.
  const auto zero = parse_one<Remb>(hex("8fce0004 00000011 00000000 52454d42 00fc0000"));
  ASSERT_TRUE(zero);
  EXPECT_EQ(zero->bitrate, BitRate(0));
}

TEST(Remb, OtherApplicationFeedbackIsIgnored) {
  EXPECT_TRUE(parse(hex("8fce0004 00000011 00000000 52454d43 00000001")).packets.empty());
}

TEST(Tmmbr, LimitIsRead) {
  const Buffer packet = golden_packets()[5].packet;
  const auto tmmbr = parse_one<Tmmbr>(packet);
  ASSERT_TRUE(tmmbr);
  EXPECT_EQ(tmmbr->items[0], (TmmbItem{Ssrc(0x22), BitRate(1000), 40}));
}

TEST(Tmmbr, Rtc21OverflowIsIgnored) {  // RTC-21
  // Exponent 63, mantissa 2; then 63 and 1, which still fits.
  EXPECT_TRUE(parse(hex("83cd0004 00000011 00000000 00000022 fc000400")).packets.empty());
  EXPECT_TRUE(parse(hex("84cd0004 00000011 00000000 00000022 fc000400")).packets.empty());
  const Buffer fits = hex("83cd0004 00000011 00000000 00000022 fc000200");
  const auto tmmbr = parse_one<Tmmbr>(fits);
  ASSERT_TRUE(tmmbr);
  EXPECT_EQ(tmmbr->items[0].bitrate, BitRate(1ull << 63));
}

TEST(Tmmbn, WithoutLimitIsValid) {
  EXPECT_TRUE(parse_one<Tmmbn>(hex("84cd0002 00000011 00000000")));
}

TEST(EcnFeedback, FieldsAreRead) {
  const auto ecn = parse_one<EcnFeedback>(golden_packets()[8].packet);
  ASSERT_TRUE(ecn);
  EXPECT_EQ(ecn->extended_highest, 0x10003u);
  EXPECT_EQ(ecn->ect0, 4u);
  EXPECT_EQ(ecn->ect1, 5u);
  EXPECT_EQ(ecn->congestion_experienced, 6);
  EXPECT_EQ(ecn->not_ect, 7);
  EXPECT_EQ(ecn->lost, 8);
  EXPECT_EQ(ecn->duplicated, 9);
}

TEST(Feedback, NothingIsWrittenWithoutRoom) {
  const FirItem fir{Ssrc(1), 2};
  for (size_t room = 0; room < 12; ++room) {
    Buffer buffer(room);
    ByteWriter writer(buffer);
    EXPECT_FALSE(write_pli(writer, kHeader));
    EXPECT_FALSE(write_fir(writer, kHeader, {&fir, 1}));
    EXPECT_FALSE(write_remb(writer, Ssrc(1), BitRate(1), {}));
    EXPECT_EQ(writer.size(), 0u);
    EXPECT_TRUE(writer.ok());
  }
}

}  // namespace
}  // namespace sluice::rtcp
