#include "protocol/bwe/probe_sender.h"

#include <algorithm>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {

std::optional<ProbeCluster> ProbeSender::add(BitRate rate, Micros now) {
  if (count_ == kMaxClusters) {
    return std::nullopt;
  }
  last_id_ = last_id_ == UINT8_MAX ? uint8_t{1} : static_cast<uint8_t>(last_id_ + 1);
  const ProbeCluster wanted{
      .id = ClusterId(last_id_), .rate = rate, .bytes = bytes_in(rate, ProbeCluster::kMinDuration)};
  clusters_[count_++] = {.wanted = wanted, .created = now};
  return wanted;
}

Micros ProbeSender::Cluster::due() const {
  return started ? *started + time_for(bytes, wanted.rate) : created;
}

std::optional<Micros> ProbeSender::next_due() const {
  if (count_ == 0) {
    return std::nullopt;
  }
  const Cluster& cluster = clusters_[0];
  return cluster.started ? std::max(cluster.due(), cluster.last_poll + kMinGap) : cluster.created;
}

std::optional<PaddingPacket> ProbeSender::poll(Micros now) {
  while (count_ > 0 && now - clusters_[0].created > kTimeout) {
    pop();
  }
  if (count_ == 0) {
    return std::nullopt;
  }
  Cluster& cluster = clusters_[0];
  if (!cluster.started) {
    cluster.started = now;
  }
  const Micros due = cluster.due();
  if (due > now) {
    return std::nullopt;
  }
  if (now - due > kMaxLate) {
    *cluster.started += now - due - kMaxLate;
  }
  const size_t share = cluster.wanted.bytes / ProbeCluster::kMinPackets;
  const size_t size =
      std::clamp(share - std::min(share, overhead_), kMinProbeSize, kMaxPaddingSize);
  cluster.bytes += size + overhead_;
  ++cluster.packets;
  cluster.last_poll = now;
  const PaddingPacket packet{.size = size, .cluster = cluster.wanted.id};
  if (cluster.done()) {
    pop();
  }
  return packet;
}

ClusterId ProbeSender::current() const {
  return count_ > 0 && clusters_[0].started ? clusters_[0].wanted.id : ClusterId(0);
}

void ProbeSender::on_media_sent(size_t size) {
  if (current() == ClusterId(0)) {
    return;
  }
  clusters_[0].bytes += size;
  ++clusters_[0].packets;
  if (clusters_[0].done()) {
    pop();
  }
}

void ProbeSender::pop() {
  std::shift_left(clusters_.begin(), clusters_.begin() + static_cast<ptrdiff_t>(count_), 1);
  --count_;
}

}  // namespace sluice::bwe
