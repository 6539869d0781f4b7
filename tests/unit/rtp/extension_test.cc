// Known header extensions: URIs and ids (media-plane 5.2), values (5.5), writing of blocks (5.3).
#include <gtest/gtest.h>

#include <array>
#include <initializer_list>

#include "protocol/rtp/extension_block.h"
#include "protocol/rtp/extension_kind.h"
#include "protocol/rtp/extension_values.h"
#include "unit/rtp/packet_builder.h"

namespace sluice::rtp {
namespace {

using test::Buffer;
using test::bytes;
using test::counting;
using test::make_block;
using test::make_packet;
using test::to_buffer;
using enum ExtensionKind;

constexpr std::array kAllKinds = {kMid,
                                  kRid,
                                  kRepairedRid,
                                  kAbsSendTime,
                                  kTransportWideCc,
                                  kFrameMarkingDraft07,
                                  kFrameMarking,
                                  kDependencyDescriptor,
                                  kAudioLevel,
                                  kVideoOrientation,
                                  kTimestampOffset,
                                  kAbsCaptureTime,
                                  kPlayoutDelay};

TEST(ExtensionKind, UriAndKindAreOneToOne) {
  for (const ExtensionKind kind : kAllKinds) {
    EXPECT_FALSE(extension_uri(kind).empty());
    EXPECT_EQ(extension_kind(extension_uri(kind)), kind);
  }
  EXPECT_EQ(extension_kind("urn:ietf:params:rtp-hdrext:sdes:mid"), kMid);
  EXPECT_EQ(extension_kind("urn:ietf:params:rtp-hdrext:sdes:MID"), std::nullopt);
  EXPECT_EQ(extension_kind(""), std::nullopt);
  EXPECT_EQ(router_id(kDependencyDescriptor), 8);
  EXPECT_EQ(router_id(kPlayoutDelay), 14);
}

TEST(ExtensionMask, HoldsKinds) {
  const ExtensionMask mask{kMid, kPlayoutDelay};
  EXPECT_TRUE(mask.has(kMid));
  EXPECT_TRUE(mask.has_id(14));
  EXPECT_FALSE(mask.has(kRid));
  EXPECT_FALSE(mask.has_id(255));
  EXPECT_TRUE(mask.is_subset_of(ExtensionMask::all()));
  EXPECT_FALSE(ExtensionMask::all().is_subset_of(mask));
}

TEST(ExtensionValues, ReadOnlyTheirOwnLength) {
  for (size_t size = 0; size <= 20; ++size) {
    const Buffer value = counting(size);
    EXPECT_EQ(read_abs_send_time(value).has_value(), size == 3);
    EXPECT_EQ(read_transport_wide_cc(value).has_value(), size == 2);
    EXPECT_EQ(read_audio_level(value).has_value(), size == 1);
    EXPECT_EQ(read_video_orientation(value).has_value(), size == 1);
    EXPECT_EQ(read_timestamp_offset(value).has_value(), size == 3);
    EXPECT_EQ(read_abs_capture_time(value).has_value(), size == 8 || size == 16);
    EXPECT_EQ(read_playout_delay(value).has_value(), size == 3);
    EXPECT_EQ(read_frame_marking(value).has_value(), size >= 1);
    EXPECT_EQ(read_text(value).size(), size);
  }
}

TEST(ExtensionValues, WritersLeaveOtherLengthsAlone) {
  for (size_t size = 0; size <= 20; ++size) {
    const Buffer before = counting(size);
    Buffer value = before;
    const bool written[] = {size != 3 && write_abs_send_time(value, 1),
                            size != 2 && write_transport_wide_cc(value, 1),
                            size != 1 && write_audio_level(value, {}),
                            size != 1 && write_video_orientation(value, {}),
                            size != 3 && write_timestamp_offset(value, 1),
                            size != 8 && write_abs_capture_time(value, {}),
                            size != 3 && write_playout_delay(value, {})};
    for (const bool one : written) {
      EXPECT_FALSE(one);
    }
    EXPECT_EQ(value, before);
  }
}

TEST(ExtensionValues, AbsSendTimeIsSixPointEighteenSeconds) {
  EXPECT_EQ(to_abs_send_time(0us), 0u);
  EXPECT_EQ(to_abs_send_time(1s), 1u << 18);
  EXPECT_EQ(to_abs_send_time(500ms), 1u << 17);
  EXPECT_EQ(to_abs_send_time(1us), 0u);  // 0.26 units
  EXPECT_EQ(to_abs_send_time(2us), 1u);  // 0.52 units, rounded
  EXPECT_EQ(to_abs_send_time(64s), 0u);
  EXPECT_EQ(to_abs_send_time(1'000'000h), (1'000'000ull * 3600 % 64) << 18);
  for (const uint64_t ms : {1ull, 7ull, 999ull, 1234567ull}) {
    EXPECT_EQ(to_abs_send_time(Millis(ms)), (((ms << 18) + 500) / 1000) & 0xffffff);
  }
  Buffer value(3);
  EXPECT_TRUE(write_abs_send_time(value, 0x1abcdef));
  EXPECT_EQ(read_abs_send_time(value), 0xabcdefu);
}

TEST(ExtensionValues, TransportWideCc) {
  Buffer value(2);
  EXPECT_TRUE(write_transport_wide_cc(value, 0xfedc));
  EXPECT_EQ(value, bytes({0xfe, 0xdc}));
  EXPECT_EQ(read_transport_wide_cc(value), 0xfedc);
}

TEST(ExtensionValues, AudioLevelBits) {
  EXPECT_EQ(read_audio_level(bytes({0x80})), (AudioLevel{.voice = true, .level = 0}));
  EXPECT_EQ(read_audio_level(bytes({0x7f})), (AudioLevel{.voice = false, .level = 127}));
  Buffer value(1);
  EXPECT_TRUE(write_audio_level(value, {.voice = true, .level = 30}));
  EXPECT_EQ(value, bytes({0x80 | 30}));
}

TEST(ExtensionValues, VideoOrientationBits) {
  EXPECT_EQ(read_video_orientation(bytes({0x0f})),
            (VideoOrientation{.back_camera = true, .flip = true, .rotation = 270}));
  EXPECT_EQ(read_video_orientation(bytes({0xf1})), (VideoOrientation{.rotation = 90}));
  for (const uint16_t rotation : std::initializer_list<uint16_t>{0, 90, 180, 270}) {
    Buffer value(1);
    const VideoOrientation orientation{.back_camera = true, .rotation = rotation};
    EXPECT_TRUE(write_video_orientation(value, orientation));
    EXPECT_EQ(read_video_orientation(value), orientation);
  }
}

TEST(ExtensionValues, TimestampOffsetIsSigned) {
  EXPECT_EQ(read_timestamp_offset(bytes({0xff, 0xff, 0xff})), -1);
  EXPECT_EQ(read_timestamp_offset(bytes({0x80, 0, 0})), -8388608);
  EXPECT_EQ(read_timestamp_offset(bytes({0x7f, 0xff, 0xff})), 8388607);
  Buffer value(3);
  EXPECT_TRUE(write_timestamp_offset(value, -2));
  EXPECT_EQ(value, bytes({0xff, 0xff, 0xfe}));
}

TEST(ExtensionValues, AbsCaptureTimeWithAndWithoutOffset) {
  Buffer value(16);
  const AbsCaptureTime with{.ntp = 0x0102030405060708, .clock_offset = -5};
  EXPECT_TRUE(write_abs_capture_time(value, with));
  EXPECT_EQ(read_abs_capture_time(value), with);
  value.resize(8);
  EXPECT_EQ(read_abs_capture_time(value), (AbsCaptureTime{.ntp = 0x0102030405060708}));
  EXPECT_FALSE(write_abs_capture_time(value, with));
}

TEST(ExtensionValues, PlayoutDelayInTenMilliseconds) {
  EXPECT_EQ(read_playout_delay(bytes({0x00, 0x1f, 0xff})),
            (PlayoutDelay{.min = 10ms, .max = 40950ms}));
  Buffer value(3);
  EXPECT_TRUE(write_playout_delay(value, {.min = 200ms, .max = 99s}));
  EXPECT_EQ(read_playout_delay(value), (PlayoutDelay{.min = 200ms, .max = 40950ms}));
}

TEST(ExtensionValues, FrameMarkingGrowsWithItsLength) {
  const FrameMarking one{.start_of_frame = true, .independent = true, .temporal_layer = 5};
  EXPECT_EQ(read_frame_marking(bytes({0xa5})), one);
  const auto three = read_frame_marking(bytes({0x58, 7, 9}));
  ASSERT_TRUE(three);
  EXPECT_TRUE(three->end_of_frame && three->discardable && three->base_layer_sync);
  EXPECT_EQ(three->layer_id, 7);
  EXPECT_EQ(three->tl0_picture_index, 9);
}

TEST(ExtensionBlock, Rtp13OneByteSkipsWhatItCannotCarry) {  // RTP-13
  const Buffer block = make_block(
      ExtensionForm::kOneByte,
      {{1, counting(17)}, {15, counting(1)}, {0, counting(1)}, {2, {}}, {3, counting(16)}});
  EXPECT_EQ(block.size(), 4u + 1 + 16 + 3);
  const Buffer packet = make_packet({.extension_block = block});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->has_extension(1));
  EXPECT_FALSE(view->has_extension(2));
  EXPECT_EQ(to_buffer(view->extension(3)), counting(16));
}

TEST(ExtensionBlock, TwoByteCarriesUpTo255Bytes) {
  const Buffer block = make_block(
      ExtensionForm::kTwoByte,
      {{0, counting(1)}, {1, counting(256)}, {255, counting(255)}, {2, {}}, {3, counting(1)}});
  const Buffer packet = make_packet({.extension_block = block});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->has_extension(1));
  EXPECT_EQ(to_buffer(view->extension(255)), counting(255));
  EXPECT_TRUE(view->has_extension(2));
  EXPECT_EQ(to_buffer(view->extension(3)), counting(1));
}

TEST(ExtensionBlock, Rtp14ThreeElementsRoundTrip) {  // RTP-14
  for (const ExtensionForm form : {ExtensionForm::kOneByte, ExtensionForm::kTwoByte}) {
    const Buffer block = make_block(form, {{1, counting(3)}, {7, counting(1)}, {14, counting(6)}});
    EXPECT_EQ(block.size() % 4, 0u);
    EXPECT_EQ(load_be16(&block[2]) * 4u + 4, block.size());
    const Buffer packet = make_packet({.extension_block = block});
    const auto view = PacketView::parse(packet);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->extension_form(), form);
    EXPECT_EQ(to_buffer(view->extension(1)), counting(3));
    EXPECT_EQ(to_buffer(view->extension(7)), counting(1));
    EXPECT_EQ(to_buffer(view->extension(14)), counting(6));
    EXPECT_EQ(to_buffer(view->payload()), counting(8));
  }
}

TEST(ExtensionBlock, LeavesOutWhatTheBufferCannotHold) {
  const Buffer value = counting(3);
  const std::array elements = {ExtensionElement{1, value}, ExtensionElement{2, value}};
  for (size_t room = 0; room < 20; ++room) {
    Buffer out(room, 0xaa);
    const size_t size = write_extension_block(ExtensionForm::kOneByte, elements, out);
    EXPECT_EQ(size, room < 4 ? 0u : room < 8 ? 4u : room < 12 ? 8u : 12u) << room;
  }
}

}  // namespace
}  // namespace sluice::rtp
