#include "protocol/sctp/receiver.h"

#include <algorithm>

#include "protocol/sctp/sack_chunk.h"

namespace sluice::sctp {
namespace {

// Less than what peers allow for (they expect up to 200 ms), long enough to spare half of the SACKs
// of a steady stream.
constexpr Micros kAckDelay = 100ms;

// A window that was smaller than this is told to the peer again when it opens.
constexpr size_t kSmallWindow = 4096;

}  // namespace

Receiver::Receiver(const Setup& setup)
    : max_window_(setup.window),
      stream_count_(setup.stream_count),
      tsns_(setup.peer_initial_tsn - 1),
      reassembly_(setup.max_message_size),
      framing_(setup.max_message_size, setup.window / 2),
      advertised_(setup.window) {}

size_t Receiver::limit(ReceivedTsns::Arrival arrival) const {
  if (!tsns_.has_gaps()) {
    return max_window_;  // nothing waits for it
  }
  switch (arrival) {
    case ReceivedTsns::Arrival::kNext:
      return 2 * max_window_;
    case ReceivedTsns::Arrival::kGap:
      return max_window_ + max_window_ / 2;
    default:
      return max_window_;
  }
}

Receiver::DataResult Receiver::on_data(const DataChunk& chunk) {
  using Arrival = ReceivedTsns::Arrival;
  saw_data_ = true;
  urgent_ |= chunk.immediate_ack;
  const int64_t tsn = extend<32>(chunk.tsn, tsns_.cumulative());
  const Arrival arrival = tsns_.classify(tsn);
  if (arrival == Arrival::kDuplicate) {
    ++counters_.duplicates;
    tsns_.note_duplicate(tsn);
    urgent_ = true;
    return DataResult::kDropped;
  }
  const size_t cost = chunk.payload.size() + Reassembly::kOverhead;
  if (arrival == Arrival::kRefused || held() + cost > limit(arrival)) {
    ++counters_.refused;
    urgent_ = true;
    // What the application has not taken yet it will take; what waits for other chunks of the peer
    // only they can move.
    const bool stuck = arrival == Arrival::kNext && reassembly_.held() + cost > limit(arrival);
    return stuck ? DataResult::kOverrun : DataResult::kDropped;
  }
  urgent_ |= arrival != Arrival::kNext || tsns_.has_gaps();
  tsns_.add(tsn);
  ++counters_.chunks;
  counters_.bytes += chunk.payload.size();
  if (chunk.stream >= stream_count_) {
    return DataResult::kInvalidStream;
  }
  reassembly_.add(chunk, tsn, tsns_.cumulative());
  return DataResult::kTaken;
}

void Receiver::on_forward_tsn(const ForwardTsnChunk& chunk) {
  saw_data_ = true;
  urgent_ = true;
  ++counters_.forward_tsns;
  const int64_t tsn = extend<32>(chunk.new_cumulative_tsn(), tsns_.cumulative());
  if (tsn > tsns_.cumulative()) {
    tsns_.skip_to(tsn);
    reassembly_.skip(tsn, chunk, tsns_.cumulative());
  }
}

void Receiver::end_packet(Micros now) {
  if (!saw_data_) {
    return;
  }
  // At once for whatever is out of the ordinary, and for every second packet.
  if (urgent_ || ack_at_) {
    ack_due_ = true;
  } else {
    ack_at_ = now + kAckDelay;
  }
  saw_data_ = false;
  urgent_ = false;
}

void Receiver::on_timeout(Micros now) {
  if (ack_at_ && now >= *ack_at_) {
    ack_at_.reset();
    ack_due_ = true;
  }
}

bool Receiver::write_sack(PacketBuilder& packet) {
  const size_t window = this->window();
  if (!sctp::write_sack(packet, static_cast<uint32_t>(tsns_.cumulative()),
                        static_cast<uint32_t>(window), tsns_.gap_blocks(), tsns_.duplicates())) {
    return false;
  }
  advertised_ = window;
  tsns_.clear_duplicates();
  ack_due_ = false;
  ack_at_.reset();
  return true;
}

size_t Receiver::window() const {
  return max_window_ - std::min(max_window_, held());
}

std::optional<ReassembledMessage> Receiver::pop() {
  while (auto message = reassembly_.pop()) {
    if (auto accepted = framing_.accept(std::move(*message))) {
      return accepted;
    }
  }
  return std::nullopt;
}

void Receiver::set_untaken(size_t bytes) {
  const bool less = bytes < untaken_;
  untaken_ = bytes;
  if (less && advertised_ < kSmallWindow && window() >= max_window_ / 2) {
    ack_due_ = true;
  }
}

void Receiver::reset(uint16_t stream) {
  reassembly_.reset(stream);
  framing_.reset(stream);
}

void Receiver::reset_all() {
  reassembly_.reset_all();
  framing_.reset_all();
}

}  // namespace sluice::sctp
