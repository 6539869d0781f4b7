// Recognises, when a stream begins, packets that its sender spaced evenly to probe the link, and
// measures the rate at which they come through (media-plane 8.8). For receivers that estimate by
// abs-send-time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::bwe {

class ArrivalProbe {
 public:
  /// Probes are sent at the beginning of a stream, if at all.
  static constexpr Micros kPeriod{2'000'000};
  static constexpr size_t kMinSize = 200;
  static constexpr int kMinPackets = 4;
  /// How far a distance may be from the mean of the cluster's.
  static constexpr Micros kMaxSpread{2'500};
  /// Packets further apart are media, not a probe.
  static constexpr Micros kMaxDistance{10'000};
  /// Where the mean distance grew by more on the way, the link was too slow for the probe; where it
  /// shrank by more, something held packets back and let them go at once.
  static constexpr Micros kMaxStretch{2'000};
  static constexpr Micros kMaxSqueeze{5'000};

  /// A packet of `size` bytes; times as for ArrivalGroups. The rate of the cluster that it is the
  /// latest of, if there is one that shows the link's rate.
  std::optional<BitRate> on_packet(Micros sent, Micros arrival, size_t size);

 private:
  struct Packet {
    Micros sent;
    Micros arrival;
  };

  [[nodiscard]] bool continues(Micros send_distance) const;
  [[nodiscard]] std::optional<BitRate> rate() const;

  std::optional<Micros> begun_;
  std::optional<Packet> last_;
  int distances_ = 0;  ///< in the cluster: one less than its packets
  Micros sent_{0};     ///< sums over the distances
  Micros arrived_{0};
  uint64_t bytes_ = 0;  ///< without the first packet
};

}  // namespace sluice::bwe
