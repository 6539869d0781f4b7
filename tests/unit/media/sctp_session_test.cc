// SctpSession: its association begins and ends with the path, over DTLS or plain datagrams, and
// nothing that a peer sends takes more than bounded memory (media-plane 9.1, 9.3).
#include "media/sctp_session.h"

#include "data_world.h"
#include "plain_world.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SctpSessionTest : public DataWorld {
 protected:
  std::vector<SctpState> states(Handle transport) const {
    std::vector<SctpState> states;
    for (const SctpStateChanged& event : events<SctpStateChanged>(transport)) {
      states.push_back(event.state);
    }
    return states;
  }
};

TEST_F(SctpSessionTest, ConnectsWhenDtlsDoes) {
  Connection& connection = world.add_transport();
  EXPECT_THAT(states(connection.handle), IsEmpty());
  connection.peer->start(sluice::test::shared_dtls_context()->certificate().fingerprints(),
                         world.now());
  world.command(0, [&](MediaLoop& loop) {
    loop.connect_transport(connection.handle, dtls::Role::kClient, connection.peer->fingerprints());
  });
  world.advance(500ms);
  EXPECT_THAT(states(connection.handle),
              ElementsAre(SctpState::kConnecting, SctpState::kConnected));
  EXPECT_TRUE(connection.peer->data().connected());
  ASSERT_EQ(connection.peer->data().all<sctp::Connected>().size(), 1);
  EXPECT_EQ(connection.peer->data().all<sctp::Connected>().front().outgoing_streams, 1024);
}

TEST_F(SctpSessionTest, FailsWhenThePeerHasNoSctp) {
  Connection& silent = world.add_transport();
  world.passes = [&](const Connection& of, Bytes packet, bool to_server) {
    // DTLS application data of the peer does not arrive.
    return &of != &silent || !to_server || packet.front() != 23;
  };
  silent.peer->start(sluice::test::shared_dtls_context()->certificate().fingerprints(),
                     world.now());
  world.command(0, [&](MediaLoop& loop) {
    loop.connect_transport(silent.handle, dtls::Role::kClient, silent.peer->fingerprints());
  });
  const auto keep_alive = [&] {
    silent.peer->send_binding_request(world.now());
    return states(silent.handle).size() == 2;
  };
  ASSERT_TRUE(run_until(keep_alive, 300s));
  EXPECT_THAT(states(silent.handle), ElementsAre(SctpState::kConnecting, SctpState::kFailed));
}

TEST_F(SctpSessionTest, ClosingTheTransportTellsThePeer) {
  Connection& connection = connect();
  world.command(0, [&](MediaLoop& loop) { loop.remove_transport(connection.handle); });
  world.advance(20ms);
  EXPECT_EQ(connection.peer->data().association().state(), sctp::State::kClosed);
}

TEST_F(SctpSessionTest, EndsWhenThePeerEndsIt) {
  Connection& connection = connect();
  const Handle producer = produce(connection, 0);
  const Handle consumer = consume(connection, 1, producer, connection);
  connection.peer->data().association().close();
  world.advance(20ms);
  EXPECT_EQ(states(connection.handle).back(), SctpState::kClosed);
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.send(consumer, DataMessage::text("x")), DataSendOutcome::kInactive);
  });
}

TEST_F(SctpSessionTest, EndsWhenDtlsDoes) {
  Connection& connection = connect();
  connection.peer->close(world.now());
  world.advance(20ms);
  EXPECT_EQ(states(connection.handle).back(), SctpState::kClosed);
  // And stays quiet.
  world.advance(60s);
  EXPECT_EQ(states(connection.handle).back(), SctpState::kClosed);
}

TEST_F(SctpSessionTest, ATransportWithoutItIgnoresPackets) {
  world.sctp.reset();
  Connection& connection = world.add_transport();
  connection.peer->enable_data();
  connection.peer->start(sluice::test::shared_dtls_context()->certificate().fingerprints(),
                         world.now());
  world.command(0, [&](MediaLoop& loop) {
    loop.connect_transport(connection.handle, dtls::Role::kClient, connection.peer->fingerprints());
  });
  world.advance(10s);
  EXPECT_THAT(states(connection.handle), IsEmpty());
  EXPECT_FALSE(connection.peer->data().connected());
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = 77, .transport = connection.handle, .stream = 0});
    exchange.add_consumer(
        {.handle = 78, .transport = connection.handle, .producer = 77, .stream = DataStream{}});
    EXPECT_EQ(exchange.fanout_count(), 0);
    EXPECT_FALSE(exchange.sctp_dump(connection.handle));
  });
}

TEST_F(SctpSessionTest, ATransportThatGoesTakesItsChannelsAlong) {
  Connection& connection = connect();
  Connection& other = connect();
  const Handle producer = produce(connection, 0);
  consume(connection, 0, producer, connection);
  consume(other, 0, producer, connection);
  world.command(0, [&](MediaLoop& loop) { loop.remove_transport(connection.handle); });
  EXPECT_EQ(world.loop().data().fanout_count(), 1);  // of the consumer that is left
  world.command(0, [&](MediaLoop& loop) { loop.remove_transport(other.handle); });
  EXPECT_EQ(world.loop().data().fanout_count(), 0);
  world.advance(1s);
}

// Acknowledgements and messages of a turn share packets.
TEST_F(SctpSessionTest, SmallMessagesOfATurnShareAPacket) {
  Connection& connection = connect();
  const Handle consumer = consume(connection, 0, produce(connection, 0), connection);
  size_t packets = 0;
  world.passes = [&](const Connection&, Bytes, bool to_server) {
    packets += to_server ? 0 : 1;
    return true;
  };
  data(0, [&](DataExchange& exchange) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(exchange.send(consumer, DataMessage::text("twenty")), DataSendOutcome::kSent);
    }
  });
  world.settle();
  EXPECT_EQ(packets, 1);
  EXPECT_EQ(connection.peer->data().messages.size(), 20);
}

// --- over datagrams, as plain and pipe transports do ---------------------------------------------

class SctpOverDatagrams : public SctpSessionTest {
 protected:
  static constexpr Handle kTransport = 500;

  SctpOverDatagrams() {
    options.data_channels = false;
    session = std::make_unique<SctpSession>(
        world.loop(), kTransport, options,
        [this](Bytes packet, Micros) { to_peer.emplace_back(packet.begin(), packet.end()); });
    world.each_step = [this](Micros now) {
      for (const Buffer& packet : std::exchange(to_peer, {})) {
        peer.on_packet(packet, now);
      }
      peer.on_timeout(now);
      while (const auto packet = peer.poll_transmit(now)) {
        session->on_packet(*packet, now);
      }
    };
  }

  void connect() {
    peer.connect(world.now());
    session->set_path(true, world.now());
    world.advance(100ms);
  }

  /// A peer that may send more than it should.
  static sctp::Options peer_options() {
    sctp::Options options;
    options.data_channels = false;
    options.max_send_message_size = options.send_buffer_size = size_t{4} << 20;
    return options;
  }

  sctp::Options options;
  std::vector<Buffer> to_peer;
  DataPeer peer{peer_options()};
  std::unique_ptr<SctpSession> session;
};

TEST_F(SctpOverDatagrams, MessagesFlow) {
  connect();
  ASSERT_TRUE(session->connected());
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = 600, .transport = kTransport, .stream = 123});
    exchange.add_consumer({.handle = 601,
                           .transport = kTransport,
                           .producer = 600,
                           .stream = DataStream{.id = 0, .reliability = {}}});
  });
  peer.send_text(123, "plain", world.now());
  world.advance(50ms);
  EXPECT_THAT(peer.texts(), ElementsAre("plain"));
  EXPECT_THAT(session->dump().streams, ElementsAre(std::pair<uint16_t, Handle>(123, 600)));
}

// Without data channels the peer is asked to reset its side; ours carries others' messages.
TEST_F(SctpOverDatagrams, ClosingAProducerAsksThePeerToReset) {
  connect();
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = 600, .transport = kTransport, .stream = 5});
  });
  peer.send_text(5, "x", world.now());
  world.advance(50ms);
  data(0, [&](DataExchange& exchange) { exchange.remove_producer(600); });
  world.advance(500ms);
  EXPECT_THAT(peer.all<sctp::PeerStreamsReset>(), IsEmpty());
  ASSERT_EQ(peer.all<sctp::StreamsReset>().size(), 1);
  EXPECT_THAT(peer.all<sctp::StreamsReset>().front().streams, ElementsAre(5));
}

TEST_F(SctpOverDatagrams, PacketsFromBeforeTheStartAreDropped) {
  peer.connect(world.now());
  world.advance(100ms);
  EXPECT_EQ(session->state(), SctpState::kNew);
  EXPECT_THAT(to_peer, IsEmpty());
  session->set_path(true, world.now());
  world.advance(5s);
  EXPECT_EQ(session->state(), SctpState::kConnected);
}

TEST_F(SctpOverDatagrams, AnInterruptedPathStopsMessagesNotTheAssociation) {
  connect();
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = 600, .transport = kTransport, .stream = 0});
    exchange.add_consumer({.handle = 601,
                           .transport = kTransport,
                           .producer = 600,
                           .stream = DataStream{.id = 0, .reliability = {}}});
  });
  session->set_path(false, world.now());
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.send(601, DataMessage::text("lost")), DataSendOutcome::kInactive);
  });
  session->set_path(true, world.now());
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.send(601, DataMessage::text("sent")), DataSendOutcome::kSent);
  });
  world.advance(50ms);
  EXPECT_THAT(peer.texts(), ElementsAre("sent"));
}

// Only a packet whose checksum is right tells where the peer is, and with SRTP none does before the
// keys are there.
TEST(SctpOverPlain, APacketOfThePeerTellsWhereItIs) {
  for (const bool srtp : {false, true}) {
    PlainWorld plain;
    const Handle handle = plain.add(
        {.socket = PlainWorld::kSocket, .comedia = true, .srtp = srtp, .sctp = sctp::Options{}});
    DataPeer peer;
    peer.connect(plain.world.now());
    const auto init = peer.poll_transmit(plain.world.now());
    ASSERT_TRUE(init);
    Buffer packet(init->begin(), init->end());
    packet.back() ^= 1;
    plain.deliver("198.51.100.1:1000", packet);
    EXPECT_THAT(plain.take_learned(), IsEmpty());
    packet.back() ^= 1;
    plain.deliver("198.51.100.2:2000", packet);
    if (srtp) {
      EXPECT_THAT(plain.take_learned(), IsEmpty());
      continue;
    }
    EXPECT_EQ(plain.world.events_of<SctpStateChanged>(handle).size(), 1u);
    EXPECT_THAT(plain.take_learned(), ElementsAre(address("198.51.100.2:2000")));
    EXPECT_FALSE(plain.take_sent("198.51.100.2:2000").empty());
    plain.deliver("198.51.100.1:1000", packet);
    EXPECT_THAT(plain.take_sent("198.51.100.1:1000"), IsEmpty());
  }
}

// --- hostile peers -------------------------------------------------------------------------------

TEST_F(SctpOverDatagrams, MessagesForNobodyAreCountedAndGone) {
  connect();
  for (uint16_t stream = 0; stream < 1000; ++stream) {
    peer.send(stream, pattern(100), world.now());
  }
  ASSERT_TRUE(run_until([&] { return peer.association().buffered_amount() == 0; }));
  EXPECT_EQ(session->counters().unknown_streams, 1000);
  EXPECT_TRUE(session->connected());
}

// SCT-02
TEST_F(SctpOverDatagrams, AnOversizedMessageIsDroppedAndTheNextOneArrives) {
  connect();
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = 600, .transport = kTransport, .stream = 0});
  });
  const size_t limit = options.max_receive_message_size;
  for (const size_t size : {limit + 1, limit, 3 * limit, size_t{10}}) {
    ASSERT_EQ(peer.send(0, pattern(size), world.now()), sctp::SendResult::kAccepted);
  }
  ASSERT_TRUE(run_until([&] { return peer.association().buffered_amount() == 0; }));
  EXPECT_EQ(session->counters().oversized, 2);
  data(0, [&](DataExchange& exchange) {
    EXPECT_EQ(exchange.producer_counters(600).messages, 2);
    EXPECT_EQ(exchange.producer_counters(600).bytes, limit + 10);
  });
}

TEST_F(SctpOverDatagrams, GarbageChangesNothing) {
  connect();
  for (uint32_t i = 0; i < 2000; ++i) {
    Buffer garbage = pattern(i % 1200, i);
    if (garbage.size() > 4 && i % 2 == 0) {  // past the check of the ports
      garbage[0] = garbage[2] = 5000 >> 8;
      garbage[1] = garbage[3] = 5000 & 0xff;
    }
    session->on_packet(garbage, world.now());
  }
  world.advance(1s);
  EXPECT_TRUE(session->connected());
}

TEST_F(SctpOverDatagrams, ResetStormsStayBounded) {
  connect();
  data(0, [&](DataExchange& exchange) {
    exchange.add_producer({.handle = 600, .transport = kTransport, .stream = 9});
  });
  size_t sent = 0;
  for (int round = 0; round < 300; ++round) {
    for (uint16_t stream = 0; stream < 20; ++stream) {
      peer.association().open_stream(stream);
      peer.reset(stream, world.now());
    }
    sent += to_peer.size();
    world.advance(5ms);
  }
  world.advance(5s);
  EXPECT_TRUE(session->connected());
  EXPECT_LT(sent, 3000);
  peer.send_text(9, "alive", world.now());
  world.advance(200ms);
  data(0, [&](DataExchange& exchange) { EXPECT_EQ(exchange.producer_counters(600).messages, 1); });
}

}  // namespace
}  // namespace sluice::media::test
