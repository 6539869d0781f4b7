// One time line over streams with different timestamp bases.
#include "protocol/layers/switch_timestamp.h"

#include <gtest/gtest.h>

namespace sluice::layers {
namespace {

constexpr uint32_t kClockRate = 90000;

ClockPair clock_at(Micros unix_time, uint32_t timestamp) {
  return {.ntp = rtcp::NtpTime::from_unix(unix_time), .rtp = Timestamp{timestamp}};
}

TEST(TimestampOffset, DifferenceOfTheBases) {
  // Both reports of the same moment.
  EXPECT_EQ(timestamp_offset(clock_at(10s, 1000), clock_at(10s, 501'000), kClockRate), 500'000U);
  // The second one a second later: its base is a second lower than it looks.
  EXPECT_EQ(timestamp_offset(clock_at(10s, 1000), clock_at(11s, 591'000), kClockRate), 500'000U);
  EXPECT_EQ(timestamp_offset(clock_at(11s, 91'000), clock_at(10s, 501'000), kClockRate), 500'000U);
}

TEST(TimestampOffset, WrapsWithTheTimestamps) {
  EXPECT_EQ(timestamp_offset(clock_at(10s, 0xffffff00), clock_at(10s, 0x100), kClockRate), 0x200U);
  EXPECT_EQ(timestamp_offset(clock_at(10s, 0x100), clock_at(10s, 0xffffff00), kClockRate),
            0xfffffe00U);
}

TEST(TimestampOffset, SurvivesTheEndOfTheNtpEra) {
  const ClockPair before{.ntp = {.seconds = 0xffffffff, .fraction = 0}, .rtp = Timestamp{0}};
  const ClockPair after{.ntp = {.seconds = 1, .fraction = 0}, .rtp = Timestamp{2 * kClockRate}};
  EXPECT_EQ(timestamp_offset(before, after, kClockRate), 0U);
}

/// Nothing passed since the highest timestamp.
SentTime sent(uint32_t highest) {
  return {.highest = Timestamp{highest}, .now = Timestamp{highest + 1}};
}

TEST(SwitchTimestamp, AFrameAheadOfWhatWasSentKeepsTheOffset) {
  const auto result = switch_timestamp(Timestamp{10'000}, 4000, sent(5999), kClockRate, false);
  EXPECT_TRUE(result.accept);
  EXPECT_EQ(result.offset, 4000U);
}

TEST(SwitchTimestamp, AFrameSlightlyBehindIsMovedInFront) {  // SIM-04
  // 20 ms behind the newest timestamp that was sent.
  const Timestamp highest{100'000};
  const uint32_t behind = 20 * kClockRate / 1000;
  const Timestamp timestamp{highest.value - behind + 7000};
  const auto result = switch_timestamp(timestamp, 7000, sent(highest.value), kClockRate, false);
  ASSERT_TRUE(result.accept);
  EXPECT_EQ(timestamp.value - result.offset, highest.value + 33 * kClockRate / 1000);
}

TEST(SwitchTimestamp, AFrameFarBehindAsksForOneMoreKeyFrame) {  // SIM-05
  const Timestamp highest{100'000};
  const Timestamp timestamp{highest.value - 167 * kClockRate / 1000};
  EXPECT_FALSE(switch_timestamp(timestamp, 0, sent(highest.value), kClockRate, false).accept);
  const auto second = switch_timestamp(timestamp, 0, sent(highest.value), kClockRate, true);
  ASSERT_TRUE(second.accept);
  EXPECT_EQ(timestamp.value - second.offset, highest.value + 1);
}

TEST(SwitchTimestamp, ComparesAcrossTheWrap) {
  const auto result = switch_timestamp(Timestamp{0x100}, 0, sent(0xffffff00), kClockRate, false);
  EXPECT_TRUE(result.accept);
  EXPECT_EQ(result.offset, 0U);
}

TEST(SwitchTimestamp, AnotherBaseContinuesTheTimeThatWasSent) {
  // Half a second after the last packet, from either side of the old base.
  const SentTime time{.highest = Timestamp{100'000}, .now = Timestamp{145'000}};
  for (const uint32_t timestamp : {3'000'000'000U, 1'200'000U, 4'294'000'000U}) {
    const auto result = switch_timestamp(Timestamp{timestamp}, 0, time, kClockRate, false);
    ASSERT_TRUE(result.accept);
    EXPECT_EQ(timestamp - result.offset, 145'000U);
  }
  // Nine seconds of delay are believed.
  EXPECT_EQ(switch_timestamp(Timestamp{955'000}, 0, time, kClockRate, false).offset, 0U);
}

}  // namespace
}  // namespace sluice::layers
