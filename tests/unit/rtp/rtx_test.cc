// RTX encapsulation and its reverse (media-plane 5.9).
#include "protocol/rtp/rtx.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "unit/rtp/packet_builder.h"

namespace sluice::rtp {
namespace {

using test::Buffer;
using test::bytes;
using test::counting;
using test::make_block;
using test::make_packet;
using test::PacketParts;
using test::to_buffer;

/// The RTX packet of `media` as a sender composes it: its header with the fields of the RTX stream,
/// OSN, payload. `padding` is what a sender may append.
Buffer encode_rtx(PacketParts media, uint8_t padding = 0) {
  const auto osn = osn_prefix(media.header.sequence_number);
  media.header.ssrc = Ssrc{0x99999999};
  media.header.payload_type = PayloadType{97};
  media.header.sequence_number = SeqNum{5};
  media.payload.insert(media.payload.begin(), osn.begin(), osn.end());
  media.padding = padding;
  return make_packet(media);
}

std::optional<PacketView> decode(Buffer& rtx) {
  return decode_rtx(PacketView::parse(rtx).value(), rtx, Ssrc{0x11223344}, PayloadType{96});
}

TEST(Rtx, Rtp17DecodingRestoresTheEncodedPacket) {  // RTP-17
  PacketParts media{.payload = counting(50)};
  media.header.marker = true;
  media.header.sequence_number = SeqNum{0xfffe};
  Buffer rtx = encode_rtx(media);
  const auto view = decode(rtx);
  ASSERT_TRUE(view);
  EXPECT_EQ(to_buffer(view->bytes()), make_packet(media));
}

TEST(Rtx, Rtp17WithExtensionAndCsrcs) {  // RTP-17
  PacketParts media{
      .csrcs = {1, 2, 3},
      .extension_block = make_block(ExtensionForm::kOneByte, {{1, counting(4)}, {8, counting(7)}}),
      .payload = counting(50)};
  Buffer rtx = encode_rtx(media);
  const auto view = decode(rtx);
  ASSERT_TRUE(view);
  EXPECT_EQ(to_buffer(view->bytes()), make_packet(media));
  EXPECT_EQ(to_buffer(view->extension(8)), counting(7));
}

TEST(Rtx, PayloadStaysWhereItIs) {
  Buffer rtx = encode_rtx({.payload = counting(50)});
  const uint8_t* payload = PacketView::parse(rtx)->payload().data();
  const auto view = decode(rtx);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload().data(), payload + kOsnSize);
}

TEST(Rtx, Rtp18EmptyPayloadIsNotUsable) {  // RTP-18
  for (const size_t size : {0, 1}) {
    for (const uint8_t padding : std::initializer_list<uint8_t>{0, 200}) {
      Buffer rtx = make_packet({.payload = counting(size), .padding = padding});
      const Buffer before = rtx;
      EXPECT_FALSE(decode(rtx));
      EXPECT_EQ(rtx, before);
    }
  }
}

TEST(Rtx, OsnAloneIsAPacketWithoutPayload) {
  Buffer rtx = encode_rtx({.payload = {}});
  const auto view = decode(rtx);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->sequence_number(), SeqNum{1000});
  EXPECT_TRUE(view->payload().empty());
}

TEST(Rtx, Rtp19PaddingIsRemoved) {  // RTP-19
  const PacketParts media{.payload = counting(50)};
  Buffer rtx = encode_rtx(media, 10);
  const auto view = decode(rtx);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->padding_size(), 0u);
  EXPECT_EQ(to_buffer(view->bytes()), make_packet(media));
}

TEST(Rtx, CounterGoesUpByOneAndExtends) {
  RtxCounter counter{SeqNum{65535}};
  EXPECT_EQ(counter.take(), 65535);
  EXPECT_EQ(counter.take(), 65536);
  EXPECT_EQ(counter.take(), 65537);
}

}  // namespace
}  // namespace sluice::rtp
