// Output numbering with drops (media-plane 5.10): maps the numbers of a received series (RTP
// sequence numbers, VP8 picture ids and TL0PICIDX, AV1 frame numbers) to a sent series in which
// dropped inputs leave no gap while lost ones do, and which continues over a change of the source.
//
// Inputs and outputs are 64-bit inside, so wrapping never matters after the first step. Drops are
// remembered in a bitmap of the last 4096 inputs before the latest drop, with the number of drops
// before each of its 64-bit words. Everything is O(1) and nothing allocates. Invariants since the
// last `sync`: the map from accepted inputs to outputs is strictly increasing, does not depend on
// the order of arrival, and never gives an output that was given before the `sync`.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

namespace sluice::rtp {

/// `Bits` is the width of the numbers: 16 for RTP and frame numbers, 15 for VP8 picture ids, 8 for
/// TL0PICIDX; 3 is for tests.
template <unsigned Bits>
class SeqNumberer {
  static_assert(Bits >= 3 && Bits <= 16);

 public:
  using Value = std::conditional_t<(Bits > 8), uint16_t, uint8_t>;

  /// `initial_output` is added to all outputs: the first is `initial_output` plus the input, or
  /// `initial_output` + 1 after a `sync`.
  explicit SeqNumberer(Value initial_output = 0)
      // One less than the first output after a sync, which must lie in 0..2^Bits - 1.
      : initial_output_(initial_output), max_output_(int64_t{wrap(initial_output + 1)} - 1) {}

  /// The input that follows `x` gets the output that follows the highest one so far. Inputs up to
  /// and including `x` are from then on reported as dropped: their numbers may have been used.
  void sync(Value x);

  /// Removes `x` from the series when it is higher than all inputs so far; otherwise does nothing.
  void drop(Value x);

  /// The output for `x`, extended to 64 bits: `wrap` gives what goes on the wire, and for RTP the
  /// upper bits are the rollover counter. Below zero only for inputs from before the first one.
  /// Nothing when `x` was dropped, or is too old to tell: the caller must not send it.
  [[nodiscard]] std::optional<int64_t> input(Value x);

  /// The low bits of an extended number.
  static constexpr Value wrap(int64_t extended) { return static_cast<Value>(extended & kMask); }

  [[nodiscard]] Value max_input() const { return wrap(max_input_); }
  [[nodiscard]] Value max_output() const { return wrap(max_output_); }
  [[nodiscard]] int64_t max_output_extended() const { return max_output_; }

  /// Words of the bitmap: 4096 bits, or for narrow numbers all that can be behind the highest
  /// input, plus what the newest word may lack.
  static constexpr int64_t kWords =
      Bits >= 13 ? 64 : int64_t{std::bit_ceil((1U << (Bits - 1)) / 64 + 2)};
  /// Inputs at most this far behind the latest drop are always exact.
  static constexpr int64_t kWindow = (kWords - 1) * 64;

 private:
  static constexpr int64_t kMask = (int64_t{1} << Bits) - 1;
  static constexpr int64_t kHalf = kMask / 2;
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

  static constexpr size_t slot(int64_t word) { return static_cast<size_t>(word & (kWords - 1)); }

  /// The extended number of `x` that media-plane 0.2 makes higher or lower than max_input_.
  [[nodiscard]] int64_t extend(Value x) const {
    const int64_t ahead = (int64_t{x} - max_input_) & kMask;
    const bool higher = ahead <= kHalf || (ahead == kHalf + 1 && wrap(x) < wrap(max_input_));
    return max_input_ + (higher ? ahead : ahead - kMask - 1);
  }

  void start(Value x) {
    started_ = true;
    max_input_ = wrap(x);
  }
  void forget_drops();
  void advance_window(int64_t word);
  /// How many drops are lower than `x`, or nothing when `x` is one or cannot be told from one.
  [[nodiscard]] std::optional<int64_t> drops_before(int64_t x) const;

  // What an input in order needs comes first, in one cache line.
  bool started_ = false;
  bool output_started_ = false;
  Value initial_output_;
  int64_t max_input_ = 0;
  int64_t max_output_;
  int64_t base_ = 0;               ///< output = input + base_ - drops before
  int64_t floor_ = kNever;         ///< inputs up to here are from before the last sync
  int64_t drops_ = 0;              ///< since the last sync
  int64_t last_drop_ = kNever;     ///< highest dropped input
  int64_t first_drop_ = kNever;    ///< lowest dropped input, in the bitmap or not
  int64_t last_evicted_ = kNever;  ///< highest dropped input that left the bitmap
  /// Low bits of the number of drops before each word. Differences inside the bitmap fit.
  std::array<uint16_t, kWords> drops_before_word_{};
  /// Bit i of word w is set when input 64 w + i was dropped. The newest word is that of last_drop_.
  std::array<uint64_t, kWords> dropped_{};
};

template <unsigned Bits>
void SeqNumberer<Bits>::forget_drops() {
  drops_ = 0;
  last_drop_ = kNever;
  first_drop_ = kNever;
  last_evicted_ = kNever;
}

template <unsigned Bits>
void SeqNumberer<Bits>::sync(Value x) {
  if (!started_) {
    start(x);
  }
  max_input_ = extend(x);
  floor_ = max_input_;
  base_ = max_output_ - max_input_;
  output_started_ = true;
  forget_drops();
}

template <unsigned Bits>
void SeqNumberer<Bits>::drop(Value x) {
  int64_t at = wrap(x);
  if (!started_) {
    start(x);
  } else {
    at = extend(x);
    if (at <= max_input_) {
      return;
    }
  }
  const int64_t word = at >> 6;
  if (drops_ == 0) {
    dropped_.fill(0);
    drops_before_word_.fill(0);
    first_drop_ = at;
  } else {
    advance_window(word);
  }
  dropped_[slot(word)] |= uint64_t{1} << (at & 63);
  ++drops_;
  last_drop_ = at;
  max_input_ = at;
}

template <unsigned Bits>
void SeqNumberer<Bits>::advance_window(int64_t word) {
  const int64_t newest = last_drop_ >> 6;
  const auto count = static_cast<uint16_t>(drops_);
  if (word - newest >= kWords) {
    last_evicted_ = last_drop_;
    dropped_.fill(0);
    drops_before_word_.fill(count);
    return;
  }
  for (int64_t w = newest + 1; w <= word; ++w) {
    uint64_t& bits = dropped_[slot(w)];
    if (bits != 0) {
      last_evicted_ = (w - kWords) * 64 + 63 - std::countl_zero(bits);
      bits = 0;
    }
    drops_before_word_[slot(w)] = count;
  }
}

template <unsigned Bits>
std::optional<int64_t> SeqNumberer<Bits>::drops_before(int64_t x) const {
  if (x > last_drop_) {
    return drops_;
  }
  if (x < first_drop_) {
    return 0;
  }
  const int64_t newest = last_drop_ >> 6;
  const int64_t word = x >> 6;
  const auto since = [this](uint16_t count) {
    return int64_t{static_cast<uint16_t>(static_cast<uint16_t>(drops_) - count)};
  };
  if (word > newest - kWords) {
    const uint64_t bits = dropped_[slot(word)];
    const uint64_t bit = uint64_t{1} << (x & 63);
    if ((bits & bit) != 0) {
      return std::nullopt;
    }
    const auto before =
        static_cast<uint16_t>(drops_before_word_[slot(word)] + std::popcount(bits & (bit - 1)));
    return drops_ - since(before);
  }
  // Older than the bitmap. Still exact when all drops that left the bitmap are lower.
  if (x > last_evicted_) {
    return drops_ - since(drops_before_word_[slot(newest + 1)]);
  }
  return std::nullopt;
}

template <unsigned Bits>
std::optional<int64_t> SeqNumberer<Bits>::input(Value x) {
  if (!started_) {
    start(x);
  }
  const int64_t at = extend(x);
  if (at <= floor_) {
    return std::nullopt;
  }
  const auto drops = drops_before(at);
  if (!drops) {
    return std::nullopt;
  }
  max_input_ = std::max(max_input_, at);
  if (!output_started_) {
    // The first output must lie in 0..2^Bits - 1, whatever the first input was.
    output_started_ = true;
    const int64_t plain = at - *drops + initial_output_;
    base_ = int64_t{initial_output_} + (int64_t{wrap(plain)} - plain);
    max_output_ = at + base_ - *drops;
    return max_output_;
  }
  const int64_t output = at + base_ - *drops;
  max_output_ = std::max(max_output_, output);
  return output;
}

extern template class SeqNumberer<16>;
extern template class SeqNumberer<15>;
extern template class SeqNumberer<8>;
extern template class SeqNumberer<3>;

}  // namespace sluice::rtp
