#include "protocol/bwe/arrival_groups.h"

#include <algorithm>

namespace sluice::bwe {

bool ArrivalGroups::belongs(Micros sent, Micros arrival) const {
  if (sent - current_->first_sent <= kGroupLength) {
    return true;
  }
  const Micros arrival_gap = arrival - current_->last_arrival;
  const Micros send_gap = sent - current_->last_sent;
  return arrival_gap <= kBurstGap && arrival_gap < send_gap &&
         arrival - current_->first_arrival < kMaxBurst;
}

std::optional<GroupDelta> ArrivalGroups::complete() {
  const Group& from = *previous_;
  const Group& to = *current_;
  const GroupDelta delta{.send = to.last_sent - from.last_sent,
                         .arrival = to.last_arrival - from.last_arrival,
                         .size = to.size - from.size};
  if (delta.arrival - (to.system - from.system) >= kClockJump) {
    reset();
    return std::nullopt;
  }
  if (delta.arrival < Micros(0)) {
    if (++reordered_ >= kMaxReordered) {
      reset();
    }
    return std::nullopt;
  }
  reordered_ = 0;
  return delta;
}

std::optional<GroupDelta> ArrivalGroups::on_packet(Micros sent, Micros arrival, Micros system,
                                                   size_t size) {
  std::optional<GroupDelta> delta;
  if (current_) {
    if (sent < current_->first_sent) {
      return std::nullopt;  // reordered on the way
    }
    if (!belongs(sent, arrival)) {
      if (previous_) {
        delta = complete();
      }
      // Empty after a reset: the packet begins the first group.
      previous_ = current_;
      current_.reset();
    }
  }
  if (!current_) {
    current_ = Group{.first_sent = sent, .last_sent = sent, .first_arrival = arrival};
  }
  current_->last_sent = std::max(current_->last_sent, sent);
  current_->last_arrival = arrival;
  current_->system = system;
  current_->size += static_cast<int64_t>(size);
  return delta;
}

void ArrivalGroups::reset() {
  current_.reset();
  previous_.reset();
  reordered_ = 0;
}

}  // namespace sluice::bwe
