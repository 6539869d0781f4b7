// Padding beside the media for peers that estimate the rate themselves (REMB). Their estimate stays
// below 1.5 times what they receive, so a sender with little to send, because its consumers wait
// for more, would never get more. It is filled up to the rate that it may use
// (media-plane 8.2, 8.7).
#pragma once

#include <algorithm>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/interval_budget.h"
#include "protocol/bwe/probe_sender.h"

namespace sluice::bwe {

class PaddingBudget {
 public:
  /// Padding waits until this much is missing, so that few packets do.
  static constexpr size_t kMinMissing = 500;

  explicit PaddingBudget(Micros now) : last_(now) {}

  /// The rate to fill up to; 0 for none.
  void set_rate(BitRate rate) {
    if (rate.value == 0) {
      budget_ = IntervalBudget(rate);
    } else {
      budget_.set_rate(rate);
    }
  }
  /// `bytes` were sent; 0 when only time went by.
  void on_sent(size_t bytes, Micros now) {
    budget_.earn(std::max(now - last_, Micros(0)));
    budget_.spend(bytes);
    last_ = std::max(last_, now);
  }
  /// The next padding packet; `overhead` as for ProbeSender. It counts as sent.
  std::optional<PaddingPacket> poll(size_t overhead) {
    if (budget_.bytes() < kMinMissing + overhead) {
      return std::nullopt;
    }
    const size_t size = std::min(budget_.bytes() - overhead, kMaxPaddingSize);
    budget_.spend(size + overhead);
    return PaddingPacket{.size = size};
  }

 private:
  IntervalBudget budget_{BitRate(0)};
  Micros last_;
};

}  // namespace sluice::bwe
