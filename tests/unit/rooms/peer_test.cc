// What a peer owns: transports, producers, consumers; their limits and how they end.

#include "rooms/peer.h"

#include <gmock/gmock.h>

#include "unit/rooms/rooms_world.h"

namespace sluice::rooms {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Peer, FindsItsOwnTransportsUntilTheyClose) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const auto transport = ann.create_transport({}).value();
  EXPECT_EQ(ann.transport(transport->id()).value(), transport);
  const auto foreign = ben.transport(transport->id());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(foreign.error().message, "Transport not found: " + transport->id());
  transport->close();
  EXPECT_FALSE(ann.transport(transport->id()));
  EXPECT_EQ(ann.transport_count(), 0u);
}

TEST(Peer, TheRoutersRefusalOfATransportIsHandedOn) {
  RoomsWorld world;
  const auto made = world.join("ann").create_transport({.enable_udp = false, .enable_tcp = false});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kType);
}

TEST(Peer, AProducerCarriesWhatItsOwnerSaysOfIt) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  const RoomProducer& screen = world.produce(ann, "screen");
  EXPECT_EQ(screen.owner, &ann);
  EXPECT_EQ(screen.source, "screen");
  EXPECT_EQ(screen.app_data.at("who"), "ann");
  EXPECT_EQ(ann.producer(screen.producer->id()).value(), &screen);
}

TEST(Peer, FindsOnlyItsOwnProducers) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const auto foreign = ben.producer(mic.producer->id());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(foreign.error().message, "Producer not found: " + mic.producer->id());
  EXPECT_THAT(ben.producers(), IsEmpty());
  world.produce(ann, "phone");
  EXPECT_THAT(sources(ann.producers()), ElementsAre("mic", "phone"));
}

TEST(Peer, ProducesOnlyOnItsOwnTransports) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const std::string transport = RoomsWorld::transport(ben);
  world.heard();
  const auto made = world.try_produce(ann, transport, "mic");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "Transport not found: " + transport);
  EXPECT_THAT(world.heard(), IsEmpty());
}

TEST(Peer, ARefusedProducerIsNotAnnounced) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  const std::string transport = RoomsWorld::transport(ann);
  Peer::Production video;
  video.options.kind = ortc::MediaKind::kVideo;
  video.options.rtp_parameters = microphone(1);
  world.heard();
  EXPECT_FALSE(ann.produce(transport, std::move(video)));
  EXPECT_THAT(world.heard(), IsEmpty());
  EXPECT_THAT(ann.producers(), IsEmpty());
  EXPECT_THAT(world.room().producers(), IsEmpty());
}

TEST(Peer, AProducerMayStartPaused) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer::Production production;
  production.options.rtp_parameters = microphone(1);
  production.options.paused = true;
  production.source = "mic";
  world.heard();
  const RoomProducer& mic = *ann.produce(RoomsWorld::transport(ann), std::move(production)).value();
  EXPECT_TRUE(mic.producer->paused());
  mic.producer->resume();
  EXPECT_THAT(world.heard(), ElementsAre("added ann/mic", "resumed ann/mic"));
}

TEST(Peer, AClosedTransportTakesItsProducersAndConsumersAlong) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const auto transport = ann.create_transport({}).value();
  world.try_produce(ann, transport->id(), "mic").value();
  const RoomProducer& other = world.produce(ben);
  world.try_consume(ann, transport->id(), other.producer->id()).value();
  const RoomProducer& phone = world.produce(ann, "phone");
  const auto to_ben = world.consume(ben, phone);
  world.heard();
  transport->close();
  EXPECT_THAT(world.heard(), ElementsAre("closed ann/mic"));
  EXPECT_THAT(sources(ann.producers()), ElementsAre("phone"));
  EXPECT_EQ(ann.consumer_count(), 0u);
  EXPECT_EQ(ann.transport_count(), 1u);
  EXPECT_FALSE(to_ben->closed());
}

TEST(Peer, ConsumesWhatOthersOfItsRoomProduce) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const auto consumer = world.consume(ben, mic);
  EXPECT_EQ(consumer->producer_id(), mic.producer->id());
  EXPECT_EQ(ben.consumer(consumer->id()).value(), consumer);
  const auto foreign = ann.consumer(consumer->id());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(foreign.error().message, "Consumer not found: " + consumer->id());
  consumer->close();
  EXPECT_EQ(ben.consumer_count(), 0u);
  EXPECT_FALSE(ben.consumer(consumer->id()));
}

TEST(Peer, APausedProducersConsumersKnowIt) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const auto before = world.consume(ben, mic);
  mic.producer->pause();
  EXPECT_TRUE(before->producer_paused());
  EXPECT_TRUE(world.consume(ben, mic)->producer_paused());
  EXPECT_FALSE(before->paused());
}

TEST(Peer, ProducersOfOtherRoomsDoNotExistForIt) {
  RoomsWorld world;
  Peer& ann = world.join("ann", "hall");
  Peer& ben = world.join("ben", "attic");
  const std::string id = world.produce(ann).producer->id();
  const auto made = world.try_consume(ben, RoomsWorld::transport(ben), id);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(made.error().message, "Producer not found: " + id);
}

TEST(Peer, ConsumesOnlyOnItsOwnTransports) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const std::string transport = RoomsWorld::transport(ann);
  const auto made = world.try_consume(ben, transport, mic.producer->id());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "Transport not found: " + transport);
}

TEST(Peer, CapabilitiesThatDoNotFitAreUnsupported) {
  RoomsWorld world;
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const RoomProducer& mic = world.produce(ann);
  const auto made = ben.consume(RoomsWorld::transport(ben),
                                {.producer_id = mic.producer->id(), .rtp_capabilities = {}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(ben.consumer_count(), 0u);
}

TEST(PeerLimits, OfTransports) {
  RoomsWorld world({.transports_per_peer = 2});
  Peer& ann = world.join("ann");
  const auto first = ann.create_transport({}).value();
  ASSERT_TRUE(ann.create_transport({}));
  const auto third = ann.create_transport({});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "limit reached: 2 transports per peer");
  EXPECT_TRUE(world.join("ben").create_transport({}));
  first->close();
  EXPECT_TRUE(ann.create_transport({}));
}

TEST(PeerLimits, OfProducers) {
  RoomsWorld world({.producers_per_peer = 2});
  Peer& ann = world.join("ann");
  const std::string transport = RoomsWorld::transport(ann);
  const auto first = world.try_produce(ann, transport, "one").value()->producer;
  ASSERT_TRUE(world.try_produce(ann, transport, "two"));
  world.heard();
  const auto third = world.try_produce(ann, transport, "three");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "limit reached: 2 producers per peer");
  EXPECT_THAT(world.heard(), IsEmpty());
  first->close();
  EXPECT_TRUE(world.try_produce(ann, transport, "three"));
}

TEST(PeerLimits, OfConsumers) {
  RoomsWorld world({.consumers_per_peer = 2});
  Peer& ann = world.join("ann");
  Peer& ben = world.join("ben");
  const std::string producer = world.produce(ann).producer->id();
  const std::string transport = RoomsWorld::transport(ben);
  const auto first = world.try_consume(ben, transport, producer).value();
  ASSERT_TRUE(world.try_consume(ben, transport, producer));
  const auto third = world.try_consume(ben, transport, producer);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "limit reached: 2 consumers per peer");
  first->close();
  EXPECT_TRUE(world.try_consume(ben, transport, producer));
}

}  // namespace
}  // namespace sluice::rooms
