#include "protocol/rtp/extension_block.h"

#include <algorithm>

namespace sluice::rtp {

ExtensionBlockWriter::ExtensionBlockWriter(ExtensionForm form, MutableBytes out)
    // The block always ends on a word, so bytes beyond the last whole word are of no use.
    : form_(form), out_(out.first(out.size() & ~size_t{3})) {}

bool ExtensionBlockWriter::begin(uint8_t id, size_t size) {
  const bool one_byte = form_ == ExtensionForm::kOneByte;
  if (id == 0 || size > kTwoByteMaxLength ||
      (one_byte && (id > kOneByteMaxId || size == 0 || size > kOneByteMaxLength))) {
    return false;
  }
  const size_t header = element_header_size(form_);
  if (size_ + header + size > out_.size()) {
    return false;
  }
  if (one_byte) {
    out_[size_] = static_cast<uint8_t>(id << 4 | (size - 1));
  } else {
    out_[size_] = id;
    out_[size_ + 1] = static_cast<uint8_t>(size);
  }
  size_ += header;
  return true;
}

std::optional<size_t> ExtensionBlockWriter::add(uint8_t id, Bytes value) {
  if (!begin(id, value.size())) {
    return std::nullopt;
  }
  const size_t at = size_;
  std::ranges::copy(value, out_.begin() + static_cast<ptrdiff_t>(at));
  size_ += value.size();
  return at;
}

std::optional<size_t> ExtensionBlockWriter::add_zeros(uint8_t id, size_t size) {
  if (!begin(id, size)) {
    return std::nullopt;
  }
  const size_t at = size_;
  std::ranges::fill(out_.subspan(at, size), uint8_t{0});
  size_ += size;
  return at;
}

size_t ExtensionBlockWriter::finish() {
  if (out_.size() < kExtensionHeaderSize) {
    return 0;
  }
  while (size_ % 4 != 0) {
    out_[size_++] = 0;
  }
  store_be16(out_.data(), form_ == ExtensionForm::kOneByte ? kOneByteProfile : kTwoByteProfile);
  store_be16(&out_[2], static_cast<uint16_t>((size_ - kExtensionHeaderSize) / 4));
  return size_;
}

size_t write_extension_block(ExtensionForm form, std::span<const ExtensionElement> elements,
                             MutableBytes out) {
  ExtensionBlockWriter writer(form, out);
  for (const auto& [id, value] : elements) {
    writer.add(id, value);
  }
  return writer.finish();
}

}  // namespace sluice::rtp
