#include "protocol/bwe/sent_packets.h"

#include <algorithm>

namespace sluice::bwe {

SentPackets::SentPackets() : entries_(kInitialCapacity) {}

int64_t SentPackets::extended(SeqNum wide) const {
  const auto behind = static_cast<uint16_t>(static_cast<uint16_t>(end_ - 1) - wide.value);
  return end_ - 1 - behind;
}

void SentPackets::add(SeqNum wide, const SentPacket& packet) {
  int64_t number = extend<16>(wide.value, end_ - 1);
  if (begin_ == end_) {
    // Whatever the first number is, it is ahead of all that were used before.
    number += number < end_ ? int64_t{1} << 16 : 0;
    begin_ = told_ = end_ = number;
  } else if (number < end_) {
    return;
  }
  make_room(number, packet.sent);
  for (; end_ < number; ++end_) {
    entry(end_).state = State::kBlank;
  }
  entry(number) = {
      .sent = packet.sent, .size = packet.size, .cluster = packet.cluster, .state = State::kSent};
  end_ = number + 1;
  in_flight_ += packet.size;
}

void SentPackets::make_room(int64_t number, Micros now) {
  while (begin_ < end_ &&
         (entry(begin_).state == State::kBlank || now - entry(begin_).sent > kMaxAge)) {
    drop_oldest();
  }
  while (begin_ < end_ && static_cast<size_t>(number - begin_) >= entries_.size()) {
    const bool wanted = begin_ >= told_ && entry(begin_).state == State::kSent;
    if (wanted && entries_.size() < kMaxCapacity) {
      grow();
    } else {
      drop_oldest();
    }
  }
  if (begin_ == end_) {
    begin_ = end_ = number;
  }
}

void SentPackets::drop_oldest() {
  if (begin_ >= told_) {
    told_below(begin_ + 1);
  }
  ++begin_;
}

void SentPackets::grow() {
  std::vector<Entry> larger(entries_.size() * 2);
  for (int64_t number = begin_; number < end_; ++number) {
    larger[static_cast<size_t>(number) & (larger.size() - 1)] = entry(number);
  }
  entries_ = std::move(larger);
}

std::optional<SentPackets::Received> SentPackets::received(int64_t number) {
  Entry* found = find(number);
  if (found == nullptr || (found->state != State::kSent && found->state != State::kLost)) {
    return std::nullopt;
  }
  const bool late = found->state == State::kLost;
  found->state = State::kReceived;
  return Received{{.sent = found->sent, .size = found->size, .cluster = found->cluster}, late};
}

bool SentPackets::lost(int64_t number) {
  Entry* found = find(number);
  if (found == nullptr || found->state != State::kSent) {
    return false;
  }
  found->state = State::kLost;
  return true;
}

void SentPackets::told_below(int64_t number) {
  number = std::min(number, end_);
  for (int64_t at = std::max(told_, begin_); at < number; ++at) {
    if (entry(at).state != State::kBlank) {
      in_flight_ -= entry(at).size;
    }
  }
  told_ = std::max(told_, number);
}

}  // namespace sluice::bwe
