// Rows of the object model about data producers and data consumers (ortc-model 8.10).
#include <chrono>

#include "media/plain_transport.h"
#include "net/clock.h"
#include "object_model.h"
#include "protocol/sctp/wire.h"
#include "support/data_peer.h"
#include "support/loopback_socket.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DataRows : public ObjectModel {
 protected:
  DataRows() {
    transport = router->create_webrtc_transport({.sctp = SctpOptions{}}).value();
    other = router->create_webrtc_transport({.sctp = SctpOptions{}}).value();
  }

  static Result<ortc::SctpStreamParameters> stream(std::string_view text) {
    const auto value = json(text);
    return ortc::parse_sctp_stream_parameters(&value);
  }
  std::shared_ptr<DataProducer> produce_data(std::string_view parameters = R"({"streamId": 666})",
                                             bool paused = false) {
    return transport
        ->produce_data({.sctp_stream_parameters = stream(parameters).value(),
                        .label = "foo",
                        .protocol = "bar",
                        .paused = paused})
        .value();
  }
  std::shared_ptr<DataConsumer> consume_data(const DataProducer& producer,
                                             ortc::SctpStreamOverrides overrides = {}) {
    return other->consume_data({.data_producer_id = producer.id(), .reliability = overrides})
        .value();
  }
  template <class Stats, class Object>
  boost::json::object stats(Object& object) {
    return to_json(
        world.answer<Stats>([&](auto reply) { object.get_stats(std::move(reply)); }).value());
  }
  Result<void> send(DataConsumer& consumer, DataMessage message) {
    return world.answer<void>(
        [&](auto reply) { consumer.send(std::move(message), std::move(reply)); });
  }
};

/// A data producer, a consumer of it on the other transport, and what is told of them.
class DataPair : public DataRows {
 protected:
  DataPair() : producer(produce_data()), consumer(consume_data(*producer)) {
    journal.watch(*producer);
    journal.watch(*consumer);
  }

  std::shared_ptr<DataProducer> producer;
  std::shared_ptr<DataConsumer> consumer;
  Journal journal;
};

TEST_F(DataRows, Ortc115ADataProducerWithAStreamId) {  // ORTC-115
  std::vector<std::shared_ptr<DataProducer>> announced;
  transport->on_new_data_producer.connect([&](const auto& made) { announced.push_back(made); });
  const auto producer = produce_data();
  EXPECT_THAT(announced, ElementsAre(producer));
  EXPECT_EQ(producer->type(), DataType::kSctp);
  EXPECT_EQ(ortc::to_json(*producer->sctp_stream_parameters()),
            json(R"({"streamId": 666, "ordered": true})"));
  EXPECT_EQ(producer->label(), "foo");
  EXPECT_EQ(producer->protocol(), "bar");
  EXPECT_FALSE(producer->paused());
  EXPECT_FALSE(producer->closed());
  auto expected = json(R"({"type": "sctp", "label": "foo", "protocol": "bar", "paused": false,
                           "sctpStreamParameters": {"streamId": 666, "ordered": true}})")
                      .as_object();
  expected["id"] = producer->id();
  EXPECT_EQ(producer->dump().value(), expected);
  const auto inside = dump(*transport).value();
  EXPECT_EQ(inside.at("dataProducerIds"), as_json(std::vector{producer->id()}));
  EXPECT_EQ(inside.at("sctpListener").at("streamIdTable"), map_of(666, producer->id()));
  EXPECT_EQ(router->dump().value().at("mapDataProducerIdDataConsumerIds"),
            map_of_lists(producer->id(), {}));
}

TEST_F(DataRows, Ortc116ALifetimeMeansUnordered) {  // ORTC-116
  const auto producer = produce_data(R"({"streamId": 777, "maxRetransmits": 3})", true);
  EXPECT_EQ(ortc::to_json(*producer->sctp_stream_parameters()),
            json(R"({"streamId": 777, "ordered": false, "maxRetransmits": 3})"));
  EXPECT_TRUE(producer->paused());
}

TEST_F(DataRows, Ortc117WrongArguments) {  // ORTC-117
  EXPECT_EQ(outcome(transport->produce_data({})), "TypeError");
  EXPECT_EQ(outcome(stream("{}")), "TypeError");
  EXPECT_EQ(outcome(transport->produce_data(
                {.sctp_stream_parameters = ortc::SctpStreamParameters{.stream_id = 65535}})),
            "TypeError");
  EXPECT_EQ(outcome(transport->produce_data(
                {.sctp_stream_parameters =
                     ortc::SctpStreamParameters{.ordered = true, .max_packet_life_time = 2000}})),
            "TypeError");
  EXPECT_EQ(outcome(transport->produce_data(
                {.sctp_stream_parameters =
                     ortc::SctpStreamParameters{
                         .ordered = false, .max_packet_life_time = 1, .max_retransmits = 1}})),
            "TypeError");
  EXPECT_EQ(outcome(other->consume_data({})), "TypeError");
  EXPECT_EQ(outcome(other->consume_data({.data_producer_id = "nobody"})), "Error");
  const auto without = router->create_webrtc_transport({}).value();
  EXPECT_EQ(outcome(without->produce_data(
                {.sctp_stream_parameters = ortc::SctpStreamParameters{.stream_id = 1}})),
            "Error");
  EXPECT_EQ(outcome(without->consume_data({.data_producer_id = produce_data()->id()})),
            "TypeError");
}

TEST_F(DataRows, Ortc118OneStreamIdOnce) {  // ORTC-118
  const auto producer = produce_data();
  const ProduceDataOptions again{
      .sctp_stream_parameters = producer->sctp_stream_parameters(), .label = {}, .protocol = {}};
  EXPECT_EQ(outcome(transport->produce_data(again)), "Error");
  EXPECT_EQ(outcome(other->produce_data(again)), "ok");
  producer->close();
  EXPECT_EQ(outcome(transport->produce_data(again)), "ok");
}

TEST_F(DataRows, IdsAreTakenOnce) {
  const ProduceDataOptions named{
      .sctp_stream_parameters = ortc::SctpStreamParameters{.stream_id = 1}, .id = "mine"};
  ProduceDataOptions second = named;
  second.sctp_stream_parameters->stream_id = 2;
  ASSERT_EQ(outcome(transport->produce_data(named)), "ok");
  EXPECT_EQ(outcome(transport->produce_data(second)), "TypeError");
  EXPECT_EQ(outcome(other->produce_data(second)), "Error");
  EXPECT_EQ(router->find_data_producer("mine")->id(), "mine");
}

TEST_F(DataRows, Ortc119ALifetimeAndSubchannels) {  // ORTC-119
  std::vector<std::shared_ptr<DataConsumer>> announced;
  other->on_new_data_consumer.connect([&](const auto& made) { announced.push_back(made); });
  const auto producer = produce_data();
  const auto consumer =
      other
          ->consume_data({.data_producer_id = producer->id(),
                          .reliability = {.ordered = {}, .max_packet_life_time = 4000},
                          .subchannels = {0, 1, 1, 1, 2, 65535, 65536, 65537, 100}})
          .value();
  EXPECT_THAT(announced, ElementsAre(consumer));
  EXPECT_EQ(consumer->data_producer_id(), producer->id());
  EXPECT_EQ(consumer->type(), DataType::kSctp);
  EXPECT_EQ(ortc::to_json(*consumer->sctp_stream_parameters()),
            json(R"({"streamId": 0, "ordered": false, "maxPacketLifeTime": 4000})"));
  EXPECT_EQ(consumer->label(), "foo");
  EXPECT_EQ(consumer->protocol(), "bar");
  EXPECT_THAT(consumer->subchannels(), ElementsAre(0, 1, 2, 100, 65535));
  auto expected = json(R"({"type": "sctp", "label": "foo", "protocol": "bar", "paused": false,
                           "dataProducerPaused": false, "bufferedAmountLowThreshold": 0,
                           "subchannels": [0, 1, 2, 100, 65535],
                           "sctpStreamParameters": {"streamId": 0, "ordered": false,
                                                    "maxPacketLifeTime": 4000}})")
                      .as_object();
  expected["id"] = consumer->id();
  expected["dataProducerId"] = producer->id();
  EXPECT_EQ(consumer->dump().value(), expected);
  const auto inside = router->dump().value();
  EXPECT_EQ(inside.at("mapDataProducerIdDataConsumerIds"),
            map_of_lists(producer->id(), {consumer->id()}));
  EXPECT_EQ(inside.at("mapDataConsumerIdDataProducerId"), map_of(consumer->id(), producer->id()));
}

TEST_F(DataRows, Ortc120OrderedRemovesLifetimes) {  // ORTC-120
  const auto producer = produce_data(R"({"streamId": 777, "maxRetransmits": 3})");
  EXPECT_EQ(ortc::to_json(*consume_data(*producer, {.ordered = true})->sctp_stream_parameters()),
            json(R"({"streamId": 0, "ordered": true})"));
  EXPECT_EQ(ortc::to_json(*consume_data(*producer)->sctp_stream_parameters()),
            json(R"({"streamId": 1, "ordered": false, "maxRetransmits": 3})"));
}

TEST_F(DataRows, Ortc121ReplacingSubchannels) {  // ORTC-121
  const auto consumer = consume_data(*produce_data());
  const std::vector<int64_t> numbers{999, 999, 998, 65536};
  ASSERT_TRUE(consumer->set_subchannels(numbers));
  EXPECT_THAT(consumer->subchannels(), ElementsAre(0, 998, 999));
  ASSERT_TRUE(consumer->add_subchannel(7));
  ASSERT_TRUE(consumer->add_subchannel(7));
  ASSERT_TRUE(consumer->remove_subchannel(998));
  ASSERT_TRUE(consumer->remove_subchannel(5));
  EXPECT_THAT(consumer->subchannels(), ElementsAre(0, 7, 999));
}

TEST_F(DataRows, StreamIdsOfConsumersGoRoundAndComeBack) {
  other = router->create_webrtc_transport({.sctp = SctpOptions{.streams = {1024, 3}}}).value();
  const auto producer = produce_data();
  const auto first = consume_data(*producer);
  consume_data(*producer);
  const auto third = consume_data(*producer);
  EXPECT_EQ(third->sctp_stream_parameters()->stream_id, 2);
  EXPECT_EQ(outcome(other->consume_data({.data_producer_id = producer->id()})), "Error");
  // What is refused takes no id.
  EXPECT_EQ(outcome(other->consume_data(
                {.data_producer_id = producer->id(),
                 .reliability = {.ordered = {}, .max_packet_life_time = 1, .max_retransmits = 1}})),
            "TypeError");
  first->close();
  EXPECT_EQ(consume_data(*producer)->sctp_stream_parameters()->stream_id, 0);
  producer->close();
  EXPECT_EQ(other->data_consumers().size(), 0u);
  EXPECT_EQ(consume_data(*produce_data())->sctp_stream_parameters()->stream_id, 1);
}

TEST_F(DataPair, Ortc124FreshStatistics) {  // ORTC-124
  auto shown = stats<DataProducerStats>(*producer);
  EXPECT_GT(shown.at("timestamp").as_uint64(), 0u);
  shown.erase("timestamp");
  EXPECT_EQ(shown, json(R"({"type": "data-producer", "label": "foo", "protocol": "bar",
                            "messagesReceived": 0, "bytesReceived": 0})"));
  shown = stats<DataConsumerStats>(*consumer);
  shown.erase("timestamp");
  EXPECT_EQ(shown, json(R"({"type": "data-consumer", "label": "foo", "protocol": "bar",
                            "messagesSent": 0, "bytesSent": 0, "bufferedAmount": 0})"));
}

TEST_F(DataPair, Ortc125PausingIsToldOnceAndByItsEffect) {  // ORTC-125
  ASSERT_TRUE(producer->pause());
  ASSERT_TRUE(producer->pause());
  EXPECT_TRUE(producer->paused());
  EXPECT_TRUE(consumer->data_producer_paused());
  EXPECT_THAT(journal.take(),
              ElementsAre("producer pause", "consumer dataproducerpause", "consumer pause"));
  ASSERT_TRUE(consumer->pause());
  EXPECT_THAT(journal.take(), IsEmpty()) << "nothing changes for the peer";
  ASSERT_TRUE(producer->resume());
  EXPECT_THAT(journal.take(), ElementsAre("producer resume", "consumer dataproducerresume"));
  ASSERT_TRUE(consumer->resume());
  ASSERT_TRUE(consumer->resume());
  EXPECT_THAT(journal.take(), ElementsAre("consumer resume"));
  ASSERT_TRUE(producer->pause());
  EXPECT_TRUE(consume_data(*producer)->data_producer_paused());
}

TEST_F(DataPair, Ortc126ClosingAProducerClosesItsConsumers) {  // ORTC-126
  producer->close();
  producer->close();
  EXPECT_THAT(journal.take(),
              ElementsAre("producer close", "consumer dataproducerclose", "consumer close"));
  EXPECT_EQ(dump(*transport).value().at("dataProducerIds"), json("[]"));
  EXPECT_EQ(dump(*transport).value().at("sctpListener"), json(R"({"streamIdTable": []})"));
  EXPECT_EQ(dump(*other).value().at("dataConsumerIds"), json("[]"));
  const auto inside = router->dump().value();
  EXPECT_EQ(inside.at("mapDataProducerIdDataConsumerIds"), json("[]"));
  EXPECT_EQ(inside.at("mapDataConsumerIdDataProducerId"), json("[]"));
  EXPECT_EQ(outcome(producer->pause()), "Error");
  EXPECT_EQ(outcome(producer->dump()), "Error");
  EXPECT_EQ(outcome(consumer->resume()), "Error");
  EXPECT_EQ(outcome(consumer->add_subchannel(1)), "Error");
  EXPECT_EQ(outcome(consumer->set_buffered_amount_low_threshold(1)), "Error");
  EXPECT_EQ(outcome(consumer->dump()), "Error");
  EXPECT_EQ(outcome(send(*consumer, DataMessage::text("x"))), "Error");
}

TEST_F(DataPair, Ortc126ClosingTransports) {  // ORTC-126
  const auto own = transport->consume_data({.data_producer_id = producer->id()}).value();
  journal.watch(*own, "own");
  journal.watch(*transport);
  transport->close();
  EXPECT_THAT(journal.take(), ElementsAre("producer transportclose", "producer close",
                                          "own transportclose", "own close", "transport close",
                                          "consumer dataproducerclose", "consumer close"));
}

TEST_F(DataPair, Ortc126ClosingAConsumerOrTheRouter) {  // ORTC-126
  const auto second = consume_data(*producer);
  journal.watch(*second, "second");
  consumer->close();
  EXPECT_THAT(journal.take(), ElementsAre("consumer close"));
  EXPECT_THAT(producer->data_consumers(), ElementsAre(second));
  router->close();
  EXPECT_THAT(journal.take(), ElementsAre("producer transportclose", "producer close",
                                          "second transportclose", "second close"));
}

TEST_F(DataPair, ADataConsumerThatIsNotConnectedSendsNothing) {
  EXPECT_EQ(outcome(send(*consumer, DataMessage::text("x"))), "Error");
  EXPECT_EQ(outcome(producer->send(DataMessage::text("x"))), "TypeError");
  EXPECT_EQ(
      world.answer<size_t>([&](auto reply) { consumer->get_buffered_amount(std::move(reply)); })
          .value(),
      0u);
  std::optional<size_t> low;
  consumer->on_buffered_amount_low.connect([&](size_t amount) { low = amount; });
  ASSERT_TRUE(consumer->set_buffered_amount_low_threshold(1000));
  ASSERT_TRUE(world.run_until([&] { return low.has_value(); }));
  EXPECT_EQ(*low, 0u);
  EXPECT_EQ(consumer->dump().value().at("bufferedAmountLowThreshold"), 1000);
}

// --- messages over real sockets ------------------------------------------------------------------

class DataOverPlain : public DataRows {
 protected:
  DataOverPlain() {
    plain = router
                ->create_plain_transport({.listen = {.ip = "127.0.0.1"},
                                          .comedia = true,
                                          .sctp = SctpOptions{.streams = {256, 256}}})
                .value();
    server = {*IpAddress::parse("127.0.0.1"), plain->tuple().local_port};
  }

  /// A producer of that stream of the peer's, and a consumer that sends its messages back, once the
  /// peer is connected.
  void echo(uint16_t stream_id) {
    producer = plain
                   ->produce_data({.sctp_stream_parameters =
                                       ortc::SctpStreamParameters{.stream_id = stream_id}})
                   .value();
    consumer = plain->consume_data({.data_producer_id = producer->id()}).value();
    peer.connect(net::monotonic_now());
    ASSERT_TRUE(
        exchange([&] { return peer.connected() && plain->sctp_state() == SctpState::kConnected; }));
  }

  /// Moves packets and runs what the engine posts until `done`; false after ten seconds.
  bool exchange(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      const Micros now = net::monotonic_now();
      for (Bytes packet = socket.receive(); !packet.empty(); packet = socket.receive()) {
        peer.on_packet(packet, now);
      }
      peer.on_timeout(now);
      while (const auto packet = peer.poll_transmit(now)) {
        socket.send(server, *packet);
      }
      // A question and its answer: the loop has had a turn.
      (void)transport_stats(*transport);
    }
    return true;
  }

  std::shared_ptr<PlainTransport> plain;
  std::shared_ptr<DataProducer> producer;
  std::shared_ptr<DataConsumer> consumer;
  SocketAddress server;
  sluice::test::LoopbackSocket socket;
  sluice::test::DataPeer peer{
      sctp::Options{.outgoing_streams = 256, .incoming_streams = 256, .data_channels = false}};
};

TEST_F(DataOverPlain, Ortc127MessagesArriveInOrderWithTheirKinds) {  // ORTC-127
  std::vector<SctpState> states;
  plain->on_sctp_state.connect([&](SctpState state) { states.push_back(state); });
  ASSERT_NO_FATAL_FAILURE(echo(123));
  EXPECT_EQ(consumer->sctp_stream_parameters()->stream_id, 0);
  EXPECT_THAT(states, ElementsAre(SctpState::kConnecting, SctpState::kConnected));
  EXPECT_EQ(plain->tuple().remote_port, socket.address().port);

  size_t bytes = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string text = std::to_string(i);
    bytes += text.size();
    const Micros now = net::monotonic_now();
    ASSERT_EQ(i < 100 ? peer.send_text(123, text, now) : peer.send(123, as_bytes(text), now),
              sctp::SendResult::kAccepted);
  }
  ASSERT_TRUE(exchange([&] { return peer.messages.size() == 200; }));
  for (int i = 0; i < 200; ++i) {
    const sctp::Message& message = peer.messages[static_cast<size_t>(i)];
    EXPECT_EQ(message.stream, 0);
    EXPECT_EQ(message.ppid, i < 100 ? sctp::ppid::kString : sctp::ppid::kBinary);
    EXPECT_EQ(as_text(message.payload), std::to_string(i));
  }
  auto shown = stats<DataProducerStats>(*producer);
  EXPECT_EQ(shown.at("messagesReceived"), 200);
  EXPECT_EQ(shown.at("bytesReceived"), bytes);
  shown = stats<DataConsumerStats>(*consumer);
  EXPECT_EQ(shown.at("messagesSent"), 200);
  EXPECT_EQ(shown.at("bytesSent"), bytes);
}

TEST_F(DataRows, SctpOfAPlainTransport) {  // ORTC-49, ORTC-60
  const auto plain =
      router->create_plain_transport({.listen = {.ip = "127.0.0.1"}, .sctp = SctpOptions{}})
          .value();
  const auto parameters = ortc::to_json(*plain->sctp_parameters());
  for (const auto& [name, value] :
       {std::pair("port", 5000), {"OS", 1024}, {"MIS", 1024}, {"maxMessageSize", 262144}}) {
    EXPECT_EQ(parameters.at(name), value) << name;
  }
  EXPECT_EQ(plain->sctp_state(), SctpState::kNew);
  EXPECT_EQ(dump(*plain).value().at("sctpParameters"), parameters);
  EXPECT_EQ(dump(*plain).value().at("sctpState"), "new");
  plain->close();
  EXPECT_EQ(plain->sctp_state(), SctpState::kClosed);
}

TEST_F(DataOverPlain, TheApplicationSendsToThePeer) {
  ASSERT_NO_FATAL_FAILURE(echo(0));
  EXPECT_EQ(outcome(send(*consumer, DataMessage::text("hello"))), "ok");
  EXPECT_EQ(outcome(send(*consumer, DataMessage::binary(std::vector<uint8_t>(262145)))),
            "TypeError");
  ASSERT_TRUE(exchange([&] { return peer.messages.size() == 1; }));
  EXPECT_THAT(peer.texts(), ElementsAre("hello"));
  ASSERT_TRUE(consumer->pause());
  EXPECT_EQ(outcome(send(*consumer, DataMessage::text("paused"))), "Error");
  plain->close();
  EXPECT_EQ(plain->sctp_state(), SctpState::kClosed);
  ASSERT_TRUE(exchange([&] { return !peer.connected(); }));
}

}  // namespace
}  // namespace sluice::media::test
