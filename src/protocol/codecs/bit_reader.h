// Reads single bits and small numbers, most significant bit first. Like ByteReader, a read past the
// end returns zero and makes `ok()` false for good.
#pragma once

#include <bit>
#include <cstdint>

#include "base/bytes.h"

namespace sluice::codecs {

class BitReader {
 public:
  constexpr explicit BitReader(Bytes data) : data_(data) {}

  [[nodiscard]] constexpr bool ok() const { return ok_; }
  /// In bits.
  [[nodiscard]] constexpr size_t remaining() const { return data_.size() * 8 - position_; }

  /// An unsigned number of 0..32 bits.
  constexpr uint32_t read(unsigned count) {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      return 0;
    }
    uint32_t value = 0;
    while (count > 0) {
      const auto offset = static_cast<unsigned>(position_ % 8);
      const unsigned taken = count < 8 - offset ? count : 8 - offset;
      const uint32_t octet = data_[position_ / 8];
      value = value << taken | (octet >> (8 - offset - taken) & ((1U << taken) - 1));
      position_ += taken;
      count -= taken;
    }
    return value;
  }

  constexpr bool flag() { return read(1) != 0; }

  /// A number below `limit` in the non-symmetric code: the lower ones may take a bit less.
  constexpr uint32_t non_symmetric(uint32_t limit) {
    const auto width = static_cast<unsigned>(std::bit_width(limit));
    if (width == 0) {
      return 0;
    }
    const uint32_t short_codes = (1U << width) - limit;
    const uint32_t value = read(width - 1);
    return value < short_codes ? value : value * 2 - short_codes + read(1);
  }

 private:
  Bytes data_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace sluice::codecs
