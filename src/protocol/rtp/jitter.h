// Interarrival jitter of a received stream (RFC 3550 section 6.4.1 and appendix A.8).
#pragma once

#include <cstdint>

#include "base/types.h"

namespace sluice::rtp {

class Jitter {
 public:
  /// `clock_rate` in Hz, the unit of the stream's timestamps.
  explicit Jitter(uint32_t clock_rate) : clock_rate_(clock_rate) {}

  /// Accounts for an accepted packet that arrived at `now`.
  void on_packet(Timestamp timestamp, Micros now);

  /// Forgets the last arrival and the estimate: for a pause or a restart of the stream, whose
  /// silence is no jitter.
  void reset();

  /// Estimate in timestamp units, as in receiver reports.
  [[nodiscard]] uint32_t value() const { return scaled_ >> 4; }

 private:
  uint32_t clock_rate_;
  bool started_ = false;
  uint32_t transit_ = 0;  ///< arrival less timestamp of the last packet, modulo 2^32
  uint32_t scaled_ = 0;   ///< the estimate times 16, which keeps its fraction
};

}  // namespace sluice::rtp
