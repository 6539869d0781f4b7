// Consent: a peer that stops checking is gone, until it checks again (media-plane 1.8).
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

using AgentConsent = AgentTest;

Micros effective_timeout(Micros option) {
  ErrorRateLimit errors;
  return Agent({.consent_timeout = option}, Credentials::generate(), errors).consent_timeout();
}

TEST(AgentConsentOption, Ice37IsBroughtIntoItsRange) {  // ICE-37
  EXPECT_EQ(effective_timeout(5s), 10s);
  EXPECT_EQ(effective_timeout(100s), 60s);
  EXPECT_EQ(effective_timeout(0s), 0s);
  EXPECT_EQ(effective_timeout(10s), 10s);
  EXPECT_EQ(effective_timeout(45s), 45s);
  EXPECT_EQ(AgentOptions{}.consent_timeout, 30s);
}

TEST_F(AgentConsent, DoesNotRunBeforeThePeerIsThere) {
  EXPECT_FALSE(agent_.next_timeout());
  check_with({known_.ufrag, "guess"}, path(1));
  EXPECT_FALSE(agent_.next_timeout());
  check(1, {.nomination = 0});
  EXPECT_FALSE(agent_.next_timeout()) << "the state is still new";
}

TEST_F(AgentConsent, EveryValidRequestMovesTheDeadline) {
  check(1);
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
  now_ += 7s;
  check(1);
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
  now_ += 7s;
  check(2, {.use = true});
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
  now_ += 7s;
  check(2, {.use = true});
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
}

TEST_F(AgentConsent, AFailedRequestDoesNotMoveTheDeadline) {
  check(1);
  const auto deadline = agent_.next_timeout();
  now_ += 7s;
  check_with({known_.ufrag, "guess"}, path(1));
  check(1, {.controlled = 1});
  EXPECT_EQ(agent_.next_timeout(), deadline);
}

TEST_F(AgentConsent, ATimeoutThatIsNotDueDoesNothing) {
  check(1);
  events();
  agent_.on_timeout(now_ + 30s - 1us);
  EXPECT_EQ(events(), Events{});
  EXPECT_EQ(agent_.state(), State::kConnected);
}

TEST_F(AgentConsent, Ice32WithoutRequestsThePeerIsGone) {  // ICE-32
  check(1);
  check(2, {.use = true});
  check(tcp_path(3));
  events();
  agent_.on_timeout(now_ + 30s);
  EXPECT_EQ(events(), (Events{"removed 1", "removed 2", "removed 3", "state disconnected"}));
  EXPECT_EQ(agent_.tuple_count(), 0u);
  EXPECT_EQ(agent_.selected(), nullptr);
  EXPECT_FALSE(agent_.next_timeout());
  agent_.on_timeout(now_ + 60s);
  EXPECT_EQ(events(), Events{}) << "the event comes once";
}

TEST_F(AgentConsent, Ice33TheNextRequestConnectsAgain) {  // ICE-33
  check(1, {.nomination = 9});
  now_ += 30s;
  agent_.on_timeout(now_);
  events();
  now_ += 5s;
  EXPECT_EQ(check(1), 200);
  EXPECT_EQ(events(), (Events{"added 1", "selected 1", "state connected"}));
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
  check(1, {.nomination = 1});
  EXPECT_EQ(agent_.state(), State::kCompleted) << "nominations count from zero again";
}

class AgentWithoutConsent : public AgentTest {
 protected:
  AgentWithoutConsent() : AgentTest(AgentOptions{.consent_timeout = 0s}) {}
};

TEST_F(AgentWithoutConsent, Ice37ZeroMeansNever) {  // ICE-37
  check(1);
  EXPECT_FALSE(agent_.next_timeout());
  agent_.on_timeout(now_ + 1000h);
  EXPECT_EQ(agent_.state(), State::kConnected);
}

}  // namespace
}  // namespace sluice::ice
