// How much may be in flight (RFC 9260 section 7.2). All amounts are bytes of chunks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/types.h"

namespace sluice::sctp {

class CongestionWindow {
 public:
  /// `max_chunk`: the largest chunk that a packet can carry.
  explicit CongestionWindow(size_t max_chunk);

  [[nodiscard]] size_t size() const { return window_; }
  [[nodiscard]] size_t slow_start_threshold() const { return threshold_; }

  /// `acked` bytes were acknowledged for the first time while `in_flight` were in flight.
  /// `advanced`: the cumulative TSN moved.
  void on_acked(size_t acked, size_t in_flight, bool advanced, bool in_recovery);
  /// Loss was seen from acknowledgements, for the first time in this round trip.
  void on_loss();
  /// The retransmission timer expired.
  void on_timeout();
  /// Nothing was in flight for `idle` while the timeout was `rto`: old knowledge of the path fades.
  void on_idle(Micros idle, Micros rto);

 private:
  [[nodiscard]] size_t halved() const;

  size_t max_chunk_;
  size_t window_;
  size_t threshold_ = SIZE_MAX;
  size_t partial_acked_ = 0;
};

}  // namespace sluice::sctp
