// The sender information that a consumer reports about its stream (media-plane 6.5): the NTP time
// now and the RTP timestamp that a packet sampled now would carry.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/rtcp/ntp_time.h"
#include "protocol/rtcp/reports.h"

namespace sluice::rtcp {

/// The state of a sent stream.
struct SentTotals {
  uint64_t packets = 0;
  uint64_t octets = 0;         ///< payload bytes
  Timestamp max_timestamp;     ///< highest sent
  Micros max_timestamp_at{0};  ///< when that was sent
};

class SenderReportClock {
 public:
  /// `clock_rate` in Hz, the unit of the stream's timestamps.
  SenderReportClock(NtpClock ntp, uint32_t clock_rate) : ntp_(ntp), clock_rate_(clock_rate) {}

  /// Nothing while no packet has been sent: there is no timestamp to relate to.
  [[nodiscard]] std::optional<SenderInfo> sender_info(const SentTotals& sent, Micros now) const;

 private:
  NtpClock ntp_;
  uint32_t clock_rate_;
};

}  // namespace sluice::rtcp
