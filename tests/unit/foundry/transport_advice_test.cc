#include "dialects/foundry/transport_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sluice::foundry {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<ortc::IceCandidate> kCandidates{
    {.foundation = "udpcandidate", .priority = 2, .address = "192.0.2.1", .port = 10000},
    {.foundation = "tcpcandidate",
     .priority = 1,
     .address = "2001:db8::1",
     .protocol = ortc::TransportProtocol::kTcp,
     .port = 10001}};

TEST(FoundryTransportAdvice, BeforeAnyCheckItNamesWhatFirewallsMustLetThrough) {
  const std::string text = transport_advice("new", "new", "", kCandidates);
  EXPECT_THAT(text, HasSubstr("192.0.2.1:10000 (UDP)"));
  EXPECT_THAT(text, HasSubstr("[2001:db8::1]:10001 (TCP)"));
  EXPECT_THAT(text, Not(HasSubstr("private")));
}

TEST(FoundryTransportAdvice, SaysThatPrivateAddressesDoNotReachFar) {
  const std::vector<ortc::IceCandidate> addresses{{.address = "192.168.1.5", .port = 10000},
                                                  {.address = "fd00::1", .port = 10000}};
  EXPECT_THAT(transport_advice("new", "new", "", addresses), HasSubstr("public address"));
}

TEST(FoundryTransportAdvice, FailureOfTheEngineComesFirst) {
  EXPECT_EQ(transport_advice("new", "failed", "DTLS failed: x", kCandidates), "DTLS failed: x");
}

TEST(FoundryTransportAdvice, UnfinishedHandshakeIsToldApartFromIce) {
  EXPECT_THAT(transport_advice("connected", "new", "", {}), HasSubstr("has not begun"));
  EXPECT_THAT(transport_advice("completed", "connecting", "", {}), HasSubstr("has not finished"));
}

TEST(FoundryTransportAdvice, NothingIsSaidWhenAllIsWell) {
  EXPECT_EQ(transport_advice("completed", "connected", "", kCandidates), "");
}

TEST(FoundryTransportAdvice, ClosedIsClosed) {
  EXPECT_THAT(transport_advice("closed", "closed", "", {}), HasSubstr("closed"));
}

}  // namespace
}  // namespace sluice::foundry
