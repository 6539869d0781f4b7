// The header extension block of RFC 8285: walking the elements of a received block and writing a
// new one, in the one-byte and the two-byte form. The four bytes in front of the elements (profile
// and length in words) belong to the block written here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace sluice::rtp {

/// How the elements of an extension block are coded.
enum class ExtensionForm : uint8_t {
  kNone,     ///< no extension block
  kOneByte,  ///< profile 0xBEDE: 4-bit id, 4-bit length minus one
  kTwoByte,  ///< profile 0x100X: 8-bit id, 8-bit length
  kOther,    ///< any other profile: opaque, has no elements
};

inline constexpr uint16_t kOneByteProfile = 0xbede;
inline constexpr uint16_t kTwoByteProfile = 0x1000;
/// Profile and length in words.
inline constexpr size_t kExtensionHeaderSize = 4;
/// Ids 1..14 are usable in the one-byte form; 15 ends the parsing.
inline constexpr uint8_t kOneByteMaxId = 14;
inline constexpr size_t kOneByteMaxLength = 16;
inline constexpr size_t kTwoByteMaxLength = 255;

constexpr ExtensionForm extension_form(uint16_t profile) {
  if (profile == kOneByteProfile) {
    return ExtensionForm::kOneByte;
  }
  // The low four bits are for the application (RFC 8285 section 4.3).
  return (profile & 0xfff0) == kTwoByteProfile ? ExtensionForm::kTwoByte : ExtensionForm::kOther;
}

/// Bytes in front of an element's value.
constexpr size_t element_header_size(ExtensionForm form) {
  return form == ExtensionForm::kTwoByte ? 2 : 1;
}

/// Calls `visit(id, value_offset, value_size)` for each element of `elements` (the bytes after the
/// block's four-byte header), in order. Padding is skipped; id 15 of the one-byte form and an
/// element that overruns the block end the walk.
template <class Visit>
constexpr void walk_elements(ExtensionForm form, Bytes elements, Visit&& visit) {
  if (form != ExtensionForm::kOneByte && form != ExtensionForm::kTwoByte) {
    return;
  }
  const bool one_byte = form == ExtensionForm::kOneByte;
  size_t at = 0;
  while (at < elements.size()) {
    const uint8_t first = elements[at];
    const uint8_t id = one_byte ? static_cast<uint8_t>(first >> 4) : first;
    if (id == 0) {
      ++at;
      continue;
    }
    if (one_byte && id > kOneByteMaxId) {
      return;
    }
    const size_t value = at + element_header_size(form);
    if (value > elements.size()) {
      return;
    }
    const size_t size = one_byte ? (first & 0x0fU) + 1U : elements[at + 1];
    if (size > elements.size() - value) {
      return;
    }
    visit(id, value, size);
    at = value + size;
  }
}

/// One element to write.
struct ExtensionElement {
  uint8_t id = 0;
  Bytes value{};
};

/// Writes a whole extension block in a fixed buffer, element by element. An element that the form
/// cannot carry (one-byte: id 0 or over 14, length 0 or over 16; two-byte: id 0, length over 255)
/// or for which there is no room is left out.
class ExtensionBlockWriter {
 public:
  /// `form` is kOneByte or kTwoByte.
  ExtensionBlockWriter(ExtensionForm form, MutableBytes out);

  /// Appends an element; returns the offset of its value from the start of the block, or nothing
  /// when it was left out.
  std::optional<size_t> add(uint8_t id, Bytes value);
  /// Same with a value of `size` zero bytes, for fields that are filled in later.
  std::optional<size_t> add_zeros(uint8_t id, size_t size);

  /// Pads to a multiple of four with zero bytes and writes the block's header. Returns the size of
  /// the block, 0 when the buffer cannot even hold the header.
  size_t finish();

 private:
  [[nodiscard]] bool begin(uint8_t id, size_t size);

  ExtensionForm form_;
  MutableBytes out_;
  size_t size_ = kExtensionHeaderSize;
};

/// Writes `elements` as one block. Returns its size, which is 0 only when `out` is shorter than 4.
size_t write_extension_block(ExtensionForm form, std::span<const ExtensionElement> elements,
                             MutableBytes out);

}  // namespace sluice::rtp
