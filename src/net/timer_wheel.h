// Timers of one loop in a hierarchical wheel: 1 ms ticks, 4 levels of 256 slots, so deadlines up to
// 49 days ahead (media-plane 12.6).
//
// Arming, moving and cancelling are O(1) and allocate nothing: a timer is an intrusive list node in
// its owner. A timer whose deadline moves later stays in its slot and is put further when that slot
// comes up, so per-packet activity costs one store. Timers never fire early; they fire with the
// first `advance` at or after their deadline, rounded up to a tick.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::net {

class TimerWheel;

/// A timer, a member of the object that it calls. Not movable; its destructor cancels it.
class Timer {
 public:
  using Callback = void (*)(void* context, Micros now);

  Timer(Callback callback, void* context) : callback_(callback), context_(context) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// A timer that calls `(object->*Method)(now)`: `Timer timer_ = Timer::of<&Foo::on_timer>(this);`
  template <auto Method, class T>
  static Timer of(T* object) {
    return Timer([](void* self, Micros now) { (static_cast<T*>(self)->*Method)(now); }, object);
  }

  [[nodiscard]] bool armed() const { return link_.next != nullptr; }
  /// The deadline of an armed timer.
  [[nodiscard]] Micros deadline() const { return deadline_; }
  void cancel();

 private:
  friend class TimerWheel;

  struct Link {
    Link* prev = nullptr;
    Link* next = nullptr;
  };

  Link link_;
  Micros deadline_{};
  // The tick whose slot holds the timer; not later than the deadline.
  uint64_t slot_tick_ = 0;
  Callback callback_;
  void* context_;
};

class TimerWheel {
 public:
  /// The wheel starts at `now`.
  explicit TimerWheel(Micros now);
  /// Disarms all timers.
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Arms `timer` for `deadline`, or moves it there. A deadline in the past fires at the next tick.
  void schedule(Timer& timer, Micros deadline);

  /// Calls the callbacks of all timers that are due at `now`, in order of ticks. A callback may
  /// arm, move and cancel any timer and may destroy its own. Returns the number of callbacks.
  size_t advance(Micros now);

  /// No timer is due before this time; it may be earlier than the first deadline, but later than
  /// `advance` was last called with. Nothing when no timer is armed.
  [[nodiscard]] std::optional<Micros> next_deadline() const;

 private:
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kSlotBits = 8;
  static constexpr unsigned kSlots = 1 << kSlotBits;

  using Link = Timer::Link;

  void insert(Timer& timer, uint64_t tick);
  [[nodiscard]] std::optional<uint64_t> next_occupied_tick() const;
  // Moves the timers of a slot to `list`, which the caller empties.
  void take_slot(unsigned level, unsigned slot, Link& list);
  void cascade();
  size_t fire(Micros now);

  uint64_t current_;
  std::array<std::array<Link, kSlots>, kLevels> slots_;
  // A set bit means that the slot may hold timers; cleared when the slot is taken.
  std::array<std::array<uint64_t, kSlots / 64>, kLevels> occupied_{};
};

}  // namespace sluice::net
