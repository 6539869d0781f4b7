#include "protocol/rtp/header_template.h"

#include <cstring>

namespace sluice::rtp {
namespace {

using enum ExtensionKind;

constexpr size_t kAbsSendTimeSize = 3;
constexpr size_t kTransportCcSize = 2;
/// First byte, template id and frame number of a dependency descriptor; shorter ones are none.
constexpr size_t kMinDependencyDescriptor = 3;
/// The frame number follows one byte of flags and template id.
constexpr size_t kFrameNumberOffset = 1;

/// Lengths at which a copied extension is passed on (media-plane 5.2, "size written").
bool is_valid_size(ExtensionKind kind, size_t size) {
  switch (kind) {
    case kAudioLevel:
    case kVideoOrientation:
      return size == 1;
    case kTimestampOffset:
    case kPlayoutDelay:
      return size == 3;
    case kAbsCaptureTime:
      return size == 8 || size == 16;
    case kDependencyDescriptor:
      return size >= kMinDependencyDescriptor;
    case kFrameMarkingDraft07:
    case kFrameMarking:
      return size >= 1 && size <= kOneByteMaxLength;
    default:
      return false;
  }
}

/// Builds the extension block of a template.
class TemplateBlock {
 public:
  TemplateBlock(const PacketView& packet, const ExtensionIds& ids, HeaderTemplate& layout,
                MutableBytes out)
      : packet_(packet),
        ids_(ids),
        layout_(layout),
        base_(layout.size),
        writer_(layout.form, out) {}

  /// Space for a value that is written later. Returns its offset in the template, 0 for no room.
  uint16_t reserve(ExtensionKind kind, size_t size) {
    return added(kind, writer_.add_zeros(router_id(kind), size));
  }

  /// The packet's own value, if the producer negotiated it and the packet has a valid one.
  uint16_t copy(ExtensionKind kind) {
    const uint8_t id = ids_.id(kind);
    if (id == 0) {
      return 0;
    }
    const Bytes value = packet_.extension(id);
    return is_valid_size(kind, value.size()) ? added(kind, writer_.add(router_id(kind), value))
                                             : uint16_t{0};
  }

  size_t finish() { return writer_.finish(); }

 private:
  uint16_t added(ExtensionKind kind, std::optional<size_t> offset) {
    if (!offset) {
      return 0;
    }
    layout_.present.add(kind);
    return static_cast<uint16_t>(base_ + *offset);
  }

  const PacketView& packet_;
  const ExtensionIds& ids_;
  HeaderTemplate& layout_;
  size_t base_;
  ExtensionBlockWriter writer_;
};

/// Copies `size` bytes, 8..16, as two possibly overlapping words: for a size known only at run time
/// compilers choose string instructions, which cost more than all the rest of composing.
void copy_reserve(const uint8_t* from, size_t size, uint8_t* to) {
  std::memcpy(to, from, kMidReserve);
  std::memcpy(to + size - kMidReserve, from + size - kMidReserve, kMidReserve);
}

/// Writes the consumer's MID over the reserved element at `element`.
void patch_mid(const HeaderTemplate& header, const ConsumerHeader& consumer, uint8_t* element) {
  const size_t size = consumer.mid().size();
  const size_t element_header = element_header_size(header.form);
  if (size == 0 || size > header.mid_reserve || !consumer.extensions().has(kMid)) {
    // An element of zero bytes is padding.
    constexpr uint8_t kZeros[kMaxMidSize] = {};
    element[0] = 0;
    element[element_header - 1] = 0;
    copy_reserve(kZeros, header.mid_reserve, element + element_header);
    return;
  }
  if (header.form == ExtensionForm::kOneByte) {
    element[0] = static_cast<uint8_t>(router_id(kMid) << 4 | (size - 1));
  } else {
    element[0] = router_id(kMid);
    element[1] = static_cast<uint8_t>(size);
  }
  // What follows a shorter MID in the reserve is zero, hence padding.
  copy_reserve(consumer.padded_mid(), header.mid_reserve, element + element_header);
}

/// Turns the elements that the consumer did not negotiate to padding.
void blank_unwanted(const HeaderTemplate& header, const ConsumerHeader& consumer,
                    Bytes template_elements, uint8_t* elements) {
  const size_t element_header = element_header_size(header.form);
  walk_elements(header.form, template_elements, [&](uint8_t id, size_t value, size_t size) {
    if (!consumer.extensions().has_id(id)) {
      std::memset(elements + value - element_header, 0, element_header + size);
    }
  });
}

/// Rewrites the block of a composed two-byte header in place in the one-byte form. Elements only
/// get shorter, so writing never overtakes reading. Returns the new size of the header.
size_t to_one_byte_form(const HeaderTemplate& header, uint8_t* out) {
  size_t at = header.elements;
  walk_elements(ExtensionForm::kTwoByte, {out + header.elements, out + header.size},
                [&](uint8_t id, size_t value, size_t size) {
                  if (size == 0 || size > kOneByteMaxLength || id > kOneByteMaxId) {
                    return;
                  }
                  out[at++] = static_cast<uint8_t>(id << 4 | (size - 1));
                  std::memmove(out + at, out + header.elements + value, size);
                  at += size;
                });
  while (at % 4 != 0) {
    out[at++] = 0;
  }
  store_be16(out + header.elements - 4, kOneByteProfile);
  store_be16(out + header.elements - 2, static_cast<uint16_t>((at - header.elements) / 4));
  return at;
}

}  // namespace

std::optional<HeaderTemplate> build_header_template(const PacketView& packet,
                                                    const IngressMapping& mapping,
                                                    PayloadType payload_type, Ssrc ssrc,
                                                    MutableBytes out) {
  const Bytes csrcs = packet.csrcs();
  const size_t base = kFixedHeaderSize + csrcs.size();
  if (out.size() < base) {
    return std::nullopt;
  }
  write_fixed_header({.ssrc = ssrc,
                      .sequence_number = packet.sequence_number(),
                      .timestamp = packet.timestamp(),
                      .payload_type = payload_type,
                      .marker = packet.marker(),
                      .has_extension = true},
                     out.data());
  out[0] = static_cast<uint8_t>(out[0] | packet.csrc_count());
  std::ranges::copy(csrcs, out.begin() + kFixedHeaderSize);

  HeaderTemplate layout;
  layout.size = static_cast<uint16_t>(base);
  layout.elements = static_cast<uint16_t>(base + kExtensionHeaderSize);
  layout.mid_reserve = std::clamp(mapping.mid_reserve, kMidReserve, kMaxMidSize);
  layout.form = packet.extension_form() == ExtensionForm::kTwoByte ? ExtensionForm::kTwoByte
                                                                   : ExtensionForm::kOneByte;
  TemplateBlock block(packet, mapping.ids, layout, out.subspan(base));
  if (block.reserve(kMid, layout.mid_reserve) == 0) {
    return std::nullopt;
  }
  block.copy(kAbsCaptureTime);
  block.copy(kPlayoutDelay);
  if (mapping.kind == MediaKind::kAudio) {
    block.copy(kAudioLevel);
  } else {
    layout.abs_send_time = block.reserve(kAbsSendTime, kAbsSendTimeSize);
    layout.transport_cc = block.reserve(kTransportWideCc, kTransportCcSize);
    block.copy(kVideoOrientation);
    layout.dependency_descriptor = block.copy(kDependencyDescriptor);
    block.copy(kTimestampOffset);
    block.copy(kFrameMarkingDraft07);
    block.copy(kFrameMarking);
  }
  layout.size = static_cast<uint16_t>(base + block.finish());
  return layout;
}

bool ConsumerHeader::set_mid(std::string_view mid) {
  if (mid.size() > kMaxMidSize) {
    return false;
  }
  mid_.fill(0);
  std::ranges::copy(as_bytes(mid), mid_.begin());
  mid_size_ = static_cast<uint8_t>(mid.size());
  return true;
}

size_t compose(const HeaderTemplate& header, const uint8_t* template_bytes,
               const ConsumerHeader& consumer, const HeaderPatch& patch, uint8_t* out) {
  std::memcpy(out, template_bytes, header.size);
  out[1] = static_cast<uint8_t>((patch.marker ? 0x80 : 0) | (patch.payload_type.value & 0x7f));
  store_be16(out + 2, patch.sequence_number.value);
  store_be32(out + 4, patch.timestamp.value);
  store_be32(out + 8, patch.ssrc.value);

  patch_mid(header, consumer, out + header.elements);
  if (header.abs_send_time != 0) {
    store_be24(out + header.abs_send_time, patch.abs_send_time & 0xffffff);
  }
  if (header.transport_cc != 0) {
    store_be16(out + header.transport_cc, patch.transport_cc);
  }
  if (header.dependency_descriptor != 0 && patch.frame_number) {
    store_be16(out + header.dependency_descriptor + kFrameNumberOffset, *patch.frame_number);
  }
  if (!header.present.is_subset_of(consumer.extensions())) {
    blank_unwanted(header, consumer,
                   {template_bytes + header.elements, template_bytes + header.size},
                   out + header.elements);
  }
  if (header.form == ExtensionForm::kTwoByte && !consumer.two_byte()) {
    return to_one_byte_form(header, out);
  }
  return header.size;
}

}  // namespace sluice::rtp
