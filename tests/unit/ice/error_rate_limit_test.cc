#include "protocol/ice/error_rate_limit.h"

#include <gtest/gtest.h>

namespace sluice::ice {
namespace {

TEST(ErrorRateLimit, AllowsTenPerSourceAndSecond) {
  ErrorRateLimit limit;
  const IpAddress a = IpAddress::v4(1);
  const IpAddress b = *IpAddress::parse("2001:db8::1");
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(limit.allow(a, 5s));
    EXPECT_TRUE(limit.allow(b, 5s));
  }
  EXPECT_FALSE(limit.allow(a, 5s));
  EXPECT_FALSE(limit.allow(b, 5999ms));
  EXPECT_EQ(limit.refused(), 2u);
  EXPECT_TRUE(limit.allow(a, 6s));
}

TEST(ErrorRateLimit, AllowsAThousandPerSecondInAll) {
  ErrorRateLimit limit;
  for (uint32_t i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limit.allow(IpAddress::v4(i), 0s));
  }
  EXPECT_FALSE(limit.allow(IpAddress::v4(5000), 0s));
  EXPECT_FALSE(limit.allow(IpAddress::v4(1), 999ms));
  EXPECT_TRUE(limit.allow(IpAddress::v4(5000), 1s));
}

TEST(ErrorRateLimit, WorksOverManyWindowsFullOfStrangers) {
  ErrorRateLimit limit;
  uint32_t source = 0;
  for (int second = 0; second < 20; ++second) {
    int allowed = 0;
    for (int i = 0; i < 3000; ++i) {
      allowed += limit.allow(IpAddress::v4(++source), second * 1s) ? 1 : 0;
    }
    EXPECT_EQ(allowed, 1000);
  }
}

TEST(ErrorRateLimit, SourcesDoNotShareTheirPart) {
  ErrorRateLimit limit;
  for (uint32_t second = 0; second < 10; ++second) {
    for (uint32_t i = 0; i < 1000; ++i) {
      EXPECT_TRUE(limit.allow(IpAddress::v4(second * 100 + i % 100), second * 1s));
    }
  }
}

TEST(ErrorRateLimit, ARefusedResponseIsNotCountedAgain) {
  ErrorRateLimit limit;
  for (int i = 0; i < 500; ++i) {
    limit.allow(IpAddress::v4(1), 0s);
  }
  int allowed = 0;
  for (uint32_t i = 2; i < 2000; ++i) {
    allowed += limit.allow(IpAddress::v4(i), 0s) ? 1 : 0;
  }
  EXPECT_EQ(allowed, 990);
}

}  // namespace
}  // namespace sluice::ice
