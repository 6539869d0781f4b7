// XR with receiver reference time and DLRR, read and written.
#include "protocol/rtcp/extended_report.h"

#include <gtest/gtest.h>

#include <vector>

#include "golden.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

std::vector<DlrrItem> dlrr_of(const ExtendedReport& report) {
  std::vector<DlrrItem> items;
  report.for_each_dlrr([&](const DlrrItem& item) { items.push_back(item); });
  return items;
}

TEST(ExtendedReport, IsReadAndWrittenBack) {
  const Buffer packet = golden_packets()[19].packet;
  const auto report = parse_one<ExtendedReport>(packet);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender(), Ssrc(0x11));
  EXPECT_EQ(report->reference_time(), (NtpTime{10, 0x80000000}));
  const auto items = dlrr_of(*report);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0], (DlrrItem{Ssrc(0x22), 6, 7}));
  EXPECT_EQ(written([&](ByteWriter& writer) {
              write_extended_report(writer, report->sender(), report->reference_time(), items);
            }),
            packet);
  EXPECT_EQ(extended_report_size(true, 1), packet.size());
}

TEST(ExtendedReport, Rtc11UnknownBlockAndPaddingHideNothing) {  // RTC-11
  const std::string_view blocks =
      "04000002 0000000a 80000000"
      "7f000001 cafecafe"
      "05000003 00000022 00000006 00000007";
  // Padding that is marked, and four zero bytes that are not.
  for (const auto& [header, tail] :
       {std::pair{"a0cf000b 00000011", "00000004"}, std::pair{"80cf000b 00000011", "00000000"}}) {
    const Buffer packet = hex(header) + hex(blocks) + hex(tail);
    const auto report = parse_one<ExtendedReport>(packet);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->reference_time(), (NtpTime{10, 0x80000000}));
    EXPECT_EQ(dlrr_of(*report), (std::vector<DlrrItem>{{Ssrc(0x22), 6, 7}}));
  }
}

TEST(ExtendedReport, Rtc12SubBlockWithoutSsrcIsAboutTheSender) {  // RTC-12
  const Buffer packet =
      hex("80cf0008 00000011 05000006 00000000 00000006 00000007 00000022 00000008 00000009");
  const auto report = parse_one<ExtendedReport>(packet);
  ASSERT_TRUE(report);
  EXPECT_EQ(dlrr_of(*report), (std::vector<DlrrItem>{{Ssrc(0x11), 6, 7}, {Ssrc(0x22), 8, 9}}));
}

TEST(ExtendedReport, KnownBlocksOfImpossibleLengthArePassedOver) {
  const Buffer packet =
      hex("80cf0009 00000011"
          "04000001 0000000a"
          "05000002 00000022 00000006"
          "04000002 0000000b 00000000");
  const auto report = parse_one<ExtendedReport>(packet);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->reference_time(), (NtpTime{11, 0}));
  EXPECT_TRUE(dlrr_of(*report).empty());
}

TEST(ExtendedReport, BlockBeyondTheEndIsMalformed) {
  EXPECT_TRUE(parse(hex("80cf0003 00000011 04000002 0000000a")).packets.empty());
}

TEST(ExtendedReport, NothingIsWrittenWithoutRoom) {
  const DlrrItem item{Ssrc(1), 2, 3};
  for (size_t room = 0; room < 36; ++room) {
    Buffer buffer(room);
    ByteWriter writer(buffer);
    EXPECT_FALSE(write_extended_report(writer, Ssrc(1), NtpTime{}, {&item, 1}));
    EXPECT_EQ(writer.size(), 0u);
  }
}

}  // namespace
}  // namespace sluice::rtcp
