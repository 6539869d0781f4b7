#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <type_traits>

namespace sluice::net {
namespace {

constexpr int64_t kTickMicros = 1000;

uint64_t tick_at_or_before(Micros time) {
  return time.count() <= 0 ? 0 : static_cast<uint64_t>(time.count() / kTickMicros);
}

uint64_t tick_at_or_after(Micros time) {
  // Divided first: a deadline of Micros::max() must not overflow.
  return time.count() <= 0 ? 0
                           : static_cast<uint64_t>(time.count() / kTickMicros +
                                                   (time.count() % kTickMicros != 0));
}

template <class Link>
void unlink(Link& link) {
  link.prev->next = link.next;
  link.next->prev = link.prev;
  link.prev = link.next = nullptr;
}

template <class Link>
void append(Link& list, Link& link) {
  link.prev = list.prev;
  link.next = &list;
  list.prev->next = &link;
  list.prev = &link;
}

}  // namespace

void Timer::cancel() {
  if (armed()) {
    unlink(link_);
  }
}

// The wheel's lists link the first member of each timer.
static_assert(std::is_standard_layout_v<Timer>);

TimerWheel::TimerWheel(Micros now) : current_(tick_at_or_before(now)) {
  for (auto& level : slots_) {
    for (Link& list : level) {
      list.prev = list.next = &list;
    }
  }
}

TimerWheel::~TimerWheel() {
  for (auto& level : slots_) {
    for (Link& list : level) {
      while (list.next != &list) {
        unlink(*list.next);
      }
    }
  }
}

void TimerWheel::schedule(Timer& timer, Micros deadline) {
  timer.deadline_ = deadline;
  const uint64_t tick = std::max(tick_at_or_after(deadline), current_ + 1);
  if (timer.armed()) {
    if (tick >= timer.slot_tick_) {
      return;
    }
    unlink(timer.link_);
  }
  insert(timer, tick);
}

void TimerWheel::insert(Timer& timer, uint64_t tick) {
  // A deadline past the range goes to the farthest slot and is put further when that comes up.
  constexpr uint64_t kRange = uint64_t{1} << (kLevels * kSlotBits);
  tick = std::min(tick, current_ + kRange - 1);
  timer.slot_tick_ = tick;
  const uint64_t ahead = tick - current_;
  unsigned level = 0;
  while (level + 1 < kLevels && ahead >= uint64_t{1} << ((level + 1) * kSlotBits)) {
    ++level;
  }
  const unsigned slot = static_cast<unsigned>(tick >> (level * kSlotBits)) % kSlots;
  append(slots_[level][slot], timer.link_);
  occupied_[level][slot / 64] |= uint64_t{1} << (slot % 64);
}

std::optional<uint64_t> TimerWheel::next_occupied_tick() const {
  std::optional<uint64_t> first;
  for (unsigned level = 0; level < kLevels; ++level) {
    const uint64_t position = current_ >> (level * kSlotBits);
    const auto& words = occupied_[level];
    // From the slot after the current one, once around and back to the current one, which then
    // stands for the next round.
    const unsigned start = static_cast<unsigned>(position + 1) % kSlots;
    unsigned scanned = 0;
    while (scanned < kSlots) {
      const unsigned slot = (start + scanned) % kSlots;
      const uint64_t word = words[slot / 64] >> (slot % 64);
      if (word == 0) {
        scanned += 64 - slot % 64;
        continue;
      }
      scanned += static_cast<unsigned>(std::countr_zero(word));
      break;
    }
    if (scanned < kSlots) {
      const uint64_t tick = (position + 1 + scanned) << (level * kSlotBits);
      first = first ? std::min(*first, tick) : tick;
    }
  }
  return first;
}

std::optional<Micros> TimerWheel::next_deadline() const {
  const auto tick = next_occupied_tick();
  if (!tick) {
    return std::nullopt;
  }
  return Micros(static_cast<int64_t>(*tick) * kTickMicros);
}

void TimerWheel::take_slot(unsigned level, unsigned slot, Link& list) {
  list.prev = list.next = &list;
  Link& source = slots_[level][slot];
  occupied_[level][slot / 64] &= ~(uint64_t{1} << (slot % 64));
  if (source.next != &source) {
    list.next = source.next;
    list.prev = source.prev;
    list.next->prev = &list;
    list.prev->next = &list;
    source.prev = source.next = &source;
  }
}

void TimerWheel::cascade() {
  for (unsigned level = kLevels - 1; level > 0; --level) {
    if (current_ % (uint64_t{1} << (level * kSlotBits)) != 0) {
      continue;
    }
    Link list;
    take_slot(level, static_cast<unsigned>(current_ >> (level * kSlotBits)) % kSlots, list);
    while (list.next != &list) {
      Timer& timer = *reinterpret_cast<Timer*>(list.next);
      unlink(timer.link_);
      insert(timer, std::max(tick_at_or_after(timer.deadline_), current_));
    }
  }
}

size_t TimerWheel::fire(Micros now) {
  size_t fired = 0;
  Link list;
  take_slot(0, static_cast<unsigned>(current_ % kSlots), list);
  while (list.next != &list) {
    Timer& timer = *reinterpret_cast<Timer*>(list.next);
    unlink(timer.link_);
    const uint64_t due = tick_at_or_after(timer.deadline_);
    if (due > current_) {
      insert(timer, due);
    } else {
      ++fired;
      timer.callback_(timer.context_, now);
    }
  }
  return fired;
}

size_t TimerWheel::advance(Micros now) {
  const uint64_t target = tick_at_or_before(now);
  size_t fired = 0;
  while (current_ < target) {
    const auto next = next_occupied_tick();
    if (!next || *next > target) {
      current_ = target;
      break;
    }
    current_ = *next;
    cascade();
    fired += fire(now);
  }
  return fired;
}

}  // namespace sluice::net
