// An open-addressing hash map for lookups per packet: one flat array, linear probing, deletion
// without tombstones. Memory is only allocated when an insertion makes it grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sluice::ice {

/// `Key` and `Value` are small default-constructible values; `Hash` maps a key to uint64_t.
template <class Key, class Value, class Hash>
class FlatMap {
 public:
  explicit FlatMap(Hash hash) : hash_(std::move(hash)), slots_(kInitialCapacity) {}

  [[nodiscard]] size_t size() const { return size_; }

  /// The value of `key`, or null. Valid until the next insertion or erasure.
  [[nodiscard]] const Value* find(const Key& key) const {
    const Slot& slot = slots_[position_of(key)];
    return slot.used ? &slot.value : nullptr;
  }

  /// False, and nothing changes, when `key` is there already.
  bool insert(const Key& key, const Value& value) {
    if (slots_[position_of(key)].used) {
      return false;
    }
    // Half full at most: longer runs would cost the packets that match nothing.
    if ((size_ + 1) * 2 > slots_.size()) {
      grow();
    }
    slots_[position_of(key)] = {key, value, true};
    ++size_;
    return true;
  }

  bool erase(const Key& key) {
    size_t hole = position_of(key);
    if (!slots_[hole].used) {
      return false;
    }
    // Close the gap: move back every later element of the run that may lie in it.
    for (size_t i = next(hole); slots_[i].used; i = next(i)) {
      const size_t home = hash_(slots_[i].key) & mask();
      if (((i - home) & mask()) >= ((i - hole) & mask())) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole] = Slot{};
    --size_;
    return true;
  }

 private:
  static constexpr size_t kInitialCapacity = 16;  // always a power of two

  struct Slot {
    Key key{};
    Value value{};
    bool used = false;
  };

  [[nodiscard]] size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] size_t next(size_t position) const { return (position + 1) & mask(); }

  /// Where `key` is, or the free slot where it belongs.
  [[nodiscard]] size_t position_of(const Key& key) const {
    size_t position = hash_(key) & mask();
    while (slots_[position].used && !(slots_[position].key == key)) {
      position = next(position);
    }
    return position;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used) {
        slots_[position_of(slot.key)] = slot;
      }
    }
  }

  Hash hash_;
  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace sluice::ice
