// A read-only sequence of fixed-size items that lie one after the other in a received packet. Items
// are decoded when they are looked at; nothing is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::rtcp {

/// `T` has `static constexpr size_t kWireSize` and `static T read(const uint8_t*)`.
template <class T>
class WireArray {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = T;

    constexpr Iterator() = default;
    constexpr explicit Iterator(const uint8_t* at) : at_(at) {}
    constexpr T operator*() const { return T::read(at_); }
    constexpr Iterator& operator++() {
      at_ += T::kWireSize;
      return *this;
    }
    constexpr Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend constexpr bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const uint8_t* at_ = nullptr;
  };

  constexpr WireArray() = default;
  /// Takes the whole items of `data`; a rest shorter than an item is left out.
  constexpr explicit WireArray(Bytes data)
      : data_(data.first(data.size() - data.size() % T::kWireSize)) {}

  [[nodiscard]] constexpr size_t size() const { return data_.size() / T::kWireSize; }
  [[nodiscard]] constexpr bool empty() const { return data_.empty(); }
  /// `index` must be below `size()`.
  [[nodiscard]] constexpr T operator[](size_t index) const {
    return T::read(data_.data() + index * T::kWireSize);
  }
  [[nodiscard]] constexpr Iterator begin() const { return Iterator(data_.data()); }
  [[nodiscard]] constexpr Iterator end() const { return Iterator(data_.data() + data_.size()); }

 private:
  Bytes data_;
};

/// An SSRC as an item of a list.
struct SsrcItem {
  static constexpr size_t kWireSize = 4;

  Ssrc ssrc;

  static constexpr SsrcItem read(const uint8_t* at) { return {Ssrc(load_be32(at))}; }
};

}  // namespace sluice::rtcp
