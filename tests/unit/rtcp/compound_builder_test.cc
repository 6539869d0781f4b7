// Compounds of reports: order, splitting into packets of 31 and into datagrams of 1292 bytes.
#include "protocol/rtcp/compound_builder.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "support.h"

namespace sluice::rtcp {
namespace {

class CompoundBuilderTest : public testing::Test {
 protected:
  static std::vector<ReportBlock> blocks(size_t count) {
    std::vector<ReportBlock> made(count);
    for (size_t i = 0; i < count; ++i) {
      made[i].ssrc = Ssrc(static_cast<uint32_t>(100 + i));
    }
    return made;
  }

  Buffer write() const {
    Buffer datagram(kRtcpBudget);
    ByteWriter writer(datagram);
    EXPECT_TRUE(builder_.write(writer));
    EXPECT_EQ(writer.size(), builder_.size());
    datagram.resize(writer.size());
    return datagram;
  }

  void add_or_flush(const ReportContribution& contribution) {
    builder_.add_or_flush(contribution, buffer_, [this](Bytes bytes) { sent(bytes); });
  }
  void finish() {
    builder_.finish(buffer_, [this](Bytes bytes) { sent(bytes); });
  }
  void sent(Bytes bytes) { sent_.emplace_back(bytes.begin(), bytes.end()); }

  CompoundBuilder builder_{Ssrc(9)};
  std::array<uint8_t, kRtcpBudget> buffer_{};
  std::vector<Buffer> sent_;
};

TEST_F(CompoundBuilderTest, OrderIsSrRrSdesXr) {
  const OutgoingSenderReport report{Ssrc(1), {}};
  const SdesChunk chunk{Ssrc(1), "name"};
  const DlrrItem dlrr{Ssrc(1), 2, 3};
  const auto one = blocks(1);
  // Consumers and producers come in any order.
  ASSERT_TRUE(builder_.add({.blocks = one, .reference_time = NtpTime{5, 6}}));
  ASSERT_TRUE(
      builder_.add({.sender_reports = {&report, 1}, .chunks = {&chunk, 1}, .dlrr = {&dlrr, 1}}));

  const Buffer datagram = write();
  const Parsed parsed = parse(datagram);
  ASSERT_EQ(parsed.packets.size(), 4u);
  EXPECT_TRUE(is<SenderReport>(parsed.packets[0]));
  ASSERT_TRUE(is<ReceiverReport>(parsed.packets[1]));
  EXPECT_EQ(std::get<ReceiverReport>(parsed.packets[1]).sender, Ssrc(9));
  EXPECT_TRUE(is<SourceDescription>(parsed.packets[2]));
  ASSERT_TRUE(is<ExtendedReport>(parsed.packets[3]));
  const auto& xr = std::get<ExtendedReport>(parsed.packets[3]);
  EXPECT_EQ(xr.sender(), Ssrc(9));
  EXPECT_EQ(xr.reference_time(), (NtpTime{5, 6}));
}

TEST_F(CompoundBuilderTest, EachSenderSsrcHasAPacketOfItsOwn) {
  const std::array<OutgoingSenderReport, 2> reports{{{Ssrc(1), {}}, {Ssrc(2), {}}}};
  ASSERT_TRUE(builder_.add({.sender_reports = reports}));
  const Buffer datagram = write();
  const Parsed parsed = parse(datagram);
  ASSERT_EQ(parsed.packets.size(), 2u);
  EXPECT_EQ(std::get<SenderReport>(parsed.packets[0]).ssrc, Ssrc(1));
  EXPECT_EQ(std::get<SenderReport>(parsed.packets[1]).ssrc, Ssrc(2));
}

TEST_F(CompoundBuilderTest, ReferenceTimeIsToldOnceAndOnlyWithReportBlocks) {
  ASSERT_TRUE(builder_.add({.reference_time = NtpTime{5, 6}}));
  EXPECT_EQ(builder_.size(), 0u);
  const auto one = blocks(1);
  ASSERT_TRUE(builder_.add({.blocks = one, .reference_time = NtpTime{7, 8}}));
  const Buffer datagram = write();
  EXPECT_EQ(datagram.size(), 8u + 24 + 8 + 12);
  EXPECT_EQ(std::get<ExtendedReport>(parse(datagram).packets[1]).reference_time(), (NtpTime{5, 6}));
}

TEST_F(CompoundBuilderTest, Rtc07ReportBlocksBeyond31StartAnotherRr) {  // RTC-07
  const auto many = blocks(32);
  ASSERT_TRUE(builder_.add({.blocks = many}));
  const Buffer datagram = write();
  const Parsed parsed = parse(datagram);
  ASSERT_EQ(parsed.packets.size(), 2u);
  EXPECT_EQ(std::get<ReceiverReport>(parsed.packets[0]).blocks.size(), 31u);
  const auto& rest = std::get<ReceiverReport>(parsed.packets[1]);
  ASSERT_EQ(rest.blocks.size(), 1u);
  EXPECT_EQ(rest.blocks[0].ssrc, Ssrc(131));
}

TEST_F(CompoundBuilderTest, Rtc08ChunksBeyond31StartAnotherSdes) {  // RTC-08
  const std::vector<SdesChunk> chunks(32, SdesChunk{Ssrc(1), "cname"});
  ASSERT_TRUE(builder_.add({.chunks = chunks}));
  const Buffer datagram = write();
  const Parsed parsed = parse(datagram);
  ASSERT_EQ(parsed.packets.size(), 2u);
  EXPECT_EQ(std::get<SourceDescription>(parsed.packets[0]).chunk_count(), 31u);
  EXPECT_EQ(std::get<SourceDescription>(parsed.packets[1]).chunk_count(), 1u);
}

TEST_F(CompoundBuilderTest, Rtc22WhatDoesNotFitGoesIntoAnotherCompound) {  // RTC-22
  const auto many = blocks(30);
  add_or_flush({.blocks = many});
  EXPECT_TRUE(sent_.empty());
  add_or_flush({.blocks = many});
  ASSERT_EQ(sent_.size(), 1u);
  finish();
  ASSERT_EQ(sent_.size(), 2u);
  for (const Buffer& datagram : sent_) {
    EXPECT_LE(datagram.size(), 1292u);
    EXPECT_EQ(parse_one<ReceiverReport>(datagram)->blocks.size(), 30u);
  }
}

TEST_F(CompoundBuilderTest, Rtc22RestWithoutReportIsNotSent) {  // RTC-22
  const auto many = blocks(50);
  add_or_flush({.blocks = many});
  const std::vector<DlrrItem> dlrr(10);
  add_or_flush({.dlrr = dlrr});
  ASSERT_EQ(sent_.size(), 1u);
  finish();
  EXPECT_EQ(sent_.size(), 1u);
  EXPECT_TRUE(builder_.empty());
}

TEST_F(CompoundBuilderTest, ContributionBeyondTheBudgetIsCutIntoItems) {
  const auto many = blocks(120);
  add_or_flush({.blocks = many, .reference_time = NtpTime{1, 2}});
  finish();
  ASSERT_EQ(sent_.size(), 3u);
  uint32_t next = 100;
  for (const Buffer& datagram : sent_) {
    EXPECT_LE(datagram.size(), 1292u);
    parse_compound(datagram, [&](const ReceiverReport& report) {
      for (const ReportBlock block : report.blocks) {
        EXPECT_EQ(block.ssrc, Ssrc(next++));
      }
    });
  }
  EXPECT_EQ(next, 220u);
}

TEST_F(CompoundBuilderTest, FullToTheLastByteAndNotBeyond) {
  CompoundBuilder small(Ssrc(0), 8 + 24 + 24);
  const auto two = blocks(2);
  EXPECT_TRUE(small.add({.blocks = two}));
  EXPECT_EQ(small.size(), 56u);
  CompoundBuilder smaller(Ssrc(0), 8 + 24 + 23);
  EXPECT_FALSE(smaller.add({.blocks = two}));
  EXPECT_TRUE(smaller.empty());
}

TEST_F(CompoundBuilderTest, NothingToSayIsNothingSent) {
  finish();
  EXPECT_TRUE(sent_.empty());
}

}  // namespace
}  // namespace sluice::rtcp
