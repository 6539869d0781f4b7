// What a consumer reports about its own stream.
#include "protocol/rtcp/sender_report_clock.h"

#include <gtest/gtest.h>

#include "support.h"

namespace sluice::rtcp {
namespace {

const NtpClock kNtp(std::chrono::seconds(1000), ms(0));

TEST(SenderReportClock, Rtc25NothingBeforeTheFirstPacket) {  // RTC-25
  EXPECT_FALSE(SenderReportClock(kNtp, 90000).sender_info({}, ms(500)));
}

TEST(SenderReportClock, TimestampRunsOnFromTheHighestSent) {
  const SentTotals sent{
      .packets = 7, .octets = 700, .max_timestamp = Timestamp(1000), .max_timestamp_at = ms(2000)};
  const auto info = SenderReportClock(kNtp, 90000).sender_info(sent, ms(2500));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->rtp, Timestamp(1000 + 45000));
  EXPECT_EQ(info->ntp, kNtp.at(ms(2500)));
  EXPECT_EQ(info->packets, 7u);
  EXPECT_EQ(info->octets, 700u);
}

TEST(SenderReportClock, TimestampAndCountersWrap) {
  const SentTotals sent{.packets = (1ull << 32) + 1,
                        .octets = (1ull << 33) + 2,
                        .max_timestamp = Timestamp(0xffffff00),
                        .max_timestamp_at = ms(0)};
  const auto info = SenderReportClock(kNtp, 48000).sender_info(sent, ms(10));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->rtp, Timestamp(480 - 256));
  EXPECT_EQ(info->packets, 1u);
  EXPECT_EQ(info->octets, 2u);
}

}  // namespace
}  // namespace sluice::rtcp
