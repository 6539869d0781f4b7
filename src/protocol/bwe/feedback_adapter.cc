#include "protocol/bwe/feedback_adapter.h"

#include <algorithm>
#include <tuple>

namespace sluice::bwe {
namespace {

/// Reports packets `from` up to, not including, `to` as missing; returns how many that were news.
uint32_t report_lost(SentPackets& sent, int64_t from, int64_t to) {
  uint32_t count = 0;
  for (int64_t number = from; number < to; ++number) {
    count += sent.lost(number) ? 1 : 0;
  }
  return count;
}

/// The time since the newest of `results` was sent, less what it waited for the last arrival.
std::optional<Micros> round_trip(std::span<const PacketResult> results, Micros last_arrival,
                                 Micros now) {
  const PacketResult* newest = nullptr;
  for (const PacketResult& result : results) {
    if (!result.late && (newest == nullptr || result.number > newest->number)) {
      newest = &result;
    }
  }
  if (newest == nullptr) {
    return std::nullopt;
  }
  return std::max(now - newest->sent - (last_arrival - newest->arrival), Micros(0));
}

}  // namespace

void FeedbackAdapter::unwrap_reference(int32_t reference, Micros now) {
  if (reference_) {
    base_ += rtcp::reference_time_delta(*reference_, reference);
  }
  if (!reference_ || base_ - now > kMaxClockOffset || now - base_ > kMaxClockOffset) {
    base_ = now;
  }
  reference_ = reference;
}

FeedbackNews FeedbackAdapter::process(const rtcp::TransportFeedback& feedback, SentPackets& sent,
                                      Micros now) {
  FeedbackNews news;
  results_.clear();
  if (feedback.status_count() == 0) {
    return news;
  }
  unwrap_reference(feedback.reference_time(), now);
  const Micros to_local = base_ - feedback.reference_time() * rtcp::kReferenceTimeUnit;

  const int64_t first = sent.extended(feedback.base());
  const int64_t end = std::min(first + feedback.status_count(), sent.end());
  // Losses are taken from the part that no feedback has told of, which makes them cheap. What lies
  // between that and `first` was in a feedback that is lost: nothing is known of it.
  int64_t untold = std::max(first, sent.told());
  news.gap = first > sent.told();
  Micros last_arrival = Micros::min();
  feedback.for_each_received([&](const rtcp::PacketStatus& status) {
    const int64_t number = first + static_cast<uint16_t>(status.seq.value - feedback.base().value);
    last_arrival = std::max(last_arrival, status.arrival + to_local);
    const auto found = sent.received(number);
    if (!found) {
      return;
    }
    news.lost += report_lost(sent, untold, number);
    untold = std::max(untold, number + 1);
    news.recovered += found->late ? 1 : 0;
    results_.push_back({.sent = found->packet.sent,
                        .arrival = status.arrival + to_local,
                        .number = number,
                        .size = found->packet.size,
                        .cluster = found->packet.cluster,
                        .late = found->late});
  });
  news.lost += report_lost(sent, untold, end);
  sent.told_below(end);

  std::ranges::sort(results_, {}, [](const PacketResult& result) {
    return std::tuple(result.arrival, result.number);
  });
  news.received = results_;
  news.round_trip = round_trip(results_, last_arrival, now);
  return news;
}

}  // namespace sluice::bwe
