// Strong types for the numbers that travel through the engine, so that an SSRC cannot be passed
// where a sequence number is meant. They cost nothing at run time.
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace sluice {

/// Time since an arbitrary start, from a monotonic clock; also used for durations. Every protocol
/// class takes `Micros now` as an argument and reads no clock itself.
using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;
using namespace std::chrono_literals;

/// A number that only mixes with its own kind. `Tag` is never defined.
template <class Tag, class Rep>
struct Strong {
  Rep value{};

  constexpr Strong() = default;
  constexpr explicit Strong(Rep v) : value(v) {}
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
};

/// RTP synchronisation source (RFC 3550 section 3).
using Ssrc = Strong<struct SsrcTag, uint32_t>;
/// RTP sequence number as on the wire. Compare with `is_higher`, never with `<`.
using SeqNum = Strong<struct SeqNumTag, uint16_t>;
/// RTP timestamp as on the wire, in units of the stream's clock rate.
using Timestamp = Strong<struct TimestampTag, uint32_t>;
/// RTP payload type, 0..127.
using PayloadType = Strong<struct PayloadTypeTag, uint8_t>;
/// Bits per second.
using BitRate = Strong<struct BitRateTag, uint64_t>;

/// Wrapping comparison of N-bit numbers (media-plane 0.2): true when `a` is ahead of `b` by at most
/// half of the range. Not symmetric at the exact half; equal values are not higher.
template <unsigned Bits, std::unsigned_integral T>
constexpr bool is_higher(T a, T b) {
  static_assert(Bits >= 2 && Bits <= 64);
  constexpr uint64_t kMask = Bits == 64 ? ~uint64_t{0} : (uint64_t{1} << Bits) - 1;
  constexpr uint64_t kHalf = kMask / 2;
  const uint64_t x = uint64_t{a} & kMask;
  const uint64_t y = uint64_t{b} & kMask;
  return (x > y && x - y <= kHalf) || (y > x && y - x > kHalf);
}

constexpr bool is_higher(SeqNum a, SeqNum b) {
  return is_higher<16>(a.value, b.value);
}
constexpr bool is_higher(Timestamp a, Timestamp b) {
  return is_higher<32>(a.value, b.value);
}

/// Extends a wrapping N-bit number to 64 bits: the value congruent to `wrapped` that lies nearest
/// to `reference` (the last extended value).
template <unsigned Bits>
constexpr int64_t extend(uint64_t wrapped, int64_t reference) {
  static_assert(Bits >= 2 && Bits <= 32);
  constexpr int64_t kRange = int64_t{1} << Bits;
  const int64_t low = static_cast<int64_t>(static_cast<uint64_t>(reference) & (kRange - 1));
  int64_t delta = static_cast<int64_t>(wrapped & (kRange - 1)) - low;
  if (delta > kRange / 2) {
    delta -= kRange;
  } else if (delta < -kRange / 2) {
    delta += kRange;
  }
  return reference + delta;
}

/// The earlier of two deadlines that may not exist.
constexpr std::optional<Micros> earliest(std::optional<Micros> a, std::optional<Micros> b) {
  if (!a || !b) {
    return a ? a : b;
  }
  return *a < *b ? a : b;
}

}  // namespace sluice

template <class Tag, class Rep>
struct std::hash<sluice::Strong<Tag, Rep>> {
  size_t operator()(const sluice::Strong<Tag, Rep>& v) const noexcept {
    return std::hash<Rep>{}(v.value);
  }
};
