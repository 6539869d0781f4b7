#include "protocol/srtp/stream_table.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"

namespace sluice::srtp {
namespace {

/// Audio, video and their RTX of a usual sender fit without growing.
constexpr size_t kInitialSlots = 8;

uint64_t random_odd_number() {
  std::array<uint8_t, 8> bytes{};
  random_bytes(bytes);
  return load_be64(bytes.data()) | 1;
}

}  // namespace

StreamTable::StreamTable(size_t max_streams)
    : max_streams_(max_streams), hash_key_(random_odd_number()), slots_(kInitialSlots) {}

size_t StreamTable::home(Ssrc ssrc) const {
  // Multiplicative hashing: the upper half of the product is well mixed.
  const uint64_t product = (uint64_t{ssrc.value} + 1) * hash_key_;
  return static_cast<size_t>(product >> 32) & (slots_.size() - 1);
}

InboundStream* StreamTable::find(Ssrc ssrc) {
  for (size_t i = home(ssrc); slots_[i].used; i = next(i)) {
    if (slots_[i].ssrc == ssrc) {
      return &slots_[i].stream;
    }
  }
  return nullptr;
}

size_t StreamTable::free_slot(Ssrc ssrc) const {
  size_t i = home(ssrc);
  while (slots_[i].used) {
    i = next(i);
  }
  return i;
}

InboundStream* StreamTable::insert(Ssrc ssrc) {
  if (size_ >= max_streams_) {
    return nullptr;
  }
  // At most half full: probing stays short and a free slot always ends it.
  if ((size_ + 1) * 2 > slots_.size()) {
    grow();
  }
  Slot& slot = slots_[free_slot(ssrc)];
  slot = Slot{ssrc, true, {}};
  ++size_;
  return &slot.stream;
}

bool StreamTable::remove(Ssrc ssrc) {
  size_t hole = home(ssrc);
  while (slots_[hole].used && slots_[hole].ssrc != ssrc) {
    hole = next(hole);
  }
  if (!slots_[hole].used) {
    return false;
  }
  // Pull back every follower of the run that may not stay behind a gap.
  const size_t mask = slots_.size() - 1;
  for (size_t i = next(hole); slots_[i].used; i = next(i)) {
    const size_t distance_from_home = (i - home(slots_[i].ssrc)) & mask;
    const size_t distance_from_hole = (i - hole) & mask;
    if (distance_from_home >= distance_from_hole) {
      slots_[hole] = slots_[i];
      hole = i;
    }
  }
  slots_[hole] = Slot{};
  --size_;
  return true;
}

void StreamTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.used) {
      slots_[free_slot(slot.ssrc)] = slot;
    }
  }
}

}  // namespace sluice::srtp
