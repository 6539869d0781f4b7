#include "protocol/rtcp/ntp_time.h"

#include <algorithm>
#include <limits>

namespace sluice::rtcp {
namespace {

/// From 1900-01-01 to 1970-01-01: 70 years with 17 leap days.
constexpr int64_t kUnixEpochInNtpSeconds = 2'208'988'800;
constexpr int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

NtpTime NtpTime::from_unix(Micros since_1970) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
  const auto rest = static_cast<uint64_t>((since_1970 - whole).count());
  return {static_cast<uint32_t>(whole.count() + kUnixEpochInNtpSeconds),
          static_cast<uint32_t>((rest << 32) / kMicrosPerSecond)};
}

uint32_t to_compact(Micros duration) {
  constexpr int64_t kMax = std::numeric_limits<uint32_t>::max();
  // The clamp also keeps the multiplication below from overflowing.
  const int64_t micros =
      std::clamp<int64_t>(duration.count(), 0, (kMax >> 16) * kMicrosPerSecond + kMicrosPerSecond);
  return static_cast<uint32_t>(std::min(micros * 65536 / kMicrosPerSecond, kMax));
}

Micros from_compact(uint32_t compact) {
  return Micros(int64_t{compact} * kMicrosPerSecond >> 16);
}

Micros round_trip_time(uint32_t now, uint32_t last_report, uint32_t delay) {
  if (last_report == 0 || delay == 0) {
    return Micros(0);
  }
  // Compact time wraps, so what is "after now" shows as the upper half of the range.
  const auto round_trip = static_cast<int32_t>(now - delay - last_report);
  return round_trip > 0 ? from_compact(static_cast<uint32_t>(round_trip)) : Micros(0);
}

}  // namespace sluice::rtcp
