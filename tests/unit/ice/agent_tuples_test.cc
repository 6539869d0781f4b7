// The list of tuples: how it is filled, limited and emptied (media-plane 1.7).
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

using AgentTuples = AgentTest;
using Paths = std::vector<int>;

TEST_F(AgentTuples, NewestComesFirst) {
  check(1);
  check(2);
  check(3);
  EXPECT_EQ(paths(), (Paths{3, 2, 1}));
}

TEST_F(AgentTuples, AKnownTupleIsNotAddedAgain) {
  check(1);
  check(2);
  events();
  check(1);
  EXPECT_EQ(paths(), (Paths{2, 1}));
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentTuples, Ice29TheNinthEvictsTheOldestThatIsNotSelected) {  // ICE-29
  for (uint16_t n = 1; n <= 8; ++n) {
    check(n);
  }
  EXPECT_EQ(selected(), 1);
  events();
  check(9);
  EXPECT_EQ(paths(), (Paths{9, 8, 7, 6, 5, 4, 3, 1}));
  EXPECT_EQ(selected(), 1);
  EXPECT_EQ(events(), (Events{"removed 2", "added 9"}));
  EXPECT_FALSE(agent_.knows(path(2)));
}

TEST_F(AgentTuples, Ice29TheOldestGoesWhenAnotherIsSelected) {  // ICE-29
  for (uint16_t n = 1; n <= 8; ++n) {
    check(n, {.use = n == 4});
  }
  check(9);
  EXPECT_EQ(paths(), (Paths{9, 8, 7, 6, 5, 4, 3, 2}));
  EXPECT_EQ(selected(), 4);
}

TEST_F(AgentTuples, ANinthThatIsSelectedEvictsAnotherThanTheOneSelectedBefore) {
  for (uint16_t n = 1; n <= 8; ++n) {
    check(n);
  }
  check(9, {.use = true});
  EXPECT_EQ(selected(), 9);
  EXPECT_EQ(paths(), (Paths{9, 8, 7, 6, 5, 4, 3, 1}));
}

TEST_F(AgentTuples, AnEvictedTupleMayComeBack) {
  for (uint16_t n = 1; n <= 9; ++n) {
    check(n);
  }
  check(2);
  EXPECT_TRUE(agent_.knows(path(2)));
  EXPECT_EQ(agent_.tuple_count(), Agent::kMaxTuples);
}

TEST_F(AgentTuples, NeverMoreThanEightWhateverComes) {
  for (uint16_t n = 1; n <= 200; ++n) {
    check(n, {.use = n % 7 == 0});
    EXPECT_LE(agent_.tuple_count(), Agent::kMaxTuples);
    EXPECT_TRUE(agent_.knows(*agent_.selected()));
  }
}

TEST_F(AgentTuples, RemovingAnUnselectedOneChangesNothingElse) {
  check(1);
  check(2);
  events();
  agent_.remove_tuple(path(2), now_);
  EXPECT_EQ(events(), (Events{"removed 2"}));
  EXPECT_EQ(selected(), 1);
  EXPECT_EQ(agent_.state(), State::kConnected);
}

TEST_F(AgentTuples, RemovingANewerOneKeepsTheSelection) {
  check(1);
  check(2, {.use = true});
  check(3);
  agent_.remove_tuple(path(3), now_);
  EXPECT_EQ(selected(), 2);
  agent_.remove_tuple(path(1), now_);
  EXPECT_EQ(selected(), 2);
}

TEST_F(AgentTuples, RemovingAnUnknownOneIsIgnored) {
  check(1);
  events();
  agent_.remove_tuple(path(2), now_);
  EXPECT_EQ(events(), Events{});
}

TEST_F(AgentTuples, Ice30ASelectedTcpConnectionThatClosesGivesWayToTheNewest) {  // ICE-30
  check(path(1));
  check(path(2));
  check(tcp_path(3), {.use = true});
  events();
  agent_.remove_tuple(tcp_path(3), now_);
  EXPECT_EQ(events(), (Events{"removed 3", "selected 2"}));
  EXPECT_EQ(agent_.state(), State::kCompleted);
}

TEST_F(AgentTuples, Ice30TheConsentTimeStartsAnewWithTheNextTuple) {  // ICE-30
  check(1);
  check(2, {.use = true});
  now_ += 20s;
  agent_.remove_tuple(path(2), now_);
  EXPECT_EQ(agent_.next_timeout(), now_ + 30s);
}

TEST_F(AgentTuples, Ice31TheLastOneGoneMeansDisconnected) {  // ICE-31
  check(1, {.nomination = 5});
  events();
  agent_.remove_tuple(path(1), now_);
  EXPECT_EQ(events(), (Events{"removed 1", "state disconnected"}));
  EXPECT_EQ(agent_.selected(), nullptr);
  EXPECT_FALSE(agent_.next_timeout());
  check(2, {.nomination = 1});
  EXPECT_EQ(agent_.state(), State::kCompleted) << "nominations count from zero again";
}

TEST_F(AgentTuples, ATupleOfAnUnfinishedNominationMayGoWithoutAnyState) {
  check(1, {.nomination = 0});
  events();
  agent_.remove_tuple(path(1), now_);
  EXPECT_EQ(events(), (Events{"removed 1"}));
  EXPECT_EQ(agent_.state(), State::kNew);
}

TEST_F(AgentTuples, Ice40DoesNotKnowWhatPassedNoCheck) {  // ICE-40
  check(1);
  EXPECT_TRUE(agent_.knows(path(1)));
  EXPECT_FALSE(agent_.knows(path(2)));
  Tuple other_socket = path(1);
  other_socket.socket = 1;
  EXPECT_FALSE(agent_.knows(other_socket));
}

TEST_F(AgentTuples, Ice49UdpAndTcpOfOneAddressAreTwo) {  // ICE-49
  check(path(1));
  check(tcp_path(1));
  EXPECT_EQ(agent_.tuple_count(), 2u);
  EXPECT_EQ(*agent_.selected(), path(1));
}

TEST_F(AgentTuples, ANewTcpConnectionOfOneAddressIsAnother) {
  check(tcp_path(1, 1));
  EXPECT_FALSE(agent_.knows(tcp_path(1, 2)));
  check(tcp_path(1, 2));
  agent_.remove_tuple(tcp_path(1, 1), now_);
  EXPECT_EQ(*agent_.selected(), tcp_path(1, 2));
}

}  // namespace
}  // namespace sluice::ice
