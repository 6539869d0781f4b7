// Data producers through pipes between routers, and SCTP of pipe transports (ortc-model 8.6).
#include "media/direct_transport.h"
#include "media/pipe_transport.h"
#include "object_model.h"
#include "protocol/sctp/wire.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Router `here` of one engine and `there` of another, with a data producer here.
class PipeDataRows : public ::testing::Test {
 protected:
  PipeDataRows() {
    here = near.engine().create_router({}).value();
    there = far.engine().create_router({}).value();
    from = here->create_webrtc_transport({.sctp = SctpOptions{}}).value();
    to = there->create_webrtc_transport({.sctp = SctpOptions{}}).value();
    source = produce(R"({"streamId": 666, "ordered": false, "maxPacketLifeTime": 5000})");
  }

  std::shared_ptr<DataProducer> produce(std::string_view stream, bool paused = false) {
    const auto value = json(stream);
    return from
        ->produce_data(
            {.sctp_stream_parameters = ortc::parse_sctp_stream_parameters(&value).value(),
             .label = "foo",
             .protocol = "bar",
             .paused = paused})
        .value();
  }

  PipeOptions to_there(const DataProducer& producer) {
    PipeOptions options;
    options.data_producer_id = producer.id();
    options.router = there;
    return options;
  }

  /// A data consumer of what was piped.
  std::shared_ptr<DataConsumer> consume_there(const DataProducer& producer) {
    return to->consume_data({.data_producer_id = producer.id()}).value();
  }

  EngineWorld near;
  EngineWorld far;
  std::shared_ptr<Router> here, there;
  std::shared_ptr<WebRtcTransport> from, to;
  std::shared_ptr<DataProducer> source;
};

TEST_F(PipeDataRows, Ortc71PipesData) {  // ORTC-71
  const auto piped = here->pipe_to_router(to_there(*source)).value();
  EXPECT_EQ(here->transport_count(), 2u);
  EXPECT_EQ(there->transport_count(), 2u);
  EXPECT_EQ(piped.consumer, nullptr);
  EXPECT_EQ(piped.producer, nullptr);
  const auto unreliable = json(R"({"streamId": 0, "ordered": false, "maxPacketLifeTime": 5000})");
  const DataConsumer& consumer = *piped.data_consumer;
  EXPECT_EQ(consumer.data_producer_id(), source->id());
  EXPECT_EQ(consumer.type(), DataType::kSctp);
  EXPECT_EQ(ortc::to_json(*consumer.sctp_stream_parameters()), unreliable);
  EXPECT_EQ(consumer.label(), "foo");
  EXPECT_EQ(consumer.protocol(), "bar");
  const DataProducer& producer = *piped.data_producer;
  EXPECT_EQ(producer.id(), source->id());
  EXPECT_EQ(there->find_data_producer(source->id()), piped.data_producer);
  EXPECT_EQ(producer.type(), DataType::kSctp);
  EXPECT_EQ(ortc::to_json(*producer.sctp_stream_parameters()), unreliable);
  EXPECT_EQ(producer.label(), "foo");
  EXPECT_EQ(producer.protocol(), "bar");
  EXPECT_FALSE(producer.paused());
  const auto behind = consume_there(*piped.data_producer);
  EXPECT_EQ(ortc::to_json(*behind->sctp_stream_parameters()), unreliable);
  EXPECT_EQ(behind->label(), "foo");
  EXPECT_EQ(behind->protocol(), "bar");
}

TEST_F(PipeDataRows, Ortc72TheEndPassesThrough) {  // ORTC-72
  const auto piped = here->pipe_to_router(to_there(*source)).value();
  const auto behind = consume_there(*piped.data_producer);
  Journal journal;
  journal.watch(*behind);
  source->close();
  EXPECT_THAT(journal.take(), ElementsAre("consumer dataproducerclose", "consumer close"));
  EXPECT_TRUE(piped.data_consumer->closed());
  EXPECT_TRUE(piped.data_producer->closed());
  EXPECT_EQ(there->find_data_producer(source->id()), nullptr);
}

TEST_F(PipeDataRows, TheEndOfTheCopyEndsThePipeOnly) {
  const auto piped = here->pipe_to_router(to_there(*source)).value();
  piped.data_producer->close();
  EXPECT_TRUE(piped.data_consumer->closed());
  EXPECT_FALSE(source->closed());
  EXPECT_EQ(outcome(here->pipe_to_router(to_there(*source))), "ok");
}

TEST_F(PipeDataRows, PausesPassThrough) {  // decisions/019
  ASSERT_TRUE(source->pause());
  const auto piped = here->pipe_to_router(to_there(*source)).value();
  EXPECT_TRUE(piped.data_consumer->data_producer_paused());
  EXPECT_FALSE(piped.data_consumer->paused());
  EXPECT_TRUE(piped.data_producer->paused());
  const auto behind = consume_there(*piped.data_producer);
  Journal journal;
  journal.watch(*piped.data_producer);
  journal.watch(*behind);
  ASSERT_TRUE(source->resume());
  EXPECT_THAT(journal.take(),
              ElementsAre("producer resume", "consumer dataproducerresume", "consumer resume"));
  ASSERT_TRUE(source->pause());
  EXPECT_THAT(journal.take(),
              ElementsAre("producer pause", "consumer dataproducerpause", "consumer pause"));
  EXPECT_FALSE(behind->paused());
}

TEST_F(PipeDataRows, Ortc70WithinAnEngineIdsAreNew) {  // ORTC-70
  const auto next = near.engine().create_router({}).value();
  auto options = to_there(*source);
  options.router = next;
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "Error");
  EXPECT_THAT(source->data_consumers(), IsEmpty()) << "nothing of the failed pipe stays";
  options.keep_id = false;
  const auto piped = here->pipe_to_router(options).value();
  EXPECT_NE(piped.data_producer->id(), source->id());
  EXPECT_EQ(next->find_data_producer(piped.data_producer->id()), piped.data_producer);
}

TEST_F(PipeDataRows, Ortc73MediaAndDataShareThePair) {  // ORTC-73, ORTC-74
  ASSERT_TRUE(here->update_media_codecs(media_codecs()));
  ASSERT_TRUE(there->update_media_codecs(media_codecs()));
  const auto audio = from->produce({.kind = ortc::MediaKind::kAudio,
                                    .rtp_parameters = rtp_parameters(kAudioProducer)})
                         .value();
  const auto back =
      to->produce_data({.sctp_stream_parameters = ortc::SctpStreamParameters{.stream_id = 1}})
          .value();
  here->pipe_to_router(to_there(*source)).value();
  PipeOptions options;
  options.producer_id = audio->id();
  options.router = there;
  here->pipe_to_router(options).value();
  options = {};
  options.data_producer_id = back->id();
  options.router = here;
  const auto piped_back = there->pipe_to_router(options).value();
  EXPECT_EQ(piped_back.data_consumer->sctp_stream_parameters()->stream_id, 0)
      << "each direction has ids of its own";
  EXPECT_EQ(here->transport_count(), 2u);
  EXPECT_EQ(there->transport_count(), 2u);
}

TEST_F(PipeDataRows, Ortc76WrongArguments) {  // ORTC-76
  auto options = to_there(*source);
  options.data_producer_id = "nobody";
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  options = to_there(*source);
  options.producer_id = source->id();
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  options.data_producer_id.clear();
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError") << "it is none of media";
  EXPECT_EQ(here->transport_count(), 1u);
}

TEST_F(PipeDataRows, Ortc77TheSameDataProducerTwice) {  // ORTC-77
  const auto piped = here->pipe_to_router(to_there(*source)).value();
  EXPECT_EQ(outcome(here->pipe_to_router(to_there(*source))), "TypeError");
  EXPECT_FALSE(piped.data_consumer->closed());
  EXPECT_FALSE(piped.data_producer->closed());
  EXPECT_THAT(source->data_consumers(), ElementsAre(piped.data_consumer));
  auto again = to_there(*source);
  again.keep_id = false;
  EXPECT_EQ(outcome(here->pipe_to_router(again)), "ok");
}

TEST_F(PipeDataRows, APairWithoutSctpRefusesData) {
  auto options = to_there(*source);
  options.sctp.reset();
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  EXPECT_EQ(outcome(here->pipe_to_router(to_there(*source))), "TypeError") << "the pair stays";
  EXPECT_THAT(source->data_consumers(), IsEmpty());
}

TEST_F(PipeDataRows, SctpOfAPipeTransport) {
  PipeTransportOptions options;
  options.listen = TransportListenInfo::on("127.0.0.1");
  const auto without = here->create_pipe_transport(options).value();
  EXPECT_FALSE(without->sctp_parameters());
  EXPECT_FALSE(without->sctp_state());
  options.sctp = SctpOptions::for_pipe();
  const auto pipe = here->create_pipe_transport(options).value();
  const auto parameters = ortc::to_json(*pipe->sctp_parameters());
  for (const auto& [name, value] : {std::pair("port", 5000),
                                    {"OS", 1024},
                                    {"MIS", 1024},
                                    {"maxMessageSize", 268435456},
                                    {"sendBufferSize", 268435456}}) {
    EXPECT_EQ(parameters.at(name), value) << name;
  }
  EXPECT_EQ(parameters.at("isDataChannel"), as_json(false));
  EXPECT_EQ(pipe->sctp_state(), SctpState::kNew);
  const auto shown =
      near.answer<boost::json::object>([&](auto reply) { pipe->dump(std::move(reply)); }).value();
  EXPECT_EQ(shown.at("sctpParameters"), parameters);
  EXPECT_EQ(shown.at("sctpState"), "new");
  EXPECT_EQ(shown.at("sctpListener"), json(R"({"streamIdTable": []})"));
  const auto stats =
      near.answer<TransportStats>([&](auto reply) { pipe->get_stats(std::move(reply)); }).value();
  EXPECT_EQ(to_json(stats).at("sctpState"), "new");
  pipe->close();
  EXPECT_EQ(pipe->sctp_state(), SctpState::kClosed);
  options.sctp->send_buffer_size = SctpOptions::kMaxSendBufferSize + 1;
  EXPECT_EQ(outcome(here->create_pipe_transport(options)), "TypeError");
  options.sctp = SctpOptions{.streams = {0, 1024}};
  EXPECT_EQ(outcome(here->create_pipe_transport(options)), "TypeError");
}

// --- messages over real sockets ------------------------------------------------------------------

/// The application gives messages to `here` and takes them from `there`.
class DataThroughPipe : public ::testing::Test {
 protected:
  explicit DataThroughPipe(bool srtp = false) {
    here = near.engine().create_router({}).value();
    there = far.engine().create_router({}).value();
    in = here->create_direct_transport().value();
    out = there->create_direct_transport().value();
    const auto note_state = [](std::optional<SctpState>& state) {
      return [&state](const std::shared_ptr<Transport>& transport) {
        transport->on_sctp_state.connect([&state](SctpState now) { state = now; });
      };
    };
    here->on_new_transport.connect(note_state(near_state));
    there->on_new_transport.connect(note_state(far_state));
    enable_srtp = srtp;
  }

  /// A data producer here, and what its messages become there.
  struct Channel {
    std::shared_ptr<DataProducer> producer;
    PipedProducer piped;
    std::shared_ptr<DataConsumer> consumer;
    /// Shared with the listener, which may live longer.
    std::shared_ptr<std::vector<DataMessage>> messages =
        std::make_shared<std::vector<DataMessage>>();
  };

  /// Ready to carry messages.
  Channel open() {
    Channel channel;
    channel.producer = in->produce_data({.label = "chat"}).value();
    PipeOptions options;
    options.data_producer_id = channel.producer->id();
    options.router = there;
    options.enable_srtp = enable_srtp;
    channel.piped = here->pipe_to_router(options).value();
    channel.consumer =
        out->consume_data({.data_producer_id = channel.piped.data_producer->id()}).value();
    channel.consumer->on_message.connect([messages = channel.messages](const DataMessage& message) {
      messages->push_back(message);
    });
    EXPECT_TRUE(near.run_until([&] { return near_state == SctpState::kConnected; }));
    EXPECT_TRUE(far.run_until([&] { return far_state == SctpState::kConnected; }));
    return channel;
  }

  /// Whether that many messages arrive.
  bool arrive(const Channel& channel, size_t count) {
    return far.run_until([&] { return channel.messages->size() >= count; });
  }

  EngineWorld near;
  EngineWorld far;
  std::shared_ptr<Router> here, there;
  std::shared_ptr<DirectTransport> in, out;
  std::optional<SctpState> near_state, far_state;
  bool enable_srtp = false;
};

TEST_F(DataThroughPipe, MessagesArriveInOrderWithTheirKinds) {
  const Channel channel = open();
  EXPECT_EQ(channel.consumer->label(), "chat");
  for (int i = 0; i < 200; ++i) {
    const std::string text = std::to_string(i);
    ASSERT_TRUE(channel.producer->send(i < 100 ? DataMessage::text(text)
                                               : DataMessage::binary(as_bytes(text))));
  }
  ASSERT_TRUE(channel.producer->send(DataMessage::text("")));
  ASSERT_TRUE(channel.producer->send(DataMessage::binary({})));
  ASSERT_TRUE(arrive(channel, 202));
  for (size_t i = 0; i < 200; ++i) {
    const DataMessage& message = (*channel.messages)[i];
    EXPECT_EQ(message.ppid, i < 100 ? sctp::ppid::kString : sctp::ppid::kBinary);
    EXPECT_EQ(as_text(message.payload), std::to_string(i));
  }
  EXPECT_EQ((*channel.messages)[200].ppid, sctp::ppid::kEmptyString);
  EXPECT_EQ((*channel.messages)[201].ppid, sctp::ppid::kEmptyBinary);
}

TEST_F(DataThroughPipe, LargeMessagesPass) {
  const auto direct = here->create_direct_transport({.max_message_size = 4'000'000}).value();
  in = direct;
  const Channel channel = open();
  std::vector<uint8_t> bytes(3'000'000);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(i * 31 >> 3);
  }
  ASSERT_TRUE(channel.producer->send(DataMessage::binary(bytes)));
  ASSERT_TRUE(arrive(channel, 1));
  EXPECT_TRUE(channel.messages->front().payload == bytes);
}

TEST_F(DataThroughPipe, APausedSourceSendsNothing) {
  const Channel channel = open();
  ASSERT_TRUE(channel.producer->pause());
  ASSERT_TRUE(channel.producer->send(DataMessage::text("paused")));
  ASSERT_TRUE(channel.producer->resume());
  ASSERT_TRUE(channel.producer->send(DataMessage::text("resumed")));
  ASSERT_TRUE(arrive(channel, 1));
  EXPECT_EQ(as_text(channel.messages->front().payload), "resumed");
}

TEST_F(DataThroughPipe, OneChannelEndsAndTheOthersGoOn) {
  const Channel first = open();
  const Channel second = open();
  EXPECT_EQ(here->transport_count(), 2u);
  ASSERT_TRUE(first.producer->send(DataMessage::text("a")));
  ASSERT_TRUE(second.producer->send(DataMessage::text("b")));
  ASSERT_TRUE(arrive(first, 1));
  ASSERT_TRUE(arrive(second, 1));
  first.producer->close();
  EXPECT_TRUE(first.consumer->closed());
  ASSERT_TRUE(second.producer->send(DataMessage::text("c")));
  const Channel third = open();
  ASSERT_TRUE(third.producer->send(DataMessage::text("d")));
  ASSERT_TRUE(arrive(second, 2));
  ASSERT_TRUE(arrive(third, 1));
  EXPECT_EQ(as_text(second.messages->back().payload), "c");
  EXPECT_EQ(as_text(third.messages->back().payload), "d");
}

TEST_F(DataThroughPipe, MessagesForSubchannelsStayHere) {
  const Channel channel = open();
  DataMessage some = DataMessage::text("some");
  some.subchannels = {1};
  ASSERT_TRUE(channel.producer->send(some));
  ASSERT_TRUE(channel.producer->send(DataMessage::text("all")));
  ASSERT_TRUE(arrive(channel, 1));
  EXPECT_EQ(as_text(channel.messages->front().payload), "all");
}

class DataThroughSrtpPipe : public DataThroughPipe {
 protected:
  DataThroughSrtpPipe() : DataThroughPipe(/*srtp=*/true) {}
};

TEST_F(DataThroughSrtpPipe, MessagesPassBesideProtectedMedia) {
  const Channel channel = open();
  ASSERT_TRUE(channel.producer->send(DataMessage::text("hello")));
  ASSERT_TRUE(arrive(channel, 1));
  EXPECT_EQ(as_text(channel.messages->front().payload), "hello");
}

}  // namespace
}  // namespace sluice::media::test
