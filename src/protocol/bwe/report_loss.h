// Losses from receiver reports: the growth of each stream's counters since its last report
// (RFC 3550 section 6.4.1). For transports whose peer sends no transport-cc feedback.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/types.h"
#include "protocol/rtcp/reports.h"

namespace sluice::bwe {

class ReportLoss {
 public:
  /// Streams that are remembered; with more, the one that reported longest ago gives way.
  static constexpr size_t kMaxStreams = 32;

  struct Interval {
    uint32_t packets = 0;  ///< that the receiver expected
    int64_t lost = 0;      ///< negative when late packets arrived after all
  };

  /// The interval that ends with `block`; empty for the first report of a stream and for one whose
  /// counters went back or jumped.
  Interval on_report(const rtcp::ReportBlock& block, Micros now);

 private:
  /// Nobody sends that many packets between two reports; a stream that claims so started over.
  static constexpr uint32_t kMaxPackets = 1'000'000;

  struct Stream {
    bool used = false;
    Ssrc ssrc;
    Micros at{0};
    uint32_t extended_highest = 0;
    int32_t cumulative_lost = 0;
  };

  Stream& find(Ssrc ssrc);

  std::array<Stream, kMaxStreams> streams_{};
};

}  // namespace sluice::bwe
