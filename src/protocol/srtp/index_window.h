// Packet indexes (RFC 3711 section 3.3.1) and the memory of which ones were seen: replay protection
// on the way in, protection from a repeated nonce on the way out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/types.h"

namespace sluice::srtp {

/// RTP indexes are ROC and sequence number together: 48 bits.
inline constexpr uint64_t kIndexEnd = uint64_t{1} << 48;

/// The index of sequence number `seq` when `highest` is the highest index so far. There is no
/// rollover counter below 0, so early in the first cycle a number far ahead is just that. May
/// return a value from `kIndexEnd` on: the key is used up then.
constexpr uint64_t guess_index(uint64_t highest, uint16_t seq) {
  const int64_t index = extend<16>(seq, static_cast<int64_t>(highest));
  return static_cast<uint64_t>(index < 0 ? index + 65536 : index);
}

enum class IndexState : uint8_t {
  kNew,   ///< not seen
  kSeen,  ///< seen before
  kOld,   ///< left the window: may have been seen
};

/// Remembers the last `Size` indexes below and including the highest one.
template <size_t Size>
class IndexWindow {
  static_assert(Size >= 64 && (Size & (Size - 1)) == 0);

 public:
  [[nodiscard]] bool empty() const { return empty_; }
  /// Meaningless while empty.
  [[nodiscard]] uint64_t highest() const { return highest_; }

  [[nodiscard]] IndexState state(uint64_t index) const {
    if (empty_ || index > highest_) {
      return IndexState::kNew;
    }
    if (highest_ - index >= Size) {
      return IndexState::kOld;
    }
    return (word(index) & bit(index)) != 0 ? IndexState::kSeen : IndexState::kNew;
  }

  /// Marks an index whose state is not `kOld`.
  void mark(uint64_t index) {
    if (empty_) {
      empty_ = false;
      highest_ = index;
    } else if (index > highest_) {
      advance(index);
    }
    words_[index / 64 % words_.size()] |= bit(index);
  }

  /// Takes every index up to and including `index` as seen.
  void mark_all_through(uint64_t index) {
    words_.fill(~uint64_t{0});
    highest_ = index;
    empty_ = false;
  }

 private:
  static constexpr uint64_t bit(uint64_t index) { return uint64_t{1} << (index % 64); }
  [[nodiscard]] uint64_t word(uint64_t index) const { return words_[index / 64 % words_.size()]; }

  /// Moves the upper end to `index` and forgets what leaves the window: its bits stand where those
  /// of the new indexes go.
  void advance(uint64_t index) {
    if (index - highest_ >= Size) {
      words_.fill(0);
    } else {
      for (uint64_t i = highest_ + 1; i <= index; ++i) {
        words_[i / 64 % words_.size()] &= ~bit(i);
      }
    }
    highest_ = index;
  }

  uint64_t highest_ = 0;
  bool empty_ = true;
  std::array<uint64_t, Size / 64> words_{};
};

}  // namespace sluice::srtp
