// A consumer of a VP9 stream with spatial layers gets those up to its target, as one continuous
// stream with the markers that belong to what it gets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "one_to_one.h"

namespace sluice::media::test {
namespace {

using codecs::Layers;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Arrival {
  uint16_t sequence = 0;
  uint8_t spatial = 0;
  bool marker = false;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// A sender of pictures with three spatial layers, one packet each, and one receiver.
class SvcTest : public OneToOne, public ::testing::TestWithParam<bool> {
 protected:
  // The parameter: spatial layers depend on each other in key frames only.
  SvcTest() { produce(svc_producer(producer, sender->handle)); }

  void consume(Layers preferred) {
    ConsumerSetup setup = svc_consumer(consumer, receiver->handle, producer, GetParam());
    setup.preferred_layers = preferred;
    OneToOne::consume(setup);
  }
  /// One picture: three packets, the marker on the last.
  void send_picture(bool key_frame) {
    world.advance(33ms, 33ms);
    for (uint8_t spatial = 0; spatial < 3; ++spatial) {
      RtpFields fields;
      fields.ssrc = kVideoSsrc;
      fields.sequence_number = sequence_++;
      fields.timestamp = picture_ * 3000U;
      fields.payload_type = kVp9;
      fields.marker = spatial == 2;
      // I, P unless a key frame, L, B, E; then the picture id, the layer and TL0PICIDX.
      const bool depends = spatial > 0 && (key_frame || !GetParam());
      fields.payload = {
          static_cast<uint8_t>(key_frame ? 0xac : 0xec), static_cast<uint8_t>(picture_ & 0x7f),
          static_cast<uint8_t>(spatial << 1 | (depends ? 1 : 0)), static_cast<uint8_t>(picture_)};
      fields.payload.resize(100, spatial);
      sender->peer->send_rtp(fields);
    }
    ++picture_;
    world.settle();
  }

  std::vector<Arrival> take_arrivals() {
    std::vector<Arrival> arrivals;
    for (const Buffer& packet : take()) {
      const auto view = parse(packet);
      arrivals.push_back({.sequence = view.sequence_number().value,
                          .spatial = view.payload()[99],
                          .marker = view.marker()});
    }
    return arrivals;
  }
  /// Numbers follow each other without gaps; what layers, and where the markers are.
  std::vector<std::pair<int, bool>> take_layers() {
    std::vector<std::pair<int, bool>> layers;
    for (const Arrival& arrival : take_arrivals()) {
      if (last_) {
        EXPECT_EQ(arrival.sequence, static_cast<uint16_t>(*last_ + 1));
      }
      last_ = arrival.sequence;
      layers.emplace_back(arrival.spatial, arrival.marker);
    }
    return layers;
  }
  uint16_t sequence_ = 65500;
  uint8_t picture_ = 1;
  std::optional<uint16_t> last_;
};

TEST_P(SvcTest, AllLayersByDefault) {
  consume({2, 0});
  send_picture(/*key_frame=*/true);
  EXPECT_THAT(take_layers(),
              ElementsAre(std::pair(0, false), std::pair(1, false), std::pair(2, true)));
}

TEST_P(SvcTest, StatisticsTellWhatEachLayerTakesWithThoseBelow) {
  send_picture(/*key_frame=*/true);
  for (int i = 0; i < 90; ++i) {
    send_picture(false);
  }
  std::vector<RtpStreamStats> all;
  at_sender([&](MediaLoop& loop) { all = loop.producer_stats(producer); });
  const auto& layers = all.at(0).bitrate_by_layer;
  ASSERT_EQ(layers.size(), 3U);
  // Thirty packets a second of 156 bytes on the wire in each.
  for (uint8_t spatial = 0; spatial < 3; ++spatial) {
    EXPECT_EQ(layers[spatial].spatial, spatial);
    EXPECT_EQ(layers[spatial].temporal, 0);
    EXPECT_NEAR(static_cast<double>(layers[spatial].bitrate), (spatial + 1) * 37'800.0, 4000);
  }
}

TEST_P(SvcTest, StartsWithAKeyFrame) {
  send_picture(true);
  consume({2, 0});
  send_picture(false);
  EXPECT_THAT(take_layers(), IsEmpty());
  EXPECT_GE(take_key_frame_requests().size(), 1U);
  send_picture(true);
  EXPECT_EQ(take_layers().size(), 3U);
}

TEST_P(SvcTest, OnlyThePreferredLayersWithTheirOwnMarker) {
  consume({0, 0});
  send_picture(true);
  send_picture(false);
  EXPECT_THAT(take_layers(), ElementsAre(std::pair(0, true), std::pair(0, true)));
}

TEST_P(SvcTest, GoesUpAtAKeyFrame) {
  consume({0, 0});
  send_picture(true);
  take_layers();
  take_key_frame_requests();
  prefer({2, 0});
  EXPECT_EQ(take_key_frame_requests().size(), 1U);
  send_picture(false);
  EXPECT_THAT(take_layers(), ElementsAre(std::pair(0, true)));
  send_picture(true);
  EXPECT_THAT(take_layers(),
              ElementsAre(std::pair(0, false), std::pair(1, false), std::pair(2, true)));
}

TEST_P(SvcTest, GoesDownAtOnceOrAtAKeyFrame) {
  consume({2, 0});
  send_picture(true);
  take_layers();
  take_key_frame_requests();
  prefer({0, 0});
  EXPECT_EQ(take_key_frame_requests().size(), GetParam() ? 1U : 0U);
  send_picture(false);
  const auto layers = take_layers();
  if (GetParam()) {
    // Under K-SVC the layer that goes out is the only one needed until the next key frame.
    EXPECT_THAT(layers, ElementsAre(std::pair(2, true)));
    send_picture(true);
    EXPECT_THAT(take_layers(), ElementsAre(std::pair(0, true)));
  } else {
    EXPECT_THAT(layers, ElementsAre(std::pair(0, true)));
  }
}

TEST_P(SvcTest, NothingWithoutATarget) {  // CON-06
  consume({2, 0});
  send_picture(true);
  take_layers();
  // The sender says goodbye and comes back.
  send_bye(kVideoSsrc);
  send_picture(false);
  EXPECT_THAT(take_layers(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Prediction, SvcTest, ::testing::Values(false, true),
                         [](const auto& instance) {
                           return instance.param ? "KeyFrames" : "Full";
                         });

}  // namespace
}  // namespace sluice::media::test
