// What a receiver report says about one received stream (media-plane 6.4, RFC 3550 appendix A.3).
// The counts come from the stream's sequence tracking; here the intervals between reports are
// formed, and the clock of the sender's reports is kept.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/rtcp/report_echo.h"
#include "protocol/rtcp/reports.h"

namespace sluice::rtcp {

/// The state of a received stream, counted from its beginning or its last sequence reset.
struct ReceptionTotals {
  uint64_t expected = 0;
  uint64_t received = 0;  ///< duplicates included, so it may exceed `expected`
  uint32_t extended_highest = 0;
  uint32_t jitter = 0;  ///< timestamp units
};

class ReceptionStats {
 public:
  /// A sender report about this stream arrived.
  void on_sender_report(const SenderInfo& info, Micros now);
  /// The sender started a new sequence: the next totals count from zero again.
  void on_sequence_reset();

  /// Closes the interval since the last call and reports on it. For streams with in-band FEC,
  /// `worst_remote_fraction` is the highest loss fraction that a consumer of the stream reports:
  /// when it exceeds our own, it is passed on as if it were ours, so that the sender's encoder
  /// protects the stream for its worst receiver.
  ReportBlock make_block(Ssrc ssrc, const ReceptionTotals& totals, Micros now,
                         uint8_t worst_remote_fraction = 0);

  /// Of the last closed interval, as reported; in 1/256.
  [[nodiscard]] uint8_t fraction_lost() const { return fraction_lost_; }
  /// All packets reported lost so far; never negative.
  [[nodiscard]] uint64_t packets_lost() const {
    return cumulative_lost_ > 0 ? static_cast<uint64_t>(cumulative_lost_) : 0;
  }
  /// The last sender report, which maps the stream's timestamps to the sender's clock.
  [[nodiscard]] const std::optional<SenderInfo>& sender_info() const { return sender_info_; }
  /// When it arrived.
  [[nodiscard]] Micros sender_info_at() const { return sender_info_at_; }

 private:
  uint64_t prior_expected_ = 0;
  uint64_t prior_received_ = 0;
  int64_t cumulative_lost_ = 0;
  uint8_t fraction_lost_ = 0;
  std::optional<SenderInfo> sender_info_;
  Micros sender_info_at_{0};
  ReportEcho echo_;
};

/// Share of an interval's packets that were lost, in 1/256, rounded, at most 255; 0 when none were
/// expected.
uint8_t loss_fraction(uint64_t lost, uint64_t expected);

}  // namespace sluice::rtcp
