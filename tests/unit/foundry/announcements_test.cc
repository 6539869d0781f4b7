#include "dialects/foundry/announcements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace sluice::foundry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Frames are noted as "+id" (announced) and "-id" (closed), behind a letter for their form: C the
/// module's, R the original's, S both.
class FoundryAnnouncements : public testing::Test {
 protected:
  static ProducerNotice notice(const std::string& id, const std::string& owner = "o") {
    return {.producer_id = id, .owner = owner, .user_id = "u", .kind = "video", .app_data = {}};
  }

  void note(const std::string& text) {
    const boost::json::object frame = boost::json::parse(text).as_object();
    const bool module = frame.contains("type");
    const bool original = frame.contains("method");
    const auto& name = frame.at(module ? "type" : "method").as_string();
    const auto& fields = module ? frame : frame.at("data").as_object();
    sent.push_back(std::string(module && original ? "S"
                               : module           ? "C"
                                                  : "R") +
                   (name == "newProducer" ? "+" : "-") +
                   std::string(fields.at("producerId").as_string()));
  }

  std::vector<std::string> taken() { return std::exchange(sent, {}); }

  void ready_module(const std::vector<ProducerNotice>& existing = {}) {
    told.settle(Form::kModule);
    told.can_receive(true, existing);
  }

  std::vector<std::string> sent;
  Announcements told{[this](const std::string& text) { note(text); }};
};

// 2.4, the module.

TEST_F(FoundryAnnouncements, ModuleIsToldNothingBeforeItCanReceive) {
  told.settle(Form::kModule);
  told.produced(notice("a"));
  told.closed("a", "o", CloseReason::kGone);
  told.on_silence();
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(FoundryAnnouncements, ReadyModuleIsToldOfAllInOrderAndThenLive) {
  ready_module({notice("a"), notice("b")});
  told.produced(notice("c"));
  EXPECT_THAT(taken(), ElementsAre("C+a", "C+b", "C+c"));
}

TEST_F(FoundryAnnouncements, SecondReceivingTransportRepeatsNothing) {
  ready_module({notice("a")});
  told.produced(notice("b"));
  taken();
  told.can_receive(true, {notice("a"), notice("b"), notice("c")});
  EXPECT_THAT(taken(), ElementsAre("C+c"));
}

TEST_F(FoundryAnnouncements, TransportWithoutDirectionDoesNotMakeAModuleReady) {
  told.settle(Form::kModule);
  told.can_receive(false, {notice("a")});
  told.produced(notice("b"));
  EXPECT_THAT(taken(), IsEmpty());
}

// 2.4, clients of the original server.

TEST_F(FoundryAnnouncements, OriginalIsToldAtOnce) {
  told.settle(Form::kOriginal);
  told.produced(notice("a"));
  EXPECT_THAT(taken(), ElementsAre("R+a"));
}

TEST_F(FoundryAnnouncements, OriginalIsToldOfOlderProducersWhenItCanReceive) {
  told.settle(Form::kOriginal);
  told.produced(notice("b"));
  taken();
  told.can_receive(false, {notice("a"), notice("b")});
  EXPECT_THAT(taken(), ElementsAre("R+a"));
}

// 1.4, who has not spoken.

TEST_F(FoundryAnnouncements, SilentConnectionIsToldInBothFormsAfterAWhile) {
  told.produced(notice("a"));
  told.produced(notice("b"));
  EXPECT_THAT(taken(), IsEmpty());
  told.closed("a", "o", CloseReason::kGone);
  told.on_silence();
  EXPECT_THAT(taken(), ElementsAre("S+b"));
  told.produced(notice("c"));
  told.closed("b", "o", CloseReason::kGone);
  EXPECT_THAT(taken(), ElementsAre("S+c", "S-b"));
}

TEST_F(FoundryAnnouncements, WhoSpeaksLikeTheOriginalInTimeIsToldWhatWasHeldBack) {
  told.produced(notice("a"));
  told.settle(Form::kOriginal);
  EXPECT_THAT(taken(), ElementsAre("R+a"));
}

TEST_F(FoundryAnnouncements, WhoSpeaksLikeTheModuleInTimeIsToldWhenReady) {
  told.produced(notice("a"));
  told.settle(Form::kModule);
  EXPECT_THAT(taken(), IsEmpty());
  told.can_receive(true, {notice("a")});
  EXPECT_THAT(taken(), ElementsAre("C+a"));
}

TEST_F(FoundryAnnouncements, LateModuleIsToldAgainWhatItCouldNotUse) {
  told.produced(notice("a"));
  told.on_silence();
  ready_module({notice("a")});
  EXPECT_THAT(taken(), ElementsAre("S+a", "C+a"));
}

TEST_F(FoundryAnnouncements, LateOriginalIsNotToldTwice) {
  told.on_silence();
  told.produced(notice("a"));
  told.settle(Form::kOriginal);
  told.can_receive(true, {notice("a")});
  told.closed("a", "o", CloseReason::kGone);
  EXPECT_THAT(taken(), ElementsAre("S+a", "R-a"));
}

TEST_F(FoundryAnnouncements, FormIsSettledOnce) {
  told.settle(Form::kOriginal);
  told.settle(Form::kModule);
  EXPECT_EQ(told.form(), Form::kOriginal);
  told.produced(notice("a"));
  EXPECT_THAT(taken(), ElementsAre("R+a"));
}

// 2.5.

TEST_F(FoundryAnnouncements, OnlyWhatWasAnnouncedIsClosedAndOnlyOnce) {
  ready_module({notice("a")});
  told.closed("unknown", "o", CloseReason::kGone);
  told.closed("a", "o", CloseReason::kGone);
  told.closed("a", "o", CloseReason::kGone);
  EXPECT_THAT(taken(), ElementsAre("C+a", "C-a"));
}

// 2.7.

TEST_F(FoundryAnnouncements, EndOfReplacedVideoIsKeptFromModulesUntilTheOwnerLeaves) {
  ready_module({notice("old"), notice("other", "x")});
  taken();
  told.closed("old", "o", CloseReason::kVideoReplaced);
  told.produced(notice("new"));
  EXPECT_THAT(taken(), ElementsAre("C+new"));
  told.owner_left("x");
  EXPECT_THAT(taken(), IsEmpty());
  told.closed("new", "o", CloseReason::kGone);
  told.owner_left("o");
  EXPECT_THAT(taken(), ElementsAre("C-new", "C-old"));
  told.owner_left("o");
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(FoundryAnnouncements, EndOfReplacedVideoIsToldToOthersAtOnce) {
  told.settle(Form::kOriginal);
  told.produced(notice("old"));
  told.closed("old", "o", CloseReason::kVideoReplaced);
  told.produced(notice("new"));
  told.owner_left("o");
  EXPECT_THAT(taken(), ElementsAre("R+old", "R-old", "R+new"));
}

TEST_F(FoundryAnnouncements, ReplacedVideoThatWasNeverAnnouncedIsNotKept) {
  told.settle(Form::kModule);
  told.produced(notice("old"));
  told.closed("old", "o", CloseReason::kVideoReplaced);
  told.can_receive(true, {});
  told.owner_left("o");
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(FoundryAnnouncements, EndlessReplacementIsForgottenInOrder) {
  ready_module();
  for (int i = 0; i < 1025; ++i) {
    const std::string id = std::to_string(i);
    told.produced(notice(id));
    taken();
    told.closed(id, "o", CloseReason::kVideoReplaced);
  }
  EXPECT_THAT(taken(), ElementsAre("C-0"));
}

}  // namespace
}  // namespace sluice::foundry
