// Transport-cc feedback: parsing, building, and both against each other.
#include "protocol/rtcp/transport_feedback.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

#include "golden.h"
#include "protocol/rtcp/transport_feedback_builder.h"
#include "support.h"

namespace sluice::rtcp {
namespace {

using AddResult = TransportFeedbackBuilder::AddResult;

constexpr FeedbackHeader kHeader{Ssrc(0x11), Ssrc(0x22)};
constexpr Micros kTime{1'000'000'000};

struct Arrival {
  uint16_t seq;
  std::optional<Micros> at;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

std::vector<Arrival> arrivals_of(const Buffer& datagram) {
  std::vector<Arrival> arrivals;
  parse_compound(datagram, [&](const TransportFeedback& feedback) {
    feedback.for_each([&](const PacketStatus& status) {
      arrivals.push_back(
          {status.seq.value, status.received ? std::optional(status.arrival) : std::nullopt});
    });
  });
  return arrivals;
}

Buffer write(const TransportFeedbackBuilder& builder, uint8_t count = 0) {
  return written([&](ByteWriter& writer) {
    EXPECT_TRUE(builder.write(writer, kHeader, count));
    EXPECT_EQ(writer.size(), builder.size());
  });
}

/// Builds a feedback from what another one says.
Buffer rebuilt(const Buffer& packet) {
  TransportFeedbackBuilder builder;
  Buffer again;
  parse_compound(packet, [&](const TransportFeedback& feedback) {
    builder.start(feedback.base(), feedback.reference_time() * kReferenceTimeUnit);
    feedback.for_each_received([&](const PacketStatus& status) {
      EXPECT_EQ(builder.add(status.seq, status.arrival), AddResult::kAdded);
    });
    again = written([&](ByteWriter& writer) {
      builder.write(writer, feedback.header(), feedback.feedback_count());
    });
  });
  return again;
}

/// A feedback packet of fixed part and content, with its length set.
Buffer feedback_of(uint16_t status_count, const Buffer& content) {
  Buffer packet = hex("8fcd0000 00000011 00000022 03e80000 00000107") + content;
  packet.resize((packet.size() + 3) & ~size_t{3});
  store_be16(&packet[2], static_cast<uint16_t>(packet.size() / 4 - 1));
  store_be16(&packet[14], status_count);
  return packet;
}

TEST(TransportFeedback, FieldsAndArrivalsAreRead) {
  const Buffer packet = golden_packets()[9].packet;
  const auto feedback = parse_one<TransportFeedback>(packet);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->header().media, Ssrc(0x22));
  EXPECT_EQ(feedback->base(), SeqNum(1000));
  EXPECT_EQ(feedback->status_count(), 3);
  EXPECT_EQ(feedback->lost_count(), 0);
  EXPECT_EQ(feedback->reference_time(), 1);
  EXPECT_EQ(feedback->feedback_count(), 7);
  // 64 ms, then +1 ms, -4 ms, +0.25 ms.
  EXPECT_EQ(arrivals_of(packet),
            (std::vector<Arrival>{{1000, ms(65)}, {1001, ms(61)}, {1002, Micros(61'250)}}));
}

TEST(TransportFeedback, IsWrittenAsItWasRead) {
  const Buffer packet = golden_packets()[9].packet;
  EXPECT_EQ(rebuilt(packet), packet);
}

TEST(TransportFeedback, OneBitVectorRunsAndGapsAreRead) {
  // One-bit vector 10110000000000 of which 4 count, after a run of 3 missing.
  const Buffer packet = feedback_of(7, hex("0003 ac00 04 08 0c"));
  const auto feedback = parse_one<TransportFeedback>(packet);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->received_count(), 3);
  EXPECT_EQ(arrivals_of(packet), (std::vector<Arrival>{{1000, {}},
                                                       {1001, {}},
                                                       {1002, {}},
                                                       {1003, ms(65)},
                                                       {1004, {}},
                                                       {1005, ms(67)},
                                                       {1006, ms(70)}}));
}

TEST(TransportFeedback, SymbolsBehindTheStatusCountAreIgnored) {
  // Two-bit vector: small, then six reserved symbols that do not count.
  EXPECT_TRUE(parse_one<TransportFeedback>(feedback_of(1, hex("dfff 04 00"))));
}

TEST(TransportFeedback, Rtc18ReservedSymbolIsInvalid) {  // RTC-18
  EXPECT_TRUE(parse(feedback_of(2, hex("dfff 04 00"))).packets.empty());
  EXPECT_TRUE(parse(feedback_of(2, hex("6002 0404"))).packets.empty());
}

TEST(TransportFeedback, Rtc19MissingDeltaIsInvalid) {  // RTC-19
  EXPECT_TRUE(parse_one<TransportFeedback>(feedback_of(2, hex("2002 0404"))));
  EXPECT_TRUE(parse(feedback_of(3, hex("2003 0404"))).packets.empty());
  EXPECT_TRUE(parse(feedback_of(2, hex("4002 0404"))).packets.empty());
}

TEST(TransportFeedback, DeltaTooManyIsInvalid) {
  EXPECT_TRUE(parse(feedback_of(1, hex("2001 0404"))).packets.empty());
  EXPECT_TRUE(parse(feedback_of(2, hex("2002 0404 00000000"))).packets.empty());
}

TEST(TransportFeedback, RunBeyondTheStatusCountIsInvalid) {
  EXPECT_TRUE(parse(feedback_of(2, hex("2003 040404"))).packets.empty());
}

TEST(TransportFeedback, MissingChunkIsInvalid) {
  EXPECT_TRUE(parse(feedback_of(8, hex("0007"))).packets.empty());
}

TEST(TransportFeedback, NothingToTellIsValid) {
  const Buffer packet = feedback_of(0, {});
  ASSERT_TRUE(parse_one<TransportFeedback>(packet));
  EXPECT_TRUE(arrivals_of(packet).empty());
}

TEST(TransportFeedback, SequenceWrapsWithinAFeedback) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(65534), kTime);
  for (const uint16_t seq : std::initializer_list<uint16_t>{65534, 65535, 1}) {
    EXPECT_EQ(builder.add(SeqNum(seq), kTime), AddResult::kAdded);
  }
  EXPECT_EQ(builder.latest(), SeqNum(1));
  EXPECT_EQ(arrivals_of(write(builder)),
            (std::vector<Arrival>{{65534, kTime}, {65535, kTime}, {0, {}}, {1, kTime}}));
}

TEST(TransportFeedback, Rtc20ReferenceTimeWraps) {  // RTC-20
  EXPECT_EQ(reference_time_delta(-1, 0), ms(64));
  EXPECT_EQ(reference_time_delta(16777215, 0), ms(64));
  EXPECT_EQ(reference_time_delta(0, 1), ms(64));
  EXPECT_EQ(reference_time_delta(16777215, 1), ms(128));
  EXPECT_EQ(reference_time_delta(0, -1), ms(-64));
  EXPECT_EQ(reference_time_delta(1, 0), ms(-64));
  EXPECT_EQ(reference_time_delta(1, -1), ms(-128));
  EXPECT_EQ(reference_time_delta(0x7fffff, -0x800000), ms(64));
}

TEST(TransportFeedback, Rtc20BuilderWrapsTheReferenceTime) {  // RTC-20
  // 2^24 * 64 ms and a bit more: the wire shows the bit only.
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(1), ms((1 << 24) * 64LL + 64 * 5));
  builder.add(SeqNum(1), ms((1 << 24) * 64LL + 64 * 5 + 10));
  const Buffer packet = write(builder);
  EXPECT_EQ(parse_one<TransportFeedback>(packet)->reference_time(), 5);
  EXPECT_EQ(arrivals_of(packet), (std::vector<Arrival>{{1, ms(64 * 5 + 10)}}));
}

TEST(TransportFeedbackBuilder, Rtc20Tf1GapsAreLoss) {  // RTC-20
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(1000), kTime);
  EXPECT_EQ(builder.add(SeqNum(1000), kTime), AddResult::kAdded);
  EXPECT_EQ(builder.add(SeqNum(1050), kTime + ms(216)), AddResult::kAdded);
  EXPECT_EQ(builder.base(), SeqNum(1000));
  EXPECT_EQ(builder.status_count(), 51);
  EXPECT_GT(builder.lost_count(), 0);
  EXPECT_EQ(builder.latest(), SeqNum(1050));
}

TEST(TransportFeedbackBuilder, Rtc20Tf2SurvivesParsing) {  // RTC-20
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(1000), kTime);
  const std::vector<uint16_t> seqs = {1000, 1001, 1002, 1015, 1016, 1017};
  for (size_t i = 0; i < seqs.size(); ++i) {
    EXPECT_EQ(builder.add(SeqNum(seqs[i]), kTime + ms(100) * i), AddResult::kAdded);
  }
  const Buffer packet = write(builder);
  const auto feedback = parse_one<TransportFeedback>(packet);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->base(), SeqNum(1000));
  EXPECT_EQ(feedback->status_count(), 18);
  EXPECT_EQ(rebuilt(packet), packet);
}

TEST(TransportFeedbackBuilder, Rtc20Tf3IncompleteTwoBitVector) {  // RTC-20
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(1000), kTime);
  builder.add(SeqNum(1000), kTime + ms(100));
  builder.add(SeqNum(1001), kTime + ms(700));
  EXPECT_EQ(builder.status_count(), 2);
  EXPECT_EQ(builder.lost_count(), 0);
  const Buffer packet = write(builder);
  EXPECT_EQ(load_be16(&packet[20]), 0xe800) << "two-bit vector: large, large";
  EXPECT_EQ(rebuilt(packet), packet);
}

TEST(TransportFeedbackBuilder, Rtc20Tf4NegativeReferenceTime) {  // RTC-20
  const Buffer packet = hex("8fcd0004 fa17fa17 7a28a47b 00270000 fffffe01");
  const auto feedback = parse_one<TransportFeedback>(packet);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->base(), SeqNum(39));
  EXPECT_EQ(feedback->status_count(), 0);
  EXPECT_EQ(feedback->reference_time(), -2);
  EXPECT_EQ(feedback->feedback_count(), 1);
  EXPECT_EQ(rebuilt(packet), packet);
}

TEST(TransportFeedbackBuilder, SevenEqualSymbolsAreARun) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  for (uint16_t seq = 0; seq < 7; ++seq) {
    builder.add(SeqNum(seq), kTime);
  }
  EXPECT_EQ(load_be16(&write(builder)[20]), 0x2007);
  TransportFeedbackBuilder fewer;
  fewer.start(SeqNum(0), kTime);
  for (uint16_t seq = 0; seq < 6; ++seq) {
    fewer.add(SeqNum(seq), kTime);
  }
  EXPECT_EQ(load_be16(&write(fewer)[20]), 0xd554) << "six times 01";
}

TEST(TransportFeedbackBuilder, OneBitVectorWithoutLargeDeltas) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  for (uint16_t seq = 0; seq < 14; seq = static_cast<uint16_t>(seq + 2)) {
    builder.add(SeqNum(seq), kTime);
  }
  builder.add(SeqNum(13), kTime);
  const Buffer packet = write(builder);
  EXPECT_EQ(load_be16(&packet[20]), 0b10'10101010101011);
  EXPECT_EQ(packet.size(), 32u) << "20 + 2 + 8 deltas + 2 padding";
  EXPECT_TRUE(packet[0] & 0x20);
  EXPECT_EQ(packet.back(), 2);
}

TEST(TransportFeedbackBuilder, OlderAndRepeatedPacketsAreIgnored) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(10), kTime);
  EXPECT_EQ(builder.add(SeqNum(9), kTime), AddResult::kIgnored);
  EXPECT_EQ(builder.add(SeqNum(12), kTime), AddResult::kAdded);
  EXPECT_EQ(builder.add(SeqNum(12), kTime), AddResult::kIgnored);
  EXPECT_EQ(builder.add(SeqNum(11), kTime), AddResult::kIgnored);
  EXPECT_EQ(builder.status_count(), 3);
}

TEST(TransportFeedbackBuilder, DeltasDoNotDrift) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  for (uint16_t seq = 0; seq < 500; ++seq) {
    ASSERT_EQ(builder.add(SeqNum(seq), kTime + Micros(seq * 333)), AddResult::kAdded);
  }
  for (const Arrival& arrival : arrivals_of(write(builder))) {
    const Micros error = kTime + Micros(arrival.seq * 333) - *arrival.at;
    EXPECT_GE(error, Micros(0));
    EXPECT_LT(error, Micros(250));
  }
}

TEST(TransportFeedbackBuilder, Bwe05LongGapIsFatal) {  // BWE-05
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  builder.add(SeqNum(0), kTime);
  EXPECT_EQ(builder.add(SeqNum(9001), kTime), AddResult::kFatal);
  EXPECT_EQ(builder.add(SeqNum(8193), kTime), AddResult::kFatal);
  EXPECT_EQ(builder.add(SeqNum(8192), kTime), AddResult::kAdded);
  EXPECT_EQ(builder.status_count(), 8193);
  const Buffer packet = write(builder);
  EXPECT_EQ(parse_one<TransportFeedback>(packet)->lost_count(), 8191);
  EXPECT_EQ(rebuilt(packet), packet);
}

TEST(TransportFeedbackBuilder, Bwe06LongDeltaIsFatal) {  // BWE-06
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  builder.add(SeqNum(0), kTime);
  const Micros longest = 0x7fff * kFeedbackTimeUnit;
  EXPECT_EQ(builder.add(SeqNum(1), kTime + longest + kFeedbackTimeUnit), AddResult::kFatal);
  EXPECT_EQ(builder.add(SeqNum(1), kTime + longest), AddResult::kAdded);
  EXPECT_EQ(builder.add(SeqNum(2), kTime - 2 * kFeedbackTimeUnit), AddResult::kFatal);
  EXPECT_EQ(builder.add(SeqNum(2), kTime - kFeedbackTimeUnit), AddResult::kAdded);
  EXPECT_EQ(
      arrivals_of(write(builder)),
      (std::vector<Arrival>{{0, kTime}, {1, kTime + longest}, {2, kTime - kFeedbackTimeUnit}}));
}

TEST(TransportFeedbackBuilder, StopsBeforeTheBudget) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  uint16_t seq = 0;
  Micros at = kTime + ms(100);
  while (builder.add(SeqNum(seq), at) == AddResult::kAdded) {
    ++seq;
    at += ms(100);  // always a large delta
  }
  // A run-length chunk and two bytes a packet.
  EXPECT_EQ(seq, (kRtcpBudget - 20 - 2) / 2);
  EXPECT_LE(builder.size(), kRtcpBudget);
  EXPECT_EQ(arrivals_of(write(builder)).size(), seq);
}

TEST(TransportFeedbackBuilder, StatusesAreLimited) {
  TransportFeedbackBuilder builder;
  builder.start(SeqNum(0), kTime);
  uint16_t seq = 8191;
  for (int i = 0; i < 7; ++i, seq = static_cast<uint16_t>(seq + 8192)) {
    ASSERT_EQ(builder.add(SeqNum(seq), kTime), AddResult::kAdded);
  }
  EXPECT_EQ(builder.add(SeqNum(65528), kTime), AddResult::kFull);
  EXPECT_EQ(builder.add(SeqNum(65527), kTime), AddResult::kAdded);
  EXPECT_EQ(builder.status_count(), TransportFeedbackBuilder::kMaxStatuses);
  EXPECT_EQ(rebuilt(write(builder)), write(builder));
}

TEST(TransportFeedbackBuilder, RandomArrivalsSurviveParsing) {
  std::mt19937 generator(1);
  const auto random = [&generator] { return static_cast<uint32_t>(generator()); };
  for (int round = 0; round < 300; ++round) {
    TransportFeedbackBuilder builder;
    auto seq = static_cast<uint16_t>(random());
    Micros at = kTime;
    builder.start(SeqNum(seq), at);
    std::vector<Arrival> expected;
    // Each round has its own mix of gaps and large deltas.
    const uint32_t gaps = 1 + random() % 20;
    const uint32_t jumps = 1 + random() % 20;
    while (expected.size() < 2000) {
      const uint32_t gap = random() % gaps == 0 ? random() % 40 : 0;
      at += kFeedbackTimeUnit *
            (random() % jumps == 0 ? int64_t{random() % 3000} - 1000 : int64_t{random() % 200});
      const auto next = static_cast<uint16_t>(seq + gap);
      if (builder.add(SeqNum(next), at) != AddResult::kAdded) {
        break;
      }
      for (; seq != next; ++seq) {
        expected.push_back({seq, {}});
      }
      expected.push_back({seq++, at});
    }
    const Buffer packet = write(builder);
    EXPECT_LE(packet.size(), kRtcpBudget);
    EXPECT_EQ(arrivals_of(packet), expected);
    EXPECT_EQ(rebuilt(packet), packet);
  }
}

}  // namespace
}  // namespace sluice::rtcp
