// Packets that came before the first packet of a key frame but may belong behind it (media-plane
// 7.1): they wait for that packet, so that a little reordering does not cost a key frame. They stay
// in the fan-out's history; here is only where.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/types.h"
#include "media/fanout.h"
#include "media/forwarded_packet.h"

namespace sluice::media {

class HoldBuffer {
 public:
  static constexpr size_t kMaxLimit = 30;

  /// Keeps the latest `limit` packets, at most kMaxLimit.
  explicit HoldBuffer(size_t limit) : limit_(limit) {}

  [[nodiscard]] bool empty() const { return count_ == 0; }
  void clear() { count_ = 0; }

  /// A packet that no history keeps cannot be held.
  void add(const ForwardedPacket& packet) {
    if (!packet.source) {
      return;
    }
    if (count_ == limit_) {
      std::move(held_.begin() + 1, held_.begin() + static_cast<ptrdiff_t>(count_), held_.begin());
      --count_;
    }
    held_[count_++] = {.sequence = packet.media().sequence_number, .source = *packet.source};
  }

  /// Gives back what comes behind `first`, in order, and forgets the rest.
  template <class Take>
  void release(SeqNum first, const Fanout& fanout, Take&& take) {
    std::array<Held, kMaxLimit> waiting = held_;
    const auto end = waiting.begin() + static_cast<ptrdiff_t>(std::exchange(count_, 0));
    const auto distance = [first](const Held& held) {
      return extend<16>(held.sequence.value, first.value) - first.value;
    };
    std::sort(waiting.begin(), end,
              [&](const Held& a, const Held& b) { return distance(a) < distance(b); });
    for (auto held = waiting.begin(); held != end; ++held) {
      const net::Packet* const buffer = distance(*held) > 0 ? fanout.find(held->source) : nullptr;
      if (buffer != nullptr) {
        take(ForwardedPacket{.buffer = buffer, .source = held->source});
      }
    }
  }

 private:
  struct Held {
    SeqNum sequence;
    uint32_t source = 0;
  };
  std::array<Held, kMaxLimit> held_{};
  size_t limit_;
  size_t count_ = 0;
};

}  // namespace sluice::media
