// The reference times (XR RRTR) that a peer's receivers sent and that wait for an answer (RFC 3611
// sections 4.4 and 4.5). A peer may send them under several SSRCs; each is answered under the SSRC
// that it came from, because that is what its sender looks for.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "base/types.h"
#include "protocol/rtcp/extended_report.h"
#include "protocol/rtcp/report_echo.h"

namespace sluice::rtcp {

class ReferenceTimes {
 public:
  /// Browsers send all of theirs under one SSRC, other peers at most under one per stream; of more
  /// the oldest goes unanswered.
  static constexpr size_t kMax = 16;

  void on_report(Ssrc sender, NtpTime reference, Micros now) {
    auto end = waiting_.begin() + static_cast<ptrdiff_t>(count_);
    auto entry = std::find_if(waiting_.begin(), end,
                              [sender](const Entry& known) { return known.sender == sender; });
    if (entry != end) {
      // Sorted by age.
      std::rotate(entry, entry + 1, end);
    } else if (count_ == kMax) {
      std::rotate(waiting_.begin(), waiting_.begin() + 1, end);
    } else {
      ++count_;
      ++end;
    }
    Entry& newest = *(end - 1);
    newest.sender = sender;
    newest.clock.on_report(reference, now);
  }

  /// The answers to all that came since the last call; valid until the next.
  std::span<const DlrrItem> take(Micros now) {
    for (size_t i = 0; i < count_; ++i) {
      const Entry& entry = waiting_[i];
      answers_[i] = {entry.sender, entry.clock.last(), entry.clock.delay(now)};
    }
    return std::span(answers_).first(std::exchange(count_, 0));
  }

 private:
  struct Entry {
    Ssrc sender;
    ReportEcho clock;
  };

  size_t count_ = 0;
  std::array<Entry, kMax> waiting_;
  std::array<DlrrItem, kMax> answers_;
};

}  // namespace sluice::rtcp
