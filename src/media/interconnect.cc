#include "media/interconnect.h"

#include <algorithm>
#include <utility>

namespace sluice::media {

Interconnect::Interconnect(unsigned loops, uint32_t packets_per_loop, Wake wake)
    : loops_(loops), wake_(std::move(wake)) {
  const uint32_t forward = std::min(kForwardCapacity, packets_per_loop);
  for (unsigned i = 0; i < loops * loops; ++i) {
    const bool to_itself = i / loops == i % loops;
    links_.push_back(
        std::make_unique<Link>(to_itself ? 2 : forward, to_itself ? 2 : packets_per_loop));
  }
}

bool Interconnect::has_pending(unsigned to) const {
  for (unsigned from = 0; from < loops_; ++from) {
    const Link& link = *links_[from * loops_ + to];
    if (from != to && (!link.forward.empty() || !link.back.empty())) {
      return true;
    }
  }
  return false;
}

void Interconnect::wake_receivers(unsigned from) {
  for (unsigned to = 0; to < loops_; ++to) {
    if (Link& link = at(from, to); link.pending) {
      link.pending = false;
      wake_(to);
    }
  }
}

}  // namespace sluice::media
