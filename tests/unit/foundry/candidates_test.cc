#include "dialects/foundry/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::foundry {
namespace {

using testing::ElementsAre;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

std::vector<std::string> candidates(std::string_view host, std::vector<IpAddress> resolved,
                                    std::string_view local, std::vector<IpAddress> machine) {
  return candidate_addresses(host, resolved, ip(local), machine);
}

// FOUNDRY-19
TEST(FoundryCandidates, Foundry19HostThenLocalThenMachine) {
  EXPECT_THAT(candidates("203.0.113.5:3000", {}, "172.17.0.2", {ip("10.0.0.1"), ip("10.0.0.2")}),
              ElementsAre("203.0.113.5", "172.17.0.2", "10.0.0.1", "10.0.0.2"));
}

// FOUNDRY-19
TEST(FoundryCandidates, Foundry19EachOnceAndNeverAny) {
  EXPECT_THAT(candidates("192.168.1.2", {}, "192.168.1.2",
                         {ip("192.168.1.2"), ip("0.0.0.0"), ip("::"), ip("10.0.0.1")}),
              ElementsAre("192.168.1.2", "10.0.0.1"));
  EXPECT_THAT(candidates("0.0.0.0:3000", {}, "127.0.0.1", {}), ElementsAre("127.0.0.1"));
  EXPECT_THAT(candidates("[::]:3000", {}, "127.0.0.1", {}), ElementsAre("127.0.0.1"));
}

TEST(FoundryCandidates, NameStandsForItsAddresses) {
  EXPECT_THAT(
      candidates("media.example.org", {ip("203.0.113.5"), ip("2001:db8::5")}, "10.0.0.1", {}),
      ElementsAre("203.0.113.5", "2001:db8::5", "10.0.0.1"));
}

TEST(FoundryCandidates, ResolvedAddressesCountForNamesOnly) {
  EXPECT_THAT(candidates("203.0.113.5", {ip("198.51.100.1")}, "10.0.0.1", {}),
              ElementsAre("203.0.113.5", "10.0.0.1"));
}

TEST(FoundryCandidates, LocalhostNeedsNoResolver) {
  EXPECT_THAT(candidates("localhost:3000", {}, "127.0.0.1", {ip("10.0.0.1")}),
              ElementsAre("127.0.0.1", "10.0.0.1"));
  EXPECT_EQ(name_to_resolve("localhost:3000"), "");
  EXPECT_EQ(name_to_resolve("LocalHost"), "");
  EXPECT_EQ(name_to_resolve("game.localhost."), "");
  EXPECT_EQ(name_to_resolve("notlocalhost"), "notlocalhost");
}

TEST(FoundryCandidates, LoopbackOfIpv6MeansThatOfIpv4Too) {
  EXPECT_THAT(candidates("[::1]:3000", {}, "::1", {}), ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(candidates("localhost", {}, "::1", {}), ElementsAre("127.0.0.1", "::1"));
}

TEST(FoundryCandidates, MissingOrMalformedHostIsPassedOver) {
  for (const char* host : {"", "a b", "http://x", ":3000", "x:y"}) {
    EXPECT_EQ(name_to_resolve(host), "") << host;
    EXPECT_THAT(candidates(host, {}, "10.0.0.1", {}), ElementsAre("10.0.0.1")) << host;
  }
}

TEST(FoundryCandidates, NamesToResolveAreUniform) {
  EXPECT_EQ(name_to_resolve("Media.Example.ORG.:3000"), "media.example.org");
  EXPECT_EQ(name_to_resolve("203.0.113.5:3000"), "");
  EXPECT_EQ(name_to_resolve("[2001:db8::5]"), "");
}

}  // namespace
}  // namespace sluice::foundry
