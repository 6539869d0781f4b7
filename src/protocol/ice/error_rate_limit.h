// Keeps STUN error responses from serving as a reflector: whoever forges a source address gets few
// answers sent there (media-plane 1.5). One per loop, shared by its agents.
#pragma once

#include <cstdint>
#include <vector>

#include "base/socket_address.h"
#include "base/types.h"

namespace sluice::ice {

/// Counts in windows of one second. Memory is fixed: a window holds at most as many sources as it
/// allows responses.
class ErrorRateLimit {
 public:
  static constexpr uint32_t kPerSource = 10;
  static constexpr uint32_t kPerLoop = 1000;
  static constexpr Micros kWindow = 1s;

  ErrorRateLimit();

  /// True when an error response may go to `source` now, and counts it.
  bool allow(const IpAddress& source, Micros now);

  /// Responses refused since the start.
  [[nodiscard]] uint64_t refused() const { return refused_; }

 private:
  struct Entry {
    IpAddress source;
    uint16_t count = 0;
    /// The window the entry belongs to; entries of older windows are free.
    uint64_t window = 0;
  };

  Entry& entry_for(const IpAddress& source);

  std::vector<Entry> entries_;  ///< open addressing, a power of two
  uint64_t seed_;
  uint64_t window_ = 0;
  Micros window_end_{0};
  uint32_t total_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace sluice::ice
