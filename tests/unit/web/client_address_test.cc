// Forwarding headers count only when the direct peer may be a proxy (FoundryVTT 3.6).
#include "web/client_address.h"

#include <gtest/gtest.h>

namespace sluice::web {
namespace {

std::string client(const char* peer, const Headers& headers) {
  return client_address(*IpAddress::parse(peer), headers).to_string();
}

TEST(ClientAddress, APublicPeerSpeaksOnlyForItself) {
  EXPECT_EQ(client("8.8.8.8", {{"X-Real-IP", "1.2.3.4"}, {"X-Forwarded-For", "1.2.3.4"}}),
            "8.8.8.8");
}

TEST(ClientAddress, APrivatePeerIsBelieved) {
  EXPECT_EQ(client("127.0.0.1", {{"X-Real-IP", "1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(client("172.18.0.2", {{"X-Forwarded-For", "1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(client("::1", {{"X-Forwarded-For", "2001:db8::7"}}), "2001:db8::7");
}

TEST(ClientAddress, MappedAddressesAreTheAddressesTheyMean) {  // ATTACK-12
  const Headers forged = {{"X-Forwarded-For", "1.2.3.4"}};
  EXPECT_EQ(client("::ffff:8.8.8.8", forged), "8.8.8.8");
  EXPECT_EQ(client("64:ff9b::127.0.0.1", forged), "64:ff9b::7f00:1");
  EXPECT_EQ(client("::ffff:127.0.0.1", forged), "1.2.3.4");
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "::ffff:1.2.3.4"}}), "1.2.3.4");
}

TEST(ClientAddress, WithoutHeadersItIsThePeer) {
  EXPECT_EQ(client("10.0.0.9", {}), "10.0.0.9");
}

TEST(ClientAddress, TheEntryOfTheNearestProxyWinsOverForgedOnes) {
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 1.2.3.4"}}), "1.2.3.4");
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "1.2.3.4"}}),
            "1.2.3.4");
}

TEST(ClientAddress, PrivateHopsAreWalkedOver) {
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "1.2.3.4, 10.0.0.1, 10.0.0.2"}}), "1.2.3.4");
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "192.168.1.5, 10.0.0.1"}}), "192.168.1.5");
}

TEST(ClientAddress, TakesEntriesWithPortsAndStopsAtNonsense) {
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "1.2.3.4:555"}}), "1.2.3.4");
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "[2001:db8::7]:5"}}), "2001:db8::7");
  EXPECT_EQ(client("127.0.0.1", {{"X-Forwarded-For", "1.2.3.4, unknown"}}), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", {{"X-Real-IP", "nonsense"}}), "127.0.0.1");
}

TEST(ClientAddress, TlsInFrontIsBelievedOfProxiesOnly) {
  const Headers https = {{"X-Forwarded-Proto", "https"}};
  EXPECT_TRUE(proxied_over_tls(*IpAddress::parse("127.0.0.1"), https));
  EXPECT_FALSE(proxied_over_tls(*IpAddress::parse("8.8.8.8"), https));
  EXPECT_FALSE(proxied_over_tls(*IpAddress::parse("127.0.0.1"), {{"X-Forwarded-Proto", "http"}}));
}

}  // namespace
}  // namespace sluice::web
