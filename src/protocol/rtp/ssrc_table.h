// The SSRCs that a transport can tell a producer for: an open-addressing hash table with the keys
// inline, because it is asked for every received packet. Signalled SSRCs stay until their producer
// is removed; learned ones (from a packet's MID or RID) are few, and the least recently used one
// makes room for the next.
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"

namespace sluice::rtp {

class SsrcTable {
 public:
  /// Bounds what a peer can make the server remember by sending ever new SSRCs.
  static constexpr size_t kMaxLearned = 1024;

  struct Entry {
    Ssrc ssrc;
    uint32_t producer = 0;
    bool learned = false;
  };

  SsrcTable();

  /// The entry of `ssrc`, or null. A learned entry counts as used. Valid until the next change.
  const Entry* find(Ssrc ssrc);

  /// Adds a signalled SSRC; false when it is there already, signalled or learned.
  bool add(Ssrc ssrc, uint32_t producer);

  /// Adds a learned SSRC, or lets a learned one belong to another producer. Does nothing for a
  /// signalled one.
  void learn(Ssrc ssrc, uint32_t producer);

  void remove(Ssrc ssrc);
  /// Removes all SSRCs of a producer, learned ones too.
  void remove_producer(uint32_t producer);

  /// All of them, in order of the SSRC.
  [[nodiscard]] std::vector<Entry> entries() const;
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t learned() const { return learned_; }

 private:
  struct Cell {
    Entry entry;
    bool used = false;
    uint64_t used_at = 0;  ///< tick of the last use of a learned SSRC
  };

  [[nodiscard]] size_t home(Ssrc ssrc) const {
    // Multiplicative hashing with a secret factor: a peer cannot choose SSRCs that collide.
    return static_cast<size_t>(ssrc.value * factor_ >> shift_);
  }
  [[nodiscard]] size_t next(size_t cell) const { return (cell + 1) & (cells_.size() - 1); }
  [[nodiscard]] size_t locate(Ssrc ssrc) const;
  void insert(const Cell& cell);
  void resize(size_t cells);
  void erase(size_t cell);
  void evict_learned();

  std::vector<Cell> cells_;  ///< power of two, at most half full
  uint64_t factor_;          ///< odd
  unsigned shift_ = 0;
  size_t size_ = 0;
  size_t learned_ = 0;
  uint64_t tick_ = 0;
};

}  // namespace sluice::rtp
