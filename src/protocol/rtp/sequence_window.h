// Which of the last sequence numbers of a stream were seen: finds duplicates, such as an original
// that comes after its retransmission.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::rtp {

class SequenceWindow {
 public:
  /// More than StreamSequence accepts behind the highest number.
  static constexpr int64_t kSize = 2048;

  /// Takes note of an extended number. False when it was seen before, or is too old to tell.
  bool insert(int64_t number) {
    if (!started_) {
      started_ = true;
      highest_ = number;
    } else if (number > highest_) {
      advance(number);
    } else if (highest_ - number >= kSize) {
      return false;
    }
    uint64_t& word = words_[index(number) / 64];
    const uint64_t bit = uint64_t{1} << index(number) % 64;
    const bool is_new = (word & bit) == 0;
    word |= bit;
    return is_new;
  }

  void reset() {
    started_ = false;
    words_ = {};
  }

 private:
  static size_t index(int64_t number) {
    return static_cast<size_t>(static_cast<uint64_t>(number) % kSize);
  }
  void advance(int64_t to) {
    if (to - highest_ >= kSize) {
      words_ = {};
    } else {
      for (int64_t number = highest_ + 1; number <= to; ++number) {
        words_[index(number) / 64] &= ~(uint64_t{1} << index(number) % 64);
      }
    }
    highest_ = to;
  }

  bool started_ = false;
  int64_t highest_ = 0;
  std::array<uint64_t, kSize / 64> words_{};
};

}  // namespace sluice::rtp
