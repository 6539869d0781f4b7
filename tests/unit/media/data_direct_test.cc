// Data channels whose other end is the application (ortc-model 8.7, 8.10).
#include "media/direct_transport.h"
#include "object_model.h"
#include "protocol/sctp/wire.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;

class DirectData : public ObjectModel {
 protected:
  DirectData() : direct(router->create_direct_transport().value()) {
    other = router->create_webrtc_transport({.sctp = SctpOptions{}}).value();
  }

  std::shared_ptr<DataProducer> produce_data() {
    return direct->produce_data({.label = "foo", .protocol = "bar"}).value();
  }
  std::shared_ptr<DataConsumer> consume_data(const DataProducer& producer,
                                             std::vector<int64_t> subchannels = {}) {
    const auto consumer = direct
                              ->consume_data({.data_producer_id = producer.id(),
                                              .subchannels = std::move(subchannels)})
                              .value();
    consumer->on_message.connect([this, id = consumer->id()](const DataMessage& message) {
      received[id].push_back(message);
    });
    return consumer;
  }
  /// Waits until all that was asked of the loops is done, and all they told has arrived.
  template <class Object>
  boost::json::object settled_stats(Object& object) {
    using Stats = std::conditional_t<std::is_same_v<Object, DataProducer>, DataProducerStats,
                                     DataConsumerStats>;
    return to_json(
        world.answer<Stats>([&](auto reply) { object.get_stats(std::move(reply)); }).value());
  }

  std::shared_ptr<DirectTransport> direct;
  std::map<std::string, std::vector<DataMessage>> received;
};

TEST_F(DirectData, Ortc82MessagesAndPauses) {  // ORTC-82
  const auto producer = produce_data();
  const auto consumer = consume_data(*producer);
  size_t sent_bytes = 0;
  size_t delivered_bytes = 0;
  for (int i = 1; i <= 200; ++i) {
    const auto change = [i](auto& object, int from, int to) {
      if (i == from) {
        ASSERT_TRUE(object.pause());
      } else if (i == to) {
        ASSERT_TRUE(object.resume());
      }
    };
    change(*producer, 10, 20);
    change(*consumer, 40, 60);
    const std::string text = std::to_string(i);
    sent_bytes += text.size();
    delivered_bytes += producer->paused() || consumer->paused() ? 0 : text.size();
    ASSERT_TRUE(
        producer->send(i < 100 ? DataMessage::text(text) : DataMessage::binary(as_bytes(text))));
  }
  auto shown = settled_stats(*producer);
  EXPECT_EQ(shown.at("messagesReceived"), 200);
  EXPECT_EQ(shown.at("bytesReceived"), sent_bytes);
  shown = settled_stats(*consumer);
  EXPECT_EQ(shown.at("messagesSent"), 170);
  EXPECT_EQ(shown.at("bytesSent"), delivered_bytes);
  const auto& messages = received[consumer->id()];
  ASSERT_EQ(messages.size(), 170u);
  for (const DataMessage& message : messages) {
    const int number = std::stoi(std::string(as_text(message.payload)));
    EXPECT_EQ(message.ppid, number < 100 ? sctp::ppid::kString : sctp::ppid::kBinary);
  }
}

TEST_F(DirectData, Ortc83Subchannels) {  // ORTC-83
  const auto producer = produce_data();
  const auto first = consume_data(*producer, {1, 11, 666});
  const auto second = consume_data(*producer, {2, 22, 666});
  const auto send = [&](std::vector<uint16_t> subchannels, std::optional<uint16_t> required) {
    DataMessage message = DataMessage::text("x");
    message.subchannels = std::move(subchannels);
    message.required_subchannel = required;
    ASSERT_TRUE(producer->send(std::move(message)));
  };
  send({}, {});             // both
  send({1, 2}, {});         // both
  send({11, 22, 33}, 666);  // both
  send({3}, 666);           // neither
  send({666}, 3);           // neither
  send({1}, {});            // the first
  send({11}, 1);            // the first
  send({666}, 11);          // the first
  send({666}, 2);           // the second
  ASSERT_TRUE(second->add_subchannel(1));
  send({1}, 666);  // both
  settled_stats(*first);
  EXPECT_EQ(received[first->id()].size(), 7u);
  EXPECT_EQ(received[second->id()].size(), 5u);
}

TEST_F(DirectData, Ortc122DataOfTheApplicationOverSctp) {  // ORTC-122
  const auto producer = direct->produce_data({}).value();
  EXPECT_EQ(producer->type(), DataType::kDirect);
  EXPECT_FALSE(producer->sctp_stream_parameters());
  const auto consumer = other->consume_data({.data_producer_id = producer->id()}).value();
  EXPECT_EQ(consumer->type(), DataType::kSctp);
  EXPECT_EQ(ortc::to_json(*consumer->sctp_stream_parameters()),
            json(R"({"streamId": 0, "ordered": true})"));
  EXPECT_EQ(consumer->label(), "");
  EXPECT_EQ(consumer->protocol(), "");
  const auto unreliable =
      other
          ->consume_data(
              {.data_producer_id = producer->id(),
               .reliability = {.ordered = false, .max_packet_life_time = {}, .max_retransmits = 2}})
          .value();
  EXPECT_EQ(ortc::to_json(*unreliable->sctp_stream_parameters()),
            json(R"({"streamId": 1, "ordered": false, "maxRetransmits": 2})"));
}

TEST_F(DirectData, Ortc123DataForTheApplication) {  // ORTC-123
  const auto producer =
      other
          ->produce_data({.sctp_stream_parameters = ortc::SctpStreamParameters{.stream_id = 5},
                          .label = "foo",
                          .protocol = "bar"})
          .value();
  const auto consumer = consume_data(*producer);
  EXPECT_EQ(consumer->type(), DataType::kDirect);
  EXPECT_FALSE(consumer->sctp_stream_parameters());
  EXPECT_EQ(consumer->label(), "foo");
  EXPECT_EQ(consumer->protocol(), "bar");
  EXPECT_FALSE(consumer->dump().value().contains("sctpStreamParameters"));
  // What needs SCTP is refused.
  EXPECT_EQ(outcome(consumer->set_buffered_amount_low_threshold(1)), "TypeError");
  EXPECT_EQ(outcome(world.answer<size_t>(
                [&](auto reply) { consumer->get_buffered_amount(std::move(reply)); })),
            "TypeError");
  EXPECT_EQ(outcome(world.answer<void>(
                [&](auto reply) { consumer->send(DataMessage::text("x"), std::move(reply)); })),
            "TypeError");
}

TEST_F(DirectData, EmptyMessagesKeepTheirKindAndOversizedOnesAreDropped) {
  direct = router->create_direct_transport({.max_message_size = 10}).value();
  const auto producer = produce_data();
  const auto consumer = consume_data(*producer);
  ASSERT_TRUE(producer->send(DataMessage::text("")));
  ASSERT_TRUE(producer->send(DataMessage::text("eleven byte")));
  ASSERT_TRUE(producer->send(DataMessage::binary({})));
  ASSERT_TRUE(producer->send(DataMessage::make(4711, {1, 2})));
  EXPECT_EQ(settled_stats(*producer).at("messagesReceived"), 3);
  settled_stats(*consumer);
  std::vector<uint32_t> kinds;
  std::vector<std::string> texts;
  for (const DataMessage& message : received[consumer->id()]) {
    kinds.push_back(message.ppid);
    texts.emplace_back(as_text(message.payload));
  }
  EXPECT_THAT(kinds, ElementsAre(56u, 57u, 4711u));
  EXPECT_THAT(texts, ElementsAre(" ", std::string(1, '\0'), "\1\2"));
  EXPECT_EQ(dump(*direct).value().at("maxMessageSize"), 10);
}

// More than may be on the way to the application at a time, which it takes as it comes.
TEST_F(DirectData, TheApplicationKeepsUp) {
  const auto producer = produce_data();
  const auto consumer = consume_data(*producer);
  size_t lost = 0;
  consumer->on_sctp_send_buffer_full.connect([&] { ++lost; });
  const std::vector<uint8_t> large(200'000);
  for (size_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(producer->send(DataMessage::binary(large)));
    ASSERT_TRUE(world.run_until([&] { return received[consumer->id()].size() == i; })) << i;
  }
  EXPECT_EQ(lost, 0u);
}

TEST_F(DirectData, AMessageMayCloseItsConsumer) {
  const auto producer = produce_data();
  const auto consumer = consume_data(*producer);
  consumer->on_message.connect([&](const DataMessage&) { consumer->close(); });
  ASSERT_TRUE(producer->send(DataMessage::text("last")));
  ASSERT_TRUE(producer->send(DataMessage::text("too late")));
  ASSERT_TRUE(world.run_until([&] { return consumer->closed(); }));
  settled_stats(*producer);
  EXPECT_EQ(received[consumer->id()].size(), 1u);
}

}  // namespace
}  // namespace sluice::media::test
