// links: sluice_rtp
// Anything as an RTP packet: parsing, all extension readers, rewriting to a template, composing for
// several consumers, RTX decoding. What is composed must parse again and keep the payload.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "protocol/rtp/extension_values.h"
#include "protocol/rtp/header_template.h"
#include "protocol/rtp/packet_view.h"
#include "protocol/rtp/rtx.h"

namespace {

using namespace sluice;
using namespace sluice::rtp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void read_everything(const PacketView& view) {
  require(view.header_size() + view.payload().size() + view.padding_size() == view.size());
  size_t sum = 0;
  for (const uint8_t byte : view.bytes()) {
    sum += byte;
  }
  for (unsigned i = 0; i < 256; ++i) {
    const auto id = static_cast<uint8_t>(i);
    const Bytes value = view.extension(id);
    require(value.empty() || view.has_extension(id));
    for (const uint8_t byte : value) {
      sum += byte;
    }
    sum += read_abs_send_time(value).value_or(0);
    sum += read_transport_wide_cc(value).value_or(0);
    sum += read_text(value).size();
    sum += read_audio_level(value).has_value();
    sum += read_video_orientation(value).has_value();
    sum += static_cast<size_t>(read_timestamp_offset(value).value_or(0));
    sum += read_abs_capture_time(value).has_value();
    sum += read_playout_delay(value).has_value();
    sum += read_frame_marking(value).has_value();
  }
  volatile size_t sink = sum;
  static_cast<void>(sink);
}

/// Composes the packet for a consumer and checks what comes out.
void check_compose(const PacketView& source, const HeaderTemplate& layout, const uint8_t* bytes,
                   ExtensionMask mask, bool two_byte) {
  ConsumerHeader consumer(mask, two_byte);
  require(consumer.set_mid("midmidmi"));
  std::vector<uint8_t> out(layout.size);
  const HeaderPatch patch{.ssrc = Ssrc{1},
                          .sequence_number = SeqNum{2},
                          .timestamp = Timestamp{3},
                          .payload_type = PayloadType{4},
                          .marker = true,
                          .abs_send_time = 5,
                          .transport_cc = 6,
                          .frame_number = 7};
  const size_t size = compose(layout, bytes, consumer, patch, out.data());
  require(size <= layout.size);
  out.resize(size);
  const Bytes payload = source.payload();
  out.insert(out.end(), payload.begin(), payload.end());
  if (out.size() > 65535) {
    return;
  }
  const auto view = PacketView::parse(out);
  require(view.has_value() && view->header_size() == size);
  require(std::ranges::equal(view->payload(), payload));
  require(view->ssrc() == Ssrc{1} && view->sequence_number() == SeqNum{2} && view->marker());
  require(two_byte || view->extension_form() == ExtensionForm::kOneByte);
  require(read_text(view->extension(1)) == (mask.has(ExtensionKind::kMid) ? "midmidmi" : ""));
  require(read_transport_wide_cc(view->extension(5)).has_value() ==
          carries_transport_cc(layout, consumer));
  walk_elements(view->extension_form(), view->extension_elements(),
                [mask](uint8_t id, size_t, size_t) { require(mask.has_id(id)); });
}

void check_rewrite(const PacketView& view, unsigned options) {
  IngressMapping mapping;
  mapping.kind = (options & 1) != 0 ? MediaKind::kVideo : MediaKind::kAudio;
  mapping.mid_reserve = static_cast<uint8_t>(options >> 1);
  const auto first_id = static_cast<uint8_t>(options >> 4 & 0x0f);
  for (uint8_t i = 1; i < kExtensionKindEnd; ++i) {
    mapping.ids.set(static_cast<ExtensionKind>(i), static_cast<uint8_t>(first_id + i));
  }
  std::vector<uint8_t> bytes((options & 2) != 0 ? kMaxHeaderSize : options % 120);
  const auto layout = build_header_template(view, mapping, PayloadType{100}, Ssrc{9}, bytes);
  require(layout.has_value() || bytes.size() < kMaxHeaderSize);
  if (!layout) {
    return;
  }
  require(layout->size <= bytes.size());
  using enum ExtensionKind;
  const ExtensionMask some{kMid, kTransportWideCc, kDependencyDescriptor};
  check_compose(view, *layout, bytes.data(), ExtensionMask::all(), true);
  check_compose(view, *layout, bytes.data(), ExtensionMask::all(), false);
  check_compose(view, *layout, bytes.data(), some, true);
  check_compose(view, *layout, bytes.data(), ExtensionMask{}, false);
}

void check_rtx(Bytes packet, const PacketView& view) {
  std::vector<uint8_t> buffer(packet.begin(), packet.end());
  const auto copy = PacketView::parse(buffer);
  require(copy.has_value());
  const auto media = decode_rtx(*copy, buffer, Ssrc{77}, PayloadType{78});
  require(media.has_value() == (view.payload().size() >= kOsnSize));
  if (media) {
    require(media->ssrc() == Ssrc{77} && media->payload_type() == PayloadType{78});
    require(osn_prefix(media->sequence_number())[0] == view.payload()[0]);
    require(media->timestamp() == view.timestamp() && media->marker() == view.marker());
    require(media->header_size() == view.header_size() && media->padding_size() == 0);
    require(std::ranges::equal(media->payload(), view.payload().subspan(kOsnSize)));
    require(std::ranges::equal(media->extension_elements(), view.extension_elements()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) {
    return 0;
  }
  // The first two bytes choose options, the rest is the packet.
  const unsigned options = load_be16(data);
  const Bytes packet(data + 2, size - 2);
  const auto view = PacketView::parse(packet);
  if (!view) {
    return 0;
  }
  read_everything(*view);
  check_rewrite(*view, options);
  check_rtx(packet, *view);
  return 0;
}
