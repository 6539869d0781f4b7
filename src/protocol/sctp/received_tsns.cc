#include "protocol/sctp/received_tsns.h"

#include <algorithm>

namespace sluice::sctp {
namespace {

constexpr int64_t kMaxDistance = 65535;  // of a gap block, 16 bits
constexpr size_t kMaxRuns = 1024;        // bounds memory and work; nothing real comes near
constexpr size_t kMaxDuplicates = 16;

}  // namespace

ReceivedTsns::Arrival ReceivedTsns::classify(int64_t tsn) const {
  if (tsn <= cumulative_) {
    return Arrival::kDuplicate;
  }
  if (tsn == cumulative_ + 1) {
    return Arrival::kNext;
  }
  if (tsn - cumulative_ > kMaxDistance) {
    return Arrival::kRefused;
  }
  // The first run that does not end before tsn - 1: tsn lies in it, touches it, or comes before it.
  const auto run = std::ranges::lower_bound(runs_, tsn - 1, {}, &Run::last);
  if (run != runs_.end() && run->first <= tsn && tsn <= run->last) {
    return Arrival::kDuplicate;
  }
  const bool touches = run != runs_.end() && (run->last == tsn - 1 || run->first <= tsn + 1);
  if (!touches && runs_.size() >= kMaxRuns) {
    return Arrival::kRefused;
  }
  return runs_.empty() || tsn > runs_.back().last ? Arrival::kNewest : Arrival::kGap;
}

void ReceivedTsns::add(int64_t tsn) {
  if (tsn == cumulative_ + 1) {
    cumulative_ = tsn;
    absorb();
    return;
  }
  auto run = std::ranges::lower_bound(runs_, tsn - 1, {}, &Run::last);
  if (run == runs_.end() || tsn + 1 < run->first) {
    runs_.insert(run, {.first = tsn, .last = tsn});
  } else if (tsn + 1 == run->first) {
    run->first = tsn;
  } else {
    run->last = tsn;
    const auto next = run + 1;
    if (next != runs_.end() && next->first == tsn + 1) {
      run->last = next->last;
      runs_.erase(next);
    }
  }
}

void ReceivedTsns::skip_to(int64_t tsn) {
  if (tsn > cumulative_) {
    cumulative_ = tsn;
    absorb();
  }
}

void ReceivedTsns::absorb() {
  auto run = runs_.begin();
  for (; run != runs_.end() && run->first <= cumulative_ + 1; ++run) {
    cumulative_ = std::max(cumulative_, run->last);
  }
  runs_.erase(runs_.begin(), run);
}

void ReceivedTsns::note_duplicate(int64_t tsn) {
  if (duplicates_.size() < kMaxDuplicates) {
    duplicates_.push_back(static_cast<uint32_t>(tsn));
  }
}

std::span<const GapBlock> ReceivedTsns::gap_blocks() {
  blocks_.clear();
  for (const Run& run : runs_) {
    blocks_.push_back({.start = static_cast<uint16_t>(run.first - cumulative_),
                       .end = static_cast<uint16_t>(run.last - cumulative_)});
  }
  return blocks_;
}

}  // namespace sluice::sctp
