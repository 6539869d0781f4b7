// When reports and rate limits are sent.
#include <gtest/gtest.h>

#include <vector>

#include "protocol/rtcp/remb_limiter.h"
#include "protocol/rtcp/report_schedule.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

TEST(ReportSchedule, NothingBeforeTheConnection) {
  ReportSchedule schedule;
  EXPECT_FALSE(schedule.next_timeout());
  EXPECT_FALSE(schedule.on_timeout(ms(10'000), 0));
}

TEST(ReportSchedule, FirstTickIsSpreadOverHalfASecond) {
  ReportSchedule schedule;
  schedule.start(ms(100), 0);
  EXPECT_EQ(schedule.next_timeout(), ms(600));
  schedule.start(ms(100), 0x80000000);
  EXPECT_EQ(schedule.next_timeout(), ms(850));
  schedule.start(ms(100), 0xffffffff);
  EXPECT_LT(*schedule.next_timeout(), ms(1100));
}

TEST(ReportSchedule, TicksComeEverySecondToSecondAndAHalf) {
  ReportSchedule schedule;
  schedule.start(ms(0), 0);
  EXPECT_FALSE(schedule.on_timeout(ms(499), 0));
  EXPECT_TRUE(schedule.on_timeout(ms(500), 0));
  EXPECT_EQ(schedule.next_timeout(), ms(1500));
  EXPECT_TRUE(schedule.on_timeout(ms(1500), 0x80000000));
  EXPECT_EQ(schedule.next_timeout(), ms(2750));
  EXPECT_TRUE(schedule.on_timeout(ms(2750), 0xffffffff));
  EXPECT_GT(*schedule.next_timeout(), ms(4249));
  EXPECT_LT(*schedule.next_timeout(), ms(4250));
}

TEST(ReportSchedule, StopsWithTheConnection) {
  ReportSchedule schedule;
  schedule.start(ms(0), 0);
  schedule.stop();
  EXPECT_FALSE(schedule.on_timeout(ms(10'000), 0));
}

TEST(ReportInterval, FirstReportIsDueAtOnce) {
  EXPECT_TRUE(ReportInterval(ReportInterval::kVideo).due(ms(0)));
}

TEST(ReportInterval, FifteenPercentOfSlack) {
  ReportInterval video(ReportInterval::kVideo);
  video.sent(ms(1000));
  EXPECT_FALSE(video.due(ms(1869)));
  EXPECT_TRUE(video.due(ms(1870)));
  ReportInterval audio(ReportInterval::kAudio);
  audio.sent(ms(0));
  EXPECT_FALSE(audio.due(ms(4347)));
  EXPECT_TRUE(audio.due(ms(4348)));
}

/// The REMBs sent while a packet comes every 10 ms.
std::vector<std::pair<int, uint64_t>> run(RembLimiter& limiter, int from_ms, int to_ms) {
  std::vector<std::pair<int, uint64_t>> sent;
  for (int at = from_ms; at < to_ms; at += 10) {
    if (const auto rate = limiter.on_packet(ms(at))) {
      sent.emplace_back(at, rate->value);
    }
  }
  return sent;
}

using Sent = std::vector<std::pair<int, uint64_t>>;

TEST(RembLimiter, Bwe04LimitIsRepeatedAndItsEndToldFourTimes) {  // BWE-04
  RembLimiter limiter;
  EXPECT_TRUE(run(limiter, 0, 5000).empty());
  EXPECT_FALSE(limiter.set_limit(BitRate(500'000), ms(5000)));
  // More than 1500 ms apart: on a grid of 10 ms, 1510.
  EXPECT_EQ(run(limiter, 5000, 9000), (Sent{{5000, 500'000}, {6510, 500'000}, {8020, 500'000}}));
  EXPECT_EQ(limiter.set_limit(BitRate(0), ms(9000)), BitRate(0));
  EXPECT_EQ(run(limiter, 9000, 30'000), (Sent{{10'510, 0}, {12'020, 0}, {13'530, 0}}));
}

TEST(RembLimiter, NoLimitFromTheStartSaysNothing) {
  RembLimiter limiter;
  EXPECT_FALSE(limiter.set_limit(BitRate(0), ms(0)));
  EXPECT_TRUE(run(limiter, 0, 10'000).empty());
}

TEST(RembLimiter, NewLimitEndsTheLifting) {
  RembLimiter limiter;
  limiter.set_limit(BitRate(500'000), ms(0));
  limiter.set_limit(BitRate(0), ms(0));
  limiter.set_limit(BitRate(300'000), ms(100));
  EXPECT_EQ(run(limiter, 100, 3100), (Sent{{1510, 300'000}, {3020, 300'000}}));
}

}  // namespace
}  // namespace sluice::rtcp
