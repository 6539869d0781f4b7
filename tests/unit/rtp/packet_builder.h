// Makes RTP packets for tests from parts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/rtp/extension_block.h"
#include "protocol/rtp/packet_view.h"

namespace sluice::rtp::test {

using Buffer = std::vector<uint8_t>;

inline Buffer bytes(std::initializer_list<int> values) {
  Buffer out;
  for (const int value : values) {
    out.push_back(static_cast<uint8_t>(value));
  }
  return out;
}

inline Buffer text(std::string_view value) {
  return {value.begin(), value.end()};
}

/// `size` bytes counting up from `first`.
inline Buffer counting(size_t size, uint8_t first = 0x10) {
  Buffer out(size);
  for (size_t i = 0; i < size; ++i) {
    out[i] = static_cast<uint8_t>(first + i);
  }
  return out;
}

struct PacketParts {
  FixedHeader header{.ssrc = Ssrc{0x11223344},
                     .sequence_number = SeqNum{1000},
                     .timestamp = Timestamp{90000},
                     .payload_type = PayloadType{96}};
  std::vector<uint32_t> csrcs{};
  Buffer extension_block{};  ///< with its four-byte header; empty for none
  Buffer payload = counting(8);
  uint8_t padding = 0;
};

inline Buffer make_packet(PacketParts parts) {
  parts.header.has_extension = !parts.extension_block.empty();
  parts.header.has_padding = parts.padding != 0;
  Buffer out(kFixedHeaderSize);
  write_fixed_header(parts.header, out.data());
  out[0] = static_cast<uint8_t>(out[0] | parts.csrcs.size());
  for (const uint32_t csrc : parts.csrcs) {
    uint8_t word[4];
    store_be32(word, csrc);
    out.insert(out.end(), word, word + 4);
  }
  out.insert(out.end(), parts.extension_block.begin(), parts.extension_block.end());
  out.insert(out.end(), parts.payload.begin(), parts.payload.end());
  if (parts.padding != 0) {
    out.insert(out.end(), parts.padding - 1U, uint8_t{0});
    out.push_back(parts.padding);
  }
  return out;
}

/// An extension block of exactly these element bytes, padded to a word.
inline Buffer raw_block(uint16_t profile, Buffer elements) {
  while (elements.size() % 4 != 0) {
    elements.push_back(0);
  }
  Buffer out(4);
  store_be16(out.data(), profile);
  store_be16(out.data() + 2, static_cast<uint16_t>(elements.size() / 4));
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

struct OwnedElement {
  uint8_t id = 0;
  Buffer value{};
};

inline Buffer make_block(ExtensionForm form, const std::vector<OwnedElement>& elements) {
  Buffer out(2048);
  std::vector<ExtensionElement> views;
  for (const auto& [id, value] : elements) {
    views.push_back({.id = id, .value = value});
  }
  out.resize(write_extension_block(form, views, out));
  return out;
}

inline Buffer to_buffer(Bytes view) {
  return {view.begin(), view.end()};
}

}  // namespace sluice::rtp::test
