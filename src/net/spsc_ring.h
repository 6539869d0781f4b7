// A bounded lock-free ring between exactly one producer thread and one consumer thread.
//
// Each side owns one index and keeps a stale copy of the other's, so that a push or pop touches the
// other side's cache line only when the copy says full or empty. Indices run freely and wrap by the
// power-of-two mask.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace sluice::net {

/// `T` is default-constructible and movable. A popped slot keeps a moved-from value.
template <class T>
class SpscRing {
 public:
  /// Holds at least `capacity` items (rounded up to a power of two).
  explicit SpscRing(size_t capacity)
      : mask_(std::bit_ceil(capacity < 2 ? size_t{2} : capacity) - 1),
        slots_(std::make_unique<T[]>(mask_ + 1)) {}
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  [[nodiscard]] size_t capacity() const { return mask_ + 1; }

  /// Producer: false when full; `item` is then untouched.
  bool push(T&& item) { return push_batch(std::span<T>(&item, 1)) == 1; }
  bool push(const T& item) {
    T copy = item;
    return push(std::move(copy));
  }
  /// Producer: moves as many of `items` as fit, from the front, and publishes them at once.
  size_t push_batch(std::span<T> items) {
    const size_t head = producer_.index.load(std::memory_order_relaxed);
    if (capacity() - (head - producer_.other) < items.size()) {
      producer_.other = consumer_.index.load(std::memory_order_acquire);
    }
    const size_t room = capacity() - (head - producer_.other);
    const size_t count = items.size() < room ? items.size() : room;
    for (size_t i = 0; i < count; ++i) {
      slots_[(head + i) & mask_] = std::move(items[i]);
    }
    producer_.index.store(head + count, std::memory_order_release);
    return count;
  }

  /// Consumer: false when empty.
  bool pop(T& out) { return pop_batch(std::span<T>(&out, 1)) == 1; }
  /// Consumer: moves up to `out.size()` items into `out` and returns how many.
  size_t pop_batch(std::span<T> out) {
    size_t count = 0;
    consume([&](T& item) { out[count++] = std::move(item); }, out.size());
    return count;
  }
  /// Consumer: calls `fn(T&)` for up to `limit` items in place, then frees their slots at once.
  template <class Fn>
  size_t consume(Fn&& fn, size_t limit = SIZE_MAX) {
    const size_t tail = consumer_.index.load(std::memory_order_relaxed);
    if (consumer_.other - tail < limit) {
      consumer_.other = producer_.index.load(std::memory_order_acquire);
    }
    const size_t ready = consumer_.other - tail;
    const size_t count = ready < limit ? ready : limit;
    for (size_t i = 0; i < count; ++i) {
      fn(slots_[(tail + i) & mask_]);
    }
    consumer_.index.store(tail + count, std::memory_order_release);
    return count;
  }

  /// Either side: number of items, exact only on the thread that calls nothing meanwhile.
  [[nodiscard]] size_t size() const {
    // The consumer's index first: read the other way round, it could have passed the producer's.
    const size_t tail = consumer_.index.load(std::memory_order_acquire);
    return producer_.index.load(std::memory_order_acquire) - tail;
  }
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  struct alignas(64) Side {
    std::atomic<size_t> index{0};
    size_t other = 0;
  };

  Side producer_;
  Side consumer_;
  alignas(64) const size_t mask_;
  const std::unique_ptr<T[]> slots_;
};

}  // namespace sluice::net
