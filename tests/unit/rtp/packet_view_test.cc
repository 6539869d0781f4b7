// Parsing of RTP packets: what is rejected, and what is found in packets that are not (media-plane
// 5.1).
#include "protocol/rtp/packet_view.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>

#include "unit/rtp/packet_builder.h"

namespace sluice::rtp {
namespace {

using test::Buffer;
using test::bytes;
using test::counting;
using test::make_packet;
using test::raw_block;
using test::text;
using test::to_buffer;

ParseError error_of(const Buffer& packet) {
  const auto view = PacketView::parse(packet);
  EXPECT_FALSE(view);
  return view ? ParseError{} : view.error();
}

TEST(PacketView, ReadsTheFixedHeader) {
  const Buffer packet =
      bytes({0x80, 0xe0 | 0x01, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe, 0x55});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->marker());
  EXPECT_EQ(view->payload_type(), PayloadType{0x61});
  EXPECT_EQ(view->sequence_number(), SeqNum{0x1234});
  EXPECT_EQ(view->timestamp(), Timestamp{0xdeadbeef});
  EXPECT_EQ(view->ssrc(), Ssrc{0xcafebabe});
  EXPECT_EQ(view->csrc_count(), 0u);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kNone);
  EXPECT_EQ(to_buffer(view->payload()), bytes({0x55}));
  EXPECT_EQ(to_buffer(view->bytes()), packet);
  EXPECT_FALSE(view->has_extension(1));
  EXPECT_TRUE(view->extension(1).empty());
}

TEST(PacketView, Rtp01RejectsShortOtherVersionAndCsrcOverrun) {  // RTP-01
  Buffer packet = make_packet({.payload = {}});
  EXPECT_TRUE(PacketView::parse(packet));
  packet.pop_back();
  EXPECT_EQ(error_of(packet), ParseError::kTooShort);

  packet = make_packet({});
  packet[0] = 0x40;
  EXPECT_EQ(error_of(packet), ParseError::kBadVersion);
  packet[0] = 0xc0;
  EXPECT_EQ(error_of(packet), ParseError::kBadVersion);

  packet[0] = 0x82;  // two CSRCs: just the eight payload bytes
  EXPECT_TRUE(PacketView::parse(packet));
  packet[0] = 0x83;
  EXPECT_EQ(error_of(packet), ParseError::kCsrcOverrun);
}

TEST(PacketView, RejectsMoreThanADatagram) {
  EXPECT_EQ(error_of(make_packet({.payload = Buffer(65535 - 11)})), ParseError::kTooLong);
  EXPECT_TRUE(PacketView::parse(make_packet({.payload = Buffer(65535 - 12)})));
}

TEST(PacketView, ReadsFifteenCsrcs) {
  test::PacketParts parts;
  for (uint32_t i = 0; i < 15; ++i) {
    parts.csrcs.push_back(0x01010101 * i);
  }
  const Buffer packet = make_packet(parts);
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->csrc_count(), 15u);
  EXPECT_EQ(load_be32(&view->csrcs()[14 * 4]), 0x0e0e0e0eu);
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
}

TEST(PacketView, Rtp02RejectsATruncatedExtension) {  // RTP-02
  Buffer packet = make_packet({.payload = {0xbe, 0xde}});
  packet[0] |= 0x10;
  EXPECT_EQ(error_of(packet), ParseError::kExtensionOverrun);
  // The header fits, but its length runs past the end.
  packet.insert(packet.end(), {0x00, 0x01, 1, 2, 3});
  EXPECT_EQ(error_of(packet), ParseError::kExtensionOverrun);
  packet.push_back(4);
  EXPECT_TRUE(PacketView::parse(packet));
}

TEST(PacketView, AcceptsAZeroLengthExtension) {
  const Buffer packet = make_packet({.extension_block = raw_block(0xbede, {})});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kOneByte);
  EXPECT_TRUE(view->extension_elements().empty());
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
}

TEST(PacketView, Rtp03RejectsAPadCountOfZero) {  // RTP-03
  Buffer packet = make_packet({.payload = {1, 2, 3, 0}});
  packet[0] |= 0x20;
  EXPECT_EQ(error_of(packet), ParseError::kBadPadding);
}

TEST(PacketView, Rtp04RejectsMorePaddingThanPayload) {  // RTP-04
  Buffer packet = make_packet({.payload = {1, 2, 3, 5}});
  packet[0] |= 0x20;
  EXPECT_EQ(error_of(packet), ParseError::kBadPadding);
}

TEST(PacketView, Rtp05AcceptsPaddingOnly) {  // RTP-05
  const Buffer packet = make_packet({.payload = {}, .padding = 255});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->payload().empty());
  EXPECT_EQ(view->padding_size(), 255u);
  EXPECT_EQ(view->size(), packet.size());
}

TEST(PacketView, Rtp06RejectsPaddingOfNothing) {  // RTP-06
  Buffer packet = make_packet({.payload = {}});
  packet[0] |= 0x20;
  EXPECT_EQ(error_of(packet), ParseError::kBadPadding);
  // The last byte of an extension block is no pad count.
  packet =
      make_packet({.extension_block = raw_block(0xbede, bytes({0x10, 1, 0x20, 2})), .payload = {}});
  packet[0] |= 0x20;
  EXPECT_EQ(error_of(packet), ParseError::kBadPadding);
}

TEST(PacketView, SplitsPayloadAndPadding) {
  for (const uint8_t padding : std::initializer_list<uint8_t>{1, 4, 200}) {
    const Buffer packet = make_packet({.payload = counting(20), .padding = padding});
    const auto view = PacketView::parse(packet);
    ASSERT_TRUE(view);
    EXPECT_EQ(to_buffer(view->payload()), counting(20));
    EXPECT_EQ(view->padding_size(), padding);
  }
}

TEST(PacketView, Rtp07OneByteElementsWithPaddingBetween) {  // RTP-07
  const Buffer packet =
      make_packet({.extension_block = raw_block(
                       0xbede, bytes({0, 0x10, 'a', 0, 0, 0x52, 1, 2, 3, 0, 0xe1, 8, 9, 0, 0}))});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(to_buffer(view->extension(1)), text("a"));
  EXPECT_EQ(to_buffer(view->extension(5)), bytes({1, 2, 3}));
  EXPECT_EQ(to_buffer(view->extension(14)), bytes({8, 9}));
  for (const int id : {0, 2, 3, 4, 6, 13, 15, 16, 255}) {
    EXPECT_FALSE(view->has_extension(static_cast<uint8_t>(id))) << id;
  }
}

TEST(PacketView, Rtp08OneByteId15EndsTheElements) {  // RTP-08
  const Buffer packet =
      make_packet({.extension_block = raw_block(0xbede, bytes({0x10, 'a', 0xf0, 'x', 0x20, 'b'}))});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->has_extension(1));
  EXPECT_FALSE(view->has_extension(2));
  EXPECT_FALSE(view->has_extension(15));
}

TEST(PacketView, Rtp09OneByteOverrunEndsTheElements) {  // RTP-09
  const Buffer packet =
      make_packet({.extension_block = raw_block(0xbede, bytes({0x10, 'a', 0x25, 1, 2, 3, 4, 5}))});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->has_extension(1));
  EXPECT_FALSE(view->has_extension(2));
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
}

TEST(PacketView, OneByteElementMayFillTheBlock) {
  const Buffer packet =
      make_packet({.extension_block = raw_block(0xbede, bytes({0x26, 1, 2, 3, 4, 5, 6, 7}))});
  EXPECT_EQ(to_buffer(PacketView::parse(packet)->extension(2)), bytes({1, 2, 3, 4, 5, 6, 7}));
}

TEST(PacketView, TheLastOfRepeatedElementsCounts) {
  const Buffer one = make_packet(
      {.extension_block = raw_block(0xbede, bytes({0x10, 'a', 0x11, 'b', 'c', 0x20, 'd'}))});
  EXPECT_EQ(to_buffer(PacketView::parse(one)->extension(1)), text("bc"));
  const Buffer two = make_packet(
      {.extension_block = raw_block(0x1000, bytes({1, 1, 'a', 1, 2, 'b', 'c', 2, 1, 'd'}))});
  EXPECT_EQ(to_buffer(PacketView::parse(two)->extension(1)), text("bc"));
}

TEST(PacketView, Rtp10TwoByteZeroLengthElement) {  // RTP-10
  const Buffer packet = make_packet(
      {.extension_block = raw_block(0x1000, bytes({0, 3, 0, 0, 200, 2, 7, 8, 15, 1, 9}))});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kTwoByte);
  EXPECT_TRUE(view->has_extension(3));
  EXPECT_TRUE(view->extension(3).empty());
  EXPECT_EQ(to_buffer(view->extension(200)), bytes({7, 8}));
  EXPECT_EQ(to_buffer(view->extension(15)), bytes({9}));
}

TEST(PacketView, Rtp11TwoByteOverrunEndsTheElements) {  // RTP-11
  const Buffer packet =
      make_packet({.extension_block = raw_block(0x1005, bytes({1, 1, 'a', 2, 4, 1, 2, 3}))});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->has_extension(1));
  EXPECT_FALSE(view->has_extension(2));
  // An id without a length byte.
  const Buffer cut =
      make_packet({.extension_block = raw_block(0x1000, bytes({1, 1, 'a', 0, 0, 0, 0, 2}))});
  EXPECT_FALSE(PacketView::parse(cut)->has_extension(2));
}

TEST(PacketView, Rtp12UnknownProfileIsOpaque) {  // RTP-12
  const Buffer packet =
      make_packet({.extension_block = raw_block(0x1234, bytes({0x10, 'a', 1, 1}))});
  const auto view = PacketView::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kOther);
  EXPECT_EQ(view->extension_profile(), 0x1234);
  EXPECT_FALSE(view->has_extension(1));
  EXPECT_EQ(to_buffer(view->extension_elements()), bytes({0x10, 'a', 1, 1}));
  EXPECT_EQ(to_buffer(view->bytes()), packet);
}

TEST(PacketView, EveryTruncationIsHandled) {
  const Buffer packet =
      make_packet({.csrcs = {1, 2},
                   .extension_block = raw_block(0xbede, bytes({0x10, 'a', 0x52, 1, 2, 3})),
                   .payload = {},
                   .padding = 0});
  for (size_t size = 0; size < packet.size(); ++size) {
    // An exact copy on the heap, so that a sanitizer sees any read past the end.
    const auto copy = std::make_unique<uint8_t[]>(size);
    std::copy_n(packet.begin(), size, copy.get());
    EXPECT_FALSE(PacketView::parse({copy.get(), size})) << size;
  }
  EXPECT_TRUE(PacketView::parse(packet));
}

TEST(PacketView, EveryTruncationOfAnExtensionBlockKeepsThePacket) {
  const Buffer elements = bytes({1, 1, 'a', 5, 2, 1, 2, 13, 8, 1, 2, 3, 4, 5, 6, 7, 8});
  for (size_t size = 0; size <= elements.size(); ++size) {
    const Buffer cut(elements.begin(), elements.begin() + static_cast<ptrdiff_t>(size));
    const Buffer packet = make_packet({.extension_block = raw_block(0x1000, cut)});
    const auto view = PacketView::parse(packet);
    ASSERT_TRUE(view) << size;
    EXPECT_EQ(view->has_extension(13), size == elements.size()) << size;
    EXPECT_EQ(to_buffer(view->payload()), counting(8)) << size;
  }
}

}  // namespace
}  // namespace sluice::rtp
