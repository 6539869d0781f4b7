// What is known of the packets that a transport sent, by transport-wide sequence number, until
// feedback tells what became of them (media-plane 8.3).
//
// A ring of 16-byte entries, indexed by the extended number. It starts with 1024 of them (16 KiB)
// and doubles only while the entry that would be overwritten is one that no feedback has told of,
// up to 32768; entries older than 60 s are dropped. Invariants: entries [begin, end) are present or
// blank, end - begin is at most the capacity; bytes in flight are those of the entries from `told`
// on. A number that was never sent, or is no longer known, always maps below `begin`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/types.h"

namespace sluice::bwe {

/// Number of a probe cluster, 0 for packets that belong to none.
using ClusterId = Strong<struct ClusterIdTag, uint8_t>;

/// One packet as it was sent.
struct SentPacket {
  Micros sent{0};
  uint16_t size = 0;  ///< bytes on the wire
  ClusterId cluster;
};

class SentPackets {
 public:
  static constexpr size_t kInitialCapacity = 1024;
  /// Half of the sequence space, so that no wire number stands for two entries.
  static constexpr size_t kMaxCapacity = 32768;
  static constexpr Micros kMaxAge{60'000'000};

  SentPackets();

  /// Records a packet. Numbers only rise; one that does not is ignored. `packet.sent` is the time
  /// now.
  void add(SeqNum wide, const SentPacket& packet);

  /// The extended number of a wire number that was sent at some time: never above the newest.
  [[nodiscard]] int64_t extended(SeqNum wide) const;
  /// One more than the newest packet's number.
  [[nodiscard]] int64_t end() const { return end_; }
  /// One more than the highest number that feedback has told of.
  [[nodiscard]] int64_t told() const { return told_; }

  /// A packet that feedback reports.
  struct Received {
    SentPacket packet;
    bool late = false;  ///< it was reported as lost before
  };
  /// Feedback reports that a packet arrived. Nothing when it is unknown or was reported before.
  std::optional<Received> received(int64_t number);
  /// Feedback reports that a packet is missing. True when it had not been reported yet.
  bool lost(int64_t number);
  /// Feedback has told of all packets below `number`, or will never do so.
  void told_below(int64_t number);

  [[nodiscard]] size_t bytes_in_flight() const { return in_flight_; }
  [[nodiscard]] size_t capacity() const { return entries_.size(); }

 private:
  enum class State : uint8_t { kBlank, kSent, kLost, kReceived };
  struct Entry {
    Micros sent{0};
    uint16_t size = 0;
    ClusterId cluster;
    State state = State::kBlank;
  };
  static_assert(sizeof(Entry) == 16);

  [[nodiscard]] Entry& entry(int64_t number) {
    return entries_[static_cast<size_t>(number) & (entries_.size() - 1)];
  }
  [[nodiscard]] Entry* find(int64_t number) {
    return number >= begin_ && number < end_ ? &entry(number) : nullptr;
  }
  void make_room(int64_t number, Micros now);
  void drop_oldest();
  void grow();

  std::vector<Entry> entries_;
  int64_t begin_ = 0;
  int64_t end_ = 0;
  int64_t told_ = 0;
  size_t in_flight_ = 0;
};

}  // namespace sluice::bwe
