// NTP timestamps as RTCP carries them (RFC 3550 section 4) and the round-trip times computed from
// reports.
//
// The wall clock is sampled once and carried on by the monotonic clock, so that reported times are
// wall clock times (abs-capture-time and recorders rely on that) and never jump.
#pragma once

#include <compare>
#include <cstdint>

#include "base/types.h"

namespace sluice::rtcp {

/// Seconds since 1900-01-01 UTC in 32.32 fixed point; the seconds wrap in 2036.
struct NtpTime {
  uint32_t seconds = 0;
  uint32_t fraction = 0;

  static NtpTime from_unix(Micros since_1970);
  static constexpr NtpTime from_bits(uint64_t bits) {
    return {static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits)};
  }
  [[nodiscard]] constexpr uint64_t bits() const { return uint64_t{seconds} << 32 | fraction; }
  /// The middle 32 bits: 16.16 fixed point, wrapping every 18 hours. As in LSR and DLRR.
  [[nodiscard]] constexpr uint32_t compact() const { return seconds << 16 | fraction >> 16; }

  friend constexpr bool operator==(const NtpTime&, const NtpTime&) = default;
};

/// Maps the monotonic clock to NTP time.
class NtpClock {
 public:
  /// At monotonic time `now` the wall clock read `since_1970`.
  NtpClock(Micros since_1970, Micros now) : offset_(since_1970 - now) {}

  [[nodiscard]] NtpTime at(Micros now) const { return NtpTime::from_unix(now + offset_); }

 private:
  Micros offset_;
};

/// A duration in units of 1/65536 s, rounded down; as in DLSR. Longer than 18 hours: 0xffffffff.
/// Negative: 0.
uint32_t to_compact(Micros duration);
/// The inverse of `to_compact`, rounded down to microseconds.
Micros from_compact(uint32_t compact);

/// Round-trip time from a report block or a DLRR sub-block that arrived at compact NTP time `now`:
/// `now - delay - last_report`. Zero when either field is 0 or the result is not positive (RTC-26,
/// RTC-27). All three in 1/65536 s.
Micros round_trip_time(uint32_t now, uint32_t last_report, uint32_t delay);

}  // namespace sluice::rtcp
