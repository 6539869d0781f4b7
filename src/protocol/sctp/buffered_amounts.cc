#include "protocol/sctp/buffered_amounts.h"

namespace sluice::sctp {

bool BufferedAmounts::Amount::release(size_t bytes) {
  const bool was_above = amount > threshold;
  amount -= bytes;
  return was_above && amount <= threshold;
}

void BufferedAmounts::add(uint16_t stream, size_t bytes) {
  if (bytes > 0) {
    total_.amount += bytes;
    streams_[stream].amount += bytes;
  }
}

void BufferedAmounts::release(uint16_t stream, size_t bytes) {
  const auto found = streams_.find(stream);
  if (bytes == 0 || found == streams_.end()) {
    return;
  }
  Amount& amount = found->second;
  if (amount.release(bytes)) {
    low_.push_back({.stream = stream, .amount = amount.amount});
  }
  if (amount.amount == 0 && amount.threshold == 0) {
    streams_.erase(found);
  }
  if (total_.release(bytes)) {
    low_.push_back({.stream = std::nullopt, .amount = total_.amount});
  }
}

size_t BufferedAmounts::of(uint16_t stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : found->second.amount;
}

void BufferedAmounts::set_threshold(uint16_t stream, size_t bytes) {
  Amount& amount = streams_[stream];
  amount.threshold = bytes;
  if (amount.amount == 0 && bytes == 0) {
    streams_.erase(stream);
  }
}

}  // namespace sluice::sctp
