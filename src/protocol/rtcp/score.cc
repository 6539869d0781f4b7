#include "protocol/rtcp/score.h"

#include <algorithm>
#include <cmath>

namespace sluice::rtcp {
namespace {

/// The part of both computations that is alike: `packets` went through or were sent, `lost` of them
/// count as lost and `repaired` came again. A repair makes up for less than a whole loss: it cost
/// time and bandwidth, the more the more often packets had to be sent again.
uint8_t sub_score_of(uint64_t packets, uint64_t lost, uint64_t repaired, uint64_t retransmitted) {
  const auto n = static_cast<double>(packets);
  const auto repairs = static_cast<double>(repaired);
  double weight = std::pow(1.0 / (repairs / n + 1.0), 4);
  if (retransmitted > 0) {
    weight *= repairs / static_cast<double>(retransmitted);
  }
  const double unrepaired = std::trunc(static_cast<double>(lost) - repairs * weight);
  const double delivered = (n - std::clamp(unrepaired, 0.0, n)) / n;
  return static_cast<uint8_t>(std::lround(std::pow(delivered, 4) * kMaxScore));
}

/// Growth of a total; 0 when it has been started over.
uint64_t growth(uint64_t total, uint64_t prior) {
  return total > prior ? total - prior : 0;
}

}  // namespace

uint8_t sub_score(const ReceivedInterval& interval) {
  if (interval.expected == 0) {
    return kMaxScore;
  }
  if (interval.received == 0) {
    return 0;
  }
  uint64_t lost = std::min(growth(interval.expected, interval.received), interval.received);
  uint64_t repaired = interval.repaired;
  if (repaired > lost) {
    // With RTX, repairs beyond the losses of this interval belong to an earlier one. Without, the
    // originals that came again were counted as received: they must have been lost before.
    if (interval.has_rtx) {
      repaired = lost;
    } else {
      lost = repaired;
    }
  }
  return sub_score_of(interval.received, lost, repaired, interval.retransmitted);
}

uint8_t sub_score(const SentInterval& interval) {
  if (interval.sent == 0) {
    return kMaxScore;
  }
  const uint64_t lost = std::min(interval.lost, interval.sent);
  return sub_score_of(interval.sent, lost, std::min(interval.repaired, lost),
                      interval.retransmitted);
}

bool Score::set(uint8_t value, Micros now) {
  if (value == value_) {
    return false;
  }
  if (value_ == 0) {
    active_since_ = now;
  }
  value_ = value;
  return true;
}

bool Score::add(uint8_t sub_score, Micros now) {
  history_[next_] = std::min(sub_score, kMaxScore);
  next_ = (next_ + 1) % kHistory;
  count_ = std::min(count_ + 1, kHistory);

  size_t weighted = 0;
  size_t weights = 0;
  for (size_t weight = 1; weight <= count_; ++weight) {
    weighted += weight * history_[(next_ + kHistory - count_ + weight - 1) % kHistory];
    weights += weight;
  }
  return set(static_cast<uint8_t>((weighted + weights / 2) / weights), now);
}

bool Score::reset(uint8_t value, Micros now) {
  count_ = 0;
  next_ = 0;
  return set(std::min(value, kMaxScore), now);
}

bool ReceiveScore::on_sender_report(const ReceivedTotals& totals, bool active, Micros now) {
  const ReceivedInterval interval{
      .expected = growth(totals.expected, prior_.expected),
      .received = growth(totals.received, prior_.received),
      .repaired = growth(totals.repaired, prior_.repaired),
      .retransmitted = growth(totals.retransmitted, prior_.retransmitted),
      .has_rtx = has_rtx_};
  prior_ = totals;
  return active && score_.add(sub_score(interval), now);
}

bool SendScore::on_receiver_report(const SentScoreTotals& totals, Micros now) {
  const SentInterval interval{.sent = growth(totals.sent, prior_.sent),
                              .lost = static_cast<uint64_t>(std::max<int64_t>(
                                  totals.cumulative_lost - prior_.cumulative_lost, 0)),
                              .repaired = growth(totals.repaired, prior_.repaired),
                              .retransmitted = growth(totals.retransmitted, prior_.retransmitted)};
  prior_ = totals;
  return score_.add(sub_score(interval), now);
}

}  // namespace sluice::rtcp
