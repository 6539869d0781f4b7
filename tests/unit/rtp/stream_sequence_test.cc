// Receive state of a stream: acceptance, extended numbers, loss, timestamps (media-plane 5.8),
// jitter.
#include "protocol/rtp/stream_sequence.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "protocol/rtp/jitter.h"
#include "protocol/rtp/retransmission_history.h"

namespace sluice::rtp {
namespace {

using Verdict = StreamSequence::Verdict;

/// A stream that has received `first`.
class Stream {
 public:
  explicit Stream(uint16_t first, uint32_t timestamp = 90000) {
    EXPECT_EQ(take(first, timestamp), Verdict::kFirst);
  }
  Verdict take(uint16_t sequence, uint32_t timestamp = 90000) {
    return state.on_packet(SeqNum{sequence}, Timestamp{timestamp}, now);
  }
  StreamSequence state;
  Micros now{1s};
};

TEST(StreamSequence, CountsExpectedAndLost) {
  Stream stream(65534);
  stream.take(65535);
  stream.take(2);
  EXPECT_EQ(stream.state.extended_max_sequence(), 0x10002u);
  EXPECT_EQ(stream.state.expected(), 5u);
  EXPECT_EQ(stream.state.received(), 3u);
  EXPECT_EQ(stream.state.lost(), 2);
  EXPECT_EQ(stream.take(0), Verdict::kOld);
  EXPECT_EQ(stream.state.lost(), 1);
  EXPECT_EQ(stream.take(2), Verdict::kOld);
  EXPECT_EQ(stream.take(2), Verdict::kOld);
  EXPECT_EQ(stream.state.lost(), -1);
}

TEST(StreamSequence, ExpectsNothingBeforeTheFirstPacket) {
  const StreamSequence state;
  EXPECT_FALSE(state.started());
  EXPECT_EQ(state.expected(), 0u);
  EXPECT_EQ(state.lost(), 0);
}

TEST(StreamSequence, ExtendsNumbersNearTheHighest) {
  Stream stream(65530);
  stream.take(3);
  EXPECT_EQ(stream.state.extended(SeqNum{3}), 0x10003);
  EXPECT_EQ(stream.state.extended(SeqNum{65535}), 0xffff);
  EXPECT_EQ(stream.state.extended(SeqNum{10}), 0x1000a);
}

TEST(StreamSequence, Seq01AcceptsAJumpOf2999) {  // SEQ-01
  Stream stream(1000);
  EXPECT_EQ(stream.take(3999), Verdict::kAdvanced);
  EXPECT_EQ(stream.state.lost(), 2998);
}

TEST(StreamSequence, Seq02AJumpOf3000NeedsTwoInARow) {  // SEQ-02
  Stream stream(65000);
  stream.take(10);
  EXPECT_EQ(stream.take(3010), Verdict::kDiscarded);
  EXPECT_EQ(stream.state.max_sequence(), SeqNum{10});
  EXPECT_EQ(stream.state.discarded(), 1u);
  EXPECT_EQ(stream.take(3011), Verdict::kRestarted);
  // Everything starts over, the cycles too.
  EXPECT_EQ(stream.state.extended_max_sequence(), 3011u);
  EXPECT_EQ(stream.state.expected(), 1u);
  EXPECT_EQ(stream.state.received(), 1u);
  EXPECT_EQ(stream.state.discarded(), 1u);
  EXPECT_EQ(stream.take(3012), Verdict::kAdvanced);
}

TEST(StreamSequence, Seq02ASecondJumpElsewhereIsDiscardedToo) {  // SEQ-02
  Stream stream(0);
  EXPECT_EQ(stream.take(20000), Verdict::kDiscarded);
  EXPECT_EQ(stream.take(20002), Verdict::kDiscarded);
  EXPECT_EQ(stream.take(20001), Verdict::kDiscarded);
  EXPECT_EQ(stream.take(20002), Verdict::kRestarted);
  EXPECT_EQ(stream.state.discarded(), 3u);
}

TEST(StreamSequence, Seq03LatePacketsUpTo1499Behind) {  // SEQ-03
  Stream stream(1000);
  EXPECT_EQ(stream.take(static_cast<uint16_t>(1000 - 1499)), Verdict::kOld);
  EXPECT_EQ(stream.take(static_cast<uint16_t>(1000 - 1500)), Verdict::kDiscarded);
  EXPECT_EQ(stream.state.max_sequence(), SeqNum{1000});
}

TEST(StreamSequence, Seq04InOrderWithLowerTimestampSetsTheMaximum) {  // SEQ-04
  Stream stream(10, 90000);
  stream.now += 20ms;
  EXPECT_EQ(stream.take(11, 50000), Verdict::kAdvanced);
  EXPECT_EQ(stream.state.max_timestamp(), Timestamp{50000});
  EXPECT_EQ(stream.state.max_timestamp_at(), 1020ms);
}

TEST(StreamSequence, MaxTimestampIgnoresLatePacketsAndKeepsTheFirstArrival) {
  Stream stream(10, 90000);
  stream.now += 20ms;
  stream.take(12, 90000);
  EXPECT_EQ(stream.state.max_timestamp_at(), 1s);
  stream.take(11, 80000);
  EXPECT_EQ(stream.state.max_timestamp(), Timestamp{90000});
  stream.take(9, 91000);
  EXPECT_EQ(stream.state.max_timestamp(), Timestamp{91000});
  EXPECT_EQ(stream.state.max_timestamp_at(), 1020ms);
}

TEST(StreamSequence, Seq05ARestartEmptiesTheRetransmissionHistory) {  // SEQ-05
  Stream stream(100);
  RetransmissionHistory<int> history{RetransmissionLimits{}};
  const auto send = [&](uint16_t sequence) {
    const Verdict verdict = stream.take(sequence);
    if (verdict == Verdict::kRestarted) {
      history.clear();
    }
    if (verdict != Verdict::kDiscarded) {
      history.insert(SeqNum{sequence}, Timestamp{90000}, 1000, 1s, sequence);
    }
  };
  for (const uint16_t sequence : std::initializer_list<uint16_t>{101, 102, 103}) {
    send(sequence);
  }
  EXPECT_EQ(history.size(), 3u);
  send(30000);
  EXPECT_EQ(history.size(), 3u);
  send(30001);
  EXPECT_EQ(history.size(), 1u);
  EXPECT_EQ(history.find(SeqNum{102}), nullptr);
}

TEST(Jitter, IsZeroForAnEvenStream) {
  Jitter jitter(90000);
  for (uint32_t i = 0; i < 100; ++i) {
    jitter.on_packet(Timestamp{0xffff0000u + i * 3000}, 1h + i * 1'000'000us / 30);
  }
  EXPECT_LE(jitter.value(), 1u);  // the rounding of a thirtieth of a second
}

TEST(Jitter, ConvergesToTheMeanDifference) {
  Jitter jitter(48000);
  for (uint32_t i = 0; i < 500; ++i) {
    // Every other packet 5 ms late: transit differs by 240 units each time.
    jitter.on_packet(Timestamp{i * 960}, i * 20ms + (i % 2) * 5ms);
  }
  EXPECT_NEAR(jitter.value(), 240, 2);
}

TEST(Jitter, FirstStepIsASixteenth) {
  Jitter jitter(1000);
  jitter.on_packet(Timestamp{0}, 0ms);
  jitter.on_packet(Timestamp{20}, 52ms);
  EXPECT_EQ(jitter.value(), 2u);
}

TEST(Jitter, ResetForgetsThePause) {
  Jitter jitter(48000);
  jitter.on_packet(Timestamp{0}, 0ms);
  jitter.on_packet(Timestamp{960}, 30ms);
  EXPECT_GT(jitter.value(), 0u);
  jitter.reset();
  EXPECT_EQ(jitter.value(), 0u);
  // The sender's clock stood still during the pause.
  jitter.on_packet(Timestamp{1920}, 5s);
  jitter.on_packet(Timestamp{2880}, 5020ms);
  EXPECT_EQ(jitter.value(), 0u);
}

TEST(Jitter, IgnoresJumpsOfTheTimestamps) {
  Jitter jitter(48000);
  jitter.on_packet(Timestamp{0}, 0ms);
  jitter.on_packet(Timestamp{0x80000000}, 20ms);
  jitter.on_packet(Timestamp{0x80000000 + 960}, 40ms);
  EXPECT_EQ(jitter.value(), 0u);
}

}  // namespace
}  // namespace sluice::rtp
