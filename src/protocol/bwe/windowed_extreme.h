// The smallest or largest value of a sliding window, in constant time and memory: the window is cut
// into ten parts, each with its own extreme, so what it covers ends between 90 % and 100 % of its
// length ago.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

#include "base/types.h"

namespace sluice::bwe {

/// `Better(a, b)` tells that `a` is rather the extreme than `b`.
template <class T, class Better>
class WindowedExtreme {
 public:
  /// `window` is at least 10 us.
  explicit WindowedExtreme(Micros window) : part_(window / kParts) {}

  void update(T value, Micros now) {
    const int64_t index = now / part_;
    Part& part = parts_[static_cast<uint64_t>(index) % kParts];
    if (part.index != index) {
      part = {index, value};
    } else if (Better()(value, part.extreme)) {
      part.extreme = value;
    }
  }

  /// Nothing when no value came within the window.
  [[nodiscard]] std::optional<T> get(Micros now) const {
    const int64_t newest = now / part_;
    std::optional<T> extreme;
    for (const Part& part : parts_) {
      const bool recent = part.index > newest - kParts && part.index <= newest;
      if (recent && (!extreme || Better()(part.extreme, *extreme))) {
        extreme = part.extreme;
      }
    }
    return extreme;
  }

  void reset() { parts_.fill({}); }

 private:
  static constexpr int kParts = 10;
  struct Part {
    int64_t index = std::numeric_limits<int64_t>::min();
    T extreme{};
  };

  Micros part_;
  std::array<Part, kParts> parts_{};
};

template <class T>
using WindowedMin = WindowedExtreme<T, std::less<T>>;
template <class T>
using WindowedMax = WindowedExtreme<T, std::greater<T>>;

}  // namespace sluice::bwe
