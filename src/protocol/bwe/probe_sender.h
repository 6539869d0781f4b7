// Sends the clusters that were decided on: says when which padding packet is due, so that together
// with the media sent meanwhile they come to the cluster's rate (media-plane 8.5.7).
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/probe_estimator.h"

namespace sluice::bwe {

/// A padding packet to send now.
struct PaddingPacket {
  size_t size = 0;      ///< bytes of the RTP packet, before protection
  ClusterId cluster{};  ///< to be handed back when it is sent
};

/// Limits of the size of padding packets, as RTP packets.
inline constexpr size_t kMinProbeSize = 200;
inline constexpr size_t kMaxPaddingSize = 1400;

class ProbeSender {
 public:
  static constexpr Micros kMinGap{1'000};  ///< between times at which packets are sent
  /// What is later than this is put off rather than caught up with.
  static constexpr Micros kMaxLate{3'000};
  static constexpr Micros kTimeout{5'000'000};
  static constexpr size_t kMaxClusters = 4;

  /// `overhead`: bytes of a packet on the wire beyond RTP.
  explicit ProbeSender(size_t overhead) : overhead_(overhead) {}

  void set_overhead(size_t overhead) { overhead_ = overhead; }
  /// Queues a cluster of `rate` (not 0). Nothing when there are too many.
  std::optional<ProbeCluster> add(BitRate rate, Micros now);

  /// When the next packet is due; it may be in the past.
  [[nodiscard]] std::optional<Micros> next_due() const;
  /// The next packet that is due. Call until there is none.
  std::optional<PaddingPacket> poll(Micros now);

  /// The cluster that a packet sent now belongs to although it is no padding; 0 for none.
  [[nodiscard]] ClusterId current() const;
  /// Such a packet was sent; `size` is that on the wire.
  void on_media_sent(size_t size);

 private:
  struct Cluster {
    ProbeCluster wanted;
    Micros created{0};
    std::optional<Micros> started{};  ///< moves on when packets are late
    Micros last_poll{0};
    size_t bytes = 0;
    size_t packets = 0;

    [[nodiscard]] bool done() const {
      return bytes >= wanted.bytes && packets >= ProbeCluster::kMinPackets;
    }
    [[nodiscard]] Micros due() const;
  };

  void pop();

  size_t overhead_;
  uint8_t last_id_ = 0;
  std::array<Cluster, kMaxClusters> clusters_{};  ///< the first one is being sent
  size_t count_ = 0;
};

}  // namespace sluice::bwe
