// MIDs of the consumers of one transport (ortc-model 3.8). The client uses them as the m-sections
// of its session description, so a value is never used again after its consumer closed.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::ortc {

class MidAllocator {
 public:
  /// A MID has at most eight characters in the header extension (RFC 8852), so the counter starts
  /// again at 0 when it would need a ninth.
  static constexpr uint32_t kLimit = 100'000'000;

  MidAllocator() = default;
  /// Begins at `first`, which is below kLimit.
  explicit MidAllocator(uint32_t first) : next_(first) {}

  /// "0", "1", "2", …
  [[nodiscard]] std::string next() {
    const uint32_t mid = next_;
    next_ = (next_ + 1) % kLimit;
    return std::to_string(mid);
  }

 private:
  uint32_t next_ = 0;
};

}  // namespace sluice::ortc
