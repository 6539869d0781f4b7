// What connections hear that asked to watch their room, and that nobody else hears it.
#include "dialects/foundry/room_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/foundry/foundry_world.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

class FoundryRoomWatch : public FoundryWorld {
 protected:
  static bj::array watch(Client& client, const std::string& name) {
    return client.get("watchRoom", {{"displayName", name}}).at("peers").as_array();
  }
  /// The frames since the last call, as "type name-or-producer".
  static std::vector<std::string> heard(Client& client) {
    std::vector<std::string> all;
    for (const bj::object& frame : std::exchange(client.frames, {})) {
      const char* const key = frame.contains("displayName")  ? "displayName"
                              : frame.contains("producerId") ? "producerId"
                                                             : "peerId";
      all.push_back(std::string(frame.at("type").as_string()) + " " +
                    std::string(frame.at(key).as_string()));
    }
    return all;
  }
};

TEST_F(FoundryRoomWatch, ListsThoseWhoHaveANameAndTellsOfLaterOnes) {
  const auto module_client = joined("m");
  const auto ann = joined("a");
  EXPECT_THAT(watch(*ann, "Ann"), IsEmpty());
  auto ben = joined("b");
  const bj::array others = watch(*ben, "Ben");
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(
      others[0],
      (bj::object{{"peerId", ann->session->peer().id()}, {"userId", "a"}, {"displayName", "Ann"}}));
  const std::string id = ben->session->peer().id();
  EXPECT_THAT(heard(*ann), ElementsAre("peerJoined Ben"));
  ben.reset();
  EXPECT_THAT(heard(*ann), ElementsAre("peerLeft " + id));
  EXPECT_THAT(module_client->frames, IsEmpty());
}

TEST_F(FoundryRoomWatch, NewProducersNameTheirPeer) {
  const auto ann = joined("a");
  const auto ben = joined("b");
  ben->produce_mic();
  ASSERT_EQ(ann->frames.size(), 1u);
  EXPECT_EQ(ann->frames[0].at("peerId").as_string(), ben->session->peer().id());
}

TEST_F(FoundryRoomWatch, TellsWhoPausesOnlyToWhoAsked) {
  const auto module_client = joined("m");
  const auto ann = joined("a");
  watch(*ann, "Ann");
  const auto ben = joined("b");
  watch(*ben, "Ben");
  const std::string mic = ben->produce_mic();
  for (Client* client : {module_client.get(), ann.get(), ben.get()}) {
    client->frames.clear();
  }
  ben->get("pauseProducer", {{"producerId", mic}});
  ben->get("pauseProducer", {{"producerId", mic}});
  ben->get("resumeProducer", {{"producerId", mic}});
  EXPECT_THAT(heard(*ann), ElementsAre("producerPaused " + mic, "producerResumed " + mic));
  EXPECT_THAT(ben->frames, IsEmpty());
  EXPECT_THAT(module_client->frames, IsEmpty());
}

TEST_F(FoundryRoomWatch, OtherRoomsAreOutOfSight) {
  const auto ann = joined("a");
  watch(*ann, "Ann");
  const auto stranger = joined("s", "elsewhere");
  EXPECT_THAT(watch(*stranger, "Stranger"), IsEmpty());
  EXPECT_THAT(ann->frames, IsEmpty());
}

TEST_F(FoundryRoomWatch, AskingAgainRenamesAndTellsOnce) {
  const auto ann = joined("a");
  watch(*ann, "Ann");
  watch(*ann, "Ann");
  const auto ben = joined("b");
  watch(*ben, "Ben");
  watch(*ben, "Benno");
  EXPECT_THAT(heard(*ann), ElementsAre("peerJoined Ben", "peerJoined Benno"));
}

TEST_F(FoundryRoomWatch, NamesFromOtherDialectsShowAtOnce) {
  const auto ann = joined("a");
  watch(*ann, "Ann");
  rooms::Room& room = *rooms->find("default");
  rooms::Peer* const other = room.join("u", "Phone").value();
  const std::string id = other->id();
  room.leave(*other);
  EXPECT_THAT(heard(*ann), ElementsAre("peerJoined Phone", "peerLeft " + id));
}

}  // namespace
}  // namespace sluice::foundry
