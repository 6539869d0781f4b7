// When the sending half sends what: windows, loss detection, timers (RFC 9260
// sections 6.1, 6.3, 7.2).
#include "protocol/sctp/sender.h"

#include <algorithm>

#include "protocol/sctp/congestion_window.h"
#include "protocol/sctp/forward_tsn_chunk.h"
#include "protocol/sctp/rto.h"
#include "unit/sctp/raw_peer.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

class Sending : public testing::Test {
 protected:
  void connect() {
    peer_.connect();
    first_ = peer_.remote().initial_tsn;
  }

  void send(size_t size, const Reliability& reliability = {}) {
    ASSERT_EQ(peer_.association.send(1, ppid::kBinary, pattern(size), reliability, peer_.now),
              SendResult::kAccepted);
  }
  /// TSNs of the DATA chunks that go out now, counted from 0.
  std::vector<uint32_t> take() {
    std::vector<uint32_t> tsns;
    for (const RawPeer::Chunk& chunk : peer_.take_chunks()) {
      if (chunk.type == chunk::kData) {
        tsns.push_back(load_be32(chunk.value.data()) - first_);
      }
    }
    return tsns;
  }
  /// Cumulative TSN counted from 0; -1 for none.
  void sack(int cumulative, const std::vector<GapBlock>& gaps = {}, uint32_t window = 1 << 20) {
    peer_.send_sack(first_ + static_cast<uint32_t>(cumulative), window, gaps);
  }
  void time_out() {
    peer_.now = *peer_.association.next_timeout();
    peer_.association.on_timeout(peer_.now);
  }

  using Tsns = std::vector<uint32_t>;
  RawPeer peer_;
  uint32_t first_ = 0;
};

TEST_F(Sending, InitialWindowThenTwoMorePerAcknowledgement) {
  connect();
  send(100000);
  EXPECT_EQ(take(), (Tsns{0, 1, 2, 3}));  // 4404 bytes, and the chunk that exceeds them
  EXPECT_TRUE(take().empty());
  sack(1);
  EXPECT_EQ(take(), (Tsns{4, 5, 6}));  // slow start: one more than was acknowledged
  sack(3);
  EXPECT_EQ(take(), (Tsns{7, 8, 9}));
}

TEST_F(Sending, BurstAfterALargeAcknowledgementIsLimited) {
  connect();
  send(200000);
  int acked = -1;
  for (int i = 0; i < 6; ++i) {  // opens the window
    acked += static_cast<int>(take().size());
    sack(acked);
  }
  Tsns all;
  for (auto more = take(); !more.empty(); more = take()) {
    EXPECT_LE(more.size(), 8u);  // four, and four for the acknowledgement
    all.insert(all.end(), more.begin(), more.end());
  }
  EXPECT_GT(all.size(), 8u);
}

TEST_F(Sending, SmallMessagesShareAPacket) {
  connect();
  for (int i = 0; i < 10; ++i) {
    send(50);
  }
  const auto packets = peer_.take();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].chunks.size(), 10u);
}

TEST_F(Sending, FastRetransmitAfterThreeMisses) {
  connect();
  send(20000);
  ASSERT_EQ(take().size(), 4u);
  sack(-1, {{2, 2}});
  sack(-1, {{2, 3}});
  EXPECT_EQ(take(), (Tsns{4, 5}));  // two are no proof yet
  sack(-1, {{2, 4}});
  const Tsns resent = take();
  ASSERT_FALSE(resent.empty());
  EXPECT_EQ(resent[0], 0u);
  EXPECT_EQ(std::ranges::count(resent, 0u), 1);
  EXPECT_EQ(peer_.association.stats().fast_retransmits, 1u);
  EXPECT_EQ(peer_.association.stats().timeouts, 0u);
}

TEST_F(Sending, RepeatedAcknowledgementsProveNothing) {
  connect();
  send(20000);
  take();
  for (int i = 0; i < 10; ++i) {
    sack(-1, {{2, 2}});
  }
  EXPECT_EQ(std::ranges::count(take(), 0u), 0);
}

// The retransmission is lost as well: noticed without the timer, from chunks sent after it.
TEST_F(Sending, LostRetransmissionIsNoticed) {
  connect();
  send(60000);
  take();
  sack(-1, {{2, 2}});
  sack(-1, {{2, 3}});
  sack(-1, {{2, 4}});
  Tsns sent = take();
  ASSERT_EQ(sent[0], 0u);
  uint16_t gap = 4;
  bool again = false;
  for (int i = 0; i < 30 && !again; ++i) {
    ++gap;
    sack(-1, {{2, gap}});
    sent = take();
    again = std::ranges::find(sent, 0u) != sent.end();
  }
  EXPECT_TRUE(again);
  EXPECT_EQ(peer_.association.stats().timeouts, 0u);
}

TEST_F(Sending, LossHalvesTheWindowOnce) {
  connect();
  peer_.window = 10 << 20;
  send(262144);
  int acked = -1;
  take();
  for (int i = 0; i < 40; ++i) {
    acked += 2;
    sack(acked);
    take();
  }
  const size_t before = peer_.association.stats().congestion_window;
  ASSERT_GT(before, 20000u);
  while (!take().empty()) {
  }
  // Three of the chunks in flight are lost.
  for (uint16_t i = 0; i < 5; ++i) {
    sack(acked, {{2, 3}, {5, 6}, {8, static_cast<uint16_t>(9 + i)}});
  }
  const size_t after = peer_.association.stats().congestion_window;
  EXPECT_LE(after, before / 2 + 1);
  EXPECT_GE(after, before / 2 - 1);
}

TEST_F(Sending, TimeoutStartsOverWithOnePacket) {
  connect();
  send(20000);
  ASSERT_EQ(take().size(), 4u);
  const Micros sent = peer_.now;
  time_out();
  EXPECT_GE(peer_.now - sent, 200ms);
  EXPECT_EQ(take(), (Tsns{0}));
  const Micros resent = peer_.now;
  time_out();
  EXPECT_EQ(peer_.now - resent, 2 * (resent - sent));  // backs off
  EXPECT_EQ(take(), (Tsns{0}));
  EXPECT_EQ(peer_.association.stats().timeouts, 2u);
  sack(0);
  EXPECT_EQ(take(), (Tsns{1, 2}));
}

TEST_F(Sending, RetransmissionsAfterATimeoutAskForAnAcknowledgement) {
  connect();
  send(10);
  EXPECT_EQ(peer_.take_chunks()[0].flags & 8, 0);
  time_out();
  EXPECT_EQ(peer_.take_chunks()[0].flags & 8, 8);
}

// The peer had acknowledged chunks in gap blocks and has dropped them again, as it may.
TEST_F(Sending, RenegedChunksAreSentAgain) {
  connect();
  send(4000);
  ASSERT_EQ(take().size(), 4u);
  sack(-1, {{2, 4}});
  time_out();
  EXPECT_EQ(take(), (Tsns{0}));
  sack(0);  // and no gap blocks any more
  EXPECT_TRUE(take().empty());
  Tsns sent;
  for (int i = 0; i < 6; ++i) {
    time_out();
    const Tsns more = take();
    if (!more.empty()) {
      sack(static_cast<int>(more.back()));
    }
    sent.insert(sent.end(), more.begin(), more.end());
    if (peer_.association.buffered_amount() == 0) {
      break;
    }
  }
  EXPECT_EQ(sent, (Tsns{1, 2, 3}));
}

TEST_F(Sending, ClosedWindowIsProbed) {
  connect();
  send(10000);
  ASSERT_EQ(take().size(), 4u);
  sack(3, {}, 0);
  EXPECT_EQ(take(), (Tsns{4}));  // one may always be on its way
  EXPECT_TRUE(take().empty());
  for (int i = 0; i < 30; ++i) {
    time_out();
    const Tsns probe = take();
    if (!probe.empty()) {
      EXPECT_EQ(probe, (Tsns{4}));
      sack(3, {}, 0);
    }
  }
  EXPECT_EQ(peer_.association.state(), State::kConnected);
  // It opens without having taken the probe: sent again at once.
  sack(3, {}, 100000);
  const Tsns sent = take();
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent[0], 4u);
}

TEST_F(Sending, SmallWindowIsRespected) {
  connect();
  send(20000);
  take();
  sack(3, {}, 2500);
  EXPECT_EQ(take(), (Tsns{4, 5}));  // 2320 bytes
  sack(4, {}, 2500);
  EXPECT_EQ(take(), (Tsns{6}));
}

TEST_F(Sending, OldAndImpossibleAcknowledgementsAreIgnored) {
  connect();
  send(20000);
  ASSERT_EQ(take().size(), 4u);
  sack(2);
  const size_t buffered = peer_.association.buffered_amount();
  sack(0, {}, 5);
  sack(1000, {}, 5);
  sack(-5, {}, 5);
  EXPECT_EQ(peer_.association.buffered_amount(), buffered);
  EXPECT_EQ(peer_.association.stats().peer_window, 1u << 20);
}

struct BadGaps {
  const char* name;
  std::vector<GapBlock> gaps;
};
class BadGapBlocks : public Sending, public testing::WithParamInterface<BadGaps> {};

TEST_P(BadGapBlocks, DoNoHarm) {
  connect();
  send(4000);
  ASSERT_EQ(take().size(), 4u);
  sack(0, GetParam().gaps);
  sack(3);
  EXPECT_EQ(peer_.association.buffered_amount(), 0u);
  EXPECT_EQ(peer_.association.stats().in_flight, 0u);
}

INSTANTIATE_TEST_SUITE_P(Table, BadGapBlocks,
                         testing::Values(BadGaps{"Zero", {{0, 0}}}, BadGaps{"FromZero", {{0, 3}}},
                                         BadGaps{"Backward", {{3, 2}}},
                                         BadGaps{"BeyondTheEnd", {{2, 65535}}},
                                         BadGaps{"FarBeyond", {{60000, 65535}}},
                                         BadGaps{"Overlapping", {{2, 3}, {2, 3}, {3, 3}}},
                                         BadGaps{"Descending", {{3, 3}, {2, 2}}},
                                         BadGaps{"Next", {{1, 1}}}),
                         [](const auto& row) { return row.param.name; });

// RFC 3758 section 3.5: the peer is told to move on, again and again until it has.
TEST_F(Sending, ForwardTsnUntilAcknowledged) {
  connect();
  send(10, {.max_retransmits = 0});
  ASSERT_EQ(take(), (Tsns{0}));
  for (int i = 0; i < 4; ++i) {
    time_out();
    const auto forward = peer_.take_chunk(chunk::kForwardTsn);
    ASSERT_TRUE(forward) << i;
    const auto parsed = ForwardTsnChunk::parse(forward->value);
    EXPECT_EQ(parsed->new_cumulative_tsn(), first_);
    ASSERT_EQ(parsed->stream_count(), 1u);
    EXPECT_EQ(parsed->stream(0), (SkippedStream{.stream = 1, .ssn = 0}));
  }
  sack(0);
  EXPECT_EQ(peer_.association.stats().in_flight, 0u);
  EXPECT_FALSE(peer_.take_chunk(chunk::kForwardTsn));
}

TEST(Rto, FollowsTheRoundTrip) {
  Rto rto;
  EXPECT_EQ(rto.value(), 1s);
  rto.on_sample(10ms);
  EXPECT_EQ(rto.smoothed(), std::optional(10ms));
  EXPECT_EQ(rto.value(), 230ms);  // leaves room for a delayed acknowledgement
  rto.on_sample(500ms);
  EXPECT_GT(rto.value(), 500ms);
  for (int i = 0; i < 100; ++i) {
    rto.on_sample(10ms);
  }
  EXPECT_LT(rto.value(), 240ms);
  EXPECT_GE(rto.value(), Rto::kMin);
}

TEST(Rto, BacksOffToAMinute) {
  Rto rto;
  rto.on_sample(100ms);
  const Micros value = rto.value();
  rto.back_off();
  EXPECT_EQ(rto.value(), 2 * value);
  for (int i = 0; i < 20; ++i) {
    rto.back_off();
  }
  EXPECT_EQ(rto.value(), 60s);
  rto.restore();
  EXPECT_EQ(rto.value(), value);
}

TEST(CongestionWindow, SlowStartThenOnePacketPerRoundTrip) {
  CongestionWindow window(1000);
  EXPECT_EQ(window.size(), 4000u);
  window.on_acked(2000, 4000, true, false);
  EXPECT_EQ(window.size(), 5000u);
  window.on_acked(2000, 1000, true, false);  // was not used up
  EXPECT_EQ(window.size(), 5000u);
  window.on_acked(2000, 5000, false, false);  // only gaps
  EXPECT_EQ(window.size(), 5000u);
  for (int i = 0; i < 20; ++i) {
    window.on_acked(1000, window.size(), true, false);
  }
  EXPECT_EQ(window.size(), 25000u);
  window.on_loss();
  EXPECT_EQ(window.size(), 12500u);
  EXPECT_EQ(window.slow_start_threshold(), 12500u);
  window.on_acked(1000, 12500, true, false);
  EXPECT_EQ(window.size(), 13500u);  // still at the threshold
  for (int i = 0; i < 13; ++i) {
    window.on_acked(1000, 13500, true, false);
  }
  EXPECT_EQ(window.size(), 13500u);
  window.on_acked(1000, 13500, true, false);
  EXPECT_EQ(window.size(), 14500u);
  window.on_timeout();
  EXPECT_EQ(window.size(), 1000u);
  EXPECT_EQ(window.slow_start_threshold(), 7250u);
}

TEST(CongestionWindow, FadesWhenIdle) {
  CongestionWindow window(1000);
  for (int i = 0; i < 60; ++i) {
    window.on_acked(1000, window.size(), true, false);
  }
  ASSERT_EQ(window.size(), 64000u);
  window.on_idle(2500ms, 1s);
  EXPECT_EQ(window.size(), 16000u);
  window.on_idle(1h, 1s);
  EXPECT_EQ(window.size(), 4000u);
}

}  // namespace
}  // namespace sluice::sctp
