// All rooms of a server: by name, within the limit, on which loop, and how they drain.

#include "rooms/room_service.h"

#include <gmock/gmock.h>

#include <map>

#include "unit/rooms/rooms_world.h"

namespace sluice::rooms {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(RoomService, ARoomIsMadeOnceAndFoundByItsName) {
  RoomsWorld world;
  EXPECT_EQ(world.service.find("hall"), nullptr);
  Room& hall = world.room("hall");
  EXPECT_EQ(hall.name(), "hall");
  EXPECT_EQ(&world.room("hall"), &hall);
  EXPECT_EQ(world.service.find("hall"), &hall);
  EXPECT_NE(&world.room("attic"), &hall);
  EXPECT_EQ(world.service.room_count(), 2u);
  EXPECT_THAT(world.heard(), ElementsAre("created hall", "created attic"));
}

TEST(RoomService, TheNameOfARemovedRoomIsFreeAtOnce) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  world.service.on_room_removed.connect([&](const std::string& name) { world.join("ben", name); });
  world.heard();
  world.room().leave(ann);
  EXPECT_THAT(world.heard(), ElementsAre("left ann", "removed hall", "created hall", "joined ben"));
  EXPECT_THAT(names(world.room().peers()), ElementsAre("ben"));
}

TEST(RoomService, CountsPeersOfAllRooms) {
  RoomsWorld world;
  Peer& ann = world.join("ann", "hall");
  world.join("ben", "hall");
  world.join("cat", "attic");
  EXPECT_EQ(world.service.peer_count(), 3u);
  world.room("hall").leave(ann);
  EXPECT_EQ(world.service.peer_count(), 2u);
}

TEST(RoomService, TheLimitOfRoomsIsNamedAndHoldsForNewOnesOnly) {
  RoomsWorld world({.rooms = 2});
  Peer& ann = world.join("ann", "hall");
  world.join("ben", "attic");
  const auto third = world.service.find_or_create("cellar");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "limit reached: 2 rooms");
  EXPECT_TRUE(world.service.find_or_create("attic"));
  world.room("hall").leave(ann);
  EXPECT_TRUE(world.service.find_or_create("cellar"));
}

TEST(RoomService, CodecsThatNoRouterTakesAreAnErrorOfTheRoom) {
  test::EngineWorld engine;
  auto codecs = opus();
  codecs[0].mime_type = "audio/unheard-of";
  RoomService service(engine.engine(), codecs, {});
  const auto made = service.find_or_create("hall");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(service.room_count(), 0u);
}

TEST(RoomService, ClosesWhatIsLeftWhenItGoes) {
  test::EngineWorld engine;
  std::shared_ptr<media::WebRtcTransport> transport;
  {
    RoomService service(engine.engine(), opus(), {});
    transport = service.find_or_create("hall")
                    .value()
                    ->join("ann", "")
                    .value()
                    ->create_transport({})
                    .value();
  }
  EXPECT_TRUE(transport->closed());
}

// --- placement -----------------------------------------------------------------------------------

/// How many of the peer's new transports land on which loop.
std::map<unsigned, int> spread(Peer& peer, int transports) {
  std::map<unsigned, int> by_loop;
  for (int i = 0; i < transports; ++i) {
    ++by_loop[peer.create_transport({}).value()->loop()];
  }
  return by_loop;
}

TEST(Placement, Foundry21FourRoomsLandOnFourLoops) {  // FOUNDRY-21
  RoomsWorld world({}, 4);
  std::vector<unsigned> loops;
  for (const char* name : {"a", "b", "c", "d"}) {
    loops.push_back(world.join("ann", name).create_transport({}).value()->loop());
  }
  EXPECT_THAT(loops, UnorderedElementsAre(0u, 1u, 2u, 3u));
}

TEST(Placement, RoomsMadeBeforeTheirTransportsAreSpreadToo) {
  RoomsWorld world({}, 2);
  std::map<unsigned, int> by_loop;
  for (const char* name : {"a", "b", "c", "d"}) {
    ++by_loop[world.room(name).router().home_loop()];
  }
  EXPECT_THAT(by_loop, ElementsAre(Pair(0u, 2), Pair(1u, 2)));
}

TEST(Placement, ASmallRoomStaysOnOneLoop) {
  RoomsWorld world({}, 3, 8);
  EXPECT_EQ(spread(world.join("ann"), 4).size(), 1u);
  EXPECT_THAT(spread(world.join("ben"), 4),
              ElementsAre(Pair(world.room().router().home_loop(), 4)));
}

TEST(Placement, ALargeRoomSpreadsOverAllLoops) {
  RoomsWorld world({}, 3, 4);
  Peer& ann = world.join("ann");
  const unsigned home = world.room().router().home_loop();
  ASSERT_THAT(spread(ann, 4), ElementsAre(Pair(home, 4)));
  // 4 transports and the room itself are at home: the others catch up first.
  auto rest = spread(ann, 10);
  EXPECT_EQ(rest[home], 0);
  EXPECT_THAT(rest, Each(Pair(testing::_, testing::AnyOf(0, 5))));
  EXPECT_THAT(spread(world.join("ben"), 3), ElementsAre(Pair(0u, 1), Pair(1u, 1), Pair(2u, 1)));
}

TEST(Placement, ARoomThatShrinksBelowTheBoundGoesHomeAgain) {
  RoomsWorld world({}, 2, 2);
  Peer& ann = world.join("ann");
  const unsigned home = world.room().router().home_loop();
  spread(ann, 2);
  const auto away = ann.create_transport({}).value();
  EXPECT_NE(away->loop(), home);
  Peer& ben = world.join("ben");
  world.room().leave(ann);
  EXPECT_THAT(spread(ben, 2), ElementsAre(Pair(home, 2)));
}

TEST(Placement, ANewRoomStartsOnTheLeastLoadedLoop) {
  RoomsWorld world({}, 3);
  const unsigned busiest = world.room("a").router().home_loop();
  const unsigned busy = world.room("b").router().home_loop();
  const unsigned idle = world.room("c").router().home_loop();
  Peer& ann = world.join("ann", "a");
  spread(ann, 6);
  spread(world.join("ben", "b"), 4);
  spread(world.join("cat", "c"), 1);
  EXPECT_EQ(world.room("d").router().home_loop(), idle);
  spread(world.join("dan", "d"), 3);
  EXPECT_EQ(world.room("e").router().home_loop(), busy);
  // A room that ends takes its load with it.
  world.room("a").leave(ann);
  EXPECT_EQ(world.room("f").router().home_loop(), busiest);
}

TEST(Placement, PeersOnDifferentLoopsReceiveEachOther) {
  RoomsWorld world({}, 2, 1);
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const auto transport = ben.create_transport({}).value();
  ASSERT_NE(transport->loop(), world.room().router().home_loop());
  const auto consumer = world.try_consume(ben, transport->id(), mic.producer->id()).value();
  mic.producer->pause();
  EXPECT_TRUE(consumer->producer_paused());
  world.room().leave(ann);
  EXPECT_TRUE(consumer->closed());
}

// --- drain ---------------------------------------------------------------------------------------

TEST(Drain, IsOverAtOnceWithoutRooms) {
  RoomsWorld world;
  int empty = 0;
  world.service.drain([&] { ++empty; });
  EXPECT_EQ(empty, 1);
  EXPECT_TRUE(world.service.draining());
}

TEST(Drain, TakesNoNewRoomAndLetsTheOthersGoOn) {
  RoomsWorld world;
  Peer& ann = world.join("ann", "hall");
  EXPECT_FALSE(world.service.draining());
  world.service.drain([] {});
  const auto made = world.service.find_or_create("attic");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "the server is shutting down and opens no new room");
  // Who lost the connection comes back.
  EXPECT_TRUE(world.service.find_or_create("hall"));
  Peer& ben = world.join("ben", "hall");
  EXPECT_FALSE(world.consume(ben, world.produce(ann))->closed());
}

TEST(Drain, IsOverOnceWithTheLastRoom) {
  RoomsWorld world;
  Peer& ann = world.join("ann", "hall");
  Peer& ben = world.join("ben", "attic");
  world.heard();
  world.service.drain([&] { world.note("empty"); });
  world.room("hall").leave(ann);
  EXPECT_THAT(world.heard(), ElementsAre("left ann", "removed hall"));
  world.room("attic").leave(ben);
  EXPECT_THAT(world.heard(), ElementsAre("left ben", "removed attic", "empty"));
  EXPECT_EQ(world.service.room_count(), 0u);
  EXPECT_FALSE(world.service.find_or_create("hall"));
  EXPECT_THAT(world.heard(), IsEmpty());
}

}  // namespace
}  // namespace sluice::rooms
