// Outgoing frames of one TCP connection that the kernel has not taken yet, as a byte ring.
//
// Sans-IO. Bounded by size and by delay (media-plane 1.11): beyond either, whole droppable frames
// (media) are refused and counted. Other frames go in up to twice the size; past that the peer
// is not reading and the connection should be closed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::net {

class TcpSendQueue {
 public:
  static constexpr size_t kDefaultLimit = size_t{1} << 20;
  /// Media older than this is of no use to the receiver.
  static constexpr Micros kMaxDelay = 500ms;
  static constexpr size_t kMaxFrame = 65535;

  enum class Push {
    kQueued,
    kDropped,   ///< a droppable frame found no room, or the frame has no length that can be sent
    kOverflow,  ///< a frame that must not be dropped found no room
  };

  explicit TcpSendQueue(size_t limit = kDefaultLimit) : limit_(limit) {}

  /// Appends the length prefix and `frame`.
  Push push(Bytes frame, bool droppable, Micros now);
  /// What waits, oldest first; the second part is empty unless the ring wraps.
  [[nodiscard]] std::array<Bytes, 2> pending() const;
  /// Removes the first `count` bytes: the kernel has them.
  void consume(size_t count);

  [[nodiscard]] size_t size() const { return static_cast<size_t>(head_ - tail_); }
  [[nodiscard]] bool empty() const { return head_ == tail_; }
  /// How long the oldest byte has waited, to within kMarkDistance.
  [[nodiscard]] Micros delay(Micros now) const;
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

 private:
  // When a position of the stream was queued, at most once per distance: 64 marks cover 640 ms.
  static constexpr Micros kMarkDistance = 10ms;
  static constexpr size_t kMarks = 64;
  struct Mark {
    uint64_t position;
    Micros at;
  };

  void reserve(size_t more);
  void append(Bytes bytes);
  void mark(Micros now);

  size_t limit_;
  std::unique_ptr<uint8_t[]> ring_;
  // A power of two, or 0 without a ring.
  size_t capacity_ = 0;
  // Positions in the stream of all bytes ever queued.
  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  std::array<Mark, kMarks> marks_{};
  size_t first_mark_ = 0;
  size_t mark_count_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace sluice::net
