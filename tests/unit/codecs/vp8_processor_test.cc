// VP8 towards one consumer: temporal layers, and the numbering of picture ids and TL0PICIDX.
#include "protocol/codecs/vp8_processor.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <random>
#include <set>

#include "protocol/codecs/vp8.h"
#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

/// Picture id and TL0PICIDX.
struct Ids {
  int picture;
  int tl0;

  friend bool operator==(const Ids&, const Ids&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Ids& ids) {
    return out << '(' << ids.picture << ", " << ids.tl0 << ')';
  }
};

/// A consumer of which each packet is checked through the bytes that go out.
class Receiver {
 public:
  explicit Receiver(Vp8Processor::FirstIds first = Vp8Processor::FirstIds::kOne)
      : processor_(first) {}

  std::optional<Payload> send(const Payload& payload) {
    const PayloadInfo info = parser_.parse(payload, {});
    const auto rewrite = processor_.process(info, payload);
    if (!rewrite) {
      return std::nullopt;
    }
    return rewritten(payload, *rewrite);
  }

  /// The ids that go out for a packet, nothing when it does not.
  std::optional<Ids> send(uint16_t picture_id, uint8_t tl0, uint8_t temporal_layer,
                          bool sync = true) {
    const auto out = send(vp8_payload(
        {.picture_id = picture_id, .tl0 = tl0, .temporal_layer = temporal_layer, .sync = sync}));
    if (!out) {
      return std::nullopt;
    }
    const auto d = parse_vp8(*out);
    return d ? std::optional(Ids{d->picture_id, d->tl0_picture_index}) : std::nullopt;
  }

  Vp8Processor& processor() { return processor_; }

 private:
  PayloadParser parser_{Codec::kVp8};
  Vp8Processor processor_;
};

TEST(Vp8Processor, Vp804OneByteIdIsExpandedWithItsValueKept) {  // VP8-04
  Receiver receiver(Vp8Processor::FirstIds::kAsReceived);
  receiver.processor().sync();
  const Payload in = vp8_payload({.picture_id = 17, .tl0 = 5, .one_byte_id = true});
  const auto out = receiver.send(in);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->size(), in.size() + 1);
  const auto d = parse_vp8(*out);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->picture_id_size, 2);
  EXPECT_EQ(d->picture_id, 17);
  EXPECT_EQ(d->tl0_picture_index, 5);
  EXPECT_TRUE(std::equal(out->end() - 3, out->end(), in.end() - 3)) << "the frame is untouched";
}

TEST(Vp8Processor, OneByteIdsCountOnOverTheirWrap) {
  Receiver receiver(Vp8Processor::FirstIds::kAsReceived);
  receiver.processor().sync();
  for (uint16_t i = 100; i < 400; ++i) {
    const auto out = receiver.send(
        vp8_payload({.picture_id = i, .tl0 = static_cast<uint8_t>(i), .one_byte_id = true}));
    ASSERT_TRUE(out) << i;
    ASSERT_EQ(parse_vp8(*out)->picture_id, i);
  }
}

TEST(Vp8Processor, Vp805DroppedLayersLeaveNoGap) {  // VP8-05
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(2, 1, 2), std::nullopt);
  EXPECT_EQ(receiver.send(3, 1, 1), std::nullopt);
  EXPECT_EQ(receiver.send(4, 1, 2), std::nullopt);
  EXPECT_EQ(receiver.send(5, 2, 0), (Ids{2, 2}));
}

TEST(Vp8Processor, Vp806HigherLayerWaitsForSync) {  // VP8-06
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(1, 1, 0, false), (Ids{1, 1}));
  receiver.processor().set_target_temporal_layer(2);
  EXPECT_EQ(receiver.send(2, 1, 1, false), std::nullopt);
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 0);
}

TEST(Vp8Processor, Vp807SyncRaisesTheCurrentLayer) {  // VP8-07
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(1, 1, 0, false), (Ids{1, 1}));
  receiver.processor().set_target_temporal_layer(2);
  EXPECT_EQ(receiver.send(2, 1, 2, true), (Ids{2, 1}));
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 2);
  EXPECT_EQ(receiver.send(3, 1, 1, false), (Ids{3, 1}));
}

TEST(Vp8Processor, IntermediateSyncRaisesWhileClimbing) {
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
  receiver.processor().set_target_temporal_layer(2);
  EXPECT_EQ(receiver.send(2, 1, 1, true), (Ids{2, 1}));
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 1);
  EXPECT_EQ(receiver.send(3, 1, 2, false), std::nullopt);
  EXPECT_EQ(receiver.send(4, 1, 2, true), (Ids{3, 1}));
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 2);
}

TEST(Vp8Processor, Vp808IdsContinueOverSync) {  // VP8-08
  Receiver receiver;
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(1000, 50, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(1001, 51, 0), (Ids{2, 2}));
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(7, 200, 0), (Ids{3, 3}));
  EXPECT_EQ(receiver.send(8, 201, 0), (Ids{4, 4}));
}

TEST(Vp8Processor, Vp809LatePacketOfDroppedPictureIsDropped) {  // VP8-09
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(2, 1, 1), std::nullopt);
  EXPECT_EQ(receiver.send(3, 2, 0), (Ids{2, 2}));
  EXPECT_EQ(receiver.send(2, 1, 1), std::nullopt);
}

TEST(Vp8Processor, Vp810LatePacketOfSentPictureKeepsItsIds) {  // VP8-10
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(10, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(11, 1, 1), std::nullopt);
  EXPECT_EQ(receiver.send(12, 2, 0), (Ids{2, 2}));
  EXPECT_EQ(receiver.send(13, 2, 1), std::nullopt);
  EXPECT_EQ(receiver.send(14, 3, 0), (Ids{3, 3}));
  EXPECT_EQ(receiver.send(12, 2, 0), (Ids{2, 2}));
}

TEST(Vp8Processor, Vp811IdsWrap) {  // VP8-11
  Receiver receiver(Vp8Processor::FirstIds::kAsReceived);
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(32766, 254, 0), (Ids{32766, 254}));
  EXPECT_EQ(receiver.send(32767, 255, 0), (Ids{32767, 255}));
  EXPECT_EQ(receiver.send(0, 0, 0), (Ids{0, 0}));
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
}

TEST(Vp8Processor, OutputIdsWrapAfterDrops) {
  Receiver receiver(Vp8Processor::FirstIds::kAsReceived);
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(32767, 255, 0), (Ids{32767, 255}));
  EXPECT_EQ(receiver.send(0, 255, 1), std::nullopt);
  EXPECT_EQ(receiver.send(1, 0, 0), (Ids{0, 0}));
}

TEST(Vp8Processor, Vp812WithoutTl0ThePacketIsUnmodified) {  // VP8-12
  Receiver receiver;
  receiver.processor().sync();
  for (const bool one_byte : {false, true}) {
    const Payload in = vp8_payload({.picture_id = 77, .one_byte_id = one_byte});
    EXPECT_EQ(receiver.send(in), in);
  }
}

TEST(Vp8Processor, PacketWithoutDescriptorIsUnmodified) {
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  const Payload in = from_hex("90 80");
  EXPECT_EQ(receiver.send(in), in);
}

TEST(Vp8Processor, Vp813LateBaseFrameFindsItsTl0) {  // VP8-13, V8A
  Receiver receiver;
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(0, 0, 0), (Ids{0, 0}));
  EXPECT_EQ(receiver.send(2, 1, 1), std::nullopt);
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
}

TEST(Vp8Processor, Vp813SyncThenWrap) {  // VP8-13, V8B
  Receiver receiver;
  receiver.processor().set_target_temporal_layer(0);
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(32767, 0, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(0, 0, 0), (Ids{2, 1}));
  EXPECT_EQ(receiver.send(1, 0, 1), std::nullopt);
}

TEST(Vp8Processor, Vp813OldPacketDoesNotRaiseTheLayer) {  // VP8-13, V8C
  Receiver receiver;
  receiver.processor().set_target_temporal_layer(0);
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(1, 0, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(2, 0, 0), (Ids{2, 1}));
  EXPECT_EQ(receiver.send(0, 0, 1), std::nullopt);
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 0);
}

TEST(Vp8Processor, Vp813SyncBelowTheTargetPasses) {  // VP8-13, V8D
  Receiver receiver;
  receiver.processor().set_target_temporal_layer(0);
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(1, 0, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(2, 0, 0), (Ids{2, 1}));
  receiver.processor().set_target_temporal_layer(2);
  EXPECT_EQ(receiver.send(3, 0, 1), (Ids{3, 1}));
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 1);
}

TEST(Vp8Processor, LoweredTargetStopsHigherLayersAtOnce) {
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(2);
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(2, 1, 2), (Ids{2, 1}));
  receiver.processor().set_target_temporal_layer(1);
  EXPECT_EQ(receiver.send(3, 1, 2), std::nullopt);
  EXPECT_EQ(receiver.send(4, 1, 1, false), (Ids{3, 1}));
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 1);
}

TEST(Vp8Processor, LateFrameOfHigherLayerDoesNotRaise) {
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(0);
  EXPECT_EQ(receiver.send(1, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(3, 2, 0), (Ids{3, 2}));
  receiver.processor().set_target_temporal_layer(1);
  EXPECT_EQ(receiver.send(2, 1, 1, true), std::nullopt);
  EXPECT_EQ(receiver.processor().current_temporal_layer(), 0);
}

TEST(Vp8Processor, NoTargetSendsNothing) {
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(-1);
  EXPECT_EQ(receiver.send(1, 1, 0), std::nullopt);
  EXPECT_EQ(receiver.processor().current_temporal_layer(), -1);
}

TEST(Vp8Processor, WithoutATargetAllLayersGoOut) {
  Receiver receiver;
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(1, 1, 0, false), (Ids{1, 1}));
  EXPECT_EQ(receiver.send(2, 1, 2, false), (Ids{2, 1}));
  EXPECT_EQ(receiver.send(3, 1, 1, false), (Ids{3, 1}));
}

TEST(Vp8Processor, FirstSyncKeepsTheReceivedIdsWithoutRewrite) {
  PayloadParser parser(Codec::kVp8);
  Vp8Processor processor;
  processor.sync();
  for (uint16_t i = 0; i < 300; ++i) {
    const Payload payload = vp8_payload({.picture_id = static_cast<uint16_t>((32700 + i) & 0x7fff),
                                         .tl0 = static_cast<uint8_t>(i),
                                         .temporal_layer = 0});
    const auto rewrite = processor.process(parser.parse(payload, {}), payload);
    ASSERT_TRUE(rewrite) << i;
    ASSERT_EQ(rewrite->size, 0) << i;
    ASSERT_EQ(rewrite->skip, 0) << i;
  }
}

TEST(Vp8Processor, TwoConsumersMapOnePacketEachInItsWay) {  // media-plane 5.11, expected example
  Receiver all;
  Receiver base;
  all.processor().sync();
  base.processor().sync();
  base.processor().set_target_temporal_layer(0);
  EXPECT_EQ(all.send(1, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(base.send(1, 1, 0), (Ids{1, 1}));
  EXPECT_EQ(all.send(2, 1, 1), (Ids{2, 1}));
  EXPECT_EQ(base.send(2, 1, 1), std::nullopt);
  EXPECT_EQ(all.send(3, 2, 0), (Ids{3, 2}));
  EXPECT_EQ(base.send(3, 2, 0), (Ids{2, 2}));
}

TEST(Vp8Processor, KeyFrameAfterALongOutageIsNotTakenForOld) {
  Receiver receiver;
  receiver.processor().sync();
  EXPECT_EQ(receiver.send(1000, 10, 0), (Ids{1, 1}));
  // TL0PICIDX is 200 further, which in 8 bits looks like 56 back, before the flow began.
  EXPECT_EQ(receiver.send(1200, 210, 0), std::nullopt);
  const auto out = receiver.send(
      vp8_payload({.picture_id = 1201, .tl0 = 211, .temporal_layer = 0, .key_frame = true}));
  ASSERT_TRUE(out);
  EXPECT_EQ(parse_vp8(*out)->tl0_picture_index, 2);
}

/// Pictures of three temporal layers in the pattern 0 2 1 2. The second of layer 2 refers to the
/// one of layer 1, all others to the base frame.
struct Picture {
  uint16_t id;
  uint8_t tl0;
  uint8_t layer;
  bool sync;
  int reference;
};
Picture picture(int i) {
  constexpr std::array<uint8_t, 4> kLayers = {0, 2, 1, 2};
  constexpr std::array<int, 4> kDistance = {4, 1, 2, 1};
  return {.id = static_cast<uint16_t>((30000 + i) & 0x7fff),
          .tl0 = static_cast<uint8_t>(i / 4),
          .layer = kLayers[i % 4],
          .sync = i % 4 == 1 || i % 4 == 2,
          .reference = i - kDistance[i % 4]};
}

TEST(Vp8Property, NoSentPictureRefersToADroppedOneAndIdsHaveNoGap) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    Receiver receiver;
    receiver.processor().sync();
    receiver.processor().set_target_temporal_layer(2);
    std::set<int> sent;
    int expected = 1;
    for (int i = 0; i < 6000; ++i) {
      if (random() % 10 == 0) {
        receiver.processor().set_target_temporal_layer(static_cast<int>(random() % 3));
      }
      const Picture p = picture(i);
      if (const auto ids = receiver.send(p.id, p.tl0, p.layer, p.sync)) {
        ASSERT_EQ(ids->picture, expected++ & 0x7fff) << i;
        ASSERT_TRUE(p.reference < 0 || sent.contains(p.reference)) << i;
        sent.insert(i);
      }
    }
  }
}

TEST(Vp8Property, ReorderedAndLostPicturesKeepTheOrderOfIds) {
  std::mt19937 random(2);
  Receiver receiver;
  receiver.processor().sync();
  receiver.processor().set_target_temporal_layer(2);
  std::vector<int> order;
  for (int i = 1; i < 4000; ++i) {
    if (random() % 20 != 0) {
      order.push_back(i);
    }
  }
  for (size_t i = 0; i + 30 < order.size(); ++i) {
    std::swap(order[i], order[i + random() % 30]);
  }
  receiver.send(picture(0).id, picture(0).tl0, 0);
  std::map<int, int> output_of;
  for (const int i : order) {
    if (random() % 50 == 0) {
      receiver.processor().set_target_temporal_layer(static_cast<int>(random() % 3));
    }
    const Picture p = picture(i);
    if (const auto ids = receiver.send(p.id, p.tl0, p.layer, p.sync)) {
      output_of[i] = ids->picture;
    }
  }
  ASSERT_GT(output_of.size(), 1000U);
  int last = 0;
  for (const auto& [input, output] : output_of) {
    ASSERT_GT(output, last) << input;
    last = output;
  }
}

}  // namespace
}  // namespace sluice::codecs
