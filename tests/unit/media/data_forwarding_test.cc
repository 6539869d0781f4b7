// Messages of data channels from peer to peer through the loops (media-plane 9.3, 9.4; ortc-model
// 5.5), over DTLS, on perfect and on rough links.
#include "data_world.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DataForwarding : public DataWorld {
 protected:
  explicit DataForwarding(unsigned loops = 1) : DataWorld(loops) {}

  void make_pair(unsigned from_loop = 0, unsigned to_loop = 0) {
    from = &connect(from_loop);
    to = &connect(to_loop);
  }

  DataPeer& sender() { return from->peer->data(); }
  DataPeer& receiver() { return to->peer->data(); }

  Connection* from = nullptr;
  Connection* to = nullptr;
};

TEST_F(DataForwarding, MessagesKeepTheirKindAndOrder) {
  make_pair();
  consume(*to, 0, produce(*from, 7), *from);
  sender().send_text(7, "text", world.now());
  sender().send(7, Buffer{1, 2, 3}, world.now());
  sender().send_text(7, "", world.now());
  sender().send(7, Buffer{}, world.now());
  ASSERT_TRUE(run_until([&] { return receiver().messages.size() == 4; }));
  std::vector<uint32_t> kinds;
  for (const sctp::Message& message : receiver().messages) {
    EXPECT_EQ(message.stream, 0);
    kinds.push_back(message.ppid);
  }
  EXPECT_THAT(kinds, ElementsAre(sctp::ppid::kString, sctp::ppid::kBinary, sctp::ppid::kEmptyString,
                                 sctp::ppid::kEmptyBinary));
  EXPECT_THAT(receiver().texts(), ElementsAre("text", "\1\2\3", "", ""));
}

TEST_F(DataForwarding, OneProducerHasConsumersOnSeveralTransports) {
  make_pair();
  Connection& third = connect();
  const Handle producer = produce(*from, 0);
  consume(*to, 3, producer, *from);
  consume(third, 5, producer, *from);
  consume(*from, 9, producer, *from);
  sender().send_text(0, "hello", world.now());
  world.advance(50ms);
  EXPECT_THAT(receiver().texts(), ElementsAre("hello"));
  EXPECT_THAT(third.peer->data().texts(), ElementsAre("hello"));
  EXPECT_THAT(sender().texts(), ElementsAre("hello"));
}

struct Path {
  const char* name;
  size_t size;
  bool ordered;
  bool other_loop;
  bool lossy;
};

class DataEcho : public DataWorld, public ::testing::WithParamInterface<Path> {
 protected:
  DataEcho() : DataWorld(2) {}
};

/// Both directions of a rough path: 1 % each of loss, repetition and reordering.
void roughen(Connection& connection) {
  const net::Impairments rough{
      .loss = 0.01, .duplicate = 0.01, .reorder = 0.01, .delay = 20ms, .jitter = 5ms};
  connection.uplink = std::make_unique<net::ImpairedLink>(1, rough);
  connection.downlink = std::make_unique<net::ImpairedLink>(2, rough);
}

// A sends to B, which sends back what it gets.
TEST_P(DataEcho, ComesBackUnchanged) {
  Connection& a = connect(0);
  Connection& b = connect(GetParam().other_loop ? 1 : 0);
  if (GetParam().lossy) {
    roughen(a);
    roughen(b);
  }
  const sctp::Reliability reliability{
      .ordered = GetParam().ordered, .max_packet_life_time = {}, .max_retransmits = {}};
  consume(b, 1, produce(a, 0), a, {.reliability = reliability});
  consume(a, 1, produce(b, 0), b, {.reliability = reliability});
  DataPeer& sender = a.peer->data();
  DataPeer& echo = b.peer->data();
  constexpr uint32_t kMessages = 5;
  uint32_t sent = 0;
  ASSERT_TRUE(run_until([&] {
    const Buffer next = pattern(GetParam().size, sent);
    // One at a time: a send buffer holds no more than one of the largest.
    if (sent < kMessages && sent == sender.messages.size() &&
        sender.send(0, next, world.now(), reliability) == sctp::SendResult::kAccepted) {
      ++sent;
    }
    for (const sctp::Message& message : std::exchange(echo.messages, {})) {
      EXPECT_EQ(echo.send(0, message.payload, world.now(), reliability),
                sctp::SendResult::kAccepted);
    }
    return sender.messages.size() == kMessages;
  }));
  std::vector<Buffer> expected, received;
  for (uint32_t i = 0; i < kMessages; ++i) {
    expected.push_back(pattern(GetParam().size, i));
    received.push_back(sender.messages[i].payload);
  }
  if (GetParam().ordered) {
    EXPECT_EQ(received, expected);
  } else {
    EXPECT_THAT(received, ::testing::UnorderedElementsAreArray(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Paths, DataEcho,
    ::testing::Values(Path{"OneByte", 1, true, false, false},
                      Path{"OneByteUnordered", 1, false, true, false},
                      Path{"OnePacket", 1000, true, true, false},
                      Path{"Kilobytes", 16 * 1024, true, false, true},
                      Path{"KilobytesUnordered", 16 * 1024, false, true, true},
                      Path{"Largest", 256 * 1024, true, true, false},
                      Path{"LargestUnordered", 256 * 1024, false, false, false},
                      Path{"LargestLossy", 256 * 1024, true, false, true},
                      Path{"LargestUnorderedLossy", 256 * 1024, false, true, true}),
    [](const auto& path) { return path.param.name; });

// Nothing of a reliable ordered channel is lost on a rough path that a sender with a limited buffer
// keeps full.
TEST_F(DataForwarding, AThousandMessagesArriveInOrderOnARoughPath) {
  make_pair();
  roughen(*from);
  roughen(*to);
  const Handle producer = produce(*from, 4);
  const Handle consumer = consume(*to, 2, producer, *from);
  uint32_t sent = 0;
  ASSERT_TRUE(run_until(
      [&] {
        for (int burst = 0; burst < 2 && sent < 1000; ++burst) {
          const Buffer next = pattern(1 + sent % 3000, sent);
          if (sender().send(4, next, world.now()) == sctp::SendResult::kAccepted) {
            ++sent;
          }
        }
        return receiver().messages.size() + count<SctpSendBufferFull>(consumer) >= 1000;
      },
      600s));
  ASSERT_EQ(receiver().messages.size(), 1000);
  for (uint32_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(receiver().messages[i].payload, pattern(1 + i % 3000, i)) << i;
  }
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.producer_counters(producer).messages, 1000);
    EXPECT_EQ(exchange.consumer_counters(consumer).messages, 1000);
    EXPECT_EQ(exchange.producer_counters(producer).bytes,
              exchange.consumer_counters(consumer).bytes);
  });
}

// SCT-08
TEST_F(DataForwarding, WithoutRetransmissionsALostMessageStaysLost) {
  make_pair();
  consume(*to, 0, produce(*from, 0), *from,
          {.reliability = {.ordered = false, .max_packet_life_time = {}, .max_retransmits = 0}});
  bool lose = false;
  world.passes = [&](const Connection& connection, Bytes packet, bool to_server) {
    return to_server || &connection != to || packet.size() < 300 || !std::exchange(lose, false);
  };
  for (uint32_t i = 0; i < 5; ++i) {
    lose = i == 2;
    sender().send(0, pattern(300, i), world.now());
    world.advance(2s);
  }
  ASSERT_EQ(receiver().messages.size(), 4);
  EXPECT_EQ(receiver().messages[2].payload, pattern(300, 3));
}

TEST_F(DataForwarding, MessagesAreGivenUpWhenTheirTimeIsOver) {
  make_pair();
  consume(
      *to, 0, produce(*from, 0), *from,
      {.reliability = {.ordered = false, .max_packet_life_time = 100ms, .max_retransmits = {}}});
  bool cut = true;
  world.passes = [&](const Connection& connection, Bytes, bool to_server) {
    return to_server || &connection != to || !cut;
  };
  sender().send_text(0, "early", world.now());
  world.advance(3s);
  cut = false;
  sender().send_text(0, "late", world.now());
  ASSERT_TRUE(run_until([&] { return !receiver().messages.empty(); }));
  EXPECT_THAT(receiver().texts(), ElementsAre("late"));
}

// SCT-01
TEST_F(DataForwarding, ChannelEstablishmentMessagesAreIgnored) {
  make_pair();
  consume(*to, 0, produce(*from, 0), *from);
  sender().association().send(0, sctp::ppid::kDcep, Buffer{3, 0, 0, 0}, {}, world.now());
  sender().send_text(0, "data", world.now());
  world.advance(100ms);
  EXPECT_THAT(receiver().texts(), ElementsAre("data"));
  EXPECT_THAT(sender().messages, IsEmpty());
}

// SCT-03
TEST_F(DataForwarding, PartsOfMessagesOnTwoStreamsAreJoinedApart) {
  make_pair();
  consume(*to, 0, produce(*from, 0), *from);
  consume(*to, 1, produce(*from, 1), *from);
  const auto send = [&](uint16_t stream, uint32_t kind, std::string_view text) {
    sender().association().send(stream, kind, as_bytes(text), {}, world.now());
  };
  send(0, sctp::ppid::kStringPartial, "a");
  send(1, sctp::ppid::kBinaryPartial, "x");
  send(0, sctp::ppid::kStringPartial, "b");
  send(1, sctp::ppid::kBinary, "y");
  send(0, sctp::ppid::kString, "c");
  world.advance(100ms);
  EXPECT_THAT(receiver().texts(), ::testing::UnorderedElementsAre("abc", "xy"));
}

// SCT-02
TEST_F(DataForwarding, OversizedMessagesOfAPeerAreDropped) {
  make_pair();
  const Handle producer = produce(*from, 0);
  consume(*to, 0, producer, *from);
  for (int part = 0; part < 3; ++part) {
    sender().association().send(0, sctp::ppid::kBinaryPartial, pattern(100'000), {}, world.now());
    world.advance(100ms);
  }
  sender().send(0, pattern(10), world.now());
  sender().send_text(0, "next", world.now());
  world.advance(100ms);
  EXPECT_THAT(receiver().texts(), ElementsAre("next"));
}

// SCT-04
TEST_F(DataForwarding, AConsumerBeyondTheStreamsGetsMoreOfThem) {
  make_pair();
  consume(*to, 1100, produce(*from, 0), *from);
  sender().send_text(0, "far", world.now());
  ASSERT_TRUE(run_until([&] { return !receiver().messages.empty(); }));
  EXPECT_EQ(receiver().messages.front().stream, 1100);
}

// SCT-05
TEST_F(DataForwarding, APeersResetIsAnsweredAndTheProducerStays) {
  make_pair();
  const Handle producer = produce(*from, 6);
  consume(*to, 0, producer, *from);
  sender().send_text(6, "before", world.now());
  sender().reset(6, world.now());
  world.advance(500ms);
  ASSERT_EQ(sender().all<sctp::PeerStreamsReset>().size(), 1);
  EXPECT_THAT(sender().all<sctp::PeerStreamsReset>().front().streams, ElementsAre(6));
  sender().association().open_stream(6);
  sender().send_text(6, "after", world.now());
  world.advance(100ms);
  EXPECT_THAT(receiver().texts(), ElementsAre("before", "after"));
}

TEST_F(DataForwarding, ClosingAProducerOrAConsumerResetsItsStream) {
  make_pair();
  const Handle producer = produce(*from, 6);
  const Handle consumer = consume(*to, 3, producer, *from);
  data(0, [&](DataExchange& exchange) { exchange.remove_producer(producer); });
  world.advance(500ms);
  ASSERT_EQ(sender().all<sctp::PeerStreamsReset>().size(), 1);
  EXPECT_THAT(sender().all<sctp::PeerStreamsReset>().front().streams, ElementsAre(6));
  EXPECT_THAT(receiver().all<sctp::PeerStreamsReset>(), IsEmpty());
  data(0, [&](DataExchange& exchange) { exchange.remove_consumer(consumer); });
  world.advance(500ms);
  ASSERT_EQ(receiver().all<sctp::PeerStreamsReset>().size(), 1);
  EXPECT_THAT(receiver().all<sctp::PeerStreamsReset>().front().streams, ElementsAre(3));
  EXPECT_EQ(world.loop().data().fanout_count(), 0);
}

// ortc-model 9.6: clients use ids anew once the former producer is closed.
TEST_F(DataForwarding, AStreamIsUsedAgainByTheNextProducer) {
  make_pair();
  for (const char* text : {"first", "second", "third"}) {
    const Handle producer = produce(*from, 0);
    const Handle consumer = consume(*to, 0, producer, *from);
    ASSERT_EQ(sender().send_text(0, text, world.now()), sctp::SendResult::kAccepted);
    ASSERT_TRUE(run_until([&] { return receiver().texts() == std::vector<std::string>{text}; }));
    receiver().messages.clear();
    data(0, [&](DataExchange& exchange) {
      exchange.remove_consumer(consumer);
      exchange.remove_producer(producer);
    });
    world.advance(100ms);
    sender().reset(0, world.now());
    world.advance(500ms);
  }
}

TEST_F(DataForwarding, TheIdsOfBothDirectionsAreIndependent) {
  make_pair();
  const Handle own = produce(*from, 0);
  const Handle back = consume(*from, 0, produce(*to, 0), *to);
  consume(*to, 0, own, *from);
  data(0, [&](DataExchange& exchange) { exchange.remove_producer(own); });
  world.advance(500ms);
  receiver().send_text(0, "still there", world.now());
  ASSERT_TRUE(run_until([&] { return !sender().messages.empty(); }, 2s));
  data(0, [&](DataExchange& exchange) { EXPECT_EQ(exchange.consumer_counters(back).messages, 1); });
}

// SCT-06
TEST_F(DataForwarding, AFullSendBufferDropsMessagesAndSaysSo) {
  make_pair();
  const Handle consumer = consume(*to, 0, produce(*from, 0), *from);
  bool cut = true;
  world.passes = [&](const Connection& connection, Bytes, bool to_server) {
    return to_server || &connection != to || !cut;
  };
  for (uint32_t i = 0; i < 8; ++i) {  // 320 KiB for a buffer of 256
    sender().send(0, pattern(40 * 1024, i), world.now());
    world.advance(50ms);
  }
  EXPECT_GE(count<SctpSendBufferFull>(consumer), 1);
  size_t buffered = 0;
  data(0, [&](DataExchange& exchange) {
    buffered = exchange.buffered_amount(consumer);
    EXPECT_EQ(exchange.send(consumer, DataMessage::binary(pattern(40 * 1024))),
              DataSendOutcome::kBufferFull);
  });
  EXPECT_GE(buffered, 200 * 1024);
  EXPECT_LE(buffered, sctp::Options{}.send_buffer_size);
  cut = false;
  ASSERT_TRUE(run_until([&] { return count<BufferedAmountLow>(consumer) > 0; }));
  EXPECT_EQ(receiver().messages.size(), buffered / (40 * 1024));  // nothing was queued beyond it
  sender().send_text(0, "again", world.now());
  ASSERT_TRUE(run_until([&] { return receiver().texts().back() == "again"; }, 2s));
}

TEST_F(DataForwarding, TheAmountsOfConsumersAreApart) {
  make_pair();
  const Handle quiet = consume(*to, 0, produce(*from, 0), *from);
  const Handle busy = consume(*to, 1, produce(*from, 1), *from);
  data(0, [&](DataExchange& exchange) {
    // At once when that little is buffered already.
    exchange.set_consumer_low_threshold(quiet, 1000);
    exchange.set_consumer_low_threshold(busy, 50000);
  });
  EXPECT_EQ(count<BufferedAmountLow>(quiet), 1);
  EXPECT_EQ(count<BufferedAmountLow>(busy), 1);
  world.events.clear();
  roughen(*to);
  sender().send(1, pattern(200 * 1024), world.now());
  ASSERT_TRUE(run_until([&] {
    size_t buffered = 0;
    data(0, [&](DataExchange& exchange) { buffered = exchange.buffered_amount(busy); });
    return buffered > 50000;
  }));
  EXPECT_EQ(count<BufferedAmountLow>(busy), 0);
  ASSERT_TRUE(run_until([&] { return count<BufferedAmountLow>(busy) > 0; }));
  EXPECT_LE(events<BufferedAmountLow>(busy).front().amount, 50000);
  EXPECT_EQ(count<BufferedAmountLow>(quiet), 0);
}

TEST_F(DataForwarding, PausingStopsMessagesAtEitherEnd) {
  make_pair();
  const Handle producer = produce(*from, 0);
  const Handle consumer = consume(*to, 0, producer, *from);
  const auto say = [&](std::string_view text) {
    sender().send_text(0, text, world.now());
    world.advance(20ms);
  };
  say("1");
  data(0, [&](DataExchange& exchange) { exchange.set_producer_paused(producer, true); });
  say("2");
  data(0, [&](DataExchange& exchange) {
    exchange.set_producer_paused(producer, false);
    exchange.set_consumer_paused(consumer, true);
  });
  say("3");
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.send(consumer, DataMessage::text("x")), DataSendOutcome::kInactive);
    exchange.set_consumer_paused(consumer, false);
    exchange.set_consumer_producer_paused(consumer, true);
  });
  say("4");
  data(0, [&](DataExchange& exchange) { exchange.set_consumer_producer_paused(consumer, false); });
  say("5");
  EXPECT_THAT(receiver().texts(), ElementsAre("1", "5"));
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.producer_counters(producer).messages, 5);
    EXPECT_EQ(exchange.consumer_counters(consumer).messages, 2);
  });
}

TEST_F(DataForwarding, TheApplicationSendsToOneConsumer) {
  make_pair();
  const Handle producer = produce(*from, 0);
  const Handle consumer = consume(*to, 5, producer, *from);
  consume(*from, 5, producer, *from);
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.send(consumer, DataMessage::text("")), DataSendOutcome::kSent);
    EXPECT_EQ(exchange.send(consumer, DataMessage::binary(pattern(256 * 1024 + 1))),
              DataSendOutcome::kTooLarge);
    EXPECT_EQ(exchange.send(999999, DataMessage::text("nobody")), DataSendOutcome::kInactive);
  });
  world.advance(50ms);
  ASSERT_EQ(receiver().messages.size(), 1);
  EXPECT_EQ(receiver().messages.front().ppid, sctp::ppid::kEmptyString);
  EXPECT_THAT(sender().messages, IsEmpty());
}

class SubchannelTest : public DataForwarding {
 protected:
  /// A producer of the application.
  Handle produce_direct() {
    const DataProducerSetup setup{.handle = world.next_handle(), .transport = 0, .stream = {}};
    data(0, [&](DataExchange& exchange) { exchange.add_producer(setup); });
    return setup.handle;
  }
  void send(Handle producer, std::string_view text, std::vector<uint16_t> subchannels,
            std::optional<uint16_t> required = {}) {
    DataMessage message = DataMessage::text(text);
    message.subchannels = std::move(subchannels);
    message.required_subchannel = required;
    data(0, [&](DataExchange& exchange) {
      exchange.produce(producer, std::make_shared<const DataMessage>(message));
    });
    world.advance(10ms);
  }
};

// SCT-09 and SCT-10
TEST_F(SubchannelTest, DecideWhoGetsAMessage) {
  make_pair();
  const Handle producer = produce_direct();
  consume(*to, 2, producer, *from, {.subchannels = {2}});
  consume(*to, 3, producer, *from, {.subchannels = {3}});
  const Handle none = consume(*to, 4, producer, *from);
  const auto streams = [&] {
    std::vector<uint16_t> found;
    for (const sctp::Message& message : std::exchange(receiver().messages, {})) {
      found.push_back(message.stream);
    }
    std::ranges::sort(found);
    return found;
  };
  send(producer, "to all", {});
  EXPECT_THAT(streams(), ElementsAre(2, 3, 4));
  send(producer, "to some", {1, 2});
  EXPECT_THAT(streams(), ElementsAre(2));
  send(producer, "required of all", {}, 3);
  EXPECT_THAT(streams(), ElementsAre(3));
  send(producer, "required and missing", {}, 5);
  EXPECT_THAT(streams(), IsEmpty());
  send(producer, "required and another", {2, 3}, 2);
  EXPECT_THAT(streams(), ElementsAre(2));
  data(0, [&](DataExchange& exchange) { exchange.set_consumer_subchannels(none, {2, 5}); });
  send(producer, "now it has them", {2}, 5);
  EXPECT_THAT(streams(), ElementsAre(4));
}

class DataAcrossLoops : public DataForwarding {
 protected:
  DataAcrossLoops() : DataForwarding(2) {}
};

TEST_F(DataAcrossLoops, MessagesReachConsumersOnAnotherLoop) {
  make_pair(0, 1);
  const Handle producer = produce(*from, 0);
  const Handle consumer = consume(*to, 0, producer, *from);
  sender().send_text(0, "there", world.now());
  world.advance(20ms);
  EXPECT_THAT(receiver().texts(), ElementsAre("there"));
  data(1, [&](DataExchange& exchange) { exchange.remove_consumer(consumer); });
  data(0, [&](DataExchange& exchange) { exchange.set_remote_loop(producer, 1, false); });
  sender().send_text(0, "nobody", world.now());
  world.advance(20ms);
  EXPECT_EQ(receiver().messages.size(), 1);
  EXPECT_EQ(world.loop(1).data().fanout_count(), 0);
}

// A loop that does not take its messages gets no more than a bounded amount of them.
TEST_F(DataAcrossLoops, WhatIsOnItsWayIsBounded) {
  const Handle producer = world.next_handle();
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = producer, .transport = 0, .stream = {}});
    exchange.set_remote_loop(producer, 1, true);
    const auto message = std::make_shared<const DataMessage>(DataMessage::binary(pattern(1 << 20)));
    for (int i = 0; i < 20; ++i) {
      exchange.produce(producer, message);
    }
    EXPECT_EQ(exchange.overruns(), 20 - 15);
  });
  world.settle();
  data(0, [&](DataExchange& exchange) {
    exchange.produce(producer, std::make_shared<const DataMessage>(DataMessage::text("again")));
    EXPECT_EQ(exchange.overruns(), 20 - 15);
  });
}

TEST_F(DataForwarding, TheApplicationGetsNoMoreThanItTakes) {
  const Handle producer = world.next_handle();
  const Handle consumer = world.next_handle();
  const auto message = std::make_shared<const DataMessage>(DataMessage::binary(pattern(1 << 20)));
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = producer, .transport = 0, .stream = {}});
    exchange.add_consumer({.handle = consumer, .transport = 0, .producer = producer, .stream = {}});
    for (int i = 0; i < 20; ++i) {
      exchange.produce(producer, message);
    }
    EXPECT_EQ(count<DataMessageReceived>(consumer), 7);
    EXPECT_EQ(count<SctpSendBufferFull>(consumer), 1);  // once a turn
    EXPECT_EQ(exchange.consumer_counters(consumer).messages, 7);
    exchange.on_delivered(consumer, message->cost());
    exchange.produce(producer, message);
    EXPECT_EQ(count<DataMessageReceived>(consumer), 8);
  });
}

}  // namespace
}  // namespace sluice::media::test
