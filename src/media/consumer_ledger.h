// The consumers of one producer, and on how many loops they are. For producers of media and of data
// on the control thread, which tell their loop which other loops want what they receive.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "media/loop_setup.h"

namespace sluice::media {

template <class Consumer>
class ConsumerLedger {
 public:
  /// Whether it is the first one on that loop.
  bool add(Handle handle, std::weak_ptr<Consumer> consumer, unsigned loop) {
    consumers_.emplace(handle, std::move(consumer));
    return ++count_by_loop_[loop] == 1;
  }

  /// Whether it was the last one on that loop; false when it is not here, or no longer.
  bool remove(Handle handle, unsigned loop) {
    return consumers_.erase(handle) != 0 && --count_by_loop_[loop] == 0;
  }

  /// Those that still exist, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<Consumer>> consumers() const {
    std::vector<std::shared_ptr<Consumer>> existing;
    existing.reserve(consumers_.size());
    for (const auto& [handle, weak] : consumers_) {
      if (auto consumer = weak.lock()) {
        existing.push_back(std::move(consumer));
      }
    }
    return existing;
  }

 private:
  std::map<Handle, std::weak_ptr<Consumer>> consumers_;  ///< handles ascend with creation
  std::unordered_map<unsigned, unsigned> count_by_loop_;
};

}  // namespace sluice::media
