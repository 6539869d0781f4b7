// The regular reports of one RTP session: sender reports of its consumers, reception reports of its
// producers, and the extended reports that let both sides measure round trips (media-plane 6.2 to
// 6.5).
#pragma once

#include <optional>
#include <vector>

#include "base/types.h"
#include "protocol/rtcp/reference_times.h"
#include "protocol/rtcp/report_schedule.h"
#include "protocol/rtcp/reports.h"

namespace sluice::media {

class RtpSession;

class RtcpReports {
 public:
  explicit RtcpReports(RtpSession& session) : session_(session) {}

  /// The session is able to send, or no longer.
  void start(Micros now);
  void stop() { schedule_.stop(); }

  [[nodiscard]] std::optional<Micros> next_timeout() const { return schedule_.next_timeout(); }
  void on_timeout(Micros now);

  /// The peer told its clock (XR RRTR).
  void on_reference_time(Ssrc sender, rtcp::NtpTime reference, Micros now) {
    reference_times_.on_report(sender, reference, now);
  }

 private:
  void send(Micros now);

  RtpSession& session_;
  rtcp::ReportSchedule schedule_;
  rtcp::ReferenceTimes reference_times_;
  std::vector<rtcp::ReportBlock> blocks_;  ///< of one producer; kept for its memory
};

}  // namespace sluice::media
