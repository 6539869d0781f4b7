// What is accepted, what is buffered, and when it has drained (media-plane 9.3).
#include "unit/sctp/raw_peer.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

TEST(SendBuffer, SCT_06_FullBufferRefusesAndQueuesNothing) {
  World world(clean_link(), {.send_buffer_size = 100000}, {});
  world.connect();
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(10000)), SendResult::kAccepted);
  }
  EXPECT_EQ(world.send(world.a, 1, pattern(1)), SendResult::kBufferFull);
  EXPECT_EQ(world.a.association->buffered_amount(), 100000u);
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
  EXPECT_EQ(world.b.messages.size(), 10u);
  EXPECT_EQ(world.send(world.a, 1, pattern(1)), SendResult::kAccepted);
}

TEST(SendBuffer, EmptyBufferTakesTheLargestMessage) {
  World world(clean_link(), {.max_send_message_size = 200000, .send_buffer_size = 1000}, {});
  world.connect();
  EXPECT_EQ(world.send(world.a, 1, pattern(200001)), SendResult::kTooLarge);
  EXPECT_EQ(world.send(world.a, 1, pattern(200000)), SendResult::kAccepted);
  EXPECT_EQ(world.send(world.a, 1, pattern(1)), SendResult::kBufferFull);
  ASSERT_TRUE(world.run_until([&] { return !world.b.messages.empty(); }));
}

// Tiny messages cannot pile up by the million, waiting or in flight.
TEST(SendBuffer, SmallMessagesCountForWhatTheyCost) {
  World world(clean_link(), {.send_buffer_size = 64000}, {});
  world.connect();
  size_t accepted = 0;
  while (world.send(world.a, 1, pattern(1)) == SendResult::kAccepted) {
    ++accepted;
    world.flush();
  }
  EXPECT_EQ(accepted, 1000u);
}

TEST(SendBuffer, ClosedOrNewSendsNothing) {
  World world;
  EXPECT_EQ(world.send(world.a, 1, pattern(1)), SendResult::kNotConnected);
  world.connect();
  world.a.association->close();
  EXPECT_EQ(world.send(world.a, 1, pattern(1)), SendResult::kNotConnected);
  EXPECT_EQ(world.a.association->buffered_amount(), 0u);
}

TEST(BufferedAmount, CountsPerStreamUntilAcknowledged) {
  World world(clean_link(50ms));
  world.connect();
  ASSERT_EQ(world.send(world.a, 1, pattern(1000)), SendResult::kAccepted);
  ASSERT_EQ(world.send(world.a, 2, pattern(300)), SendResult::kAccepted);
  EXPECT_EQ(world.a.association->buffered_amount(1), 1000u);
  EXPECT_EQ(world.a.association->buffered_amount(2), 300u);
  EXPECT_EQ(world.a.association->buffered_amount(), 1300u);
  world.run_for(60ms);  // arrived, but the acknowledgement is on its way
  EXPECT_EQ(world.a.association->buffered_amount(), 1300u);
  world.run_for(200ms);
  EXPECT_EQ(world.a.association->buffered_amount(1), 0u);
  EXPECT_EQ(world.a.association->buffered_amount(2), 0u);
}

TEST(BufferedAmount, LowEventsOncePerCrossing) {
  World world(clean_link(), {.send_buffer_size = 1 << 20}, {});
  world.connect();
  world.a.association->set_buffered_amount_low_threshold(1, 50000);
  world.a.association->set_total_buffered_amount_low_threshold(100000);
  ASSERT_EQ(world.send(world.a, 1, pattern(50000)), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
  EXPECT_EQ(world.a.count<BufferedAmountLow>(), 0u);  // was never above
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(200000)), SendResult::kAccepted);
    ASSERT_EQ(world.send(world.a, 2, pattern(1000)), SendResult::kAccepted);
    ASSERT_TRUE(world.run_until([&] { return world.a.association->buffered_amount() == 0; }));
  }
  std::map<uint16_t, size_t> per_stream;
  for (const BufferedAmountLow& low : world.a.all<BufferedAmountLow>()) {
    ++per_stream[low.stream];
    EXPECT_LE(low.amount, low.stream == 1 ? 50000u : 0u);
    EXPECT_GT(low.amount + 1200, low.stream == 1 ? 50000u : 0u);
  }
  EXPECT_EQ(per_stream, (std::map<uint16_t, size_t>{{1, 2}, {2, 2}}));
  ASSERT_EQ(world.a.count<TotalBufferedAmountLow>(), 2u);
  EXPECT_LE(world.a.all<TotalBufferedAmountLow>()[0].amount, 100000u);
}

TEST(BufferedAmount, LowEventWhenMessagesAreGivenUpOrTheEndComes) {
  World world(clean_link(5ms));
  world.connect();
  world.set_link({.loss = 1});
  ASSERT_EQ(world.send(world.a, 1, pattern(10000), {.max_retransmits = 0}), SendResult::kAccepted);
  world.run_for(2s);
  EXPECT_EQ(world.a.count<BufferedAmountLow>(), 1u);
  ASSERT_EQ(world.send(world.a, 2, pattern(10000)), SendResult::kAccepted);
  ASSERT_TRUE(world.run_until([&] { return world.a.state() == State::kClosed; }));
  EXPECT_EQ(world.a.count<BufferedAmountLow>(), 2u);
}

TEST(ReceiveLimit, SCT_02_LargerThanAllowedIsDropped) {
  for (const bool ordered : {true, false}) {
    World world(rough_link(), {}, {.max_receive_message_size = 100000});
    world.connect();
    world.send_all(world.a, 1, pattern(100000, 1), {.ordered = ordered});
    world.send_all(world.a, 1, pattern(100001, 2), {.ordered = ordered});
    world.send_all(world.a, 1, pattern(262144, 3), {.ordered = ordered});
    world.send_all(world.a, 1, pattern(100, 4), {.ordered = ordered});
    ASSERT_TRUE(world.run_until(
        [&] { return world.b.messages.size() == 2 && world.b.count<MessageTooLarge>() == 2; }));
    if (ordered) {
      EXPECT_EQ(world.b.messages[0].payload, pattern(100000, 1));
      EXPECT_EQ(world.b.messages[1].payload, pattern(100, 4));
    }
    EXPECT_EQ(world.b.all<MessageTooLarge>()[0].stream, 1);
    EXPECT_EQ(world.b.association->stats().oversized_messages, 2u);
  }
}

TEST(ReceiveLimit, SmallMessagesToo) {
  World world(clean_link(), {}, {.max_receive_message_size = 10});
  world.connect();
  world.send_all(world.a, 1, pattern(11));
  world.send_all(world.a, 1, pattern(10));
  ASSERT_TRUE(world.run_until([&] { return !world.b.messages.empty(); }));
  EXPECT_EQ(world.b.messages[0].payload.size(), 10u);
  EXPECT_EQ(world.b.count<MessageTooLarge>(), 1u);
}

// The application takes nothing for a while: the window closes, the sender probes, nothing is lost,
// and it goes on when the application does.
TEST(Window, ExhaustionAndRecovery) {
  World world(clean_link(), {.send_buffer_size = 4 << 20},
              {.max_receive_message_size = 65536, .receive_buffer_size = 200000});
  world.connect();
  world.b.takes_messages = false;
  for (size_t i = 0; i < 50; ++i) {
    ASSERT_EQ(world.send(world.a, 1, pattern(20000, i)), SendResult::kAccepted);
  }
  world.run_for(10s);
  EXPECT_LT(world.b.association->stats().receive_window, 1160u);
  const size_t buffered = world.a.association->buffered_amount();
  EXPECT_GT(buffered, 1000000u - 200000u);
  // However long it takes: the peer answers the probes.
  world.run_for(1200s);
  EXPECT_EQ(world.a.state(), State::kConnected);
  EXPECT_GE(world.a.association->buffered_amount() + 1160, buffered);
  world.b.takes_messages = true;
  const Micros reopened = world.now;
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 50; }));
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(world.b.messages[i].payload, pattern(20000, i));
  }
  EXPECT_LT(world.now - reopened, 2s);
}

TEST(Window, ExhaustionAndRecoveryOnARoughPath) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    World world(rough_link(), {.send_buffer_size = 4 << 20},
                {.max_receive_message_size = 65536, .receive_buffer_size = 140000}, seed);
    world.connect();
    for (size_t i = 0; i < 50; ++i) {
      ASSERT_EQ(world.send(world.a, static_cast<uint16_t>(i % 5), pattern(20000, i)),
                SendResult::kAccepted);
    }
    for (int i = 0; i < 20 && world.b.messages.size() < 50; ++i) {
      world.b.takes_messages = i % 2 == 1;
      world.run_for(5s);
    }
    EXPECT_EQ(world.b.messages.size(), 50u);
    EXPECT_EQ(world.a.state(), State::kConnected);
  }
}

// A peer that ignores the window fills a bounded amount of memory.
TEST(Window, SenderThatIgnoresIt) {
  RawPeer peer({.max_receive_message_size = 1000, .receive_buffer_size = 70000});
  peer.connect();
  const auto payload = pattern(1000);
  // The first is missing, so nothing can be released.
  ++peer.tsn;
  for (int i = 0; i < 1000; ++i) {
    peer.send_data(whole(1, static_cast<uint16_t>(i + 1), payload));
    peer.now += 1ms;
  }
  const Stats stats = peer.association.stats();
  EXPECT_GT(stats.refused_chunks, 900u);
  EXPECT_EQ(stats.chunks_received + stats.refused_chunks, 1000u);
  EXPECT_EQ(peer.association.state(), State::kConnected);
}

// Messages that can never be released, because the peer skips numbers of a stream for ever.
TEST(Window, SenderThatSkipsStreamNumbers) {
  RawPeer peer({.max_receive_message_size = 1000, .receive_buffer_size = 70000});
  peer.connect();
  const auto payload = pattern(1000);
  for (int i = 0; i < 1000 && peer.association.state() == State::kConnected; ++i) {
    peer.send_data(whole(1, static_cast<uint16_t>(i + 1), payload));
  }
  EXPECT_EQ(peer.association.state(), State::kClosed);
  EXPECT_TRUE(peer.take_chunk(chunk::kAbort));
}

TEST(Stats, CountMessagesAndPackets) {
  World world;
  world.connect();
  world.send_all(world.a, 1, pattern(5000));
  world.send_all(world.a, 1, {});
  ASSERT_TRUE(world.run_until([&] { return world.b.messages.size() == 2; }));
  world.run_for(1s);
  const Stats a = world.a.association->stats();
  const Stats b = world.b.association->stats();
  EXPECT_EQ(a.messages_sent, 2u);
  EXPECT_EQ(a.payload_sent, 5000u);
  EXPECT_EQ(b.messages_received, 2u);
  EXPECT_EQ(b.payload_received, 5000u);
  EXPECT_EQ(a.chunks_sent, 6u);
  EXPECT_EQ(b.chunks_received, 6u);
  EXPECT_EQ(a.packets_sent, world.packets_from_a());
  EXPECT_EQ(b.packets_received, a.packets_sent);
  EXPECT_EQ(b.bytes_received, a.bytes_sent);
  EXPECT_EQ(a.in_flight, 0u);
}

}  // namespace
}  // namespace sluice::sctp
