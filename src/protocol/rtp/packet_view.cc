#include "protocol/rtp/packet_view.h"

#include <limits>

namespace sluice::rtp {

std::expected<PacketView, ParseError> PacketView::parse(Bytes packet) {
  if (packet.size() < kFixedHeaderSize) {
    return std::unexpected(ParseError::kTooShort);
  }
  if (packet.size() > std::numeric_limits<uint16_t>::max()) {
    return std::unexpected(ParseError::kTooLong);
  }
  const uint8_t first = packet[0];
  if (first >> 6 != 2) {
    return std::unexpected(ParseError::kBadVersion);
  }

  PacketView view;
  view.data_ = packet.data();
  size_t at = kFixedHeaderSize + size_t{4} * (first & 0x0f);
  if (at > packet.size()) {
    return std::unexpected(ParseError::kCsrcOverrun);
  }

  if ((first & 0x10) != 0) {
    if (packet.size() - at < kExtensionHeaderSize) {
      return std::unexpected(ParseError::kExtensionOverrun);
    }
    view.form_ = rtp::extension_form(load_be16(&packet[at]));
    const size_t size = size_t{load_be16(&packet[at + 2])} * 4;
    at += kExtensionHeaderSize;
    if (size > packet.size() - at) {
      return std::unexpected(ParseError::kExtensionOverrun);
    }
    view.elements_offset_ = static_cast<uint16_t>(at);
    view.elements_size_ = static_cast<uint16_t>(size);
    if (view.form_ == ExtensionForm::kOneByte) {
      walk_elements(view.form_, packet.subspan(at, size),
                    [&view, at](uint8_t id, size_t value, size_t) {
                      view.values_[id - 1] = static_cast<uint16_t>(at + value);
                    });
    }
    at += size;
  }

  size_t rest = packet.size() - at;
  if ((first & 0x20) != 0) {
    const uint8_t padding = rest == 0 ? uint8_t{0} : packet.back();
    if (padding == 0 || padding > rest) {
      return std::unexpected(ParseError::kBadPadding);
    }
    view.padding_ = padding;
    rest -= padding;
  }
  view.header_size_ = static_cast<uint16_t>(at);
  view.payload_size_ = static_cast<uint16_t>(rest);
  return view;
}

Bytes PacketView::extension(uint8_t id) const {
  if (form_ == ExtensionForm::kOneByte) {
    if (id == 0 || id > kOneByteMaxId || values_[id - 1] == 0) {
      return {};
    }
    const uint8_t* value = data_ + values_[id - 1];
    return {value, (value[-1] & 0x0fU) + 1U};
  }
  if (form_ == ExtensionForm::kTwoByte) {
    const Found found = find_two_byte(id);
    return {data_ + found.offset, found.size};
  }
  return {};
}

bool PacketView::has_extension(uint8_t id) const {
  if (form_ == ExtensionForm::kTwoByte) {
    return find_two_byte(id).offset != 0;
  }
  return !extension(id).empty();
}

PacketView::Found PacketView::find_two_byte(uint8_t id) const {
  Found found;
  walk_elements(form_, extension_elements(), [&](uint8_t element, size_t value, size_t size) {
    if (element == id) {
      found = {elements_offset_ + value, size};
    }
  });
  return found;
}

void write_fixed_header(const FixedHeader& header, uint8_t* out) {
  out[0] = static_cast<uint8_t>(0x80 | (header.has_padding ? 0x20 : 0) |
                                (header.has_extension ? 0x10 : 0));
  out[1] = static_cast<uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type.value & 0x7f));
  store_be16(out + 2, header.sequence_number.value);
  store_be32(out + 4, header.timestamp.value);
  store_be32(out + 8, header.ssrc.value);
}

}  // namespace sluice::rtp
