// A one-way link that loses, delays, reorders, repeats and throttles datagrams, decided by a seed.
//
// Sans-IO, for tests in virtual time and for UdpRelay. Each datagram passes in this order: losses;
// the bandwidth's queue (tail drop); propagation delay and jitter, which keep the order;
// reordering, which holds a datagram back so that later ones pass it; duplication.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::net {

/// Loss in bursts after Gilbert and Elliott: a link that turns bad and good again by chance. Its
/// mean loss is loss * enter / (enter + leave), a burst lasts 1 / leave datagrams on average.
struct BurstLoss {
  /// Chance to turn bad with a datagram; 0 for never.
  double enter = 0;
  /// Chance to turn good again with a datagram.
  double leave = 1;
  /// Share of datagrams that a bad link loses.
  double loss = 1;
};

struct Impairments {
  /// Shares of all datagrams, 0..1.
  double loss = 0;
  double duplicate = 0;
  double reorder = 0;
  BurstLoss bursts{};
  Micros delay{};
  /// Added to the delay, uniform in 0..jitter.
  Micros jitter{};
  /// How long a reordered datagram is held back.
  Micros reorder_hold = 10ms;
  /// Unlimited when 0.
  BitRate bandwidth{};
  /// Bytes that wait for the bandwidth; more are dropped.
  size_t queue_bytes = 64 * 1024;
};

class ImpairedLink {
 public:
  struct Counters {
    uint64_t pushed = 0;
    uint64_t lost = 0;
    uint64_t queue_dropped = 0;
    uint64_t reordered = 0;
    uint64_t duplicated = 0;
    uint64_t delivered = 0;
  };

  ImpairedLink(uint64_t seed, const Impairments& settings)
      : settings_(settings), random_(seed), burst_random_(~seed) {}

  /// For datagrams from now on.
  void set_impairments(const Impairments& settings) { settings_ = settings; }

  /// A datagram enters; `now` never goes back.
  void push(Micros now, Bytes datagram);
  /// The next datagram that has arrived at `now`, in order of arrival.
  std::optional<std::vector<uint8_t>> pop_due(Micros now);
  /// When the next datagram arrives.
  [[nodiscard]] std::optional<Micros> next_due() const;

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Item {
    Micros due;
    // Keeps the order of equal times.
    uint64_t order;
    std::vector<uint8_t> bytes;
  };
  struct Later {
    bool operator()(const Item& a, const Item& b) const {
      return a.due != b.due ? a.due > b.due : a.order > b.order;
    }
  };

  static bool chance(std::mt19937_64& random, double share);
  bool chance(double share) { return chance(random_, share); }
  bool lost_in_burst();
  // When the last bit has left through the bandwidth, or nothing when the queue is full.
  std::optional<Micros> transmit(Micros now, size_t size);
  void deliver(Micros due, Bytes datagram);

  Impairments settings_;
  std::mt19937_64 random_;
  std::mt19937_64 burst_random_;
  bool bad_ = false;
  Micros link_free_{};
  Micros last_due_{};
  uint64_t next_order_ = 0;
  std::priority_queue<Item, std::vector<Item>, Later> flying_;
  Counters counters_;
};

}  // namespace sluice::net
