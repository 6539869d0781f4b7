#include "protocol/rtp/ssrc_table.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/bytes.h"
#include "base/random.h"

namespace sluice::rtp {
namespace {

constexpr size_t kInitialCells = 16;
constexpr size_t kNowhere = ~size_t{0};

}  // namespace

SsrcTable::SsrcTable() {
  std::array<uint8_t, 8> random;
  random_bytes(random);
  factor_ = load_be64(random.data()) | 1;
  resize(kInitialCells);
}

size_t SsrcTable::locate(Ssrc ssrc) const {
  for (size_t cell = home(ssrc); cells_[cell].used; cell = next(cell)) {
    if (cells_[cell].entry.ssrc == ssrc) {
      return cell;
    }
  }
  return kNowhere;
}

const SsrcTable::Entry* SsrcTable::find(Ssrc ssrc) {
  const size_t cell = locate(ssrc);
  if (cell == kNowhere) {
    return nullptr;
  }
  if (cells_[cell].entry.learned) {
    cells_[cell].used_at = ++tick_;
  }
  return &cells_[cell].entry;
}

bool SsrcTable::add(Ssrc ssrc, uint32_t producer) {
  if (locate(ssrc) != kNowhere) {
    return false;
  }
  insert({.entry = {.ssrc = ssrc, .producer = producer, .learned = false}, .used = true});
  return true;
}

void SsrcTable::learn(Ssrc ssrc, uint32_t producer) {
  const size_t cell = locate(ssrc);
  if (cell != kNowhere) {
    if (cells_[cell].entry.learned) {
      cells_[cell].entry.producer = producer;
      cells_[cell].used_at = ++tick_;
    }
    return;
  }
  if (learned_ >= kMaxLearned) {
    evict_learned();
  }
  ++learned_;
  insert({.entry = {.ssrc = ssrc, .producer = producer, .learned = true},
          .used = true,
          .used_at = ++tick_});
}

void SsrcTable::remove(Ssrc ssrc) {
  const size_t cell = locate(ssrc);
  if (cell != kNowhere) {
    erase(cell);
  }
}

void SsrcTable::remove_producer(uint32_t producer) {
  for (size_t cell = 0; cell < cells_.size();) {
    if (cells_[cell].used && cells_[cell].entry.producer == producer) {
      // What follows may move into this cell, so look at it again. An entry that moves from the
      // start of the table to its end was looked at before.
      erase(cell);
    } else {
      ++cell;
    }
  }
}

void SsrcTable::insert(const Cell& cell) {
  if ((size_ + 1) * 2 > cells_.size()) {
    resize(cells_.size() * 2);
  }
  size_t at = home(cell.entry.ssrc);
  while (cells_[at].used) {
    at = next(at);
  }
  cells_[at] = cell;
  ++size_;
}

void SsrcTable::resize(size_t cells) {
  std::vector<Cell> old(cells);
  old.swap(cells_);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(cells));
  size_ = 0;
  for (const Cell& cell : old) {
    if (cell.used) {
      insert(cell);
    }
  }
}

/// Empties a cell and closes the hole in the probe sequences that run over it.
void SsrcTable::erase(size_t cell) {
  learned_ -= cells_[cell].entry.learned ? 1 : 0;
  --size_;
  size_t hole = cell;
  for (size_t at = next(hole); cells_[at].used; at = next(at)) {
    // The entry may move back unless its home lies after the hole.
    const size_t mask = cells_.size() - 1;
    if (((at - home(cells_[at].entry.ssrc)) & mask) >= ((at - hole) & mask)) {
      cells_[hole] = cells_[at];
      hole = at;
    }
  }
  cells_[hole] = Cell{};
}

void SsrcTable::evict_learned() {
  size_t oldest = kNowhere;
  for (size_t cell = 0; cell < cells_.size(); ++cell) {
    if (cells_[cell].used && cells_[cell].entry.learned &&
        (oldest == kNowhere || cells_[cell].used_at < cells_[oldest].used_at)) {
      oldest = cell;
    }
  }
  if (oldest != kNowhere) {
    erase(oldest);
  }
}

std::vector<SsrcTable::Entry> SsrcTable::entries() const {
  std::vector<Entry> entries;
  entries.reserve(size_);
  for (const Cell& cell : cells_) {
    if (cell.used) {
      entries.push_back(cell.entry);
    }
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) { return entry.ssrc.value; });
  return entries;
}

}  // namespace sluice::rtp
