// Compares how far apart packets arrive with how far apart they were sent (media-plane 8.5.1,
// draft-ietf-rmcat-gcc-02 section 5.2 and 5.3). Packets that left within 5 ms, or that a queue on
// the way pressed together, count as one group; each complete group yields the distance to the one
// before.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::bwe {

/// From one group of packets to the next.
struct GroupDelta {
  Micros send{0};
  Micros arrival{0};
  int64_t size = 0;  ///< bytes, signed
};

class ArrivalGroups {
 public:
  static constexpr Micros kGroupLength{5'000};
  static constexpr Micros kBurstGap{5'000};
  static constexpr Micros kMaxBurst{100'000};
  /// The receiver's clock jumped when arrivals run ahead of our own clock by this much.
  static constexpr Micros kClockJump{3'000'000};
  static constexpr int kMaxReordered = 3;

  /// A packet arrived. `system` is when we learnt of it, on our own clock. The order is that of
  /// arrival. Returns the last two complete groups' distance when the packet begins a new one.
  std::optional<GroupDelta> on_packet(Micros sent, Micros arrival, Micros system, size_t size);

  /// Forgets all groups.
  void reset();

 private:
  struct Group {
    Micros first_sent{0};
    Micros last_sent{0};
    Micros first_arrival{0};
    Micros last_arrival{0};
    Micros system{0};
    int64_t size = 0;
  };

  [[nodiscard]] bool belongs(Micros sent, Micros arrival) const;
  std::optional<GroupDelta> complete();

  std::optional<Group> current_;
  std::optional<Group> previous_;
  int reordered_ = 0;  ///< groups in a row
};

}  // namespace sluice::bwe
