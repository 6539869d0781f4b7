// Tells a sender that estimates its own rate (transport-cc) the most it may send (media-plane 8.8):
// REMB with the configured limit while packets come, and a few REMBs without limit once it is
// lifted.
#pragma once

#include <optional>

#include "base/types.h"

namespace sluice::rtcp {

class RembLimiter {
 public:
  static constexpr Micros kInterval{1'500'000};
  /// REMBs that lift the limit: more than one because any may be lost.
  static constexpr int kUnlimitedPackets = 4;

  /// Sets the limit; 0 for none. Returns the rate to send a REMB with at once, if any.
  std::optional<BitRate> set_limit(BitRate limit, Micros now);
  /// A packet came. Returns the rate to send a REMB with, if any; 0 stands for no limit.
  std::optional<BitRate> on_packet(Micros now);

  /// Whether packets matter at all.
  [[nodiscard]] bool active() const { return limit_.value != 0 || unlimited_left_ > 0; }

 private:
  BitRate limit_;
  int unlimited_left_ = 0;
  std::optional<Micros> last_sent_;
};

}  // namespace sluice::rtcp
