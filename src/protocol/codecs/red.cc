#include "protocol/codecs/red.h"

#include <algorithm>
#include <array>

namespace sluice::codecs {
namespace {

// Header of a copy: F = 1, payload type (7), timestamp offset (14), length (10).
constexpr size_t kCopyHeaderSize = 4;
// Header of the primary block: F = 0, payload type.
constexpr size_t kPrimaryHeaderSize = 1;
constexpr uint8_t kCopyBit = 0x80;
// More distances than any sender uses; browsers send one or two copies.
constexpr size_t kMaxBlocks = 32;

constexpr uint8_t kTypeMask = 0x7f;

std::optional<uint8_t> renamed(uint8_t type, std::span<const RedPayloadType> types) {
  const auto found = std::ranges::find(types, type, &RedPayloadType::from);
  return found == types.end() || found->to > kTypeMask ? std::nullopt : std::optional(found->to);
}

}  // namespace

std::optional<RedPrimary> translate_red(MutableBytes payload,
                                        std::span<const RedPayloadType> types) {
  std::array<uint8_t, kMaxBlocks> headers;
  size_t blocks = 0;
  size_t copies_size = 0;
  size_t at = 0;
  for (bool copy = true; copy;) {
    if (blocks == kMaxBlocks || at >= payload.size()) {
      return std::nullopt;
    }
    copy = (payload[at] & kCopyBit) != 0;
    const auto type = renamed(payload[at] & kTypeMask, types);
    if (!type) {
      return std::nullopt;
    }
    headers[blocks++] = static_cast<uint8_t>(*type | (payload[at] & kCopyBit));
    if (!copy) {
      at += kPrimaryHeaderSize;
    } else if (payload.size() - at < kCopyHeaderSize) {
      return std::nullopt;
    } else {
      copies_size += static_cast<size_t>(load_be16(&payload[at + 2]) & 0x3ff);
      at += kCopyHeaderSize;
    }
  }
  if (copies_size > payload.size() - at) {
    return std::nullopt;
  }
  for (size_t block = 0; block < blocks; ++block) {
    payload[block * kCopyHeaderSize] = headers[block];
  }
  return RedPrimary{.payload_type = headers[blocks - 1],
                    .offset = static_cast<uint16_t>(at + copies_size)};
}

}  // namespace sluice::codecs
