// Sender and receiver reports, read and written.
#include "protocol/rtcp/reports.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

const ReportBlock kBlock{.ssrc = Ssrc(0x22),
                         .fraction_lost = 0x40,
                         .cumulative_lost = 0x102,
                         .extended_highest = 0x00010003,
                         .jitter = 4,
                         .last_sr = 0x00050006,
                         .delay_since_sr = 7};
const SenderInfo kInfo{
    .ntp = {10, 0x80000000}, .rtp = Timestamp(12345), .packets = 5, .octets = 100};

TEST(SenderReport, IsReadFieldByField) {
  const Buffer packet = golden_packets()[0].packet;
  const auto report = parse_one<SenderReport>(packet);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->ssrc, Ssrc(0x11));
  EXPECT_EQ(report->info, kInfo);
  ASSERT_EQ(report->blocks.size(), 1u);
  EXPECT_EQ(report->blocks[0], kBlock);
}

TEST(SenderReport, IsWrittenAsItWasRead) {
  EXPECT_EQ(written([](ByteWriter& writer) {
              write_sender_report(writer, Ssrc(0x11), kInfo, {&kBlock, 1});
            }),
            golden_packets()[0].packet);
}

TEST(SenderReport, Rtc05bHeaderAloneIsValidAndSaysNothing) {  // RTC-05b
  const auto report = parse_one<SenderReport>(hex("80c80000"));
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->info);
  EXPECT_TRUE(report->blocks.empty());
}

TEST(SenderReport, Rtc05bHeaderAloneDoesNotEndTheWalk) {  // RTC-05b
  EXPECT_EQ(parse(hex("80c80000 80c90001 00000011")).packets.size(), 2u);
}

TEST(SenderReport, HeaderAloneWithBlocksAnnouncedIsMalformed) {
  EXPECT_TRUE(parse(hex("81c80000")).packets.empty());
}

TEST(SenderReport, BytesBehindTheBlocksAreTolerated) {
  const Buffer packet =
      hex("80c80007 00000011 0000000a 80000000 00003039 00000005 00000064 cafecafe");
  const auto report = parse_one<SenderReport>(packet);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->info, kInfo);
  EXPECT_TRUE(report->blocks.empty());
}

TEST(ReceiverReport, Rtc06NoBlocksIsValid) {  // RTC-06
  const auto report = parse_one<ReceiverReport>(hex("80c90001 00000011"));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender, Ssrc(0x11));
  EXPECT_TRUE(report->blocks.empty());
}

TEST(ReceiverReport, IsReadAndWrittenBack) {
  const Buffer packet = golden_packets()[1].packet;
  const auto report = parse_one<ReceiverReport>(packet);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->blocks.size(), 1u);
  const ReportBlock block = report->blocks[0];
  EXPECT_EQ(block, kBlock);
  EXPECT_EQ(written([&](ByteWriter& writer) {
              write_receiver_report(writer, report->sender, {&block, 1});
            }),
            packet);
}

TEST(ReportBlock, Rtc10NegativeLossIsTwosComplement) {  // RTC-10
  for (const int32_t lost : {-1, -2, -0x800000, 0, 1, 0x7fffff}) {
    ReportBlock block = kBlock;
    block.cumulative_lost = lost;
    const Buffer bytes = written([&](ByteWriter& writer) { block.write(writer); });
    EXPECT_EQ(ReportBlock::read(bytes.data()), block) << lost;
  }
  ReportBlock minus_one = kBlock;
  minus_one.cumulative_lost = -1;
  const Buffer bytes = written([&](ByteWriter& writer) { minus_one.write(writer); });
  EXPECT_EQ(load_be24(&bytes[5]), 0xffffffu);
  EXPECT_EQ(bytes[4], 0x40);
}

TEST(ReportBlock, LossBeyond24BitsIsClamped) {
  ReportBlock block = kBlock;
  block.cumulative_lost = 0x800000;
  EXPECT_EQ(load_be24(&written([&](ByteWriter& writer) { block.write(writer); })[5]), 0x7fffffu);
  block.cumulative_lost = -0x800001;
  EXPECT_EQ(load_be24(&written([&](ByteWriter& writer) { block.write(writer); })[5]), 0x800000u);
}

TEST(ReceiverReport, MoreThan31BlocksAreRefused) {
  const std::vector<ReportBlock> blocks(32, kBlock);
  EXPECT_TRUE(written([&](ByteWriter& writer) {
                EXPECT_FALSE(write_receiver_report(writer, Ssrc(1), blocks));
              }).empty());
}

TEST(ReceiverReport, NothingIsWrittenWithoutRoom) {
  for (size_t room = 0; room < 32; ++room) {
    Buffer buffer(room);
    ByteWriter writer(buffer);
    EXPECT_FALSE(write_receiver_report(writer, Ssrc(1), {&kBlock, 1}));
    EXPECT_EQ(writer.size(), 0u);
  }
}

}  // namespace
}  // namespace sluice::rtcp
