#include "protocol/rtcp/transport_feedback_generator.h"

#include <algorithm>

namespace sluice::rtcp {
namespace {

using AddResult = TransportFeedbackBuilder::AddResult;

/// A typical feedback datagram: IPv4 and UDP headers 28, SRTCP trailer 10, feedback 30 bytes.
constexpr uint64_t kTypicalFeedbackBits = 68 * 8;
constexpr uint64_t kRateShare = 20;  // 5 %

}  // namespace

void TransportFeedbackGenerator::start(Micros now) {
  if (!running_) {
    running_ = true;
    last_tick_ = now;
  }
}

void TransportFeedbackGenerator::stop() {
  running_ = false;
  reporting_ = false;
  deadline_.reset();
  start_ = reported_ = end_ = 0;
  last_arrival_ = Micros(0);
  std::ranges::fill(arrivals_, Arrival{});
}

void TransportFeedbackGenerator::set_interval(Micros interval) {
  interval_ = std::clamp(interval, kMinInterval, kMaxInterval);
}

void TransportFeedbackGenerator::grow() {
  std::vector<Arrival> before(arrivals_.empty() ? kInitialCapacity : arrivals_.size() * 2);
  before.swap(arrivals_);
  for (const Arrival& arrival : before) {
    if (arrival.seq != kNone) {
      slot(arrival.seq) = arrival;
    }
  }
}

bool TransportFeedbackGenerator::needed(const Arrival& arrival) const {
  return arrival.seq >= end_ - static_cast<int64_t>(kMaxCapacity) &&
         (arrival.seq >= reported_ || arrival.at > last_arrival_ - kWindow);
}

TransportFeedbackGenerator::Arrival& TransportFeedbackGenerator::take_slot(int64_t seq) {
  while (arrivals_.size() < kMaxCapacity && (arrivals_.empty() || needed(slot(seq)))) {
    grow();
  }
  return slot(seq);
}

void TransportFeedbackGenerator::on_packet(SeqNum seq, Ssrc media, Micros at) {
  if (!running_) {
    return;
  }
  media_ = media;
  if (end_ == 0) {
    // One turn above zero, so that a late packet before the first has a number as well.
    start_ = reported_ = end_ = 0x10000 + seq.value;
  }
  const int64_t number = extend<16>(seq.value, end_ - 1);
  const int64_t new_end = std::max(end_, number + 1);
  const int64_t oldest = new_end - static_cast<int64_t>(kMaxCapacity);
  if (number < oldest || (!arrivals_.empty() && slot(number).seq == number)) {
    return;
  }
  end_ = new_end;
  last_arrival_ = std::max(last_arrival_, at);
  take_slot(number) = {number, at};
  start_ = std::max(std::min(start_, number), oldest);
  if (!deadline_) {
    // The rhythm goes on where it was unless the transport has been silent for longer.
    deadline_ = last_tick_ + interval_ > at ? last_tick_ + interval_ : at + interval_;
  }
}

void TransportFeedbackGenerator::on_timeout(Micros now) {
  if (!deadline_ || now < *deadline_) {
    return;
  }
  last_tick_ = *deadline_ + interval_ > now ? *deadline_ : now;
  deadline_.reset();
  reporting_ = true;
}

Bytes TransportFeedbackGenerator::poll() {
  if (!reporting_) {
    return {};
  }
  bool started = false;
  for (int64_t number = start_; number < end_; ++number) {
    const Arrival& arrival = slot(number);
    if (arrival.seq != number || !needed(arrival)) {
      continue;
    }
    const SeqNum seq(static_cast<uint16_t>(number));
    if (!started) {
      builder_.start(SeqNum(static_cast<uint16_t>(start_)), arrival.at);
      started = true;
    }
    AddResult result = builder_.add(seq, arrival.at);
    if (result == AddResult::kFatal || result == AddResult::kIgnored) {
      builder_.start(seq, arrival.at);
      result = builder_.add(seq, arrival.at);
    }
    if (result == AddResult::kFull) {
      return write_feedback();
    }
    start_ = number + 1;
  }
  start_ = end_;
  reported_ = end_;
  reporting_ = false;
  return started ? write_feedback() : Bytes{};
}

Bytes TransportFeedbackGenerator::write_feedback() {
  ByteWriter writer(buffer_);
  builder_.write(writer, {sender_, media_}, feedback_count_++);
  return writer.written();
}

double TransportFeedbackGenerator::last_loss() const {
  return builder_.status_count() == 0
             ? 0
             : static_cast<double>(builder_.lost_count()) / builder_.status_count();
}

Micros feedback_interval(BitRate incoming) {
  if (incoming.value == 0) {
    return TransportFeedbackGenerator::kDefaultInterval;
  }
  const Micros interval(
      static_cast<int64_t>(kTypicalFeedbackBits * kRateShare * 1'000'000 / incoming.value));
  return std::clamp(interval, TransportFeedbackGenerator::kMinInterval,
                    TransportFeedbackGenerator::kMaxInterval);
}

}  // namespace sluice::rtcp
