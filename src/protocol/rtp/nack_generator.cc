#include "protocol/rtp/nack_generator.h"

#include <algorithm>

namespace sluice::rtp {
namespace {

/// A packet this many numbers behind is of no use any more.
constexpr uint16_t kMaxAge = 10000;
/// With more missing, a key frame repairs the stream sooner than retransmissions.
constexpr size_t kMaxMissing = 1000;
constexpr uint8_t kMaxRequests = 10;
constexpr Micros kTimerInterval = 40ms;
constexpr Micros kDefaultRtt = 100ms;
/// One video frame's worth of losses; 768 bytes.
constexpr size_t kInitialCapacity = 64;

uint32_t low_bits(Micros time) {
  return static_cast<uint32_t>(time.count());
}

/// Time since `since`. Entries live for seconds, far less than the hour at which this wraps.
Micros elapsed(uint32_t since, Micros now) {
  return Micros{low_bits(now) - since};
}

uint16_t distance(SeqNum from, SeqNum to) {
  return static_cast<uint16_t>(to.value - from.value);
}

bool is_older_than_max_age(SeqNum sequence, SeqNum newest) {
  return is_higher(SeqNum{static_cast<uint16_t>(newest.value - kMaxAge)}, sequence);
}

}  // namespace

template <size_t N>
void NackGenerator::ShortList<N>::add(SeqNum sequence) {
  if (contains(sequence)) {
    return;
  }
  if (count_ == N) {
    pop_front();
  }
  items_[count_++] = sequence;
}

template <size_t N>
bool NackGenerator::ShortList<N>::contains(SeqNum sequence) const {
  const auto end = items_.begin() + static_cast<ptrdiff_t>(count_);
  return std::find(items_.begin(), end, sequence) != end;
}

template <size_t N>
template <class Predicate>
void NackGenerator::ShortList<N>::remove_if(Predicate predicate) {
  const auto end = items_.begin() + static_cast<ptrdiff_t>(count_);
  count_ = static_cast<size_t>(std::remove_if(items_.begin(), end, predicate) - items_.begin());
}

template <size_t N>
void NackGenerator::ShortList<N>::pop_front() {
  std::copy(items_.begin() + 1, items_.begin() + static_cast<ptrdiff_t>(count_), items_.begin());
  --count_;
}

NackGenerator::NackGenerator(const Settings& settings)
    : settings_(settings), ring_(kInitialCapacity) {}

bool NackGenerator::on_packet(SeqNum sequence, bool key_frame, bool recovered, Micros now,
                              NackRequest& out) {
  if (!started_) {
    started_ = true;
    last_ = sequence;
    if (key_frame) {
      key_frames_.add(sequence);
    }
    return false;
  }
  if (sequence == last_) {
    return false;
  }
  if (!is_higher(sequence, last_)) {
    return take_late(sequence, recovered, now);
  }

  if (key_frame) {
    key_frames_.add(sequence);
  }
  const auto is_old = [sequence](SeqNum s) { return is_older_than_max_age(s, sequence); };
  if (!key_frames_.empty()) {
    key_frames_.remove_if(is_old);
  }
  if (recovered) {
    // It will not be forwarded, so the stream does not advance; but nobody needs to send it again.
    recovered_.add(sequence);
    recovered_.remove_if(is_old);
    return false;
  }
  expire(sequence);
  add_missing(sequence, now, out);
  last_ = sequence;
  if (!recovered_.empty()) {
    recovered_.remove_if([sequence](SeqNum s) { return !is_higher(s, sequence); });
  }
  request_new(now, out);
  if (live_ > 0 && !timer_) {
    timer_ = now + kTimerInterval;
  }
  return false;
}

std::optional<Micros> NackGenerator::next_timeout() const {
  if (!timer_ || pending_ == 0) {
    return timer_;
  }
  // The full time of an entry found before `timer_`, of which it keeps the low bits.
  const Micros found = *timer_ - elapsed(at(count_ - pending_).found, *timer_);
  return std::min(*timer_, found + send_delay());
}

void NackGenerator::on_timeout(Micros now, NackRequest& out) {
  const bool repeat = timer_ && now >= *timer_;
  if (repeat) {
    const Micros interval = round_trip_time_ > Micros{0} ? round_trip_time_ : kDefaultRtt;
    const size_t requested = count_ - pending_;
    for (size_t i = 0; i < requested && !out.full(); ++i) {
      Entry& entry = at(i);
      if (entry.live && elapsed(entry.asked, now) >= interval) {
        request(entry, now, out);
      }
    }
  }
  request_new(now, out);
  drop_dead_front();
  if (live_ == 0) {
    timer_.reset();
  } else if (repeat) {
    timer_ = now + kTimerInterval;
  }
}

void NackGenerator::reset() {
  started_ = false;
  drop_all();
  key_frames_.clear();
  recovered_.clear();
  timer_.reset();
}

void NackGenerator::append(SeqNum sequence, Micros now) {
  if (count_ == ring_.size()) {
    make_room();
  }
  at(count_) = {.sequence = sequence, .requests = 0, .live = true, .found = low_bits(now)};
  ++count_;
  ++live_;
  ++pending_;
}

/// Removes dead entries; when there are few of them, doubles the ring. The limit on live entries
/// lies below a power of two, which is the largest size.
void NackGenerator::make_room() {
  const bool grow = live_ > ring_.size() / 4 * 3 && ring_.size() <= kMaxMissing;
  size_t kept = 0;
  size_t pending = 0;
  const size_t first_pending = count_ - pending_;
  for (size_t i = 0; i < count_; ++i) {
    if (at(i).live) {
      pending += i >= first_pending ? 1 : 0;
      at(kept++) = at(i);
    }
  }
  count_ = kept;
  pending_ = pending;
  if (grow) {
    std::vector<Entry> larger(ring_.size() * 2);
    for (size_t i = 0; i < count_; ++i) {
      larger[i] = at(i);
    }
    ring_ = std::move(larger);
    head_ = 0;
  }
}

void NackGenerator::kill(Entry& entry) {
  entry.live = false;
  --live_;
}

/// So that `next_timeout` is about an entry that still waits.
void NackGenerator::skip_dead_pending() {
  while (pending_ > 0 && !at(count_ - pending_).live) {
    --pending_;
  }
}

void NackGenerator::pop_front() {
  if (at(0).live) {
    --live_;
  }
  head_ = (head_ + 1) & (ring_.size() - 1);
  --count_;
  pending_ = std::min(pending_, count_);
}

void NackGenerator::drop_dead_front() {
  while (count_ > 0 && !at(0).live) {
    pop_front();
  }
}

void NackGenerator::drop_all() {
  head_ = 0;
  count_ = 0;
  live_ = 0;
  pending_ = 0;
}

/// Takes a packet that came off the list. True when it was there and had been requested, or is a
/// recovered one.
bool NackGenerator::take_late(SeqNum sequence, bool recovered, Micros now) {
  const uint16_t age = distance(sequence, last_);
  size_t low = 0;
  size_t high = count_;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (distance(at(middle).sequence, last_) > age) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == count_ || at(low).sequence != sequence || !at(low).live) {
    return false;
  }
  const bool requested = at(low).requests != 0;
  learn(at(low), recovered, now);
  kill(at(low));
  skip_dead_pending();
  drop_dead_front();
  return requested || recovered;
}

/// Whether the packet was lost or late, where that can be told.
void NackGenerator::learn(const Entry& entry, bool recovered, Micros now) {
  if (recovered) {
    reorder_delay_.on_lost();
  } else if (entry.requests == 0 || settings_.has_rtx) {
    reorder_delay_.on_reordered(elapsed(entry.found, now));
  } else if (round_trip_time_ > Micros{0}) {
    // Without RTX the answer to a request looks like the original, but takes a round trip.
    if (elapsed(entry.asked, now) < round_trip_time_) {
      reorder_delay_.on_reordered(elapsed(entry.found, now));
    } else {
      reorder_delay_.on_lost();
    }
  }
}

/// Forgets entries too far behind `newest`. Their distance is below 65536 even after the largest
/// possible step, so it needs no wrapping comparison.
void NackGenerator::expire(SeqNum newest) {
  while (count_ > 0 && distance(at(0).sequence, newest) > kMaxAge) {
    pop_front();
  }
  drop_dead_front();
}

void NackGenerator::add_missing(SeqNum end, Micros now, NackRequest& out) {
  const size_t gap = distance(last_, end) - size_t{1};
  if (gap == 0) {
    return;
  }
  while (live_ + gap > kMaxMissing) {
    if (!drop_before_key_frame(end)) {
      drop_all();
      out.need_key_frame();
      return;
    }
  }
  for (size_t i = 1; i <= gap; ++i) {
    const SeqNum sequence{static_cast<uint16_t>(last_.value + i)};
    if (!recovered_.contains(sequence)) {
      append(sequence, now);
    }
  }
}

/// Gives up what is missing before the oldest known key frame. False when no key frame helps.
bool NackGenerator::drop_before_key_frame(SeqNum end) {
  while (!key_frames_.empty()) {
    const uint16_t key_frame_age = distance(key_frames_.front(), end);
    const size_t before = live_;
    while (count_ > 0 && distance(at(0).sequence, end) > key_frame_age) {
      pop_front();
    }
    drop_dead_front();
    if (live_ != before) {
      return true;
    }
    key_frames_.pop_front();
  }
  return false;
}

void NackGenerator::request(Entry& entry, Micros now, NackRequest& out) {
  out.add(entry.sequence);
  entry.asked = low_bits(now);
  if (++entry.requests >= kMaxRequests) {
    reorder_delay_.on_lost();
    kill(entry);
  }
}

/// First requests, for entries whose send delay is over.
void NackGenerator::request_new(Micros now, NackRequest& out) {
  const Micros delay = send_delay();
  while (pending_ > 0 && !out.full()) {
    Entry& entry = at(count_ - pending_);
    if (entry.live) {
      if (elapsed(entry.found, now) < delay) {
        return;
      }
      request(entry, now, out);
    }
    --pending_;
  }
}

}  // namespace sluice::rtp
