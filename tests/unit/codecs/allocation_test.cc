// What runs once per received or forwarded packet does not allocate (media-plane 12.10).
#include <gtest/gtest.h>

#include "protocol/codecs/payload.h"
#include "support/allocation_counter.h"
#include "unit/codecs/dependency_structures.h"

namespace sluice::codecs {
namespace {

/// Allocations while a consumer with changing layers is given these packets.
size_t allocations_with(Codec codec, const std::vector<std::pair<Payload, Payload>>& packets) {
  PayloadParser parser(codec);
  PayloadProcessor processor(codec,
                             {.ignore_dtx = true, .spatial_layers = 3, .temporal_layers = 3});
  processor.sync();
  size_t forwarded = 0;
  const size_t allocated = test::allocations_of([&] {
    for (size_t i = 0; i < packets.size(); ++i) {
      const auto& [payload, descriptor] = packets[i];
      processor.set_target_layers(static_cast<int>(i / 7 % 3), static_cast<int>(i / 11 % 3));
      if (i % 50 == 0) {
        processor.sync();
      }
      const PayloadInfo info = parser.parse(payload, descriptor);
      forwarded += processor.process(info, payload, true).forward ? 1 : 0;
    }
  });
  EXPECT_GT(forwarded, packets.size() / 10);
  return allocated;
}

TEST(Allocation, IsCounted) {
  EXPECT_GE(test::allocations_of([] { const Payload payload(100); }), 1U);
}

TEST(Allocation, Vp8NeedsNone) {
  std::vector<std::pair<Payload, Payload>> packets;
  for (uint16_t i = 0; i < 500; ++i) {
    packets.push_back({vp8_payload({.picture_id = i,
                                    .tl0 = static_cast<uint8_t>(i / 4),
                                    .temporal_layer = static_cast<uint8_t>(i % 3),
                                    .sync = i % 2 == 0}),
                       {}});
  }
  EXPECT_EQ(allocations_with(Codec::kVp8, packets), 0U);
}

TEST(Allocation, Vp9NeedsNone) {
  std::vector<std::pair<Payload, Payload>> packets;
  for (uint16_t i = 0; i < 600; ++i) {
    packets.push_back({vp9_payload({.picture_id = static_cast<uint16_t>(i / 3),
                                    .spatial_layer = static_cast<uint8_t>(i % 3),
                                    .temporal_layer = static_cast<uint8_t>(i / 3 % 3),
                                    .switching_up = true,
                                    .predicted = i % 60 > 3}),
                       {}});
  }
  EXPECT_EQ(allocations_with(Codec::kVp9, packets), 0U);
}

TEST(Allocation, Av1NeedsNoneEvenWithNewStructures) {
  LayeredStream stream(3, 3, false);
  std::vector<std::pair<Payload, Payload>> packets;
  for (int i = 0; i < 200; ++i) {
    for (const auto& frame : stream.next_picture(i % 20 == 0)) {
      packets.push_back({from_hex("10 0a 0b"), stream.descriptor(frame)});
    }
  }
  EXPECT_EQ(allocations_with(Codec::kAv1, packets), 0U);
}

TEST(Allocation, OtherCodecsNeedNone) {
  std::vector<std::pair<Payload, Payload>> h264, h265, opus;
  for (int i = 0; i < 100; ++i) {
    h264.push_back({from_hex(i % 10 == 0 ? "78 0002 09f0 0003 674200" : "41 aa bb"), {}});
    h265.push_back({from_hex(i % 10 == 0 ? "26 01 aa" : "02 02 aa"), {}});
    opus.push_back({from_hex(i % 10 == 0 ? "78" : "78 01 02"), {}});
  }
  EXPECT_EQ(allocations_with(Codec::kH264, h264), 0U);
  EXPECT_EQ(allocations_with(Codec::kH265, h265), 0U);
  EXPECT_EQ(allocations_with(Codec::kOpus, opus), 0U);
}

}  // namespace
}  // namespace sluice::codecs
