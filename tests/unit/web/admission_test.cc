#include "web/admission.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::web {
namespace {

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

TEST(Admission, LimitsTheTotal) {
  Admission admission({.max_connections = 2, .max_per_address = 9});
  auto a = admission.admit(ip("1.1.1.1"));
  auto b = admission.admit(ip("1.1.1.2"));
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(admission.admit(ip("1.1.1.3")));
  a = {};
  EXPECT_TRUE(admission.admit(ip("1.1.1.3")));
  EXPECT_EQ(admission.connections(), 1u);
}

TEST(Admission, LimitsOneAddress) {
  Admission admission({.max_connections = 9, .max_per_address = 2});
  auto a = admission.admit(ip("1.1.1.1"));
  auto b = admission.admit(ip("1.1.1.1"));
  EXPECT_FALSE(admission.admit(ip("1.1.1.1")));
  EXPECT_TRUE(admission.admit(ip("1.1.1.2")));
  const auto moved = std::move(b);
  EXPECT_EQ(admission.connections_of(ip("1.1.1.1")), 2u);
  a = {};
  EXPECT_EQ(admission.connections_of(ip("1.1.1.1")), 1u);
}

TEST(Admission, AnIpv6NetworkCountsAsOne) {
  Admission admission({.max_connections = 9, .max_per_address = 1});
  const auto a = admission.admit(ip("2001:db8:0:1::1"));
  EXPECT_FALSE(admission.admit(ip("2001:db8:0:1:ffff::2")));
  EXPECT_TRUE(admission.admit(ip("2001:db8:0:2::1")));
}

TEST(Admission, ProxiesCountOnlyInTheTotalAndTheirUsersOnlyByAddress) {
  Admission admission({.max_connections = 9, .max_per_address = 1});
  std::vector<Admission::Ticket> proxied;
  for (int i = 0; i < 3; ++i) {
    proxied.push_back(admission.admit(ip("127.0.0.1"), false));
    EXPECT_TRUE(proxied.back());
  }
  EXPECT_EQ(admission.connections(), 3u);
  const auto user = admission.admit_user(ip("1.1.1.1"));
  EXPECT_TRUE(user);
  EXPECT_FALSE(admission.admit_user(ip("1.1.1.1")));
  EXPECT_EQ(admission.connections(), 3u);
}

TEST(Admission, RateIsATokenBucket) {
  Admission admission(
      {.max_connections = 9, .max_per_address = 9, .requests_per_second = 10, .burst = 3});
  const IpAddress a = ip("1.1.1.1");
  Micros now = 5s;
  EXPECT_TRUE(admission.allow_request(a, now));
  EXPECT_TRUE(admission.allow_request(a, now));
  EXPECT_TRUE(admission.allow_request(a, now));
  EXPECT_FALSE(admission.allow_request(a, now));
  EXPECT_TRUE(admission.allow_request(ip("1.1.1.2"), now));
  now += 100ms;
  EXPECT_TRUE(admission.allow_request(a, now));
  EXPECT_FALSE(admission.allow_request(a, now));
  now += 10s;  // never more than the burst
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(admission.allow_request(a, now));
  }
  EXPECT_FALSE(admission.allow_request(a, now));
}

TEST(Admission, NoRateMeansNoLimit) {
  Admission admission({});
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(admission.allow_request(ip("1.1.1.1"), 0us));
  }
  EXPECT_EQ(admission.rate_records(), 0u);
}

TEST(Admission, RateRecordsAreBoundedAndForgotten) {
  Admission admission({.max_connections = 9, .max_per_address = 9, .requests_per_second = 1});
  Micros now = 1s;
  for (uint32_t i = 0; i < 200000; ++i) {
    admission.allow_request(IpAddress::v4(i), now);
  }
  EXPECT_LE(admission.rate_records(), 65536u);
  now += 1h;
  admission.allow_request(ip("9.9.9.9"), now);
  EXPECT_EQ(admission.rate_records(), 1u);
}

}  // namespace
}  // namespace sluice::web
