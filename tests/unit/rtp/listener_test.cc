// Finding the producer of a packet by SSRC, MID and RID (media-plane 5.6).
#include "protocol/rtp/listener.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sluice::rtp {
namespace {

/// Keys that own their lists.
struct Keys {
  std::vector<uint32_t> ssrcs{};
  std::string_view mid{};
  std::vector<std::string_view> rids{};
};

bool add(Listener& listener, uint32_t producer, const Keys& keys) {
  std::vector<Ssrc> ssrcs;
  for (const uint32_t ssrc : keys.ssrcs) {
    ssrcs.emplace_back(ssrc);
  }
  const auto result = listener.add(producer, {.ssrcs = ssrcs, .mid = keys.mid, .rids = keys.rids});
  if (!result) {
    EXPECT_EQ(result.error().kind, ErrorKind::kType);
  }
  return result.has_value();
}

using Found = std::optional<uint32_t>;
constexpr Found kNobody;

Found by_ssrc(Listener& listener, uint32_t ssrc) {
  return listener.find({.ssrc = Ssrc{ssrc}});
}

TEST(Listener, Lsn01SsrcsAreUnique) {  // LSN-01
  Listener listener;
  EXPECT_TRUE(add(listener, 1, {.ssrcs = {10, 11}, .mid = "a"}));
  EXPECT_FALSE(add(listener, 2, {.ssrcs = {20, 11}, .mid = "b", .rids = {"r"}}));
  EXPECT_EQ(by_ssrc(listener, 11), Found{1});
  // What the failed one had inserted is gone.
  EXPECT_EQ(by_ssrc(listener, 20), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{99}, .mid = "b"}), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{99}, .rid = "r"}), kNobody);
  EXPECT_TRUE(add(listener, 2, {.ssrcs = {20}, .mid = "b", .rids = {"r"}}));
}

TEST(Listener, Lsn01OneProducerCannotUseAnSsrcTwice) {  // LSN-01
  Listener listener;
  EXPECT_FALSE(add(listener, 1, {.ssrcs = {10, 11, 10}}));
  EXPECT_EQ(by_ssrc(listener, 10), kNobody);
  EXPECT_EQ(by_ssrc(listener, 11), kNobody);
}

TEST(Listener, Lsn02MidsAreUnique) {  // LSN-02
  Listener listener;
  EXPECT_TRUE(add(listener, 1, {.mid = "0"}));
  EXPECT_FALSE(add(listener, 2, {.ssrcs = {5}, .mid = "0"}));
  EXPECT_EQ(by_ssrc(listener, 5), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{7}, .mid = "0"}), Found{1});
}

TEST(Listener, Lsn03RidsNeedNotBeUniqueWithAMid) {  // LSN-03
  Listener listener;
  EXPECT_TRUE(add(listener, 1, {.mid = "0", .rids = {"h", "l"}}));
  EXPECT_TRUE(add(listener, 2, {.mid = "1", .rids = {"h", "l"}}));
  EXPECT_EQ(listener.find({.ssrc = Ssrc{1}, .mid = "1", .rid = "h"}), Found{2});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{2}, .rid = "h"}), Found{1});
}

TEST(Listener, Lsn04RidsAreUniqueWithoutAMid) {  // LSN-04
  Listener listener;
  EXPECT_TRUE(add(listener, 1, {.mid = "0", .rids = {"h"}}));
  EXPECT_FALSE(add(listener, 2, {.ssrcs = {5}, .rids = {"x", "h"}}));
  EXPECT_EQ(by_ssrc(listener, 5), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{7}, .rid = "x"}), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{7}, .rid = "h"}), Found{1});
}

TEST(Listener, EncodingsWithoutRidDoNotCollide) {
  Listener listener;
  EXPECT_TRUE(add(listener, 1, {.ssrcs = {1, 2}, .rids = {"", ""}}));
  EXPECT_TRUE(add(listener, 2, {.ssrcs = {3}, .rids = {""}}));
}

TEST(Listener, Lsn05LearnsTheSsrcOfAMid) {  // LSN-05
  Listener listener;
  add(listener, 1, {.mid = "0"});
  EXPECT_EQ(by_ssrc(listener, 77), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{77}, .mid = "0"}), Found{1});
  EXPECT_EQ(by_ssrc(listener, 77), Found{1});
  EXPECT_EQ(listener.ssrcs().learned(), 1u);
}

TEST(Listener, Lsn06LearnsFromTheRepairedRid) {  // LSN-06
  Listener listener;
  add(listener, 1, {.rids = {"h", "l"}});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{77}, .repaired_rid = "l"}), Found{1});
  EXPECT_EQ(by_ssrc(listener, 77), Found{1});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{78}, .rid = "no", .repaired_rid = "h"}), Found{1});
}

TEST(Listener, TheMidComesBeforeTheRid) {
  Listener listener;
  add(listener, 1, {.rids = {"h"}});
  add(listener, 2, {.mid = "m"});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{1}, .mid = "m", .rid = "h"}), Found{2});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{2}, .mid = "unknown", .rid = "h"}), Found{1});
}

TEST(Listener, Lsn07RemovalForgetsLearnedSsrcs) {  // LSN-07
  Listener listener;
  add(listener, 1, {.ssrcs = {5}, .mid = "0", .rids = {"h"}});
  add(listener, 2, {.ssrcs = {6}, .mid = "1"});
  listener.find({.ssrc = Ssrc{77}, .mid = "0"});
  listener.find({.ssrc = Ssrc{78}, .mid = "1"});
  listener.remove(1);
  EXPECT_EQ(by_ssrc(listener, 77), kNobody);
  EXPECT_EQ(by_ssrc(listener, 5), kNobody);
  EXPECT_EQ(listener.find({.ssrc = Ssrc{9}, .mid = "0", .rid = "h"}), kNobody);
  EXPECT_EQ(by_ssrc(listener, 78), Found{2});
  EXPECT_EQ(by_ssrc(listener, 6), Found{2});
  EXPECT_TRUE(add(listener, 3, {.ssrcs = {5, 77}, .mid = "0", .rids = {"h"}}));
}

TEST(Listener, ALearnedSsrcFollowsItsMid) {
  Listener listener;
  add(listener, 1, {.mid = "0"});
  add(listener, 2, {.mid = "1"});
  listener.find({.ssrc = Ssrc{77}, .mid = "0"});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{77}, .mid = "1"}), Found{2});
  EXPECT_EQ(by_ssrc(listener, 77), Found{2});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{77}, .mid = "unknown"}), Found{2});
}

TEST(Listener, ASignalledSsrcDoesNotFollowAMid) {
  Listener listener;
  add(listener, 1, {.ssrcs = {77}, .mid = "0"});
  add(listener, 2, {.mid = "1"});
  EXPECT_EQ(listener.find({.ssrc = Ssrc{77}, .mid = "1"}), Found{1});
  EXPECT_EQ(by_ssrc(listener, 77), Found{1});
}

TEST(Listener, LearnsAtMost1024AndForgetsTheLeastRecentlyUsed) {
  Listener listener;
  add(listener, 1, {.ssrcs = {0xffffffff}, .mid = "0"});
  for (uint32_t ssrc = 1; ssrc <= 1024; ++ssrc) {
    listener.find({.ssrc = Ssrc{ssrc}, .mid = "0"});
  }
  EXPECT_EQ(listener.ssrcs().learned(), 1024u);
  EXPECT_EQ(by_ssrc(listener, 1), Found{1});  // used again: 2 is now the oldest
  listener.find({.ssrc = Ssrc{5000}, .mid = "0"});
  EXPECT_EQ(listener.ssrcs().learned(), 1024u);
  EXPECT_EQ(by_ssrc(listener, 2), kNobody);
  EXPECT_EQ(by_ssrc(listener, 1), Found{1});
  EXPECT_EQ(by_ssrc(listener, 5000), Found{1});
  EXPECT_EQ(by_ssrc(listener, 0xffffffff), Found{1});
}

TEST(SsrcTable, AgreesWithAMapOverManyChanges) {
  SsrcTable table;
  std::map<uint32_t, uint32_t> model;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const uint32_t ssrc = static_cast<uint32_t>(random() % 300);
    const uint32_t producer = static_cast<uint32_t>(random() % 20);
    switch (random() % 8) {
      case 0:
        if (random() % 8 == 0) {
          table.remove_producer(producer);
          std::erase_if(model, [producer](const auto& entry) { return entry.second == producer; });
        }
        break;
      case 1:
      case 2:
        table.remove(Ssrc{ssrc});
        model.erase(ssrc);
        break;
      default:
        ASSERT_EQ(table.add(Ssrc{ssrc}, producer), model.emplace(ssrc, producer).second);
    }
    ASSERT_EQ(table.size(), model.size());
    const uint32_t asked = static_cast<uint32_t>(random() % 300);
    const auto* entry = table.find(Ssrc{asked});
    ASSERT_EQ(entry != nullptr, model.contains(asked));
    if (entry != nullptr) {
      ASSERT_EQ(entry->producer, model[asked]);
    }
  }
}

TEST(SsrcTable, ZeroIsAnSsrcLikeAnyOther) {
  SsrcTable table;
  EXPECT_EQ(table.find(Ssrc{0}), nullptr);
  EXPECT_TRUE(table.add(Ssrc{0}, 3));
  ASSERT_NE(table.find(Ssrc{0}), nullptr);
  EXPECT_EQ(table.find(Ssrc{0})->producer, 3u);
}

}  // namespace
}  // namespace sluice::rtp
