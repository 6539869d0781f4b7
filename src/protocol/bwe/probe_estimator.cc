#include "protocol/bwe/probe_estimator.h"

#include <algorithm>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {

void ProbeEstimator::End::add(Micros at, uint16_t size) {
  if (at < first) {
    first = at;
    first_size = size;
  }
  if (at >= last) {
    last = at;
    last_size = size;
  }
}

void ProbeEstimator::expect(const ProbeCluster& cluster) {
  clusters_[cluster.id.value % kMaxClusters] = {.id = cluster.id, .wanted_bytes = cluster.bytes};
}

std::optional<BitRate> ProbeEstimator::on_packet(const PacketResult& packet) {
  Cluster& cluster = clusters_[packet.cluster.value % kMaxClusters];
  if (packet.cluster.value == 0 || cluster.id != packet.cluster) {
    return std::nullopt;
  }
  ++cluster.packets;
  cluster.bytes += packet.size;
  cluster.sent.add(packet.sent, packet.size);
  cluster.received.add(packet.arrival, packet.size);
  return result(cluster);
}

std::optional<BitRate> ProbeEstimator::result(const Cluster& cluster) {
  if (static_cast<double>(cluster.packets) < kMinReceived * ProbeCluster::kMinPackets ||
      static_cast<double>(cluster.bytes) <
          kMinReceived * static_cast<double>(cluster.wanted_bytes)) {
    return std::nullopt;
  }
  const Micros send_time = cluster.sent.length();
  const Micros receive_time = cluster.received.length();
  if (send_time <= Micros(0) || send_time > kMaxInterval || receive_time <= Micros(0) ||
      receive_time > kMaxInterval) {
    return std::nullopt;
  }
  // Between the first and the last packet: the sending of the last one comes after it, the arrival
  // of the first one before.
  const BitRate sent = rate_of(cluster.bytes - cluster.sent.last_size, send_time);
  const BitRate received = rate_of(cluster.bytes - cluster.received.first_size, receive_time);
  const double ratio = static_cast<double>(received.value) / static_cast<double>(sent.value);
  if (ratio > kMaxRatio) {
    return std::nullopt;
  }
  return ratio < kSaturated ? scaled(received, kSaturatedUse) : std::min(sent, received);
}

}  // namespace sluice::bwe
