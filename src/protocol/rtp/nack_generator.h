// Receiver side of NACK (RFC 4585 section 6.2.1, media-plane 6.8): finds out which packets of a
// stream are missing and when to ask for them, again and again until they come, ten times each.
//
// The missing packets are kept in a flat ring in ascending order, searched by bisection; what came
// stays in it as a dead entry until it reaches the front. Invariants: at most 1000 packets are
// missed at a time, none more than 10000 numbers behind the highest received; entries whose first
// request still waits for the send delay are the newest ones. Memory is bounded (8 KiB) and grows
// from 512 bytes only when a stream's losses need it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/types.h"
#include "protocol/rtp/reorder_delay.h"

namespace sluice::rtp {

/// What a NackGenerator asks of the sender. Large, so the owner keeps one and reuses it; the
/// generator only appends.
class NackRequest {
 public:
  static constexpr size_t kCapacity = 1000;

  /// Sequence numbers to request, ascending within one call.
  [[nodiscard]] std::span<const SeqNum> sequences() const { return {sequences_.data(), count_}; }
  /// True when too much is missing to be repaired packet by packet.
  [[nodiscard]] bool key_frame_needed() const { return key_frame_needed_; }
  [[nodiscard]] bool empty() const { return count_ == 0 && !key_frame_needed_; }
  [[nodiscard]] bool full() const { return count_ == kCapacity; }

  void add(SeqNum sequence) { sequences_[count_++] = sequence; }
  void need_key_frame() { key_frame_needed_ = true; }
  void clear() {
    count_ = 0;
    key_frame_needed_ = false;
  }

 private:
  std::array<SeqNum, kCapacity> sequences_;
  size_t count_ = 0;
  bool key_frame_needed_ = false;
};

/// Calls `item(pid, blp)` for the NACK items (RFC 4585 section 6.2.1) that cover `sequences`, which
/// are ascending: one packet id and a bitmask of the sixteen that follow.
template <class Item>
void pack_nack_items(std::span<const SeqNum> sequences, Item&& item) {
  for (size_t i = 0; i < sequences.size();) {
    const SeqNum pid = sequences[i];
    uint16_t blp = 0;
    for (++i; i < sequences.size(); ++i) {
      const auto after = static_cast<uint16_t>(sequences[i].value - pid.value);
      if (after == 0 || after > 16) {
        break;
      }
      blp = static_cast<uint16_t>(blp | 1U << (after - 1));
    }
    item(pid, blp);
  }
}

class NackGenerator {
 public:
  struct Settings {
    /// How long a missing packet may be merely late before it is asked for; nothing to adapt to the
    /// stream.
    std::optional<Micros> send_delay;
    /// Retransmissions come as RTX, so what comes otherwise is an original.
    bool has_rtx = true;
  };

  /// Adapts the send delay.
  NackGenerator() : NackGenerator(Settings{}) {}
  explicit NackGenerator(const Settings& settings);

  /// Accounts for a received packet and appends to `out` what is to be requested now. `recovered`
  /// means that it came as RTX. True when this packet had been requested, or was missing and came
  /// as RTX unasked; a recovered packet is to be processed further only then.
  bool on_packet(SeqNum sequence, bool key_frame, bool recovered, Micros now, NackRequest& out);

  /// When to call on_timeout next; nothing while no packet is missing.
  [[nodiscard]] std::optional<Micros> next_timeout() const;

  /// Requests what is missing for the send delay, and again what was requested a round trip ago or
  /// longer.
  void on_timeout(Micros now, NackRequest& out);

  /// 0 stands for unknown.
  void set_round_trip_time(Micros rtt) { round_trip_time_ = rtt; }
  [[nodiscard]] Micros send_delay() const {
    return settings_.send_delay ? *settings_.send_delay : reorder_delay_.value();
  }

  /// Starts over: for a pause of the producer and for a restart of the stream's numbers.
  void reset();

  /// Packets missing at present.
  [[nodiscard]] size_t missing() const { return live_; }

 private:
  struct Entry {
    SeqNum sequence;
    uint8_t requests = 0;  ///< how often it was requested
    bool live = false;     ///< false: came or was given up
    uint32_t found = 0;    ///< when it was found missing; low bits of microseconds, as the next
    uint32_t asked = 0;    ///< last request
  };

  /// A few sequence numbers, oldest first; a new one pushes the oldest out.
  template <size_t N>
  class ShortList {
   public:
    void add(SeqNum sequence);
    [[nodiscard]] bool contains(SeqNum sequence) const;
    template <class Predicate>
    void remove_if(Predicate predicate);
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] SeqNum front() const { return items_[0]; }
    void pop_front();
    void clear() { count_ = 0; }

   private:
    std::array<SeqNum, N> items_{};
    size_t count_ = 0;
  };

  [[nodiscard]] Entry& at(size_t i) { return ring_[(head_ + i) & (ring_.size() - 1)]; }
  [[nodiscard]] const Entry& at(size_t i) const { return ring_[(head_ + i) & (ring_.size() - 1)]; }
  void append(SeqNum sequence, Micros now);
  void make_room();
  void kill(Entry& entry);
  void skip_dead_pending();
  void pop_front();
  void drop_dead_front();
  void drop_all();
  bool take_late(SeqNum sequence, bool recovered, Micros now);
  void learn(const Entry& entry, bool recovered, Micros now);
  void expire(SeqNum newest);
  void add_missing(SeqNum end, Micros now, NackRequest& out);
  bool drop_before_key_frame(SeqNum end);
  void request(Entry& entry, Micros now, NackRequest& out);
  void request_new(Micros now, NackRequest& out);

  /// Key frames are hundreds of packets apart, and they count for 10000.
  static constexpr size_t kKeyFrames = 32;
  /// RTX packets ahead of the media are rare.
  static constexpr size_t kRecovered = 64;

  bool started_ = false;
  SeqNum last_;  ///< highest number received
  size_t head_ = 0;
  size_t count_ = 0;             ///< entries in the ring, dead ones included
  size_t live_ = 0;              ///< live entries
  size_t pending_ = 0;           ///< entries at the end of the ring that were never requested
  std::optional<Micros> timer_;  ///< for repetitions
  Settings settings_;
  ReorderDelay reorder_delay_;
  Micros round_trip_time_{0};
  std::vector<Entry> ring_;  ///< power of two
  ShortList<kKeyFrames> key_frames_;
  ShortList<kRecovered> recovered_;  ///< above last_
};

}  // namespace sluice::rtp
