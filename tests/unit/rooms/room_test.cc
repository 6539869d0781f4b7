// Who is in a room, and what its listeners are told in which order.

#include "rooms/room.h"

#include <gmock/gmock.h>

#include "unit/rooms/rooms_world.h"

namespace sluice::rooms {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Room, PeersComeInTheOrderOfJoining) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  world.join("ben");
  world.join("cat");
  world.room().leave(ann);
  world.join("dan");
  EXPECT_THAT(names(world.room().peers()), ElementsAre("ben", "cat", "dan"));
  EXPECT_EQ(world.room().peer_count(), 3u);
}

TEST(Room, PeersOfOneNameAreDifferentPeers) {
  RoomsWorld world;
  const Peer& first = world.join("ann");
  const Peer& second = world.join("ann");
  EXPECT_NE(first.id(), second.id());
  EXPECT_EQ(second.display_name, "ann");
}

TEST(Room, TellsWhenAPeerTakesAnotherName) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  world.heard();
  world.room().name_peer(ann, "Ann B.");
  EXPECT_EQ(ann.display_name, "Ann B.");
  EXPECT_THAT(world.heard(), ElementsAre("named ann Ann B."));
}

TEST(Room, TellsWhatHappensInItsOrder) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  world.join("ben");
  const RoomProducer& mic = world.produce(ann, "mic");
  const RoomProducer& phone = world.produce(ann, "phone");
  EXPECT_THAT(world.heard(), ElementsAre("created hall", "joined ann", "joined ben",
                                         "added ann/mic", "added ann/phone"));
  mic.producer->pause();
  mic.producer->pause();
  phone.producer->pause();
  mic.producer->resume();
  EXPECT_THAT(world.heard(), ElementsAre("paused ann/mic", "paused ann/phone", "resumed ann/mic"));
  mic.producer->close();
  EXPECT_THAT(world.heard(), ElementsAre("closed ann/mic"));
}

TEST(Room, LeavingClosesTheProducersOldestFirstThenTells) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  for (const char* source : {"one", "two", "three", "four"}) {
    world.produce(ann, source);
  }
  world.produce(ben);
  world.heard();
  world.room().leave(ann);
  EXPECT_THAT(world.heard(), ElementsAre("closed ann/one", "closed ann/two", "closed ann/three",
                                         "closed ann/four", "left ann"));
  EXPECT_THAT(names(world.room().peers()), ElementsAre("ben"));
  EXPECT_THAT(sources(world.room().producers()), ElementsAre("mic"));
}

TEST(Room, WhatALeavingPeerHadIsClosedEverywhere) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const auto to_ben = world.consume(ben, world.produce(ann));
  const auto to_ann = world.consume(ann, world.produce(ben));
  const auto from_ann = world.room().producers().front()->producer;
  const auto transport = ann.create_transport({}).value();
  bool producer_gone = false;
  to_ben->on_producer_close.connect([&] { producer_gone = true; });
  world.room().leave(ann);
  EXPECT_TRUE(transport->closed());
  EXPECT_TRUE(from_ann->closed());
  EXPECT_TRUE(to_ann->closed());
  EXPECT_TRUE(to_ben->closed());
  EXPECT_TRUE(producer_gone);
  EXPECT_EQ(ben.consumer_count(), 0u);
  EXPECT_FALSE(ben.consumer(to_ben->id()));
  EXPECT_EQ(ben.transport_count(), 2u);
  EXPECT_EQ(ben.producers().size(), 1u);
  EXPECT_EQ(world.room().router().transport_count(), 2u);
}

TEST(Room, AProducersEndIsToldBeforeItsConsumersClose) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const auto consumer = world.consume(ben, mic);
  const std::string id = mic.producer->id();
  consumer->on_close.connect([&] { world.note("consumer closed"); });
  world.room().on_producer_closed.connect([&](const RoomProducer& gone) {
    // The entry is still readable, but nobody finds the producer any more.
    EXPECT_EQ(gone.producer->id(), id);
    EXPECT_EQ(gone.owner, &ann);
    EXPECT_EQ(gone.app_data.at("who"), "ann");
    EXPECT_EQ(world.room().find_producer(id), nullptr);
    EXPECT_THAT(ann.producers(), IsEmpty());
  });
  world.heard();
  world.room().leave(ann);
  EXPECT_THAT(world.heard(), ElementsAre("closed ann/mic", "consumer closed", "left ann"));
}

TEST(Room, WhoLeavesIsNoLongerAmongThePeersWhenThatIsTold) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  world.join("ben");
  world.produce(ann);
  std::vector<std::string> seen;
  world.room().on_producer_closed.connect(
      [&](const RoomProducer&) { seen = names(world.room().peers()); });
  world.room().on_peer_left.connect([&](const Peer& gone) {
    EXPECT_EQ(gone.user_id, "ann");
    EXPECT_EQ(gone.transport_count(), 0u);
    EXPECT_THAT(names(world.room().peers()), ElementsAre("ben"));
  });
  world.room().leave(ann);
  EXPECT_THAT(seen, ElementsAre("ben"));
}

TEST(Room, GoesWithItsLastPeer) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  world.produce(ann);
  Room& room = world.room();
  world.heard();
  room.leave(ben);
  EXPECT_EQ(world.service.find("hall"), &room);
  room.leave(ann);
  EXPECT_EQ(world.service.find("hall"), nullptr);
  EXPECT_THAT(world.heard(), ElementsAre("left ben", "closed ann/mic", "left ann", "removed hall"));
}

TEST(Room, ProducersComeOldestFirstAndOnlyOpenOnes) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  world.produce(ann, "one");
  RoomProducer& two = world.produce(ben, "two");
  world.produce(ann, "three");
  world.produce(ben, "four");
  EXPECT_THAT(sources(world.room().producers()), ElementsAre("one", "two", "three", "four"));
  EXPECT_EQ(world.room().find_producer(two.producer->id()), &two);
  two.producer->close();
  EXPECT_THAT(sources(world.room().producers()), ElementsAre("one", "three", "four"));
}

TEST(Room, KeepsToItself) {
  RoomsWorld world;
  Peer& ann = world.join("ann", "hall");
  world.join("ben", "attic");
  const RoomProducer& mic = world.produce(ann);
  EXPECT_EQ(world.room("attic").find_producer(mic.producer->id()), nullptr);
  EXPECT_THAT(world.room("attic").producers(), IsEmpty());
  EXPECT_THAT(names(world.room("attic").peers()), ElementsAre("ben"));
}

TEST(Room, TheLimitOfPeersIsNamedAndHoldsNoLongerWhenOneLeaves) {
  RoomsWorld world({.peers_per_room = 2});
  Peer& ann = world.join("ann");
  world.join("ben");
  world.heard();
  const auto third = world.room().join("cat", "");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "limit reached: 2 peers in room 'hall'");
  EXPECT_THAT(world.heard(), IsEmpty());
  EXPECT_TRUE(world.room("attic").join("cat", ""));
  world.room().leave(ann);
  EXPECT_TRUE(world.room().join("cat", ""));
}

// A listener that ends other connections, as a dialect does that replaces a peer.
TEST(Room, AListenerMayLetOthersLeave) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  world.join("cat");
  world.produce(ann);
  world.produce(ben);
  Room& room = world.room();
  room.on_producer_closed.connect([&](const RoomProducer& gone) {
    if (gone.owner == &ann) {
      room.leave(ben);
    }
  });
  world.heard();
  room.leave(ann);
  EXPECT_THAT(world.heard(),
              ElementsAre("closed ann/mic", "closed ben/mic", "left ben", "left ann"));
  EXPECT_THAT(names(room.peers()), ElementsAre("cat"));
}

TEST(Room, StaysUntilAllAreToldWhenTheLastLeaveTogether) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  Room& room = world.room();
  room.on_peer_left.connect([&](const Peer& gone) {
    if (&gone == &ann) {
      room.leave(ben);
    }
  });
  room.on_peer_left.connect([&](const Peer& gone) { world.note("told of " + gone.user_id); });
  world.heard();
  room.leave(ann);
  EXPECT_THAT(world.heard(),
              ElementsAre("left ann", "left ben", "told of ben", "told of ann", "removed hall"));
}

TEST(Room, LeavingAgainWhileLeavingChangesNothing) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  world.join("ben");
  Room& room = world.room();
  room.on_peer_left.connect([&](Peer& gone) { room.leave(gone); });
  world.heard();
  room.leave(ann);
  EXPECT_THAT(world.heard(), ElementsAre("left ann"));
}

TEST(Room, StaysWhenSomebodyJoinsWhileTheLastLeaves) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Room& room = world.room();
  bool joined = false;
  room.on_peer_left.connect([&](const Peer&) {
    if (!std::exchange(joined, true)) {
      world.join("ben");
    }
  });
  world.heard();
  room.leave(ann);
  EXPECT_THAT(world.heard(), ElementsAre("left ann", "joined ben"));
  EXPECT_EQ(world.service.find("hall"), &room);
}

}  // namespace
}  // namespace sluice::rooms
