#include "protocol/bwe/report_loss.h"

#include <algorithm>

namespace sluice::bwe {

ReportLoss::Stream& ReportLoss::find(Ssrc ssrc) {
  const auto known = std::ranges::find_if(
      streams_, [ssrc](const Stream& stream) { return stream.used && stream.ssrc == ssrc; });
  if (known != streams_.end()) {
    return *known;
  }
  Stream& free = *std::ranges::min_element(streams_, [](const Stream& a, const Stream& b) {
    return a.used != b.used ? !a.used : a.at < b.at;
  });
  free = {.ssrc = ssrc};
  return free;
}

ReportLoss::Interval ReportLoss::on_report(const rtcp::ReportBlock& block, Micros now) {
  Stream& stream = find(block.ssrc);
  Interval interval;
  const uint32_t packets = block.extended_highest - stream.extended_highest;
  if (stream.used && packets <= kMaxPackets) {
    interval = {.packets = packets,
                .lost = int64_t{block.cumulative_lost} - stream.cumulative_lost};
  }
  stream = {.used = true,
            .ssrc = block.ssrc,
            .at = now,
            .extended_highest = block.extended_highest,
            .cumulative_lost = block.cumulative_lost};
  return interval;
}

}  // namespace sluice::bwe
