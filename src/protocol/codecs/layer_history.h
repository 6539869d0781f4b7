// The layers that one consumer got of a stream at its latest layer changes, so that late packets
// can be judged by what was current at their picture (media-plane 5.12). A fixed ring.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::codecs {

/// -1 for none.
struct Layers {
  int8_t spatial = -1;
  int8_t temporal = -1;

  friend bool operator==(const Layers&, const Layers&) = default;
};

class LayerHistory {
 public:
  /// Entries more than this many pictures behind a new one are forgotten.
  static constexpr int64_t kMaxAge = 1000;
  /// More changes than this within kMaxAge pictures push out the oldest ones.
  static constexpr size_t kCapacity = 16;

  void clear() { count_ = 0; }
  /// The layers changed at `number`, which is not below that of any earlier call.
  void add(int64_t number, Layers layers);
  /// The layers that were current at `number`: those of the newest change not above it, or of the
  /// oldest one. With fewer than two changes, `current`.
  [[nodiscard]] Layers at(int64_t number, Layers current) const;
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  struct Change {
    int64_t number;
    Layers layers;
  };
  [[nodiscard]] const Change& change(size_t i) const { return changes_[(first_ + i) % kCapacity]; }

  size_t first_ = 0;
  size_t count_ = 0;
  std::array<Change, kCapacity> changes_{};
};

}  // namespace sluice::codecs
