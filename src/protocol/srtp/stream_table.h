// Incoming state per SSRC, in a flat open-addressing table with a bounded number of entries.
//
// An entry is made only for a packet that has authenticated, so nobody without the key can grow the
// table, and the hash is keyed with a random number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.h"
#include "protocol/srtp/index_window.h"

namespace sluice::srtp {

/// Replay window of RTP and of RTCP, in packets (media-plane 4.1).
inline constexpr size_t kReplayWindow = 1024;

/// What is remembered of one remote SSRC.
struct InboundStream {
  IndexWindow<kReplayWindow> rtp;
  IndexWindow<kReplayWindow> rtcp;
};

/// Linear probing with backward-shift deletion: no tombstones, so removals keep it fast.
class StreamTable {
 public:
  explicit StreamTable(size_t max_streams);

  [[nodiscard]] size_t size() const { return size_; }

  /// The state of `ssrc`, or null. Valid until the next `insert` or `remove`.
  [[nodiscard]] InboundStream* find(Ssrc ssrc);

  /// Adds an SSRC that is not in the table. Null when the table is full. Allocates when it grows.
  InboundStream* insert(Ssrc ssrc);

  /// Returns whether it was there.
  bool remove(Ssrc ssrc);

 private:
  struct Slot {
    Ssrc ssrc;
    bool used = false;
    InboundStream stream;
  };

  [[nodiscard]] size_t home(Ssrc ssrc) const;
  [[nodiscard]] size_t next(size_t position) const { return (position + 1) & (slots_.size() - 1); }
  [[nodiscard]] size_t free_slot(Ssrc ssrc) const;
  void grow();

  size_t max_streams_;
  uint64_t hash_key_;
  size_t size_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace sluice::srtp
