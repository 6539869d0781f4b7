// Streams with the dependency descriptor towards one consumer: layers, markers, frame numbers.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "protocol/codecs/payload.h"
#include "unit/codecs/dependency_structures.h"

namespace sluice::codecs {
namespace {

const Payload kObus = {0x10, 0x0a, 0x0b};

class Receiver {
 public:
  Receiver(uint8_t spatial_layers, uint8_t temporal_layers, bool key_frame_svc = false,
           Codec codec = Codec::kAv1)
      : processor_(codec, {.spatial_layers = spatial_layers,
                           .temporal_layers = temporal_layers,
                           .key_frame_svc = key_frame_svc}) {
    processor_.sync();
  }

  PayloadProcessor::Decision decide(const PayloadInfo& info, bool marker = false) {
    return processor_.process(info, kObus, marker);
  }
  /// The frame number that goes out.
  std::optional<uint16_t> send(const PayloadInfo& info) {
    const auto decision = decide(info);
    return decision.forward ? std::optional(decision.frame_number.value_or(info.frame_number))
                            : std::nullopt;
  }
  void target(int spatial, int temporal) { processor_.set_target_layers(spatial, temporal); }
  void sync() { processor_.sync(); }
  [[nodiscard]] int spatial() const { return processor_.current_spatial_layer(); }
  [[nodiscard]] int temporal() const { return processor_.current_temporal_layer(); }

 private:
  PayloadProcessor processor_;
};

/// A sender with its parser at our side.
class Sender {
 public:
  Sender(uint8_t spatial_layers, uint8_t temporal_layers, bool key_frame_svc = false,
         uint16_t first_number = 0)
      : stream_(spatial_layers, temporal_layers, key_frame_svc, first_number) {}

  std::vector<PayloadInfo> next_picture(bool key = false) {
    std::vector<PayloadInfo> packets;
    for (const auto& frame : stream_.next_picture(key)) {
      packets.push_back(parser_.parse(kObus, stream_.descriptor(frame)));
    }
    return packets;
  }
  PayloadInfo packet(const LayeredStream::Frame& frame, bool start, bool end) {
    return parser_.parse(kObus, stream_.descriptor(frame, start, end));
  }
  LayeredStream& stream() { return stream_; }

 private:
  LayeredStream stream_;
  PayloadParser parser_{Codec::kAv1};
};

// AV1-04. Frame numbers must not be made consecutive: descriptors name references by distance in
// frame numbers, and all that a receiver gets must refer to what it got.
TEST(Av1Selection, Av104FrameNumbersKeepTheDistancesToTheirReferences) {
  Sender sender(3, 3);
  Receiver receiver(3, 3);
  receiver.target(1, 1);
  std::set<uint16_t> sent;
  size_t dropped = 0;
  for (int picture = 0; picture < 40; ++picture) {
    const auto frames = sender.stream().next_picture(picture == 0);
    for (const auto& frame : frames) {
      const auto number = receiver.send(sender.packet(frame, true, true));
      const bool wanted = frame.spatial_layer <= 1 && frame.temporal_layer <= 1;
      ASSERT_EQ(number.has_value(), wanted) << frame.number;
      if (!number) {
        ++dropped;
        continue;
      }
      for (const uint16_t diff : frame.frame_diffs) {
        EXPECT_TRUE(sent.contains(static_cast<uint16_t>(*number - diff))) << *number;
      }
      EXPECT_TRUE(sent.insert(*number).second);
    }
  }
  EXPECT_EQ(dropped, 40U + 40U);  // layer 2 in space of all, layers 0 and 1 of every other picture
}

TEST(Av1Selection, Av105ConsumersOfOneStreamAreIndependent) {  // AV1-05
  Sender sender(1, 3, false, 100);
  Receiver first(1, 3);
  Receiver second(1, 3);
  first.target(0, 2);
  second.target(0, 0);
  for (const auto& packet : sender.next_picture(true)) {
    EXPECT_EQ(first.send(packet), 100);
    EXPECT_EQ(second.send(packet), 100);
  }
  for (int i = 1; i < 8; ++i) {
    for (const auto& packet : sender.next_picture()) {
      const PayloadInfo before = packet;
      EXPECT_EQ(first.send(packet), 100 + i);
      EXPECT_EQ(second.send(packet).has_value(), i % 4 == 0);
      EXPECT_EQ(packet.frame_number, before.frame_number);
    }
  }
  // The second one starts over, behind its last frame 104, the first one goes on.
  second.sync();
  for (const auto& packet : sender.next_picture(true)) {
    EXPECT_EQ(first.send(packet), 108);
    EXPECT_EQ(second.send(packet), 105);
  }
}

TEST(Av1Selection, UnchangedFrameNumbersNeedNoWrite) {
  Sender sender(1, 1, false, 65530);
  Receiver receiver(1, 1);
  for (int i = 0; i < 20; ++i) {
    for (const auto& packet : sender.next_picture(i == 0)) {
      EXPECT_FALSE(receiver.decide(packet).frame_number) << i;
    }
  }
}

TEST(Av1Selection, SyncContinuesFrameNumbersOverAnotherStream) {
  Sender low(1, 1, false, 40000);
  Sender high(1, 1, false, 7);
  Receiver receiver(1, 1);
  EXPECT_EQ(receiver.send(low.next_picture(true)[0]), 40000);
  EXPECT_EQ(receiver.send(low.next_picture()[0]), 40001);
  receiver.sync();
  EXPECT_EQ(receiver.send(high.next_picture(true)[0]), 40002);
  EXPECT_EQ(receiver.send(high.next_picture()[0]), 40003);
}

TEST(Av1Selection, SpatialUpWaitsForAKeyFrame) {
  Sender sender(2, 1);
  Receiver receiver(2, 1);
  receiver.target(0, 0);
  auto frames = sender.next_picture(true);
  EXPECT_TRUE(receiver.send(frames[0]));
  EXPECT_FALSE(receiver.send(frames[1]));
  receiver.target(1, 0);
  frames = sender.next_picture();
  EXPECT_TRUE(receiver.send(frames[0]));
  EXPECT_FALSE(receiver.send(frames[1]));
  frames = sender.next_picture(true);
  EXPECT_TRUE(receiver.send(frames[0]));
  EXPECT_TRUE(receiver.send(frames[1]));
  EXPECT_EQ(receiver.spatial(), 1);
}

TEST(Av1Selection, SpatialDownAtTheEndOfTheTargetFrame) {
  Sender sender(2, 1);
  Receiver receiver(2, 1);
  receiver.target(1, 0);
  for (const auto& packet : sender.next_picture(true)) {
    EXPECT_TRUE(receiver.send(packet));
  }
  receiver.target(0, 0);
  const auto frames = sender.stream().next_picture();
  EXPECT_FALSE(receiver.decide(sender.packet(frames[0], true, false)).marker);
  EXPECT_EQ(receiver.spatial(), 1);
  EXPECT_TRUE(receiver.decide(sender.packet(frames[0], false, true)).marker);
  EXPECT_EQ(receiver.spatial(), 0);
  EXPECT_FALSE(receiver.send(sender.packet(frames[1], true, true)));
}

TEST(Av1Selection, KeyFrameSvcSendsWhatTheCurrentLayerNeeds) {
  Sender sender(3, 1, true);
  Receiver receiver(3, 1, true);
  receiver.target(2, 0);
  for (const auto& packet : sender.next_picture(true)) {
    EXPECT_TRUE(receiver.send(packet));
  }
  const auto frames = sender.next_picture();
  EXPECT_FALSE(receiver.send(frames[0]));
  EXPECT_FALSE(receiver.send(frames[1]));
  EXPECT_TRUE(receiver.send(frames[2]));
}

TEST(Av1Selection, TemporalUpFollowsASwitchIndication) {
  Sender sender(1, 3);
  Receiver receiver(1, 3);
  receiver.target(0, 0);
  EXPECT_TRUE(receiver.send(sender.next_picture(true)[0]));
  EXPECT_FALSE(receiver.send(sender.next_picture()[0]));  // layer 2
  receiver.target(0, 2);
  EXPECT_FALSE(receiver.send(sender.next_picture()[0]));  // layer 1
  EXPECT_FALSE(receiver.send(sender.next_picture()[0]));  // layer 2
  EXPECT_EQ(receiver.temporal(), 0);
  EXPECT_TRUE(receiver.send(sender.next_picture()[0]));  // layer 0, switch for all
  EXPECT_EQ(receiver.temporal(), 2);
  EXPECT_TRUE(receiver.send(sender.next_picture()[0]));
}

TEST(Av1Selection, TemporalDownAtTheEndOfATargetFrame) {
  Sender sender(1, 3);
  Receiver receiver(1, 3);
  receiver.target(0, 2);
  EXPECT_TRUE(receiver.send(sender.next_picture(true)[0]));
  receiver.target(0, 1);
  EXPECT_TRUE(receiver.send(sender.next_picture()[0])) << "layer 2, before one of layer 1";
  EXPECT_TRUE(receiver.send(sender.next_picture()[0]));
  EXPECT_EQ(receiver.temporal(), 1);
  EXPECT_FALSE(receiver.send(sender.next_picture()[0]));
}

TEST(Av1Selection, LatePacketsAreJudgedByTheLayersOfTheirFrame) {
  Sender sender(1, 3);
  Receiver receiver(1, 3);
  receiver.target(0, 2);
  EXPECT_TRUE(receiver.send(sender.next_picture(true)[0]));
  const PayloadInfo before = sender.next_picture()[0];  // layer 2
  receiver.target(0, 0);
  (void)sender.next_picture();
  (void)sender.next_picture();
  EXPECT_TRUE(receiver.send(sender.next_picture()[0]));  // layer 0: down
  const PayloadInfo behind = sender.next_picture()[0];   // layer 2
  EXPECT_FALSE(receiver.send(sender.next_picture()[0]));
  EXPECT_TRUE(receiver.send(before));
  EXPECT_FALSE(receiver.send(behind));
}

TEST(Av1Selection, LayersBeyondTheAnnouncedOnesAreDropped) {
  Sender sender(2, 3);
  Receiver receiver(1, 2);
  receiver.target(0, 1);
  const auto key = sender.next_picture(true);
  EXPECT_TRUE(receiver.send(key[0]));
  EXPECT_FALSE(receiver.send(key[1]));
  EXPECT_FALSE(receiver.send(sender.next_picture()[0]));
}

TEST(Av1Selection, H264WithDescriptorHasTemporalLayers) {
  LayeredStream stream(1, 2, false);
  PayloadParser parser(Codec::kH264);
  Receiver receiver(1, 2, false, Codec::kH264);
  receiver.target(0, 0);
  const Payload slice = from_hex("41 aa bb");
  const auto parse = [&](bool key) {
    return parser.parse(slice, stream.descriptor(stream.next_picture(key)[0]));
  };
  const PayloadInfo key = parse(true);
  EXPECT_TRUE(key.key_frame);
  EXPECT_TRUE(receiver.send(key));
  EXPECT_FALSE(receiver.send(parse(false)));
  EXPECT_TRUE(receiver.send(parse(false)));
}

TEST(Av1Property, NoSentFrameRefersToADroppedOne) {
  for (const bool key_frame_svc : {false, true}) {
    std::mt19937 random(5);
    Sender sender(3, 3, key_frame_svc, 60000);
    Receiver receiver(3, 3, key_frame_svc);
    receiver.target(2, 2);
    std::set<uint16_t> sent;
    size_t count = 0;
    for (int picture = 0; picture < 6000; ++picture) {
      if (random() % 10 == 0) {
        receiver.target(static_cast<int>(random() % 3), static_cast<int>(random() % 3));
      }
      for (const auto& frame : sender.stream().next_picture(picture % 101 == 0)) {
        for (const bool first : {true, false}) {
          const auto number = receiver.send(sender.packet(frame, first, !first));
          if (!number) {
            continue;
          }
          ++count;
          sent.insert(*number);
          for (const uint16_t diff : frame.frame_diffs) {
            ASSERT_TRUE(sent.contains(static_cast<uint16_t>(*number - diff)))
                << "picture " << picture << " frame " << frame.number << " of layers "
                << int{frame.spatial_layer} << '/' << int{frame.temporal_layer};
          }
        }
      }
      sent.erase(static_cast<uint16_t>(60000 + 3 * picture - 2000));
    }
    ASSERT_GT(count, 5000U);
  }
}

TEST(Av1Property, LostAndLatePacketsDoNotMakeUsDropReferences) {
  for (const bool key_frame_svc : {false, true}) {
    std::mt19937 random(6);
    Sender sender(3, 3, key_frame_svc);
    Receiver receiver(3, 3, key_frame_svc);
    receiver.target(2, 2);
    struct Packet {
      LayeredStream::Frame frame;
      PayloadInfo info;
    };
    std::vector<Packet> packets;
    for (int picture = 0; picture < 3000; ++picture) {
      for (const auto& frame : sender.stream().next_picture(picture == 0)) {
        packets.push_back({.frame = frame, .info = sender.packet(frame, true, true)});
      }
    }
    std::map<uint16_t, bool> arrived;  // and whether it was sent
    for (size_t i = 3; i + 12 < packets.size(); ++i) {
      std::swap(packets[i], packets[i + random() % 12]);
    }
    std::vector<Packet> delivered;
    for (const Packet& packet : packets) {
      if (random() % 200 == 0) {
        receiver.target(2, static_cast<int>(random() % 3));
      }
      if (random() % 50 == 0 && packet.frame.number > 2) {
        continue;
      }
      const bool forwarded = receiver.send(packet.info).has_value();
      arrived[packet.frame.number] = forwarded;
      if (forwarded) {
        delivered.push_back(packet);
      }
    }
    ASSERT_GT(delivered.size(), 1000U);
    for (const Packet& packet : delivered) {
      for (const uint16_t diff : packet.frame.frame_diffs) {
        const auto reference = arrived.find(static_cast<uint16_t>(packet.frame.number - diff));
        ASSERT_TRUE(reference == arrived.end() || reference->second)
            << "frame " << packet.frame.number << " refers to " << packet.frame.number - diff;
      }
    }
  }
}

}  // namespace
}  // namespace sluice::codecs
