// Sender side of NACK (RFC 4585 section 6.2.1, media-plane 6.8): which of the packets sent to one
// consumer can be sent again, and when. Packets themselves stay in the producer's SourceRing; here
// is one record per sent sequence number, of a type that the owner chooses (source index, rewritten
// descriptor fields, marker).
//
// Invariants: the records form a window of sequence numbers of at most `slots`; the newest is
// present, others may be blank; timestamps never decrease from oldest to newest. The storage is a
// ring of a power of two slots that starts small and doubles until the window fits; it never
// shrinks.
//
// A packet in order costs one write and no read of the ring, which is cold memory: records that
// have become too old stay in the window, ignored, until their place is needed.
//
// A stream that is protected with AES-GCM and has no RTX must resend the same protected bytes: the
// same number with other contents would use a nonce twice. Such owners keep the bytes, or no
// history.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/types.h"

namespace sluice::rtp {

struct RetransmissionLimits {
  /// Longest window, in sequence numbers: 2 s of 1250 packets/s, about 12 Mbit/s.
  uint16_t slots = 2500;
  /// By RTP timestamp: 2 s for video, 1 s for audio. Later the receiver has no use for a packet.
  Micros max_age = 2s;
  uint32_t clock_rate = 90000;
};

/// Larger packets are sent but not kept.
inline constexpr size_t kMaxRetransmittableSize = 1500;

/// What is known of the way to the receiver and back; 0 for unknown.
struct ResendTiming {
  static constexpr Micros kDefault = 100ms;

  Micros round_trip{0};
  /// No answer ever came sooner.
  Micros least_round_trip{0};
};

template <class Record>
class RetransmissionHistory {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  explicit RetransmissionHistory(const RetransmissionLimits& limits)
      : max_slots_(limits.slots),
        max_age_(static_cast<uint32_t>(limits.max_age.count() * limits.clock_rate / 1'000'000)),
        slots_(std::bit_ceil(std::min<size_t>(limits.slots, kInitialSlots))) {}

  /// Remembers a packet sent at `now`. False when it does not fit in the window's order of numbers
  /// and timestamps, or is larger than kMaxRetransmittableSize.
  bool insert(SeqNum sequence, Timestamp timestamp, size_t packet_size, Micros now,
              const Record& record);

  /// The record of a sent packet, or null when there is none that is young enough.
  [[nodiscard]] const Record* find(SeqNum sequence) const {
    const auto offset = static_cast<uint16_t>(sequence.value - oldest_);
    return offset < size_ && is_current(slot(sequence.value)) ? &slot(sequence.value).record
                                                              : nullptr;
  }

  /// Whether a packet that a receiver asks for is to be sent again: it is known, was not resent
  /// within the last round trip, and was sent so long ago that the receiver can have missed it.
  /// What reached this server late is asked for while it is still on its way to the receiver.
  [[nodiscard]] bool is_due(SeqNum sequence, Micros now, const ResendTiming& timing) const;

  /// Calls `send(timestamp, record)` for a packet that is due; it returns whether it could send the
  /// packet. Returns whether that happened.
  template <class Send>
  bool resend(SeqNum sequence, Micros now, const ResendTiming& timing, Send&& send);

  /// Forgets all packets: for a pause of the consumer and a restart of the stream's numbers.
  void clear() { size_ = 0; }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Length of the window, with blanks and with records that are too old.
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] SeqNum oldest() const { return SeqNum{oldest_}; }
  [[nodiscard]] SeqNum newest() const { return SeqNum{static_cast<uint16_t>(oldest_ + size_ - 1)}; }
  [[nodiscard]] size_t capacity() const { return slots_.size(); }

  /// Packets that were resent at least once.
  [[nodiscard]] uint64_t repaired() const { return repaired_; }
  /// All resent packets.
  [[nodiscard]] uint64_t retransmitted() const { return retransmitted_; }

 private:
  static constexpr size_t kInitialSlots = 256;

  /// Parts of Slot::state.
  static constexpr uint32_t kBlank = 0;
  static constexpr uint32_t kResent = uint32_t{1} << 31;
  static constexpr uint32_t kTime = kResent - 1;

  struct Slot {
    Record record;
    Timestamp timestamp;
    /// Blank, or when the packet was last sent, in low bits of microseconds, and whether that was
    /// for the first time.
    uint32_t state = kBlank;
  };

  /// Not blank.
  static uint32_t time_bits(Micros now) {
    return std::max(static_cast<uint32_t>(now.count()) & kTime, uint32_t{1});
  }

  [[nodiscard]] Slot& slot(uint16_t sequence) { return slots_[sequence & (slots_.size() - 1)]; }
  [[nodiscard]] const Slot& slot(uint16_t sequence) const {
    return slots_[sequence & (slots_.size() - 1)];
  }
  [[nodiscard]] bool is_too_old(Timestamp timestamp, Timestamp reference) const {
    return is_higher(reference, timestamp) && reference.value - timestamp.value > max_age_;
  }
  /// Of a slot inside the window, whose timestamp is not higher than the newest. Neighbours are at
  /// most `max_age` apart, so the difference cannot wrap.
  [[nodiscard]] bool is_current(const Slot& slot) const {
    return slot.state != kBlank && newest_timestamp_.value - slot.timestamp.value <= max_age_;
  }
  void store(uint16_t sequence, const Slot& sent) { slot(sequence) = sent; }
  void store_alone(uint16_t sequence, const Slot& sent) {
    oldest_ = sequence;
    size_ = 1;
    newest_timestamp_ = sent.timestamp;
    store(sequence, sent);
  }
  void blank(uint16_t first, uint16_t end) {
    for (uint16_t sequence = first; sequence != end; ++sequence) {
      slot(sequence).state = kBlank;
    }
  }
  void drop_oldest(size_t count) {
    oldest_ = static_cast<uint16_t>(oldest_ + count);
    size_ -= count;
  }
  void drop_too_old();
  void grow(size_t window);
  bool append(uint16_t sequence, const Slot& sent);
  bool prepend(uint16_t sequence, const Slot& sent);
  bool fill(uint16_t sequence, const Slot& sent);

  uint16_t max_slots_;
  uint16_t oldest_ = 0;
  uint32_t max_age_;  ///< in timestamp units
  Timestamp newest_timestamp_;
  size_t size_ = 0;
  /// Slot of a number is its low bits; slots outside the window hold anything.
  std::vector<Slot> slots_;
  uint64_t repaired_ = 0;
  uint64_t retransmitted_ = 0;
};

template <class Record>
bool RetransmissionHistory<Record>::insert(SeqNum sequence, Timestamp timestamp, size_t packet_size,
                                           Micros now, const Record& record) {
  if (packet_size > kMaxRetransmittableSize || max_slots_ == 0) {
    return false;
  }
  const uint16_t s = sequence.value;
  const Slot sent{.record = record, .timestamp = timestamp, .state = time_bits(now)};
  const bool is_later = is_higher(timestamp, newest_timestamp_);
  if (empty() ||
      (is_later && (is_higher(newest(), sequence) || is_too_old(newest_timestamp_, timestamp)))) {
    // The first one; or a lower number with a higher timestamp: the stream's numbers started over;
    // or all that there is has become too old.
    store_alone(s, sent);
    return true;
  }
  if (is_higher(sequence, newest())) {
    return append(s, sent);
  }
  if (is_too_old(timestamp, newest_timestamp_)) {
    return false;
  }
  return is_higher(SeqNum{oldest_}, sequence) ? prepend(s, sent) : fill(s, sent);
}

template <class Record>
bool RetransmissionHistory<Record>::append(uint16_t sequence, const Slot& sent) {
  if (is_higher(newest_timestamp_, sent.timestamp)) {
    return false;
  }
  const auto end = static_cast<uint16_t>(newest().value + 1);
  const size_t step = static_cast<uint16_t>(sequence - newest().value);
  newest_timestamp_ = sent.timestamp;
  if (step >= max_slots_) {
    store_alone(sequence, sent);
    return true;
  }
  if (size_ + step > slots_.size() && slots_.size() < max_slots_) {
    drop_too_old();
    grow(std::min<size_t>(size_ + step, max_slots_));
  }
  if (size_ + step > max_slots_) {
    drop_oldest(size_ + step - max_slots_);
  }
  size_ += step;
  blank(end, sequence);
  store(sequence, sent);
  return true;
}

template <class Record>
bool RetransmissionHistory<Record>::prepend(uint16_t sequence, const Slot& sent) {
  drop_too_old();
  const size_t step = static_cast<uint16_t>(oldest_ - sequence);
  if (is_higher(sent.timestamp, slot(oldest_).timestamp) || size_ + step > max_slots_) {
    return false;
  }
  grow(size_ + step);
  blank(static_cast<uint16_t>(sequence + 1), oldest_);
  oldest_ = sequence;
  size_ += step;
  store(sequence, sent);
  return true;
}

template <class Record>
bool RetransmissionHistory<Record>::fill(uint16_t sequence, const Slot& sent) {
  if (slot(sequence).state != kBlank) {
    return false;
  }
  uint16_t before = sequence;
  while (before != oldest_ && slot(before).state == kBlank) {
    --before;
  }
  // The newest is present, so this search stops.
  uint16_t after = sequence;
  while (slot(after).state == kBlank) {
    ++after;
  }
  if ((slot(before).state != kBlank && is_higher(slot(before).timestamp, sent.timestamp)) ||
      is_higher(sent.timestamp, slot(after).timestamp)) {
    return false;
  }
  store(sequence, sent);
  return true;
}

template <class Record>
bool RetransmissionHistory<Record>::is_due(SeqNum sequence, Micros now,
                                           const ResendTiming& timing) const {
  if (find(sequence) == nullptr) {
    return false;
  }
  const uint32_t state = slot(sequence.value).state;
  const Micros since{(time_bits(now) - state) & kTime};
  if ((state & kResent) != 0) {
    return since > (timing.round_trip > Micros{0} ? timing.round_trip : ResendTiming::kDefault);
  }
  return since >= timing.least_round_trip;
}

template <class Record>
template <class Send>
bool RetransmissionHistory<Record>::resend(SeqNum sequence, Micros now, const ResendTiming& timing,
                                           Send&& send) {
  if (!is_due(sequence, now, timing)) {
    return false;
  }
  Slot& due = slot(sequence.value);
  if (!send(due.timestamp, std::as_const(due.record))) {
    return false;
  }
  ++retransmitted_;
  repaired_ += (due.state & kResent) == 0 ? 1 : 0;
  due.state = time_bits(now) | kResent;
  return true;
}

/// Removes blanks as well; the newest stays.
template <class Record>
void RetransmissionHistory<Record>::drop_too_old() {
  while (size_ > 1 && !is_current(slot(oldest_))) {
    drop_oldest(1);
  }
}

template <class Record>
void RetransmissionHistory<Record>::grow(size_t window) {
  if (window <= slots_.size()) {
    return;
  }
  std::vector<Slot> larger(std::bit_ceil(window));
  for (size_t i = 0; i < size_; ++i) {
    const auto sequence = static_cast<uint16_t>(oldest_ + i);
    larger[sequence & (larger.size() - 1)] = slot(sequence);
  }
  slots_ = std::move(larger);
}

}  // namespace sluice::rtp
