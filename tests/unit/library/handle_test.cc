// Handles, listeners and the end of things.

#include <memory>
#include <utility>

#include "library_world.h"

namespace sluice::library_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(Library, ADefaultHandleRefersToNothing) {
  EXPECT_FALSE(Producer());
  EXPECT_EQ(Producer(), Producer());
  EXPECT_FALSE(WebRtcTransport(Transport()));
  EXPECT_FALSE(router.find_producer("nothing"));
  EXPECT_FALSE(router.find_data_producer("nothing"));
}

TEST_F(Library, CopiesReferToTheSameObject) {
  const auto transport = router.create_webrtc_transport().value();
  const Transport same = transport;
  EXPECT_EQ(same, transport);
  EXPECT_EQ(same.id(), transport.id());
  same.close();
  EXPECT_TRUE(transport.closed());
}

TEST_F(Library, HandlesConvertToWhatTheObjectIs) {
  const Transport webrtc = router.create_webrtc_transport().value();
  const Transport direct = router.create_direct_transport().value();
  EXPECT_TRUE(WebRtcTransport(webrtc));
  EXPECT_FALSE(WebRtcTransport(direct));
  EXPECT_TRUE(DirectTransport(direct));
  EXPECT_FALSE(PlainTransport(direct));
  EXPECT_FALSE(PipeTransport(direct));
  const RtpObserver levels = router.create_audio_level_observer().value();
  EXPECT_TRUE(AudioLevelObserver(levels));
  EXPECT_FALSE(ActiveSpeakerObserver(levels));
}

TEST_F(Library, AnObjectStaysOpenWithoutHandles) {
  const std::string id = produce(router.create_direct_transport().value()).id();
  const Producer found = router.find_producer(id);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found.closed());
}

TEST_F(Library, ListenersAreDroppedOnceTheObjectHasClosed) {
  const auto kept = std::make_shared<int>();
  const Transport transport = router.create_direct_transport().value();
  const Producer producer = produce(transport);
  // Each holds the object it listens to.
  producer.on_pause([kept, producer] {});
  producer.on_close([kept, producer] {});
  transport.on_new_producer([kept, transport](const Producer&) {});
  EXPECT_EQ(kept.use_count(), 4);
  transport.close();
  EXPECT_EQ(kept.use_count(), 1);
  producer.on_close([kept] {});
  EXPECT_EQ(kept.use_count(), 1) << "nothing will be told any more";
}

TEST_F(Library, DisconnectedListenersHearNothing) {
  const Journal journal;
  const Producer producer = produce(router.create_direct_transport().value());
  Connection first = producer.on_pause(journal.note("first"));
  producer.on_pause(journal.note("second"));
  {
    const ScopedConnection third = producer.on_pause(journal.note("third"));
  }
  first.disconnect();
  first.disconnect();
  ASSERT_TRUE(producer.pause());
  EXPECT_THAT(journal.take(), ElementsAre("second"));
  producer.close();
  first.disconnect();
}

TEST_F(Library, AListenerMayCloseItsObjectAndLetGoOfIt) {
  auto producer = std::make_shared<Producer>(produce(router.create_direct_transport().value()));
  producer->on_pause([&] {
    producer->close();
    producer.reset();
  });
  ASSERT_TRUE(Producer(*producer).pause());
  EXPECT_EQ(producer, nullptr);
}

TEST_F(Library, ClosingCascadesInOrder) {
  const Journal journal;
  const Transport from = router.create_direct_transport().value();
  const Transport to = router.create_webrtc_transport().value();
  const Producer producer = produce(from);
  const Consumer consumer = consume(to, producer);
  producer.on_transport_close(journal.note("producer transportclose"));
  producer.on_close(journal.note("producer close"));
  consumer.on_producer_close(journal.note("consumer producerclose"));
  consumer.on_close(journal.note("consumer close"));
  from.on_close(journal.note("transport close"));
  from.close();
  EXPECT_THAT(journal.take(),
              ElementsAre("producer transportclose", "producer close", "transport close",
                          "consumer producerclose", "consumer close"));
  to.on_router_close(journal.note("transport routerclose"));
  router.on_engine_close(journal.note("router engineclose"));
  router.on_close(journal.note("router close"));
  engine->on_close(journal.note("engine close"));
  engine->close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "router engineclose",
                                          "router close", "engine close"));
  EXPECT_EQ(outcome(router.dump()), "InvalidStateError");
  EXPECT_EQ(outcome(engine->create_router({})), "InvalidStateError");
}

TEST_F(Library, HandlesOutliveTheEngine) {
  const Journal journal;
  const auto transport = router.create_webrtc_transport().value();
  const auto direct = router.create_direct_transport().value();
  const Producer producer = produce(direct);
  const Consumer consumer = consume(transport, producer);
  Connection pauses = producer.on_pause([] {});
  Connection routers = engine->on_new_router([](const Router&) {});
  consumer.on_close(journal.note("consumer close"));
  producer.get_stats([](const auto&) { ADD_FAILURE() << "the engine is gone"; });
  engine.reset();
  EXPECT_THAT(journal.take(), ElementsAre("consumer close"));
  EXPECT_TRUE(router.closed());
  EXPECT_TRUE(consumer.closed());
  EXPECT_EQ(consumer.producer_id(), producer.id());
  EXPECT_EQ(outcome(consumer.pause()), "InvalidStateError");
  EXPECT_EQ(outcome(transport.restart_ice()), "InvalidStateError");
  EXPECT_EQ(outcome(direct.send_rtcp({})), "InvalidStateError");
  EXPECT_EQ(outcome(router.create_direct_transport()), "InvalidStateError");
  EXPECT_FALSE(router.can_consume(producer.id(), parse(test::kEndpointCapabilities)));
  std::string told;
  transport.dump([&](const auto& result) { told = outcome(result); });
  EXPECT_EQ(told, "InvalidStateError") << "at once";
  pauses.disconnect();
  routers.disconnect();
  producer.close();
  loop.run_for(std::chrono::milliseconds(1));
}

TEST_F(Library, EnginesMove) {
  Engine moved = std::move(*engine);
  EXPECT_FALSE(moved.closed());
  engine.reset();
  EXPECT_FALSE(router.closed());
  moved =
      Engine::create({.media_loops = 1, .listen = {{.ip = "127.0.0.1"}}}, loop.executor()).value();
  EXPECT_TRUE(router.closed()) << "what it was assigned over has ended";
  EXPECT_FALSE(moved.closed());
}

}  // namespace
}  // namespace sluice::library_test
