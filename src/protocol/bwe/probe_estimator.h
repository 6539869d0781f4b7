// Measures the rate of the link from the packets of one probe cluster: how fast they were sent and
// how fast they arrived (media-plane 8.5.7).
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/feedback_adapter.h"

namespace sluice::bwe {

/// What has to be sent for a probe.
struct ProbeCluster {
  static constexpr size_t kMinPackets = 5;
  static constexpr Micros kMinDuration{15'000};

  ClusterId id;
  BitRate rate;
  size_t bytes = 0;  ///< on the wire, in at least kMinPackets packets
};

class ProbeEstimator {
 public:
  /// Clusters whose results may still come.
  static constexpr size_t kMaxClusters = 8;
  static constexpr double kMinReceived = 0.8;
  static constexpr Micros kMaxInterval{1'000'000};
  /// A receive rate further above the send rate is an artefact of the network.
  static constexpr double kMaxRatio = 2.0;
  /// Below this ratio the probe filled the link, and a little less is what it can carry.
  static constexpr double kSaturated = 0.9;
  static constexpr double kSaturatedUse = 0.95;

  /// The cluster is going to be sent.
  void expect(const ProbeCluster& cluster);
  /// A packet of a cluster arrived. The result so far once enough packets have arrived.
  std::optional<BitRate> on_packet(const PacketResult& packet);

 private:
  /// One end of the link: from the first to the last packet.
  struct End {
    Micros first{Micros::max()};
    Micros last{Micros::min()};
    uint16_t first_size = 0;
    uint16_t last_size = 0;

    void add(Micros at, uint16_t size);
    [[nodiscard]] Micros length() const { return last - first; }
  };
  struct Cluster {
    ClusterId id{};
    size_t wanted_bytes = 0;
    size_t packets = 0;
    size_t bytes = 0;
    End sent{};
    End received{};
  };

  static std::optional<BitRate> result(const Cluster& cluster);

  std::array<Cluster, kMaxClusters> clusters_{};  ///< by id
};

}  // namespace sluice::bwe
