#include "app/descriptors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace sluice::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Descriptors, SoftLimitBecomesTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(Descriptors, SomeAreKeptForOtherThingsThanConnections) {
  EXPECT_EQ(connections_within(1024), 896U);
  EXPECT_EQ(connections_within(65536), 57344U);
}

TEST(Descriptors, ALimitThatIsTooLowIsNamedWithWhatItAllows) {
  EXPECT_THAT(descriptor_hint(1024, 20000).value_or(""),
              AllOf(HasSubstr("1024 open files"), HasSubstr("896 connections"),
                    HasSubstr("20000 (limits.connections)"), HasSubstr("LimitNOFILE")));
  EXPECT_FALSE(descriptor_hint(65536, 20000));
  EXPECT_FALSE(descriptor_hint(1024, 896));
}

}  // namespace
}  // namespace sluice::app
