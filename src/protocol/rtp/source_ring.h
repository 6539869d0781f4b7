// The received packets of one producer stream that may still be retransmitted, shared by all its
// consumers (media-plane 6.8, 12.7). Each packet gets an index that is used again only 2^32 packets
// later; consumers keep indices in their RetransmissionHistory and find nothing once the packet is
// gone.
//
// `Ref` is what keeps a packet alive: movable, default constructed when it keeps none. Bounded by
// age, count and bytes. The storage is a ring of a power of two slots that starts small and doubles
// until `max_packets` fit; it never shrinks.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/types.h"

namespace sluice::rtp {

struct SourceRingLimits {
  /// Since arrival: at least the age by timestamp for which consumers' histories keep records.
  Micros max_age = 2s;
  uint16_t max_packets = 2500;
  size_t max_bytes = 8 << 20;
};

template <class Ref>
class SourceRing {
  static_assert(std::is_nothrow_move_assignable_v<Ref> && std::is_default_constructible_v<Ref>);

 public:
  explicit SourceRing(const SourceRingLimits& limits)
      : limits_(limits), slots_(std::bit_ceil(std::clamp<size_t>(limits.max_packets, 1, 64))) {}

  /// Adds a packet that arrived at `now` and returns its index. Removes what the limits exclude.
  uint32_t push(Ref ref, size_t bytes, Micros now) {
    expire(now);
    while (size() > 0 && (size() >= limits_.max_packets || bytes_ + bytes > limits_.max_bytes)) {
      pop();
    }
    if (size() == slots_.size()) {
      grow();
    }
    slot(next_) = {.ref = std::move(ref), .at = now, .bytes = bytes};
    bytes_ += bytes;
    return next_++;
  }

  /// The packet with this index, or null when it is gone. Valid until the next change of the ring.
  [[nodiscard]] const Ref* find(uint32_t index) const {
    return index - oldest_ < next_ - oldest_ ? &slot(index).ref : nullptr;
  }

  /// Removes packets older than the maximum age. A stream that stopped needs this call to give its
  /// packets back.
  void expire(Micros now) {
    while (size() > 0 && now - slot(oldest_).at > limits_.max_age) {
      pop();
    }
  }
  /// When `expire` has something to do next, or nothing for an empty ring.
  [[nodiscard]] std::optional<Micros> next_expiry() const {
    if (size() == 0) {
      return std::nullopt;
    }
    return slot(oldest_).at + limits_.max_age + Micros{1};
  }

  /// Removes all packets. Indices go on from where they were.
  void clear() {
    while (size() > 0) {
      pop();
    }
  }

  [[nodiscard]] size_t size() const { return next_ - oldest_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] size_t capacity() const { return slots_.size(); }

 private:
  struct Slot {
    Ref ref{};
    Micros at{0};
    size_t bytes = 0;
  };

  [[nodiscard]] Slot& slot(uint32_t index) { return slots_[index & (slots_.size() - 1)]; }
  [[nodiscard]] const Slot& slot(uint32_t index) const {
    return slots_[index & (slots_.size() - 1)];
  }
  void pop() {
    Slot& oldest = slot(oldest_++);
    bytes_ -= oldest.bytes;
    oldest.ref = Ref{};
  }
  void grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    for (uint32_t index = oldest_; index != next_; ++index) {
      larger[index & (larger.size() - 1)] = std::move(slot(index));
    }
    slots_ = std::move(larger);
  }

  SourceRingLimits limits_;
  uint32_t oldest_ = 0;
  uint32_t next_ = 0;
  size_t bytes_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace sluice::rtp
