// The share of a connection that retransmissions may take (media-plane 6.8).
#include "protocol/rtcp/retransmission_budget.h"

#include <gtest/gtest.h>

namespace sluice::rtcp {
namespace {

TEST(RetransmissionBudget, IsAQuarterOfTheTargetInASecond) {
  RetransmissionBudget budget;
  EXPECT_EQ(budget.room(BitRate{4'000'000}, 1s), 125'000u);
  budget.spend(100'000, 1s);
  EXPECT_EQ(budget.room(BitRate{4'000'000}, 1s), 25'000u);
  budget.spend(25'000, 1500ms);
  EXPECT_EQ(budget.room(BitRate{4'000'000}, 1500ms), 0u);
  EXPECT_EQ(budget.room(BitRate{4'000'000}, 1999ms), 0u);
  EXPECT_EQ(budget.room(BitRate{4'000'000}, 2s), 100'000u) << "the first ones are a second old";
}

TEST(RetransmissionBudget, FollowsTheTarget) {
  RetransmissionBudget budget;
  budget.spend(100'000, 1s);
  EXPECT_EQ(budget.room(BitRate{1'000'000}, 1s), 0u);
  EXPECT_EQ(budget.room(BitRate{8'000'000}, 1s), 150'000u);
}

TEST(RetransmissionBudget, ASlowStreamCanAlwaysRepairALonePacket) {
  RetransmissionBudget budget;
  EXPECT_EQ(budget.room(BitRate{0}, 1s), 18'750u);
  budget.spend(1500, 1s);
  EXPECT_GE(budget.room(BitRate{32'000}, 1s), 1500u);
}

}  // namespace
}  // namespace sluice::rtcp
