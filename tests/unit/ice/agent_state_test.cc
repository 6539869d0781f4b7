// The state machine (media-plane 1.7): every state with every kind of request.
#include "unit/ice/peer.h"

namespace sluice::ice {
namespace {

using AgentState = AgentTest;

TEST_F(AgentState, Ice24ConnectsOnAGoodRequest) {  // ICE-24
  EXPECT_EQ(agent_.state(), State::kNew);
  EXPECT_EQ(check(1), 200);
  EXPECT_EQ(agent_.state(), State::kConnected);
  EXPECT_EQ(*agent_.selected(), path(1));
  EXPECT_EQ(events(), (Events{"added 1", "selected 1", "state connected"}));
}

TEST_F(AgentState, Ice25CompletesOnUseCandidate) {  // ICE-25
  EXPECT_EQ(check(1, {.use = true}), 200);
  EXPECT_EQ(events(), (Events{"added 1", "selected 1", "state completed"}));
}

TEST_F(AgentState, Ice26AnOlderNominationDoesNotMoveTheSelection) {  // ICE-26
  check(1, {.nomination = 5});
  check(2, {.nomination = 3});
  EXPECT_EQ(selected(), 1);
  check(2, {.use = true, .nomination = 3});
  EXPECT_EQ(selected(), 2);
}

TEST_F(AgentState, Ice27AHigherNominationMovesTheSelection) {  // ICE-27
  check(1, {.nomination = 5});
  check(2, {.nomination = 6});
  EXPECT_EQ(selected(), 2);
}

TEST_F(AgentState, Ice28UseCandidateMovesTheSelection) {  // ICE-28
  check(1, {.use = true});
  check(2);
  EXPECT_EQ(selected(), 1);
  events();
  check(2, {.use = true});
  EXPECT_EQ(events(), (Events{"selected 2"}));
  check(2, {.use = true});
  EXPECT_EQ(events(), Events{}) << "the same selection again is no event";
}

TEST_F(AgentState, CompletingOnTheSelectedTupleOnlyChangesTheState) {
  check(1);
  events();
  check(1, {.use = true});
  EXPECT_EQ(events(), (Events{"state completed"}));
}

struct Row {
  const char* name;
  State start;
  bool use;
  std::optional<uint32_t> nomination;
  State end;
  int selected;     ///< 1 is selected before, except in new and disconnected; the check is from 2
  uint32_t stored;  ///< nomination stored afterwards
};

// Before: new and disconnected store nomination 0 and know no path; connected knows path 1 and
// stores 0 (a nomination would have completed it); completed knows path 1 and stores 5.
constexpr auto kNone = std::nullopt;
const Row kRows[] = {
    {"NewPlain", State::kNew, false, kNone, State::kConnected, 2, 0},
    {"NewUse", State::kNew, true, kNone, State::kCompleted, 2, 0},
    {"NewNominationEqual", State::kNew, false, 0, State::kNew, 0, 0},
    {"NewNominationHigher", State::kNew, false, 1, State::kCompleted, 2, 1},
    {"NewUseNominationEqual", State::kNew, true, 0, State::kNew, 0, 0},
    {"NewUseNominationHigher", State::kNew, true, 1, State::kCompleted, 2, 1},
    {"DisconnectedPlain", State::kDisconnected, false, kNone, State::kConnected, 2, 0},
    {"DisconnectedUse", State::kDisconnected, true, kNone, State::kCompleted, 2, 0},
    {"DisconnectedNominationEqual", State::kDisconnected, false, 0, State::kDisconnected, 0, 0},
    {"DisconnectedNominationHigher", State::kDisconnected, false, 1, State::kCompleted, 2, 1},
    {"DisconnectedUseNominationEqual", State::kDisconnected, true, 0, State::kDisconnected, 0, 0},
    {"DisconnectedUseNominationHigher", State::kDisconnected, true, 1, State::kCompleted, 2, 1},
    {"ConnectedPlain", State::kConnected, false, kNone, State::kConnected, 1, 0},
    {"ConnectedUse", State::kConnected, true, kNone, State::kCompleted, 2, 0},
    {"ConnectedNominationEqual", State::kConnected, false, 0, State::kConnected, 1, 0},
    {"ConnectedNominationHigher", State::kConnected, false, 1, State::kCompleted, 2, 1},
    {"ConnectedUseNominationEqual", State::kConnected, true, 0, State::kConnected, 1, 0},
    {"ConnectedUseNominationHigher", State::kConnected, true, 1, State::kCompleted, 2, 1},
    {"CompletedPlain", State::kCompleted, false, kNone, State::kCompleted, 1, 5},
    {"CompletedUse", State::kCompleted, true, kNone, State::kCompleted, 2, 5},
    {"CompletedNominationLower", State::kCompleted, false, 4, State::kCompleted, 1, 5},
    {"CompletedNominationEqual", State::kCompleted, false, 5, State::kCompleted, 1, 5},
    {"CompletedNominationHigher", State::kCompleted, false, 6, State::kCompleted, 2, 6},
    {"CompletedUseNominationLower", State::kCompleted, true, 4, State::kCompleted, 2, 5},
    {"CompletedUseNominationEqual", State::kCompleted, true, 5, State::kCompleted, 2, 5},
    {"CompletedUseNominationHigher", State::kCompleted, true, 6, State::kCompleted, 2, 6},
};

class AgentStateTable : public AgentTest, public testing::WithParamInterface<Row> {
 protected:
  void reach(State state) {
    if (state == State::kDisconnected) {
      check(1);
      agent_.remove_tuple(path(1), now_);
    } else if (state == State::kConnected) {
      check(1);
    } else if (state == State::kCompleted) {
      check(1, {.nomination = 5});
    }
    ASSERT_EQ(agent_.state(), state);
    events();
  }
};

TEST_P(AgentStateTable, Follows) {
  const Row& row = GetParam();
  reach(row.start);
  EXPECT_EQ(check(2, {.use = row.use, .nomination = row.nomination}), 200);

  EXPECT_EQ(agent_.state(), row.end);
  EXPECT_EQ(selected(), row.selected);
  Events expected = {"added 2"};
  if (row.selected == 2) {
    expected.push_back("selected 2");
  }
  if (row.end != row.start) {
    expected.push_back(std::string("state ") + to_string(row.end));
  }
  EXPECT_EQ(events(), expected);

  // The stored value shows in which nominations still count: an equal one selects nothing.
  check(3, {.nomination = row.stored});
  EXPECT_EQ(selected(), row.selected);
  check(3, {.nomination = row.stored + 1});
  EXPECT_EQ(selected(), 3);
}

INSTANTIATE_TEST_SUITE_P(, AgentStateTable, testing::ValuesIn(kRows),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace sluice::ice
