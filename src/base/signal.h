// A list of listeners on one event of one object, for the control thread. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace sluice {

/// Calls every connected listener in order of connection. A listener may connect or disconnect
/// listeners, itself included, and may destroy the signal's owner while it runs; a listener that is
/// connected meanwhile hears of the next event. Emitting takes time in proportion to the number of
/// listeners: in a large room everybody listens, and everybody leaves.
template <class... Args>
class Signal {
 public:
  using Listener = std::function<void(Args...)>;

  Signal() : list_(std::make_shared<List>()) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Returns a number for `disconnect`.
  uint64_t connect(Listener listener) {
    list_->slots.push_back({++last_id_, std::make_unique<Listener>(std::move(listener))});
    return last_id_;
  }

  void disconnect(uint64_t id) {
    std::vector<Slot>& slots = list_->slots;
    const auto slot = std::ranges::lower_bound(slots, id, {}, &Slot::id);
    if (slot == slots.end() || slot->id != id) {
      return;
    }
    if (list_->emitting == 0) {
      slots.erase(slot);
    } else {
      slot->connected = false;
      list_->has_disconnected = true;
    }
  }

  void emit(Args... args) {
    // The list outlives a listener that destroys the signal.
    const Emission emission(list_);
    std::vector<Slot>& slots = emission.list->slots;
    const size_t count = slots.size();
    for (size_t i = 0; i < count; ++i) {
      if (slots[i].connected) {
        (*slots[i].listener)(args...);
      }
    }
  }

 private:
  struct Slot {
    uint64_t id;  ///< ascending
    std::unique_ptr<Listener> listener;
    /// Disconnected slots stay until nothing emits: one of them may be running.
    bool connected = true;
  };

  struct List {
    std::vector<Slot> slots;
    int emitting = 0;
    bool has_disconnected = false;
  };

  /// Emissions nest, and end by exceptions too.
  struct Emission {
    explicit Emission(std::shared_ptr<List> of) : list(std::move(of)) { ++list->emitting; }
    Emission(const Emission&) = delete;
    Emission& operator=(const Emission&) = delete;
    ~Emission() {
      if (--list->emitting == 0 && std::exchange(list->has_disconnected, false)) {
        std::erase_if(list->slots, [](const Slot& slot) { return !slot.connected; });
      }
    }
    std::shared_ptr<List> list;
  };

  std::shared_ptr<List> list_;
  uint64_t last_id_ = 0;
};

}  // namespace sluice
