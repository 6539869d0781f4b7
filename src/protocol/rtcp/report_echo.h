// The two numbers with which a report answers a remote clock (RFC 3550 section 6.4.1, RFC 3611
// section 4.5): when the other side sent its last report, and how long ago that arrived. The other
// side computes the round-trip time from them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/rtcp/ntp_time.h"

namespace sluice::rtcp {

/// Remembers the clock of the last SR (for LSR, DLSR) or RRTR (for DLRR) received.
class ReportEcho {
 public:
  void on_report(NtpTime remote, Micros now) { received_ = Received{remote.compact(), now}; }
  void reset() { received_.reset(); }

  [[nodiscard]] bool has_report() const { return received_.has_value(); }
  /// LSR or LRR; 0 when no report came.
  [[nodiscard]] uint32_t last() const { return received_ ? received_->compact : 0; }
  /// DLSR or DLRR in 1/65536 s; 0 when no report came, else at least 1, because 0 would read as
  /// that.
  [[nodiscard]] uint32_t delay(Micros now) const {
    return received_ ? std::max(to_compact(now - received_->at), 1u) : 0;
  }

 private:
  struct Received {
    uint32_t compact;
    Micros at;
  };
  std::optional<Received> received_;
};

}  // namespace sluice::rtcp
