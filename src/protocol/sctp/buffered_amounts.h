// How much of what the application sent is still kept, per stream and in total, and when it has
// drained (the bufferedAmount of data channels). A byte counts from send() until the peer has
// acknowledged it cumulatively or the message is given up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice::sctp {

class BufferedAmounts {
 public:
  /// A stream, or the whole association when there is none, fell to its threshold or below.
  struct Low {
    std::optional<uint16_t> stream;
    size_t amount = 0;
  };

  void add(uint16_t stream, size_t bytes);
  /// `bytes` that were added to this stream are kept no longer.
  void release(uint16_t stream, size_t bytes);

  [[nodiscard]] size_t total() const { return total_.amount; }
  [[nodiscard]] size_t of(uint16_t stream) const;

  /// 0 unless set.
  void set_threshold(uint16_t stream, size_t bytes);
  void set_total_threshold(size_t bytes) { total_.threshold = bytes; }

  /// What happened since the last call.
  std::vector<Low> take_low() { return std::exchange(low_, {}); }

 private:
  struct Amount {
    size_t amount = 0;
    size_t threshold = 0;

    // True when this takes it from above the threshold to or below it.
    bool release(size_t bytes);
  };

  Amount total_;
  std::unordered_map<uint16_t, Amount> streams_;  // those that differ from Amount{}
  std::vector<Low> low_;
};

}  // namespace sluice::sctp
