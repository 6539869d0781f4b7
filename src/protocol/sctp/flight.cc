#include "protocol/sctp/flight.h"

#include <algorithm>

#include "protocol/sctp/wire.h"

namespace sluice::sctp {
namespace {

constexpr uint8_t kMissesOfALoss = 3;  // RFC 9260 section 7.2.4

size_t chunk_size(size_t payload) {
  return kDataHeaderSize + padded(payload);
}

}  // namespace

void Flight::begin() {
  OutgoingMessage& message = messages_.back();
  message.first_tsn = next_tsn();
  message.last_tsn = message.first_tsn - 1;
  surcharge_ += message.surcharge();
}

DataChunk Flight::send(size_t size, Micros now) {
  OutgoingMessage& message = messages_.back();
  const int64_t tsn = next_tsn();
  chunks_.push_back({.message = &message,
                     .offset = message.sent,
                     .size = static_cast<uint16_t>(size),
                     .counts_from = tsn + 1,
                     .sent_at = now});
  message.sent += size;
  message.last_tsn = tsn;
  launch(chunks_.back());
  return view(tsn);
}

DataChunk Flight::resend(int64_t tsn, Micros now) {
  Chunk& chunk = at(tsn);
  lost_.erase(tsn);
  chunk.state = State::kInFlight;
  chunk.misses = 0;
  chunk.resent = true;
  ++chunk.retransmits;
  chunk.counts_from = next_tsn();
  chunk.sent_at = now;
  launch(chunk);
  return view(tsn);
}

DataChunk Flight::view(int64_t tsn) const {
  const Chunk& chunk = at(tsn);
  const OutgoingMessage& message = *chunk.message;
  return {.unordered = message.unordered,
          .begin = chunk.offset == 0,
          .end = chunk.offset + chunk.size == message.payload.size(),
          .tsn = static_cast<uint32_t>(tsn),
          .stream = message.stream,
          .ssn = message.ssn,
          .ppid = message.ppid,
          .payload = Bytes(message.payload).subspan(chunk.offset, chunk.size)};
}

void Flight::launch(Chunk& chunk) {
  bytes_ += chunk_size(chunk.size);
  payload_bytes_ += chunk.size;
}

void Flight::land(const Chunk& chunk) {
  bytes_ -= chunk_size(chunk.size);
  payload_bytes_ -= chunk.size;
}

std::optional<int64_t> Flight::first_lost() const {
  return lost_.empty() ? std::nullopt : std::optional(*lost_.begin());
}

void Flight::acknowledge(int64_t tsn, Micros now, Acked& acked) {
  Chunk& chunk = at(tsn);
  if (chunk.state == State::kInFlight) {
    land(chunk);
  } else if (chunk.state == State::kLost) {
    lost_.erase(tsn);
  } else {
    return;
  }
  chunk.state = State::kAcked;
  acked.bytes += chunk_size(chunk.size);
  // Never of a chunk that was sent twice: nobody knows which one was answered (Karn).
  if (!chunk.resent && tsn >= rtt_from_) {
    acked.rtt = now - chunk.sent_at;
  }
}

void Flight::pop_front(Micros now, Acked& acked) {
  acknowledge(base_, now, acked);
  const Chunk& chunk = chunks_.front();
  OutgoingMessage& message = *chunk.message;
  if (chunk.state != State::kAbandoned) {
    amounts_->release(message.stream, chunk.size);
  }
  if (message.complete() && message.last_tsn == base_) {
    surcharge_ -= message.surcharge();
    messages_.pop_front();
  }
  chunks_.pop_front();
  ++base_;
}

Flight::Acked Flight::on_cumulative(int64_t cumulative, Micros now) {
  Acked acked;
  acked.advanced = cumulative >= base_;
  while (base_ <= cumulative) {
    pop_front(now, acked);
  }
  if (acked.rtt) {
    rtt_from_ = next_tsn();
  }
  return acked;
}

Flight::Acked Flight::on_sack(int64_t cumulative, const SackChunk& sack, bool in_recovery,
                              Micros now) {
  Acked acked = on_cumulative(cumulative, now);
  int64_t highest_gap = cumulative;
  const int64_t highest_new = acknowledge_gaps(sack, now, acked, highest_gap);
  if (acked.rtt) {
    rtt_from_ = next_tsn();
  }
  // Outside of recovery only chunks below what is newly acknowledged have been overtaken for sure;
  // within, every acknowledgement that advances counts for all that it shows missing.
  count_misses(highest_new, in_recovery && acked.advanced ? highest_gap : highest_new, now, acked);
  return acked;
}

int64_t Flight::acknowledge_gaps(const SackChunk& sack, Micros now, Acked& acked,
                                 int64_t& highest_gap) {
  const int64_t cumulative = base_ - 1;
  int64_t highest_new = cumulative;
  int64_t from = base_;
  for (size_t i = 0; i < sack.gap_count(); ++i) {
    const GapBlock gap = sack.gap(i);
    const int64_t start = cumulative + gap.start;
    const int64_t end = std::min(cumulative + gap.end, next_tsn() - 1);
    // Ascending and disjoint, as everybody writes them; the rest of a list that is not is ignored,
    // which also bounds the work.
    if (start < from || end < start) {
      break;
    }
    for (int64_t tsn = start; tsn <= end; ++tsn) {
      const size_t before = acked.bytes;
      acknowledge(tsn, now, acked);
      if (acked.bytes != before) {
        highest_new = tsn;
      }
    }
    highest_gap = end;
    from = end + 1;
  }
  return highest_new;
}

void Flight::count_misses(int64_t highest_new, int64_t below, Micros now, Acked& acked) {
  for (int64_t tsn = base_; tsn < below; ++tsn) {
    Chunk& chunk = at(tsn);
    if (chunk.state != State::kInFlight || chunk.counts_from > std::max(highest_new, below)) {
      continue;
    }
    if (++chunk.misses >= kMissesOfALoss) {
      acked.new_losses = true;
      lose(tsn, now);
    }
  }
}

void Flight::lose(int64_t tsn, Micros now) {
  Chunk& chunk = at(tsn);
  if (chunk.state == State::kInFlight) {
    land(chunk);
  }
  chunk.state = State::kLost;
  lost_.insert(tsn);
  OutgoingMessage& message = *chunk.message;
  if (message.expired(now) ||
      (message.max_retransmits && chunk.retransmits >= *message.max_retransmits)) {
    abandon(message);
  }
}

void Flight::on_timeout(Micros now) {
  // A peer that had the first chunk would have moved its cumulative TSN.
  const bool reneged = !chunks_.empty() && chunks_.front().state == State::kAcked;
  for (int64_t tsn = base_; tsn < next_tsn(); ++tsn) {
    const State state = at(tsn).state;
    if (state == State::kInFlight || (reneged && state == State::kAcked)) {
      lose(tsn, now);
    }
  }
}

void Flight::abandon(OutgoingMessage& message) {
  if (message.abandoned) {
    return;
  }
  message.abandoned = true;
  ++abandoned_count_;
  if (!message.complete()) {
    // The peer may have all that was sent, and wait for the rest. A TSN that is never sent gives
    // FORWARD TSN something to move over.
    amounts_->release(message.stream, message.payload.size() - message.sent);
    message.sent = message.payload.size();
    message.last_tsn = next_tsn();
    chunks_.push_back({.message = &message, .offset = message.sent, .state = State::kAcked});
  }
  for (int64_t tsn = std::max(message.first_tsn, base_); tsn <= message.last_tsn; ++tsn) {
    Chunk& chunk = at(tsn);
    if (chunk.state == State::kInFlight) {
      land(chunk);
    }
    lost_.erase(tsn);
    chunk.state = State::kAbandoned;
    amounts_->release(message.stream, chunk.size);
  }
}

void Flight::discard() {
  for (const Chunk& chunk : chunks_) {
    if (chunk.state != State::kAbandoned) {
      amounts_->release(chunk.message->stream, chunk.size);
    }
  }
  if (const OutgoingMessage* message = unfinished()) {
    amounts_->release(message->stream, message->payload.size() - message->sent);
  }
  base_ = next_tsn();
  chunks_.clear();
  messages_.clear();
  lost_.clear();
  bytes_ = payload_bytes_ = surcharge_ = 0;
}

Flight::Forward Flight::forward(size_t max_streams) const {
  Forward result{.tsn = base_ - 1};
  for (const Chunk& chunk : chunks_) {
    if (chunk.state != State::kAbandoned) {
      break;
    }
    const OutgoingMessage& message = *chunk.message;
    if (!message.unordered) {
      const auto listed = std::ranges::find(result.streams, message.stream, &SkippedStream::stream);
      if (listed != result.streams.end()) {
        listed->ssn = message.ssn;
      } else if (result.streams.size() < max_streams) {
        result.streams.push_back({.stream = message.stream, .ssn = message.ssn});
      } else {
        break;
      }
    }
    ++result.tsn;
  }
  return result;
}

}  // namespace sluice::sctp
