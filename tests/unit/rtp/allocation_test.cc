// What runs once per received or forwarded packet does not allocate (media-plane 12.10).
#include <gtest/gtest.h>

#include "protocol/rtp/header_template.h"
#include "protocol/rtp/listener.h"
#include "protocol/rtp/nack_generator.h"
#include "protocol/rtp/retransmission_history.h"
#include "protocol/rtp/rtx.h"
#include "protocol/rtp/seq_numberer.h"
#include "protocol/rtp/source_ring.h"
#include "protocol/rtp/stream_sequence.h"
#include "protocol/rtp/stream_table.h"
#include "support/allocation_counter.h"
#include "unit/rtp/packet_builder.h"

namespace sluice::rtp {
namespace {

using sluice::test::allocations_of;

TEST(Allocation, IsCounted) {
  EXPECT_GE(allocations_of([] { test::Buffer buffer(100); }), 1u);
}

TEST(Allocation, ParsingRewritingAndComposingNeedNone) {
  const test::Buffer packet = test::make_packet(
      {.extension_block = test::make_block(ExtensionForm::kTwoByte,
                                           {{1, test::counting(4)}, {8, test::counting(40)}})});
  test::Buffer rtx = test::make_packet({});
  IngressMapping mapping{.ids = {}, .kind = MediaKind::kVideo};
  mapping.ids.set(ExtensionKind::kDependencyDescriptor, 8);
  ConsumerHeader consumer({ExtensionKind::kMid}, false);
  consumer.set_mid("v");
  uint8_t header[kMaxHeaderSize];
  uint8_t out[kMaxHeaderSize];
  size_t size = 0;
  EXPECT_EQ(allocations_of([&] {
              const auto view = PacketView::parse(packet);
              const auto layout =
                  build_header_template(*view, mapping, PayloadType{1}, Ssrc{1}, header);
              size = compose(*layout, header, consumer, {}, out);
              decode_rtx(*PacketView::parse(rtx), rtx, Ssrc{1}, PayloadType{1});
            }),
            0u);
  EXPECT_GT(size, 12u);
}

TEST(Allocation, NumberingNeedsNone) {
  SeqNumberer<16> numberer;
  EXPECT_EQ(allocations_of([&] {
              for (uint32_t i = 0; i < 100'000; ++i) {
                const auto value = static_cast<uint16_t>(i);
                i % 5 == 0 ? numberer.drop(value) : static_cast<void>(numberer.input(value));
              }
            }),
            0u);
}

TEST(Allocation, ReceivingWithSteadyLossNeedsNone) {
  Listener listener;
  const std::array<std::string_view, 1> rids = {"high"};
  ASSERT_TRUE(
      listener.add(1, {.ssrcs = {}, .mid = "a-mid-longer-than-a-short-string", .rids = rids}));
  StreamTable table({{.rid = "high", .payload_type = PayloadType{96}}}, {PayloadType{96}});
  StreamSequence sequence;
  NackGenerator generator;
  NackRequest request;
  Micros now{1s};
  const auto receive = [&](uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
      if (i % 7 == 3) {
        continue;
      }
      now += 1ms;
      const SeqNum number{static_cast<uint16_t>(i)};
      listener.find({.ssrc = Ssrc{5}, .mid = "a-mid-longer-than-a-short-string", .rid = "high"});
      table.resolve(Ssrc{5}, PayloadType{96}, "high", "", now);
      sequence.on_packet(number, Timestamp{i * 90}, now);
      request.clear();
      generator.on_packet(number, i % 300 == 0, false, now, request);
      generator.on_timeout(now, request);
    }
  };
  receive(0, 10'000);
  EXPECT_EQ(allocations_of([&] { receive(10'000, 200'000); }), 0u);
}

TEST(Allocation, SendingAndResendingNeedNone) {
  SourceRing<uint32_t> ring{SourceRingLimits{}};
  RetransmissionHistory<uint32_t> history{RetransmissionLimits{}};
  uint64_t resent = 0;
  const auto send = [&](uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
      const Micros now = i * 1ms;
      const uint32_t source = ring.push(i, 1200, now);
      history.insert(SeqNum{static_cast<uint16_t>(i)}, Timestamp{i * 90}, 1200, now, source);
      for (const uint32_t wanted : {i - 50, i - 49, i - 48}) {
        history.resend(SeqNum{static_cast<uint16_t>(wanted)}, now, {.round_trip = 40ms},
                       [&](Timestamp, uint32_t index) {
                         ++resent;
                         return ring.find(index) != nullptr;
                       });
      }
    }
  };
  send(0, 5'000);
  EXPECT_EQ(allocations_of([&] { send(5'000, 100'000); }), 0u);
  EXPECT_GT(resent, 90'000u);
}

}  // namespace
}  // namespace sluice::rtp
