// What the receiving half does with DATA, chunk by chunk.
#include "protocol/sctp/receiver.h"

#include <algorithm>
#include <random>
#include <set>

#include "unit/sctp/raw_peer.h"
#include "unit/sctp/world.h"

namespace sluice::sctp {
namespace {

// A fragment of a message; tsn as an offset from the first.
DataChunk part(uint32_t tsn, uint16_t stream, uint16_t ssn, std::string_view text, bool begin,
               bool end, bool unordered = false) {
  return {.unordered = unordered,
          .begin = begin,
          .end = end,
          .tsn = tsn,
          .stream = stream,
          .ssn = ssn,
          .ppid = ppid::kString,
          .payload = as_bytes(text)};
}

class Receiving : public testing::Test {
 protected:
  void SetUp() override {
    peer_.connect();
    first_ = peer_.tsn;
  }

  /// Sends with TSNs counted from 0.
  void send(DataChunk chunk) {
    chunk.tsn += first_;
    peer_.send_data(chunk);
    for (const Message& message : peer_.messages()) {
      received_.push_back(std::to_string(message.stream) + ":" + text(message));
    }
  }
  void send_all(const std::vector<DataChunk>& chunks) {
    for (const DataChunk& chunk : chunks) {
      send(chunk);
    }
  }
  void forward(uint32_t tsn, const std::vector<SkippedStream>& streams) {
    std::vector<uint8_t> value(4 + 4 * streams.size());
    ByteWriter out(value);
    out.u32(first_ + tsn);
    for (const SkippedStream& skipped : streams) {
      out.u16(skipped.stream);
      out.u16(skipped.ssn);
    }
    peer_.send({{chunk::kForwardTsn, 0, value}});
    for (const Message& message : peer_.messages()) {
      received_.push_back(std::to_string(message.stream) + ":" + text(message));
    }
  }
  struct Sack {
    uint32_t cumulative;
    std::vector<GapBlock> gaps;
    size_t duplicates;
  };
  std::optional<Sack> sack() {
    const auto chunk = peer_.take_chunk(chunk::kSack);
    if (!chunk) {
      return std::nullopt;
    }
    const auto parsed = SackChunk::parse(chunk->value);
    EXPECT_TRUE(parsed);
    Sack sack{.cumulative = parsed->cumulative_tsn() - first_,
              .duplicates = parsed->duplicate_count()};
    for (size_t i = 0; i < parsed->gap_count(); ++i) {
      sack.gaps.push_back(parsed->gap(i));
    }
    return sack;
  }

  using Texts = std::vector<std::string>;
  RawPeer peer_;
  uint32_t first_ = 0;
  Texts received_;
};

TEST_F(Receiving, FragmentsInOrder) {
  send_all({part(0, 1, 0, "ab", true, false), part(1, 1, 0, "cd", false, false),
            part(2, 1, 0, "ef", false, true)});
  EXPECT_EQ(received_, (Texts{"1:abcdef"}));
}

TEST_F(Receiving, FragmentsInEveryOrder) {
  std::vector<uint32_t> order = {0, 1, 2, 3};
  uint16_t ssn = 0;
  do {
    const std::array<DataChunk, 4> parts = {
        part(0, 1, ssn, "a", true, false), part(1, 1, ssn, "b", false, false),
        part(2, 1, ssn, "c", false, true),
        part(3, 1, static_cast<uint16_t>(ssn + 1), "d", true, true)};
    received_.clear();
    for (const uint32_t i : order) {
      send(parts[i]);
    }
    EXPECT_EQ(received_, (Texts{"1:abc", "1:d"}));
    first_ += 4;
    ssn = static_cast<uint16_t>(ssn + 2);
  } while (std::ranges::next_permutation(order).found);
}

TEST_F(Receiving, SCT_03_MessagesOfTwoStreamsWithALossBetween) {
  send_all({part(0, 1, 0, "a1", true, false), part(2, 2, 0, "b1", true, false),
            part(3, 2, 0, "b2", false, true)});
  EXPECT_EQ(received_, (Texts{"2:b1b2"}));  // stream 2 does not wait for stream 1
  send(part(1, 1, 0, "a2", false, true));
  EXPECT_EQ(received_, (Texts{"2:b1b2", "1:a1a2"}));
}

// No sender that follows the rules mixes fragments, but nothing is lost if one does, whatever order
// they arrive in.
TEST_F(Receiving, SCT_03_InterleavedFragmentsOfTwoStreams) {
  std::vector<uint32_t> order = {0, 1, 2, 3};
  uint16_t ssn = 0;
  do {
    const std::array<DataChunk, 4> parts = {
        part(0, 1, ssn, "a1", true, false), part(1, 2, ssn, "b1", true, false),
        part(2, 1, ssn, "a2", false, true), part(3, 2, ssn, "b2", false, true)};
    received_.clear();
    for (const uint32_t i : order) {
      send(parts[i]);
    }
    std::ranges::sort(received_);
    EXPECT_EQ(received_, (Texts{"1:a1a2", "2:b1b2"}));
    first_ += 4;
    ++ssn;
  } while (std::ranges::next_permutation(order).found);
}

// The deprecated way to send large messages: parts with identifiers of their own.
TEST_F(Receiving, SCT_03_PartialIdentifiersOnTwoStreams) {
  DataChunk a1 = part(0, 1, 0, "a1", true, true);
  DataChunk b1 = part(1, 2, 0, "b1", true, true);
  DataChunk a2 = part(2, 1, 1, "a2", true, true);
  DataChunk b2 = part(3, 2, 1, "b2", true, true);
  a1.ppid = ppid::kStringPartial;
  b1.ppid = ppid::kBinaryPartial;
  b2.ppid = ppid::kBinary;
  send_all({a1, b1, a2, b2});
  EXPECT_EQ(received_, (Texts{"1:a1a2", "2:b1b2"}));
}

TEST_F(Receiving, SCT_01_ChannelEstablishmentIsIgnored) {
  DataChunk open = part(0, 1, 0, "\x03", true, true);
  open.ppid = ppid::kDcep;
  send_all({open, part(1, 1, 1, "x", true, true)});
  EXPECT_EQ(received_, (Texts{"1:x"}));
  EXPECT_EQ(peer_.association.stats().dcep_ignored, 1u);
}

TEST_F(Receiving, OrderedWaitsUnorderedDoesNot) {
  send_all({part(1, 1, 1, "second", true, true), part(2, 1, 0, "u", true, true, true),
            part(3, 2, 0, "other", true, true)});
  EXPECT_EQ(received_, (Texts{"1:u", "2:other"}));
  send(part(0, 1, 0, "first", true, true));
  EXPECT_EQ(received_, (Texts{"1:u", "2:other", "1:first", "1:second"}));
}

TEST_F(Receiving, MessageThatNeverEndsIsReplaced) {
  send_all({part(0, 1, 0, "lost", true, false), part(1, 1, 0, "whole", true, true),
            part(2, 1, 1, "stray", false, true), part(3, 1, 1, "next", true, true)});
  EXPECT_EQ(received_, (Texts{"1:whole", "1:next"}));
}

TEST_F(Receiving, InvalidStreamIsAcknowledgedAndReported) {
  const uint16_t beyond = 5000;
  send(part(0, beyond, 0, "x", true, true));
  send(part(1, 1, 0, "y", true, true));
  EXPECT_EQ(received_, (Texts{"1:y"}));
  const auto chunks = peer_.take_chunks();
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].type, chunk::kError);
  EXPECT_EQ(chunks[0].value, (std::vector<uint8_t>{0, 1, 0, 8, 0x13, 0x88, 0, 0}));
  EXPECT_EQ(SackChunk::parse(chunks[1].value)->cumulative_tsn(), first_ + 1);
  EXPECT_EQ(peer_.association.stats().invalid_streams, 1u);
}

TEST_F(Receiving, ForwardTsnReleasesWhatWaited) {
  send_all({part(1, 1, 1, "b", true, true), part(3, 1, 3, "d", true, true),
            part(4, 2, 1, "q", true, true)});
  EXPECT_EQ(received_, Texts{});
  forward(0, {{.stream = 1, .ssn = 0}});
  EXPECT_EQ(received_, (Texts{"1:b"}));
  forward(2, {{.stream = 1, .ssn = 2}, {.stream = 2, .ssn = 0}});
  EXPECT_EQ(received_, (Texts{"1:b", "1:d", "2:q"}));
  EXPECT_EQ(sack()->cumulative, 4u);
}

TEST_F(Receiving, ForwardTsnDropsFragments) {
  send_all({part(0, 1, 0, "half", true, false), part(2, 1, 0, "end", false, true),
            part(4, 3, 0, "u", false, true, true)});
  forward(2, {{.stream = 1, .ssn = 0}});
  forward(4, {});
  send_all({part(5, 1, 1, "next", true, true), part(6, 3, 0, "v", true, true, true)});
  EXPECT_EQ(received_, (Texts{"1:next", "3:v"}));
  EXPECT_EQ(peer_.association.stats().receive_window, Options{}.receive_buffer_size);
}

TEST_F(Receiving, ForwardTsnOverAWrappedStreamNumber) {
  forward(0, {{.stream = 1, .ssn = 32000}});
  forward(1, {{.stream = 1, .ssn = 64000}});
  send_all({part(3, 1, 65535, "z", true, true), part(4, 1, 2, "c", true, true)});
  forward(2, {{.stream = 1, .ssn = 1}});
  EXPECT_EQ(received_, (Texts{"1:z", "1:c"}));
}

TEST_F(Receiving, ForwardTsnBehindTheCumulativeIsOld) {
  send_all({part(0, 1, 0, "a", true, true), part(1, 1, 1, "half", true, false)});
  forward(0, {{.stream = 1, .ssn = 9}});
  send(part(2, 1, 1, "whole", false, true));
  EXPECT_EQ(received_, (Texts{"1:a", "1:halfwhole"}));
}

TEST_F(Receiving, EverySecondPacketIsAcknowledged) {
  send(part(0, 1, 0, "a", true, true));
  EXPECT_FALSE(sack());
  send(part(1, 1, 1, "b", true, true));
  const auto second = sack();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->cumulative, 1u);
  send(part(2, 1, 2, "c", true, true));
  EXPECT_FALSE(sack());
  ASSERT_EQ(peer_.association.next_timeout(), std::optional(peer_.now + 100ms));
  peer_.now += 100ms;
  peer_.association.on_timeout(peer_.now);
  EXPECT_EQ(sack()->cumulative, 2u);
}

TEST_F(Receiving, WhatIsOutOfOrderIsAcknowledgedAtOnce) {
  send(part(1, 1, 1, "b", true, true));
  auto gap = sack();
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->cumulative, UINT32_MAX);
  EXPECT_EQ(gap->gaps, (std::vector<GapBlock>{{2, 2}}));
  send(part(3, 1, 3, "d", true, true));
  EXPECT_EQ(sack()->gaps, (std::vector<GapBlock>{{2, 2}, {4, 4}}));
  send(part(2, 1, 2, "c", true, true));
  EXPECT_EQ(sack()->gaps, (std::vector<GapBlock>{{2, 4}}));
  send(part(2, 1, 2, "c", true, true));
  gap = sack();
  EXPECT_EQ(gap->duplicates, 1u);
  send(part(0, 1, 0, "a", true, true));
  gap = sack();
  EXPECT_EQ(gap->cumulative, 3u);
  EXPECT_TRUE(gap->gaps.empty());
  EXPECT_EQ(gap->duplicates, 0u);
  EXPECT_EQ(received_, (Texts{"1:a", "1:b", "1:c", "1:d"}));
}

TEST_F(Receiving, ImmediateAcknowledgementOnRequest) {
  DataChunk chunk = part(0, 1, 0, "a", true, true);
  chunk.immediate_ack = true;
  send(chunk);
  EXPECT_TRUE(sack());
}

TEST_F(Receiving, AcknowledgementGoesAlongWithData) {
  send(part(0, 1, 0, "a", true, true));
  ASSERT_EQ(peer_.association.send(2, ppid::kString, as_bytes("b"), {}, peer_.now),
            SendResult::kAccepted);
  const auto packets = peer_.take();
  ASSERT_EQ(packets.size(), 1u);
  ASSERT_EQ(packets[0].chunks.size(), 2u);
  EXPECT_EQ(packets[0].chunks[0].type, chunk::kSack);
  EXPECT_EQ(packets[0].chunks[1].type, chunk::kData);
}

TEST_F(Receiving, TsnsOutOfReachAreIgnored) {
  for (const uint32_t tsn : {70000u, 0x7FFFFFFFu, 0x80000000u, 0xF0000000u}) {
    send(part(tsn, 1, 0, "x", true, true));
    const auto answer = sack();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->cumulative, UINT32_MAX);
    EXPECT_TRUE(answer->gaps.empty());
  }
  EXPECT_TRUE(received_.empty());
}

TEST(ReceivedTsns, ReportsABoundedNumberOfGaps) {
  ReceivedTsns tsns(0);
  size_t taken = 0;
  for (int64_t tsn = 2; tsn < 60000; tsn += 2) {
    if (tsns.classify(tsn) != ReceivedTsns::Arrival::kRefused) {
      tsns.add(tsn);
      ++taken;
    }
  }
  EXPECT_EQ(taken, 1024u);
  EXPECT_EQ(tsns.gap_blocks().size(), 1024u);
  // What fills a gap, or touches a run, is welcome all the same.
  EXPECT_EQ(tsns.classify(3), ReceivedTsns::Arrival::kGap);
  EXPECT_EQ(tsns.classify(2049), ReceivedTsns::Arrival::kNewest);
  EXPECT_EQ(tsns.classify(1), ReceivedTsns::Arrival::kNext);
}

// Against a plain set.
TEST(ReceivedTsns, AgreesWithASetOnRandomArrivals) {
  std::mt19937 random(7);
  ReceivedTsns tsns(100);
  std::set<int64_t> seen;
  int64_t cumulative = 100;
  for (int i = 0; i < 20000; ++i) {
    const int64_t tsn = cumulative - 2 + static_cast<int64_t>(random() % 60);
    const bool known = tsn <= cumulative || seen.contains(tsn);
    const auto arrival = tsns.classify(tsn);
    ASSERT_EQ(arrival == ReceivedTsns::Arrival::kDuplicate, known);
    if (!known) {
      ASSERT_EQ(arrival == ReceivedTsns::Arrival::kNext, tsn == cumulative + 1);
      ASSERT_EQ(arrival == ReceivedTsns::Arrival::kNewest,
                tsn != cumulative + 1 && (seen.empty() || tsn > *seen.rbegin()));
      tsns.add(tsn);
      seen.insert(tsn);
    }
    if (random() % 50 == 0) {
      cumulative += 5;
      tsns.skip_to(cumulative);
      seen.erase(seen.begin(), seen.upper_bound(cumulative));
    }
    while (seen.contains(cumulative + 1)) {
      seen.erase(++cumulative);
    }
    ASSERT_EQ(tsns.cumulative(), cumulative);
    std::set<int64_t> reported;
    for (const GapBlock& block : tsns.gap_blocks()) {
      for (int64_t t = block.start; t <= block.end; ++t) {
        reported.insert(cumulative + t);
      }
    }
    ASSERT_EQ(reported, seen);
  }
}

}  // namespace
}  // namespace sluice::sctp
