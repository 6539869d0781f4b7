// VP9 towards one consumer: spatial and temporal layers in full SVC and K-SVC.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <sstream>
#include <string>

#include "protocol/codecs/payload.h"
#include "unit/codecs/payload_builder.h"

namespace sluice::codecs {
namespace {

class Receiver {
 public:
  Receiver(uint8_t spatial_layers, uint8_t temporal_layers, bool key_frame_svc = false)
      : processor_(Codec::kVp9, {.spatial_layers = spatial_layers,
                                 .temporal_layers = temporal_layers,
                                 .key_frame_svc = key_frame_svc}) {
    processor_.sync();
  }

  void target(int spatial, int temporal) { processor_.set_target_layers(spatial, temporal); }
  void sync() { processor_.sync(); }

  PayloadProcessor::Decision decide(const Vp9Fields& fields, bool marker = false) {
    const Payload payload = vp9_payload(fields);
    return processor_.process(parser_.parse(payload, {}), payload, marker);
  }
  bool passes(const Vp9Fields& fields) { return decide(fields).forward; }

  /// A key picture with one packet for each spatial layer.
  void key_picture(uint16_t id, uint8_t spatial_layers) {
    for (uint8_t s = 0; s < spatial_layers; ++s) {
      decide({.picture_id = id, .spatial_layer = s});
    }
  }

  [[nodiscard]] int spatial() const { return processor_.current_spatial_layer(); }
  [[nodiscard]] int temporal() const { return processor_.current_temporal_layer(); }

 private:
  PayloadParser parser_{Codec::kVp9};
  PayloadProcessor processor_;
};

TEST(Vp9Selection, Vp902LayerBeyondTheAnnouncedOnesIsDropped) {  // VP9-02
  Receiver receiver(3, 3);
  receiver.target(2, 2);
  receiver.key_picture(1, 3);
  EXPECT_FALSE(receiver.passes({.picture_id = 1, .spatial_layer = 3}));
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .temporal_layer = 3, .predicted = true}));
}

TEST(Vp9Selection, Vp903FullSvcGoesDownAtTheEndOfTheTargetLayer) {  // VP9-03
  Receiver receiver(3, 1);
  receiver.target(2, 0);
  receiver.key_picture(1, 3);
  ASSERT_EQ(receiver.spatial(), 2);
  receiver.target(0, 0);
  const Vp9Fields part{.picture_id = 2, .predicted = true, .begins = false, .ends = false};
  auto layer = [&part](uint8_t s, bool ends) {
    Vp9Fields fields = part;
    fields.spatial_layer = s;
    fields.ends = ends;
    return fields;
  };
  EXPECT_TRUE(receiver.passes(layer(1, true)));
  EXPECT_TRUE(receiver.passes(layer(2, false)));
  EXPECT_FALSE(receiver.decide(layer(0, false)).marker);
  const auto last = receiver.decide(layer(0, true));
  EXPECT_TRUE(last.forward);
  EXPECT_TRUE(last.marker);
  EXPECT_EQ(receiver.spatial(), 0);
  EXPECT_FALSE(receiver.passes(layer(1, true)));
  EXPECT_FALSE(receiver.passes(layer(2, true)));
}

TEST(Vp9Selection, Vp904KeyFrameSvcGoesDownAtAKeyFrameOnly) {  // VP9-04
  Receiver receiver(3, 1, true);
  receiver.target(2, 0);
  receiver.key_picture(1, 3);
  receiver.target(0, 0);
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .spatial_layer = 0, .predicted = true}));
  EXPECT_TRUE(receiver.passes({.picture_id = 2, .spatial_layer = 2, .predicted = true}));
  EXPECT_EQ(receiver.spatial(), 2);
  EXPECT_TRUE(receiver.passes({.picture_id = 3, .spatial_layer = 0}));
  EXPECT_EQ(receiver.spatial(), 0);
  EXPECT_FALSE(receiver.passes({.picture_id = 3, .spatial_layer = 1}));
}

TEST(Vp9Selection, Vp905UpWaitsForAKeyFrame) {  // VP9-05
  Receiver receiver(3, 1);
  receiver.target(0, 0);
  receiver.key_picture(1, 3);
  receiver.target(2, 0);
  EXPECT_TRUE(receiver.passes({.picture_id = 2, .predicted = true}));
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .spatial_layer = 1, .predicted = true}));
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .spatial_layer = 2, .predicted = true}));
  EXPECT_EQ(receiver.spatial(), 0);
  receiver.key_picture(3, 3);
  EXPECT_EQ(receiver.spatial(), 2);
}

TEST(Vp9Selection, Vp906KeyFrameSvcDropsPredictedLowerLayers) {  // VP9-06
  Receiver receiver(3, 1, true);
  receiver.target(2, 0);
  EXPECT_TRUE(receiver.passes({.picture_id = 1, .spatial_layer = 0}));
  EXPECT_TRUE(receiver.passes({.picture_id = 1, .spatial_layer = 1}));
  EXPECT_TRUE(receiver.passes({.picture_id = 1, .spatial_layer = 2}));
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .spatial_layer = 0, .predicted = true}));
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .spatial_layer = 1, .predicted = true}));
  EXPECT_TRUE(receiver.passes({.picture_id = 2, .spatial_layer = 2, .predicted = true}));
}

/// A receiver that had layer 2 and went down to 0 at picture 10.
Receiver down_at_ten() {
  Receiver receiver(3, 1);
  receiver.target(2, 0);
  receiver.key_picture(1, 3);
  receiver.target(0, 0);
  receiver.decide({.picture_id = 10, .predicted = true});
  return receiver;
}

TEST(Vp9Selection, Vp907LatePacketFromBeforeTheSwitchPasses) {  // VP9-07
  Receiver receiver = down_at_ten();
  const auto late = receiver.decide({.picture_id = 9, .spatial_layer = 2, .predicted = true});
  EXPECT_TRUE(late.forward);
  EXPECT_TRUE(late.marker);
}

TEST(Vp9Selection, Vp908LatePacketFromBehindTheSwitchIsDropped) {  // VP9-08
  Receiver receiver = down_at_ten();
  EXPECT_TRUE(receiver.passes({.picture_id = 12, .predicted = true}));
  EXPECT_FALSE(receiver.passes({.picture_id = 11, .spatial_layer = 2, .predicted = true}));
  EXPECT_FALSE(receiver.passes({.picture_id = 10, .spatial_layer = 2, .predicted = true}));
}

TEST(Vp9Selection, Vp909TemporalUpWaitsForSwitchingPoint) {  // VP9-09
  Receiver receiver(1, 3);
  receiver.target(0, 0);
  receiver.key_picture(1, 1);
  receiver.target(0, 2);
  EXPECT_FALSE(receiver.passes({.picture_id = 2, .temporal_layer = 1, .predicted = true}));
  EXPECT_FALSE(receiver.passes({.picture_id = 3,
                                .temporal_layer = 1,
                                .switching_up = true,
                                .predicted = true,
                                .begins = false}))
      << "not the start of the frame";
  EXPECT_TRUE(receiver.passes(
      {.picture_id = 4, .temporal_layer = 1, .switching_up = true, .predicted = true}));
  EXPECT_EQ(receiver.temporal(), 1);
}

TEST(Vp9Selection, TemporalUpDoesNotOvershootTheTarget) {
  Receiver receiver(1, 3);
  receiver.target(0, 0);
  receiver.key_picture(1, 1);
  receiver.target(0, 1);
  EXPECT_FALSE(receiver.passes(
      {.picture_id = 2, .temporal_layer = 2, .switching_up = true, .predicted = true}));
  EXPECT_EQ(receiver.temporal(), 0);
}

TEST(Vp9Selection, Vp910MarkerMovesToTheEndOfTheCurrentLayer) {  // VP9-10
  Receiver receiver(3, 1);
  receiver.target(1, 0);
  receiver.key_picture(1, 3);
  EXPECT_FALSE(receiver.decide({.picture_id = 2, .predicted = true}).marker);
  EXPECT_FALSE(
      receiver.decide({.picture_id = 2, .spatial_layer = 1, .predicted = true, .ends = false})
          .marker);
  EXPECT_TRUE(receiver.decide({.picture_id = 2, .spatial_layer = 1, .predicted = true}).marker);
  EXPECT_FALSE(
      receiver.decide({.picture_id = 2, .spatial_layer = 2, .predicted = true}, true).forward);
}

TEST(Vp9Selection, MarkerOfAPictureWithoutUpperLayersStays) {
  Receiver receiver(3, 1);
  receiver.target(2, 0);
  receiver.key_picture(1, 3);
  EXPECT_TRUE(
      receiver.decide({.picture_id = 2, .spatial_layer = 1, .predicted = true}, true).marker);
}

TEST(Vp9Selection, SpatialDownKeepsTheTemporalLayer) {
  Receiver receiver(2, 2);
  receiver.target(1, 1);
  receiver.key_picture(1, 2);
  EXPECT_TRUE(receiver.passes(
      {.picture_id = 2, .temporal_layer = 1, .switching_up = true, .predicted = true}));
  receiver.target(0, 1);
  EXPECT_TRUE(receiver.passes({.picture_id = 3, .temporal_layer = 1, .predicted = true}));
  EXPECT_EQ(receiver.spatial(), 0);
  EXPECT_EQ(receiver.temporal(), 1);
}

TEST(Vp9Selection, NoTargetSendsNothingAndNeedsAKeyFrameAfterwards) {
  Receiver receiver(1, 1);
  receiver.target(0, 0);
  receiver.key_picture(1, 1);
  receiver.target(-1, -1);
  EXPECT_FALSE(receiver.passes({.picture_id = 2}));
  EXPECT_EQ(receiver.spatial(), -1);
  receiver.target(0, 0);
  EXPECT_FALSE(receiver.passes({.picture_id = 3, .predicted = true}));
  EXPECT_TRUE(receiver.passes({.picture_id = 4}));
}

TEST(Vp9Selection, SyncMayGoToAnUnrelatedPictureId) {
  Receiver receiver(1, 1);
  receiver.target(0, 0);
  receiver.key_picture(20000, 1);
  receiver.sync();
  EXPECT_TRUE(receiver.passes({.picture_id = 7}));
  EXPECT_TRUE(receiver.passes({.picture_id = 8, .predicted = true}));
}

TEST(Vp9Selection, Vp911SyncThenWrap) {  // VP9-11, V9A
  Receiver receiver(1, 3);
  receiver.target(0, 0);
  auto packet = [](uint16_t id, uint8_t t) {
    return Vp9Fields{.picture_id = id, .temporal_layer = t, .switching_up = true};
  };
  EXPECT_TRUE(receiver.passes(packet(32767, 0)));
  EXPECT_TRUE(receiver.passes(packet(0, 0)));
  EXPECT_FALSE(receiver.passes(packet(1, 1)));
}

TEST(Vp9Selection, Vp911LateAndNewPacketsOverTemporalSwitches) {  // VP9-11, V9C
  constexpr int kStart = 32747;
  Receiver receiver(1, 3);
  // ">n" sets the temporal target; "x=ab": whether the packets of layer 0 and 1 of picture
  // kStart + x pass.
  std::istringstream steps(
      ">0 0=yn 1=yn 2=yn >1 10=yy 11=yy 3=yn 12=yy >0 14=yn 13=yy >1 15=yy >0 21=yn 22=yn 16=yy");
  for (std::string step; steps >> step;) {
    SCOPED_TRACE(step);
    if (step[0] == '>') {
      receiver.target(0, step[1] - '0');
      continue;
    }
    const size_t equals = step.find('=');
    const auto id = static_cast<uint16_t>((kStart + std::stoi(step.substr(0, equals))) & 0x7fff);
    for (uint8_t t = 0; t < 2; ++t) {
      EXPECT_EQ(receiver.passes({.picture_id = id, .temporal_layer = t, .switching_up = true}),
                step[equals + 1 + t] == 'y')
          << "layer " << int{t};
    }
  }
}

TEST(Vp9Property, NoSentFrameRefersToADroppedOne) {
  constexpr std::array<uint8_t, 4> kTemporal = {0, 2, 1, 2};
  constexpr std::array<int, 4> kDistance = {4, 1, 2, 1};
  for (const bool key_frame_svc : {false, true}) {
    std::mt19937 random(3);
    Receiver receiver(3, 3, key_frame_svc);
    receiver.target(2, 2);
    std::set<std::pair<int, int>> sent;
    for (int i = 0; i < 8000; ++i) {
      if (random() % 10 == 0) {
        receiver.target(static_cast<int>(random() % 3), static_cast<int>(random() % 3));
      }
      const bool key = i % 100 == 0;
      for (int s = 0; s < 3; ++s) {
        const uint8_t t = kTemporal[i % 4];
        if (!receiver.passes({.picture_id = static_cast<uint16_t>((32000 + i) & 0x7fff),
                              .spatial_layer = static_cast<uint8_t>(s),
                              .temporal_layer = t,
                              .switching_up = i % 4 == 1 || i % 4 == 2,
                              .predicted = !key})) {
          continue;
        }
        sent.insert({i, s});
        ASSERT_TRUE(key || sent.contains({i - kDistance[i % 4], s})) << i << " layer " << s;
        if (s > 0 && (key || !key_frame_svc)) {
          ASSERT_TRUE(sent.contains({i, s - 1})) << i << " layer " << s;
        }
      }
    }
    ASSERT_GT(sent.size(), 4000U);
  }
}

}  // namespace
}  // namespace sluice::codecs
