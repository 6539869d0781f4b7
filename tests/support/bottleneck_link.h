// The bottleneck of a path, shared by several flows and cross traffic, in virtual time: an
// ImpairedLink that remembers which flow a datagram belongs to and how long it waited.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "net/impaired_link.h"

namespace sluice::test {

class BottleneckLink {
 public:
  /// Each datagram is longer by this on the link: IPv4 and UDP headers.
  static constexpr size_t kHeaderSize = 28;

  struct Delivery {
    uint32_t flow = 0;
    Micros sent{0};
    Micros arrived{0};
    /// Time beyond the propagation delay: queue, transmission and jitter.
    Micros queued{0};
    std::vector<uint8_t> datagram;
  };

  BottleneckLink(uint64_t seed, const net::Impairments& settings);

  /// For datagrams from now on.
  void set_impairments(const net::Impairments& settings);
  /// Random traffic of that mean rate (0: none) from others through the same queue: datagrams of
  /// 1000 bytes at exponential distances.
  void set_cross_traffic(BitRate rate, Micros now);

  /// A datagram of `flow` enters; `now` never goes back.
  void push(Micros now, uint32_t flow, Bytes datagram);
  /// The next datagram that has arrived at `now`, in order of arrival.
  std::optional<Delivery> pop_due(Micros now);

  [[nodiscard]] const net::ImpairedLink::Counters& counters() const { return link_.counters(); }

 private:
  void push_cross_traffic(Micros now);
  Micros next_gap();

  net::Impairments settings_;
  net::ImpairedLink link_;
  std::mt19937_64 random_;
  BitRate cross_rate_;
  Micros next_cross_{0};
  std::vector<uint8_t> scratch_;
};

}  // namespace sluice::test
