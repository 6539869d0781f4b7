// NTP time and round-trip times.
#include "protocol/rtcp/ntp_time.h"

#include <gtest/gtest.h>

#include "support.h"

namespace sluice::rtcp {
namespace {

TEST(NtpTime, UnixEpochIs70YearsIn) {
  EXPECT_EQ(NtpTime::from_unix(Micros(0)), (NtpTime{2208988800u, 0}));
}

TEST(NtpTime, FractionIsOfASecond) {
  EXPECT_EQ(NtpTime::from_unix(ms(1500)), (NtpTime{2208988801u, 0x80000000}));
  EXPECT_EQ(NtpTime::from_unix(Micros(250'000)), (NtpTime{2208988800u, 0x40000000}));
  EXPECT_EQ(NtpTime::from_unix(Micros(999'999)).fraction, 0xffffef39u);
}

TEST(NtpTime, SecondsWrapIn2036) {
  // 2036-02-07 06:28:16 UTC.
  EXPECT_EQ(NtpTime::from_unix(std::chrono::seconds(2085978496)), (NtpTime{0, 0}));
}

TEST(NtpTime, CompactIsTheMiddle) {
  EXPECT_EQ((NtpTime{0x11223344, 0x55667788}.compact()), 0x33445566u);
  EXPECT_EQ(NtpTime::from_bits(0x1122334455667788).bits(), 0x1122334455667788u);
}

TEST(NtpClock, FollowsTheMonotonicClockFromOneSample) {
  const NtpClock clock(std::chrono::seconds(1000), ms(50));
  EXPECT_EQ(clock.at(ms(50)), NtpTime::from_unix(std::chrono::seconds(1000)));
  EXPECT_EQ(clock.at(ms(1550)), NtpTime::from_unix(ms(1'001'500)));
  EXPECT_EQ(clock.at(ms(0)), NtpTime::from_unix(ms(999'950)));
}

TEST(CompactTime, ConvertsBothWays) {
  EXPECT_EQ(to_compact(std::chrono::seconds(1)), 65536u);
  EXPECT_EQ(to_compact(ms(500)), 32768u);
  EXPECT_EQ(from_compact(65536), std::chrono::seconds(1));
  EXPECT_EQ(from_compact(32768), ms(500));
  EXPECT_EQ(from_compact(0xffffffff).count(), 65535'999'984);
}

TEST(CompactTime, OutOfRangeIsClamped) {
  EXPECT_EQ(to_compact(Micros(-1)), 0u);
  EXPECT_EQ(to_compact(std::chrono::hours(19)), 0xffffffffu);
  EXPECT_EQ(to_compact(Micros::max()), 0xffffffffu);
}

TEST(RoundTripTime, IsWhatTheDelayLeaves) {
  const uint32_t sent = NtpTime{100, 0}.compact();
  const uint32_t now = NtpTime{100, 0x60000000}.compact();  // 375 ms later
  EXPECT_EQ(round_trip_time(now, sent, to_compact(ms(250))), ms(125));
}

TEST(RoundTripTime, SurvivesTheWrapOfCompactTime) {
  const uint32_t sent = NtpTime{0xffff, 0x80000000}.compact();
  const uint32_t now = NtpTime{0x10000, 0x80000000}.compact();
  EXPECT_EQ(round_trip_time(now, sent, to_compact(ms(500))), ms(500));
}

TEST(RoundTripTime, Rtc26IsZeroWithoutReportOrDelay) {  // RTC-26
  EXPECT_EQ(round_trip_time(1000, 0, 5), Micros(0));
  EXPECT_EQ(round_trip_time(1000, 500, 0), Micros(0));
}

TEST(RoundTripTime, Rtc27IsZeroWhenTheDelayExceedsTheTimeSince) {  // RTC-27
  EXPECT_EQ(round_trip_time(1000, 900, 101), Micros(0));
  EXPECT_EQ(round_trip_time(1000, 900, 100), Micros(0));
  EXPECT_GT(round_trip_time(1000, 900, 99), Micros(0));
}

}  // namespace
}  // namespace sluice::rtcp
