// Media and messages through the public interface: from the program, through the engine, and back.

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "library_world.h"

namespace sluice::library_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// An Opus packet of A-prod, as loud as can be: the level is in extension 12 (RFC 6464).
std::vector<uint8_t> opus_packet(uint16_t sequence) {
  std::vector<uint8_t> packet = {0x90, 111,  0,    0, 0,    0,   0,   0,   0x00,
                                 0xa9, 0x8a, 0xc7,     // 11111111
                                 0xbe, 0xde, 0,    1,  // one-byte extensions, one word
                                 0xc0, 0x80, 0,    0, 0x78, 'o', 'p', 'u', 's'};
  packet[2] = static_cast<uint8_t>(sequence >> 8);
  packet[3] = static_cast<uint8_t>(sequence);
  const uint32_t timestamp = 960u * sequence;
  packet[6] = static_cast<uint8_t>(timestamp >> 8);
  packet[7] = static_cast<uint8_t>(timestamp);
  return packet;
}

std::string text_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

class LibraryMedia : public Library {
 protected:
  LibraryMedia() {
    from = router.create_direct_transport().value();
    to = router.create_direct_transport().value();
  }

  DirectTransport from;
  DirectTransport to;
};

TEST_F(LibraryMedia, RtpGoesFromTheProgramToTheProgram) {
  const Producer producer = produce(from);
  const Consumer consumer = consume(to, producer);
  std::vector<std::string> payloads;
  consumer.on_rtp([&](Bytes packet) { payloads.push_back(text_of(packet.last(4))); });
  std::vector<std::string> traced;
  producer.on_trace(
      [&](const json::object& event) { traced.emplace_back(event.at("type").as_string()); });
  std::vector<ProducerScore> scores;
  producer.on_score([&](const auto& score) { scores = score; });
  ASSERT_TRUE(producer.enable_trace_event({"rtp"}));
  for (uint16_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(producer.send(opus_packet(i)));
  }
  ASSERT_TRUE(run_until([&] { return payloads.size() == 3 && traced.size() == 3; }));
  EXPECT_THAT(payloads, ElementsAre("opus", "opus", "opus"));
  EXPECT_THAT(traced, ElementsAre("rtp", "rtp", "rtp"));
  ASSERT_THAT(scores, SizeIs(1));
  EXPECT_EQ(scores[0],
            (ProducerScore{.encoding_index = 0, .ssrc = 11111111, .rid = "", .score = 10}));
  EXPECT_EQ(producer.score(), scores);
  EXPECT_EQ(stats(producer).value().at(0).at("packetCount"), 3);
  EXPECT_EQ(stats(consumer).value().at(0).at("packetCount"), 3);
}

TEST_F(LibraryMedia, RtcpComesToTheProgram) {
  const Producer producer = produce(from);
  const Consumer consumer = consume(to, producer);
  int reports = 0;
  to.on_rtcp([&](Bytes packet) { reports += packet[1] == 200 ? 1 : 0; });  // sender reports
  ASSERT_TRUE(producer.send(opus_packet(0)));
  EXPECT_TRUE(run_until([&] { return reports > 0; }));
  EXPECT_TRUE(to.send_rtcp(std::vector<uint8_t>{1, 2, 3})) << "noise is dropped";
}

TEST_F(LibraryMedia, LoudProducersAreTold) {
  const Producer producer = produce(from);
  const auto levels = router
                          .create_audio_level_observer(
                              {.max_entries = 1, .interval = std::chrono::milliseconds(250)})
                          .value();
  ASSERT_TRUE(levels.add_producer(producer.id()));
  std::vector<AudioLevelObserver::Volume> loudest;
  bool silence = false;
  levels.on_volumes([&](const auto& volumes) { loudest = volumes; });
  levels.on_silence([&] { silence = true; });
  uint16_t sequence = 0;
  ASSERT_TRUE(run_until([&] {
    EXPECT_TRUE(producer.send(opus_packet(sequence++)));
    return !loudest.empty();
  }));
  EXPECT_EQ(loudest[0].producer, producer);
  EXPECT_EQ(loudest[0].volume, 0);
  ASSERT_TRUE(levels.pause());
  EXPECT_TRUE(run_until([&] { return silence; }));
}

TEST_F(LibraryMedia, MessagesGoFromTheProgramToTheProgram) {
  const DataProducer producer = from.produce_data({.label = "chat"}).value();
  const DataConsumer consumer =
      to.consume_data({.data_producer_id = producer.id(), .subchannels = {7}}).value();
  EXPECT_EQ(consumer.type(), DataType::kDirect);
  EXPECT_TRUE(consumer.sctp_stream_parameters().is_null());
  EXPECT_FALSE(consumer.client_parameters().contains("sctpStreamParameters"));
  std::vector<std::pair<std::string, uint32_t>> messages;
  consumer.on_message(
      [&](Bytes message, uint32_t ppid) { messages.emplace_back(text_of(message), ppid); });
  const std::vector<uint8_t> bytes = {'b', 'y', 't', 'e', 's'};
  ASSERT_TRUE(producer.send("text"));
  ASSERT_TRUE(producer.send(bytes));
  ASSERT_TRUE(producer.send(bytes, {.ppid = 1234}));
  ASSERT_TRUE(producer.send("numbered", {.ppid = 99}));
  ASSERT_TRUE(producer.send("for others", {.subchannels = {8}}));
  ASSERT_TRUE(producer.send("for those with 8", {.required_subchannel = 8}));
  ASSERT_TRUE(producer.send("for us", {.subchannels = {7, 8}, .required_subchannel = 7}));
  ASSERT_TRUE(run_until([&] { return messages.size() == 5; }));
  using Message = std::pair<std::string, uint32_t>;
  EXPECT_THAT(messages,
              ElementsAre(Message("text", 51), Message("bytes", 53), Message("bytes", 1234),
                          Message("numbered", 99), Message("for us", 51)));
  EXPECT_EQ(outcome(answer<void>([&](auto reply) { consumer.send("x", std::move(reply)); })),
            "TypeError");
  EXPECT_EQ(outcome(answer<void>([&](auto reply) { consumer.send(bytes, std::move(reply)); })),
            "TypeError");
}

TEST_F(LibraryMedia, ProducersArePipedToOtherRouters) {
  Engine other =
      Engine::create({.media_loops = 1, .listen = {{.ip = "127.0.0.1"}}}, loop.executor()).value();
  const Router there = other.create_router(parse(test::kMediaCodecs)).value();
  const Producer producer = produce(from);
  const auto piped = router.pipe_to_router({.producer_id = producer.id(), .router = there});
  ASSERT_TRUE(piped) << piped.error().message;
  EXPECT_EQ(piped->producer.id(), producer.id());
  EXPECT_EQ(piped->consumer.type(), StreamType::kPipe);
  EXPECT_EQ(there.find_producer(producer.id()), piped->producer);
  const Consumer consumer = consume(there.create_direct_transport().value(), piped->producer);
  int packets = 0;
  consumer.on_rtp([&](Bytes) { ++packets; });
  ASSERT_TRUE(producer.send(opus_packet(0)));
  EXPECT_TRUE(run_until([&] { return packets == 1; }));

  EXPECT_EQ(outcome(router.pipe_to_router({.producer_id = producer.id()})), "TypeError");
  EXPECT_EQ(outcome(router.pipe_to_router({.producer_id = producer.id(), .router = router})),
            "TypeError");
  producer.close();
  EXPECT_TRUE(piped->producer.closed());
}

TEST_F(LibraryMedia, DataProducersArePipedToOtherRouters) {
  const Router there = engine->create_router({}).value();
  const DataProducer producer = from.produce_data({.label = "chat"}).value();
  PipeTransport pipe;
  router.on_new_transport([&](const Transport& made) { pipe = PipeTransport(made); });
  const PipeOptions options{.data_producer_id = producer.id(), .router = there, .keep_id = false};
  const auto piped = router.pipe_to_router(options);
  ASSERT_TRUE(piped) << piped.error().message;
  EXPECT_FALSE(piped->producer);
  EXPECT_FALSE(piped->consumer);
  EXPECT_EQ(piped->data_producer.label(), "chat");
  EXPECT_EQ(piped->data_consumer.data_producer_id(), producer.id());
  const DataConsumer consumer = there.create_direct_transport()
                                    .value()
                                    .consume_data({.data_producer_id = piped->data_producer.id()})
                                    .value();
  std::string received;
  consumer.on_message([&](Bytes message, uint32_t) { received = text_of(message); });
  ASSERT_TRUE(run_until([&] { return pipe.sctp_state() == SctpState::kConnected; }));
  ASSERT_TRUE(producer.send("hello"));
  EXPECT_TRUE(run_until([&] { return received == "hello"; }));
  producer.close();
  EXPECT_TRUE(consumer.closed());

  const PipeTransportOptions without{.listen = {.ip = "127.0.0.1"}};
  EXPECT_TRUE(router.create_pipe_transport(without)->sctp_parameters().is_null());
  const PipeTransportOptions with{.listen = {.ip = "127.0.0.1"}, .sctp = SctpOptions::for_pipe()};
  EXPECT_EQ(router.create_pipe_transport(with)->sctp_parameters().at("maxMessageSize"), 268435456);
}

TEST_F(LibraryMedia, PipeTransportsConnectByHand) {
  const PipeTransportOptions options{.listen = {.ip = "127.0.0.1"}, .enable_srtp = true};
  const auto here = router.create_pipe_transport(options).value();
  const auto there = router.create_pipe_transport(options).value();
  EXPECT_FALSE(here.rtx());
  EXPECT_EQ(outcome(here.connect({.ip = "127.0.0.1", .port = there.tuple().local_port})),
            "TypeError")
      << "a key is missing";
  EXPECT_TRUE(here.connect({.ip = "127.0.0.1",
                            .port = there.tuple().local_port,
                            .srtp_parameters = there.srtp_parameters()}));
  EXPECT_EQ(here.tuple().remote_port, there.tuple().local_port);
  const auto consumer = here.consume({.producer_id = produce(from).id()});
  ASSERT_TRUE(consumer) << consumer.error().message;
  EXPECT_EQ(consumer->type(), StreamType::kPipe);
}

}  // namespace
}  // namespace sluice::library_test
