// Bounds-checked reading and writing of network byte order over spans. Every parser and serialiser
// goes through these two; nothing casts a struct onto the wire.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace sluice {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Unchecked loads and stores at a known-good address, big endian.
constexpr uint16_t load_be16(const uint8_t* p) {
  return static_cast<uint16_t>(p[0] << 8 | p[1]);
}
constexpr uint32_t load_be24(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2];
}
constexpr uint32_t load_be32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 |
         static_cast<uint32_t>(p[2]) << 8 | p[3];
}
constexpr uint64_t load_be64(const uint8_t* p) {
  return static_cast<uint64_t>(load_be32(p)) << 32 | load_be32(p + 4);
}
constexpr void store_be16(uint8_t* p, uint16_t v) {
  p[0] = static_cast<uint8_t>(v >> 8);
  p[1] = static_cast<uint8_t>(v);
}
constexpr void store_be24(uint8_t* p, uint32_t v) {
  p[0] = static_cast<uint8_t>(v >> 16);
  p[1] = static_cast<uint8_t>(v >> 8);
  p[2] = static_cast<uint8_t>(v);
}
constexpr void store_be32(uint8_t* p, uint32_t v) {
  store_be16(p, static_cast<uint16_t>(v >> 16));
  store_be16(p + 2, static_cast<uint16_t>(v));
}
constexpr void store_be64(uint8_t* p, uint64_t v) {
  store_be32(p, static_cast<uint32_t>(v >> 32));
  store_be32(p + 4, static_cast<uint32_t>(v));
}

/// Reads forward through a buffer. A read past the end returns zero (or an empty span) and makes
/// `ok()` false for good, so a parser may read a whole structure and check once.
class ByteReader {
 public:
  constexpr explicit ByteReader(Bytes data) : data_(data) {}

  [[nodiscard]] constexpr bool ok() const { return ok_; }
  [[nodiscard]] constexpr size_t remaining() const { return data_.size() - position_; }
  [[nodiscard]] constexpr size_t position() const { return position_; }

  constexpr uint8_t u8() { return take(1) ? data_[position_ - 1] : uint8_t{0}; }
  constexpr uint16_t u16() { return take(2) ? load_be16(&data_[position_ - 2]) : uint16_t{0}; }
  constexpr uint32_t u24() { return take(3) ? load_be24(&data_[position_ - 3]) : uint32_t{0}; }
  constexpr uint32_t u32() { return take(4) ? load_be32(&data_[position_ - 4]) : uint32_t{0}; }
  constexpr uint64_t u64() { return take(8) ? load_be64(&data_[position_ - 8]) : uint64_t{0}; }

  /// The next `count` bytes as a view, or an empty span when there are fewer.
  constexpr Bytes bytes(size_t count) {
    return take(count) ? data_.subspan(position_ - count, count) : Bytes{};
  }
  constexpr void skip(size_t count) { take(count); }
  /// All bytes not read yet, without moving.
  [[nodiscard]] constexpr Bytes rest() const { return data_.subspan(position_); }

 private:
  constexpr bool take(size_t count) {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      return false;
    }
    position_ += count;
    return true;
  }

  Bytes data_;
  size_t position_ = 0;
  bool ok_ = true;
};

/// Writes forward into a fixed buffer. A write past the end writes nothing and makes `ok()` false
/// for good.
class ByteWriter {
 public:
  constexpr explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  [[nodiscard]] constexpr bool ok() const { return ok_; }
  [[nodiscard]] constexpr size_t size() const { return position_; }
  [[nodiscard]] constexpr size_t remaining() const { return buffer_.size() - position_; }
  [[nodiscard]] constexpr MutableBytes written() const { return buffer_.first(position_); }

  constexpr void u8(uint8_t v) {
    if (take(1)) {
      buffer_[position_ - 1] = v;
    }
  }
  constexpr void u16(uint16_t v) {
    if (take(2)) {
      store_be16(&buffer_[position_ - 2], v);
    }
  }
  constexpr void u24(uint32_t v) {
    if (take(3)) {
      store_be24(&buffer_[position_ - 3], v);
    }
  }
  constexpr void u32(uint32_t v) {
    if (take(4)) {
      store_be32(&buffer_[position_ - 4], v);
    }
  }
  constexpr void u64(uint64_t v) {
    if (take(8)) {
      store_be64(&buffer_[position_ - 8], v);
    }
  }
  constexpr void bytes(Bytes v) {
    if (take(v.size())) {
      std::copy(v.begin(), v.end(), buffer_.begin() + static_cast<ptrdiff_t>(position_ - v.size()));
    }
  }
  constexpr void zeros(size_t count) {
    if (take(count)) {
      std::fill_n(buffer_.begin() + static_cast<ptrdiff_t>(position_ - count), count, uint8_t{0});
    }
  }

 private:
  constexpr bool take(size_t count) {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      return false;
    }
    position_ += count;
    return true;
  }

  MutableBytes buffer_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace sluice
