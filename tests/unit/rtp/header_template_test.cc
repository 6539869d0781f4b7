// Ingress rewrite to a header template and composing of consumers' headers from it
// (media-plane 5.3, 5.4, 12.8).
#include "protocol/rtp/header_template.h"

#include <gtest/gtest.h>

#include "protocol/rtp/extension_values.h"
#include "unit/rtp/packet_builder.h"

namespace sluice::rtp {
namespace {

using test::Buffer;
using test::bytes;
using test::counting;
using test::make_block;
using test::make_packet;
using test::OwnedElement;
using test::raw_block;
using test::text;
using test::to_buffer;
using enum ExtensionKind;

constexpr PayloadType kMappedType{101};
constexpr Ssrc kMappedSsrc{0xabcdef01};

/// A producer whose ids differ from the router's.
IngressMapping mapping(MediaKind kind) {
  IngressMapping out{.ids = {}, .kind = kind};
  out.ids.set(kMid, 3);
  out.ids.set(kRid, 2);
  out.ids.set(kAbsSendTime, 1);
  out.ids.set(kTransportWideCc, 4);
  out.ids.set(kDependencyDescriptor, 12);
  out.ids.set(kAudioLevel, 6);
  out.ids.set(kVideoOrientation, 7);
  out.ids.set(kTimestampOffset, 8);
  out.ids.set(kAbsCaptureTime, 9);
  out.ids.set(kPlayoutDelay, 10);
  return out;
}

std::vector<OwnedElement> video_elements() {
  return {{3, text("video0")},    {2, text("hi")},         {1, counting(3, 0xa0)},
          {4, counting(2, 0xb0)}, {12, counting(3, 0xc0)}, {7, bytes({2})},
          {8, counting(3, 0xd0)}, {9, counting(8, 0xe0)},  {10, counting(3, 0xf0)},
          {13, text("unknown")}};
}

/// A received packet with its template.
struct Ingress {
  explicit Ingress(Buffer received, const IngressMapping& map, size_t room = kMaxHeaderSize)
      : packet(std::move(received)), original(packet), bytes(room) {
    view = PacketView::parse(packet).value();
    layout = build_header_template(view, map, kMappedType, kMappedSsrc, bytes);
  }

  [[nodiscard]] Buffer compose_for(const ConsumerHeader& consumer, const HeaderPatch& patch) const {
    Buffer out(layout->size, 0x5a);
    out.resize(compose(*layout, bytes.data(), consumer, patch, out.data()));
    const Bytes payload = view.payload();
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
  }

  Buffer packet;
  Buffer original;
  Buffer bytes;
  PacketView view;
  std::optional<HeaderTemplate> layout;
};

Ingress video(ExtensionForm form = ExtensionForm::kOneByte) {
  return Ingress(make_packet({.extension_block = make_block(form, video_elements())}),
                 mapping(MediaKind::kVideo));
}

ConsumerHeader consumer_with(std::string_view mid, ExtensionMask mask = ExtensionMask::all(),
                             bool two_byte = true) {
  ConsumerHeader out(mask, two_byte);
  EXPECT_TRUE(out.set_mid(mid));
  return out;
}

HeaderPatch patch() {
  return {.ssrc = Ssrc{7},
          .sequence_number = SeqNum{8},
          .timestamp = Timestamp{9},
          .payload_type = PayloadType{102},
          .marker = true,
          .abs_send_time = 0x123456,
          .transport_cc = 0x789a,
          .frame_number = std::nullopt};
}

std::vector<uint8_t> ids_in_order(const PacketView& view) {
  std::vector<uint8_t> ids;
  walk_elements(view.extension_form(), view.extension_elements(),
                [&ids](uint8_t id, size_t, size_t) { ids.push_back(id); });
  return ids;
}

TEST(HeaderTemplate, IsTheRewrittenHeaderInTheSpecifiedOrder) {
  const Ingress in = video();
  ASSERT_TRUE(in.layout);
  Buffer header(in.bytes.begin(), in.bytes.begin() + in.layout->size);
  const auto view = PacketView::parse(header);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->ssrc(), kMappedSsrc);
  EXPECT_EQ(view->payload_type(), kMappedType);
  EXPECT_EQ(view->sequence_number(), SeqNum{1000});
  EXPECT_EQ(view->timestamp(), Timestamp{90000});
  EXPECT_EQ(view->extension_form(), ExtensionForm::kOneByte);
  EXPECT_EQ(ids_in_order(*view), (std::vector<uint8_t>{1, 13, 14, 4, 5, 11, 8, 12}));
  EXPECT_EQ(to_buffer(view->extension(router_id(kMid))), Buffer(8));
  EXPECT_EQ(to_buffer(view->extension(router_id(kAbsSendTime))), Buffer(3));
  EXPECT_EQ(to_buffer(view->extension(router_id(kTransportWideCc))), Buffer(2));
  EXPECT_EQ(to_buffer(view->extension(router_id(kDependencyDescriptor))), counting(3, 0xc0));
  EXPECT_EQ(to_buffer(view->extension(router_id(kVideoOrientation))), bytes({2}));
  EXPECT_EQ(to_buffer(view->extension(router_id(kTimestampOffset))), counting(3, 0xd0));
  EXPECT_EQ(to_buffer(view->extension(router_id(kAbsCaptureTime))), counting(8, 0xe0));
  EXPECT_EQ(to_buffer(view->extension(router_id(kPlayoutDelay))), counting(3, 0xf0));
}

TEST(HeaderTemplate, AudioHasLevelButNoSendTime) {
  const Ingress in(
      make_packet({.extension_block = make_block(ExtensionForm::kOneByte, {{3, text("a")},
                                                                           {1, counting(3)},
                                                                           {4, counting(2)},
                                                                           {6, bytes({0x85})},
                                                                           {7, bytes({1})}})}),
      mapping(MediaKind::kAudio));
  const Buffer out = in.compose_for(consumer_with("0"), patch());
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_EQ(ids_in_order(*view), (std::vector<uint8_t>{1, 10}));
  EXPECT_EQ(read_audio_level(view->extension(10)), (AudioLevel{.voice = true, .level = 5}));
}

TEST(HeaderTemplate, FieldsOfTheTransportAreThereEvenIfThePacketHadNone) {
  const Ingress in(make_packet({}), mapping(MediaKind::kVideo));
  const Buffer out = in.compose_for(consumer_with("v"), patch());
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_EQ(ids_in_order(*view), (std::vector<uint8_t>{1, 4, 5}));
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
}

TEST(HeaderTemplate, NotNegotiatedOrMalformedExtensionsAreDropped) {
  IngressMapping map{.ids = {}, .kind = MediaKind::kVideo};
  map.ids.set(kVideoOrientation, 7);
  map.ids.set(kPlayoutDelay, 10);
  const Ingress in(make_packet({.extension_block = make_block(
                                    ExtensionForm::kOneByte,
                                    {{7, bytes({1, 2})}, {10, counting(3)}, {8, counting(3)}})}),
                   map);
  const Buffer out = in.compose_for(consumer_with("v"), patch());
  EXPECT_EQ(ids_in_order(*PacketView::parse(out)), (std::vector<uint8_t>{1, 14, 4, 5}));
}

TEST(HeaderTemplate, KeepsCsrcs) {
  const Ingress in(make_packet({.csrcs = {5, 6}}), mapping(MediaKind::kAudio));
  const Buffer out = in.compose_for(consumer_with("v"), patch());
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_EQ(to_buffer(view->csrcs()), bytes({0, 0, 0, 5, 0, 0, 0, 6}));
  EXPECT_EQ(read_text(view->extension(1)), "v");
}

TEST(HeaderTemplate, PaddingIsNotForwarded) {
  const Ingress in(make_packet({.padding = 9}), mapping(MediaKind::kAudio));
  const Buffer out = in.compose_for(consumer_with("v"), patch());
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->padding_size(), 0u);
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
}

TEST(HeaderTemplate, FitsTheLargestHeader) {
  IngressMapping map = mapping(MediaKind::kVideo);
  map.mid_reserve = 16;
  map.ids.set(kFrameMarkingDraft07, 100);
  map.ids.set(kFrameMarking, 101);
  auto elements = video_elements();
  elements.push_back({12, counting(255)});
  elements.push_back({9, counting(16)});
  elements.push_back({100, counting(16)});
  elements.push_back({101, counting(16)});
  const Ingress in(make_packet({.csrcs = std::vector<uint32_t>(15, 1),
                                .extension_block = make_block(ExtensionForm::kTwoByte, elements)}),
                   map);
  ASSERT_TRUE(in.layout);
  const Buffer out = in.compose_for(consumer_with("0123456789abcdef"), patch());
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_EQ(ids_in_order(*view), (std::vector<uint8_t>{1, 13, 14, 4, 5, 11, 8, 12, 6, 7}));
  EXPECT_EQ(read_text(view->extension(1)), "0123456789abcdef");
  EXPECT_EQ(to_buffer(view->extension(8)), counting(255));
}

TEST(HeaderTemplate, SmallBuffersLoseExtensionsButNeverTheMid) {
  const Buffer packet =
      make_packet({.extension_block = make_block(ExtensionForm::kOneByte, video_elements())});
  for (size_t room = 0; room < 64; ++room) {
    const Ingress in(packet, mapping(MediaKind::kVideo), room);
    EXPECT_EQ(in.layout.has_value(), room >= 12 + 4 + 12) << room;
    if (in.layout) {
      EXPECT_LE(in.layout->size, room);
      const Buffer out = in.compose_for(consumer_with("v"), patch());
      EXPECT_EQ(read_text(PacketView::parse(out)->extension(1)), "v");
    }
  }
}

TEST(Compose, PatchesEveryField) {
  for (const ExtensionForm form : {ExtensionForm::kOneByte, ExtensionForm::kTwoByte}) {
    const Ingress in = video(form);
    HeaderPatch fields = patch();
    fields.frame_number = 0x4321;
    const Buffer out = in.compose_for(consumer_with("mid1"), fields);
    const auto view = PacketView::parse(out);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->extension_form(), form);
    EXPECT_EQ(view->ssrc(), Ssrc{7});
    EXPECT_EQ(view->sequence_number(), SeqNum{8});
    EXPECT_EQ(view->timestamp(), Timestamp{9});
    EXPECT_EQ(view->payload_type(), PayloadType{102});
    EXPECT_TRUE(view->marker());
    EXPECT_EQ(read_text(view->extension(1)), "mid1");
    EXPECT_EQ(read_abs_send_time(view->extension(4)), 0x123456u);
    EXPECT_EQ(read_transport_wide_cc(view->extension(5)), 0x789a);
    EXPECT_EQ(to_buffer(view->extension(8)), bytes({0xc0, 0x43, 0x21}));
    EXPECT_EQ(to_buffer(view->payload()), counting(8));
  }
}

TEST(Compose, ClearsTheMarkerOfAnotherLayer) {
  test::PacketParts parts;
  parts.header.marker = true;
  const Ingress in(make_packet(parts), mapping(MediaKind::kVideo));
  HeaderPatch fields = patch();
  fields.marker = false;
  const Buffer out = in.compose_for(consumer_with("v"), fields);
  EXPECT_FALSE(PacketView::parse(out)->marker());
}

TEST(Compose, Rtp15MidOfAnyLengthUpToTheReserve) {  // RTP-15
  const std::string_view longest = "0123456789abcdef";
  for (const ExtensionForm form : {ExtensionForm::kOneByte, ExtensionForm::kTwoByte}) {
    const Ingress in = video(form);
    for (const size_t size : {0, 1, 7, 8, 9, 16}) {
      const Buffer out = in.compose_for(consumer_with(longest.substr(0, size)), patch());
      const auto view = PacketView::parse(out);
      ASSERT_TRUE(view);
      EXPECT_EQ(read_text(view->extension(1)), size <= 8 ? longest.substr(0, size) : "") << size;
      // Elements behind the MID are found whatever its length.
      EXPECT_EQ(read_transport_wide_cc(view->extension(5)), 0x789a) << size;
      EXPECT_EQ(to_buffer(view->payload()), counting(8)) << size;
    }
  }
}

TEST(Compose, ALargerReserveCarriesALongerMid) {
  IngressMapping map = mapping(MediaKind::kVideo);
  map.mid_reserve = 12;
  const Ingress in(make_packet({}), map);
  const Buffer out = in.compose_for(consumer_with("0123456789ab"), patch());
  EXPECT_EQ(read_text(PacketView::parse(out)->extension(1)), "0123456789ab");
}

TEST(ConsumerHeader, RefusesAMidThatNoTemplateCarries) {
  ConsumerHeader consumer = consumer_with("ok");
  EXPECT_FALSE(consumer.set_mid("0123456789abcdefg"));
  EXPECT_EQ(consumer.mid(), "ok");
  EXPECT_TRUE(consumer.set_mid("x"));
  EXPECT_EQ(consumer.padded_mid()[1], 0);
}

TEST(Compose, AConsumerGetsOnlyWhatItNegotiated) {
  const ExtensionMask mask{kMid, kTransportWideCc, kTimestampOffset};
  for (const ExtensionForm form : {ExtensionForm::kOneByte, ExtensionForm::kTwoByte}) {
    const Ingress in = video(form);
    const ConsumerHeader consumer = consumer_with("v", mask);
    const Buffer out = in.compose_for(consumer, patch());
    const auto view = PacketView::parse(out);
    ASSERT_TRUE(view);
    EXPECT_EQ(ids_in_order(*view), (std::vector<uint8_t>{1, 5, 12}));
    EXPECT_EQ(read_transport_wide_cc(view->extension(5)), 0x789a);
    EXPECT_EQ(to_buffer(view->extension(12)), counting(3, 0xd0));
    EXPECT_TRUE(carries_transport_cc(*in.layout, consumer));
  }
}

TEST(Compose, AConsumerWithoutExtensionsGetsPaddingOnly) {
  const Ingress in = video();
  const ConsumerHeader consumer = consumer_with("v", ExtensionMask{});
  const Buffer out = in.compose_for(consumer, patch());
  const auto view = PacketView::parse(out);
  ASSERT_TRUE(view);
  EXPECT_TRUE(ids_in_order(*view).empty());
  EXPECT_EQ(to_buffer(view->extension_elements()), Buffer(view->extension_elements().size()));
  EXPECT_FALSE(carries_transport_cc(*in.layout, consumer));
}

TEST(Compose, WithoutTheTwoByteFormALongDescriptorIsLeftOut) {
  auto elements = video_elements();
  elements.push_back({12, counting(40)});
  const Ingress in(make_packet({.extension_block = make_block(ExtensionForm::kTwoByte, elements)}),
                   mapping(MediaKind::kVideo));
  const Buffer mixed = in.compose_for(consumer_with("v"), patch());
  EXPECT_EQ(to_buffer(PacketView::parse(mixed)->extension(8)), counting(40));

  const Buffer plain = in.compose_for(consumer_with("v", ExtensionMask::all(), false), patch());
  const auto view = PacketView::parse(plain);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kOneByte);
  EXPECT_EQ(ids_in_order(*view), (std::vector<uint8_t>{1, 13, 14, 4, 5, 11, 12}));
  EXPECT_EQ(read_text(view->extension(1)), "v");
  EXPECT_EQ(read_abs_send_time(view->extension(4)), 0x123456u);
  EXPECT_EQ(to_buffer(view->extension(12)), counting(3, 0xd0));
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
}

TEST(Compose, WithoutTheTwoByteFormAShortDescriptorIsKept) {
  const Ingress in = video(ExtensionForm::kTwoByte);
  HeaderPatch fields = patch();
  fields.frame_number = 5;
  const Buffer out = in.compose_for(consumer_with("v", ExtensionMask::all(), false), fields);
  const auto view = PacketView::parse(out);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kOneByte);
  EXPECT_EQ(to_buffer(view->extension(8)), bytes({0xc0, 0, 5}));
}

TEST(Compose, Rtp12UnknownProfileIsReplacedByTheRoutersBlock) {  // RTP-12
  const Ingress in(make_packet({.extension_block = raw_block(0x1234, counting(8))}),
                   mapping(MediaKind::kVideo));
  const Buffer out = in.compose_for(consumer_with("v"), patch());
  const auto view = PacketView::parse(out);
  EXPECT_EQ(view->extension_form(), ExtensionForm::kOneByte);
  EXPECT_EQ(to_buffer(view->payload()), counting(8));
  // What is not rewritten goes on as it came.
  EXPECT_EQ(to_buffer(in.view.bytes()), in.original);
}

TEST(Compose, Rtp16PayloadSurvivesSmallerAndLargerBlocks) {  // RTP-16
  for (const size_t received : {0, 4, 16, 200}) {
    const Ingress in(make_packet({.extension_block = raw_block(0xbede, Buffer(received)),
                                  .payload = counting(100)}),
                     mapping(MediaKind::kVideo));
    const Buffer out = in.compose_for(consumer_with("v"), patch());
    EXPECT_EQ(to_buffer(PacketView::parse(out)->payload()), counting(100)) << received;
  }
}

TEST(Compose, Rtp20ChangingTheSourceDoesNotChangeWhatWasComposed) {  // RTP-20
  Ingress in = video();
  const Buffer out = in.compose_for(consumer_with("v"), patch());
  const Buffer before = out;
  std::ranges::fill(in.packet, uint8_t{0xff});
  std::ranges::fill(in.bytes, uint8_t{0xff});
  EXPECT_EQ(out, before);
}

TEST(Compose, Rtp21ConsumersShareOneUnchangedPacket) {  // RTP-21
  const Ingress in = video();
  const Buffer template_before = in.bytes;
  HeaderPatch other = patch();
  other.ssrc = Ssrc{99};
  other.frame_number = 1;
  const Buffer first = in.compose_for(consumer_with("a"), patch());
  const Buffer second = in.compose_for(consumer_with("longer", {kMid}), other);
  EXPECT_EQ(in.packet, in.original);
  EXPECT_EQ(in.bytes, template_before);
  EXPECT_EQ(in.compose_for(consumer_with("a"), patch()), first);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace sluice::rtp
