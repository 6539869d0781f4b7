// ICE restart: new credentials beside the old ones until the peer uses them (media-plane 1.6).
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

class AgentRestart : public AgentTest {
 protected:
  const Credentials first_ = known_;
  const Credentials second_{"second", "secondpassword"};
  const Credentials third_{"third", "thirdpassword"};
};

TEST_F(AgentRestart, MakesBothNew) {
  const Credentials fresh = agent_.restart(now_);
  EXPECT_EQ(agent_.local_credentials(), fresh);
  EXPECT_NE(fresh.ufrag, first_.ufrag);
  EXPECT_NE(fresh.password, first_.password);
  EXPECT_EQ(fresh.ufrag.size(), Credentials::kLength);
  ASSERT_NE(agent_.old_credentials(), nullptr);
  EXPECT_EQ(*agent_.old_credentials(), first_);
}

TEST_F(AgentRestart, LeavesPathsAndStateAlone) {
  check(1, {.use = true});
  check(2);
  events();
  agent_.restart(now_, second_);
  EXPECT_EQ(agent_.state(), State::kCompleted);
  EXPECT_EQ(selected(), 1);
  EXPECT_EQ(agent_.tuple_count(), 2u);
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentRestart, StartsTheConsentTimeAnew) {
  check(1);
  now_ += 20s;
  agent_.restart(now_, second_);
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
}

TEST_F(AgentRestart, BeforeAnyPeerStartsNoConsentTime) {
  agent_.restart(now_, second_);
  EXPECT_FALSE(agent_.next_timeout());
}

TEST_F(AgentRestart, NominationsCountFromZeroAgain) {
  check(1, {.nomination = 9});
  agent_.restart(now_, second_);
  check_with(second_, path(2), {.nomination = 1});
  EXPECT_EQ(selected(), 2);
}

TEST_F(AgentRestart, Ice34OldCredentialsAreAnsweredWithTheOldPassword) {  // ICE-34
  check(1);
  agent_.restart(now_, second_);
  events();
  // `check_with` verifies the signature of the answer with the same credentials.
  EXPECT_EQ(check_with(first_, path(1)), 200);
  EXPECT_EQ(check_with(first_, path(2)), 200);
  EXPECT_EQ(events(), (Events{"added 2"})) << "the old pair is still there";
}

TEST_F(AgentRestart, Ice35TheFirstUseOfTheNewDropsTheOld) {  // ICE-35
  check(1);
  agent_.restart(now_, second_);
  events();
  EXPECT_EQ(check_with(second_, path(1)), 200);
  EXPECT_EQ(events(), (Events{"ufrag localufrag"}));
  EXPECT_EQ(agent_.old_credentials(), nullptr);
  EXPECT_EQ(check_with(first_, path(1)), 401);
}

TEST_F(AgentRestart, AFailedUseOfTheNewKeepsTheOld) {
  agent_.restart(now_, second_);
  EXPECT_EQ(check_with({second_.ufrag, "guess"}, path(1)), 401);
  EXPECT_EQ(check_with(first_, path(1)), 200);
}

TEST_F(AgentRestart, TheOldPasswordDoesNotOpenTheNewUfrag) {
  agent_.restart(now_, second_);
  EXPECT_EQ(check_with({second_.ufrag, first_.password}, path(1)), 401);
  EXPECT_EQ(check_with({first_.ufrag, second_.password}, path(1)), 401);
}

TEST_F(AgentRestart, Ice36ASecondRestartDropsTheFirstPairAtOnce) {  // ICE-36
  agent_.restart(now_, second_);
  EXPECT_EQ(events(), Events{});
  agent_.restart(now_, third_);
  EXPECT_EQ(events(), (Events{"ufrag localufrag"}));
  EXPECT_EQ(check_with(first_, path(1)), 401);
  EXPECT_EQ(check_with(second_, path(1)), 200);
  EXPECT_EQ(check_with(third_, path(1)), 200);
  EXPECT_EQ(events(), (Events{"added 1", "selected 1", "state connected", "ufrag second"}));
}

TEST(Credentials, AreLongAndOfTheRightLetters) {
  const Credentials a = Credentials::generate();
  const Credentials b = Credentials::generate();
  for (const std::string& text : {a.ufrag, a.password}) {
    EXPECT_EQ(text.size(), 32u);
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
  }
  EXPECT_NE(a.ufrag, b.ufrag);
  EXPECT_NE(a.password, b.password);
  EXPECT_NE(a.ufrag, a.password);
}

}  // namespace
}  // namespace sluice::ice
