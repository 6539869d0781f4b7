#include "base/socket_address.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(IpAddress, Ice51NormalisesLiterals) {  // ICE-51
  EXPECT_EQ(IpAddress::parse("::FFFF:1.2.3.4")->to_string(), "1.2.3.4");
  EXPECT_EQ(IpAddress::parse("0:0:0:0:0:0:0:1")->to_string(), "::1");
}

TEST(IpAddress, Ice52RejectsNames) {  // ICE-52
  EXPECT_FALSE(IpAddress::parse("foo"));
  EXPECT_FALSE(IpAddress::parse(""));
  EXPECT_FALSE(IpAddress::parse("1.2.3"));
}

TEST(IpAddress, KnowsPrivateRanges) {
  for (const char* text : {"10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1",
                           "127.0.0.1", "::1", "fe80::1", "fd00::1"}) {
    EXPECT_TRUE(IpAddress::parse(text)->is_private()) << text;
  }
  for (const char* text : {"8.8.8.8", "172.32.0.1", "2001:db8::1"}) {
    EXPECT_FALSE(IpAddress::parse(text)->is_private()) << text;
  }
}

TEST(IpAddress, EveryFormOfAnAddressIsJudgedAlike) {  // ATTACK-12
  for (const char* text : {"::ffff:127.0.0.1", "::FFFF:7f00:1", "0:0:0:0:0:ffff:127.0.0.1",
                           "::ffff:10.0.0.1", "::ffff:169.254.169.254", "FE80::1"}) {
    EXPECT_TRUE(IpAddress::parse(text)->is_private()) << text;
  }
  EXPECT_TRUE(IpAddress::parse("::ffff:127.0.0.1")->is_loopback());
  EXPECT_EQ(*IpAddress::parse("::ffff:127.0.0.1"), *IpAddress::parse("127.0.0.1"));
  // Translated and compatible forms lead elsewhere, so nothing is granted to them; nor to "any".
  for (const char* text :
       {"64:ff9b::127.0.0.1", "2002:7f00:1::", "::127.0.0.1", "0.0.0.0", "::", "::ffff:8.8.8.8"}) {
    EXPECT_FALSE(IpAddress::parse(text)->is_private()) << text;
  }
}

TEST(SocketAddress, RoundTripsText) {
  for (const char* text : {"1.2.3.4:5", "[::1]:65535"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
  for (const char* text : {"1.2.3.4", "::1:80", "1.2.3.4:", "1.2.3.4:70000", "[1.2.3.4:5", ":5"}) {
    EXPECT_FALSE(SocketAddress::parse(text)) << text;
  }
}

}  // namespace
}  // namespace sluice
