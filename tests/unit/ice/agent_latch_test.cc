// Implicit selection: media from another known path makes it the selected one, within limits
// (media-plane 1.7).
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

class AgentLatch : public AgentTest {
 protected:
  using AgentTest::AgentTest;

  void connect_two() {
    check(1);
    check(2);
    events();
  }
};

TEST_F(AgentLatch, Ice38MediaFromAnotherKnownPathSelectsIt) {  // ICE-38
  connect_two();
  EXPECT_TRUE(agent_.latch(path(2), now_));
  EXPECT_EQ(selected(), 2);
  EXPECT_EQ(events(), (Events{"selected 2"}));
}

TEST_F(AgentLatch, Ice38AlsoWhenCompleted) {  // ICE-38
  check(1, {.use = true});
  check(2);
  EXPECT_TRUE(agent_.latch(path(2), now_));
  EXPECT_EQ(selected(), 2);
  EXPECT_EQ(agent_.state(), State::kCompleted);
}

TEST_F(AgentLatch, Ice39KnowingAPathDoesNotSelectIt) {  // ICE-39
  connect_two();
  EXPECT_TRUE(agent_.knows(path(2)));
  EXPECT_EQ(selected(), 1);
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentLatch, TheSelectedPathIsNoChange) {
  connect_two();
  EXPECT_FALSE(agent_.latch(path(1), now_));
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentLatch, Ice40AnUnknownPathIsNeverSelected) {  // ICE-40
  connect_two();
  EXPECT_FALSE(agent_.latch(path(3), now_));
  EXPECT_EQ(selected(), 1);
}

TEST_F(AgentLatch, NothingIsSelectedBeforeConnected) {
  check(1, {.nomination = 0});
  EXPECT_FALSE(agent_.latch(path(1), now_));
  EXPECT_EQ(agent_.selected(), nullptr);
  EXPECT_EQ(agent_.state(), State::kNew);
}

TEST_F(AgentLatch, NeedsACheckWithinTheConsentTime) {
  connect_two();
  const Micros checked = now_;
  now_ += 30s;
  check(1);
  EXPECT_FALSE(agent_.latch(path(2), checked + 30s + 1us));
  EXPECT_EQ(agent_.counters().latches_refused, 1u);
  EXPECT_TRUE(agent_.latch(path(2), checked + 30s));
}

TEST_F(AgentLatch, ALaterCheckRenewsThePath) {
  connect_two();
  now_ += 25s;
  check(2);
  EXPECT_TRUE(agent_.latch(path(2), now_ + 25s));
}

TEST_F(AgentLatch, MovesAtMostFiveTimesWithinASecond) {
  connect_two();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(agent_.latch(path(i % 2 == 0 ? 2 : 1), now_ + i * 100ms));
  }
  EXPECT_EQ(selected(), 2);
  EXPECT_FALSE(agent_.latch(path(1), now_ + 999ms));
  EXPECT_EQ(selected(), 2);
  EXPECT_TRUE(agent_.latch(path(1), now_ + 1000ms)) << "the first of the five is a second ago";
  EXPECT_FALSE(agent_.latch(path(2), now_ + 1001ms)) << "but the second is not";
  EXPECT_TRUE(agent_.latch(path(2), now_ + 1100ms));
}

TEST_F(AgentLatch, ANominationStillCountsAfterTheLimit) {
  connect_two();
  for (int i = 0; i < 6; ++i) {
    agent_.latch(path(i % 2 == 0 ? 2 : 1), now_);
  }
  EXPECT_EQ(selected(), 2);
  check(1, {.use = true});
  EXPECT_EQ(selected(), 1);
}

class AgentLatchWithoutConsent : public AgentLatch {
 protected:
  AgentLatchWithoutConsent() : AgentLatch(AgentOptions{.consent_timeout = 0s}) {}
};

TEST_F(AgentLatchWithoutConsent, TakesTheDefaultConsentTimeAsLimit) {
  connect_two();
  EXPECT_FALSE(agent_.latch(path(2), now_ + 30s + 1us));
  EXPECT_TRUE(agent_.latch(path(2), now_ + 30s));
}

}  // namespace
}  // namespace sluice::ice
