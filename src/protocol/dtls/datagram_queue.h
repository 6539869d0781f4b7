// A bounded first-in first-out queue of datagrams in one growing buffer: no allocation per datagram
// once it has reached its usual size.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace sluice::dtls {

class DatagramQueue {
 public:
  /// At most `max_bytes` wait at a time.
  explicit DatagramQueue(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Appends a copy. False, and nothing changes, when there is no room: the datagram is lost, as
  /// datagrams may be.
  bool push(Bytes datagram);

  /// Takes the oldest datagram. The view is valid until the next call of any other kind than pop().
  std::optional<Bytes> pop();

  [[nodiscard]] bool empty() const { return next_ == ends_.size(); }
  void clear();
  /// How many datagrams push() has refused.
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

 private:
  size_t max_bytes_;
  std::vector<uint8_t> bytes_;
  std::vector<size_t> ends_;  // of each datagram in bytes_
  size_t next_ = 0;           // the oldest in ends_ that was not taken
  uint64_t dropped_ = 0;
};

}  // namespace sluice::dtls
