// links: sluice_rtcp
// The rate calculator against a plain list of updates, and the bounds of the trend calculator.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/bytes.h"
#include "protocol/rtcp/rate_calculator.h"

namespace {

using namespace sluice;
using namespace sluice::rtcp;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

/// The definition of the rate, without a ring.
class PlainRate {
 public:
  PlainRate(int64_t window_ms, uint32_t buckets)
      : window_(window_ms * 1000),
        bucket_(std::max<int64_t>(window_ms / std::max(buckets, 1u), 1) * 1000) {}

  void update(uint64_t amount, int64_t now) {
    expire(now);
    if (buckets_.empty() || now - buckets_.back().start >= bucket_) {
      buckets_.push_back({now, amount});
    } else if (now >= buckets_.front().start) {
      buckets_.back().sum += amount;
    }
  }
  uint64_t sum(int64_t now) {
    expire(now);
    uint64_t total = 0;
    for (const Bucket& bucket : buckets_) {
      total += bucket.sum;
    }
    return total;
  }

 private:
  struct Bucket {
    int64_t start;
    uint64_t sum;
  };
  void expire(int64_t now) {
    while (!buckets_.empty() && buckets_.front().start <= now - window_) {
      buckets_.erase(buckets_.begin());
    }
  }
  int64_t window_;
  int64_t bucket_;
  std::vector<Bucket> buckets_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader reader({data, size});
  const int64_t window_ms = 1 + reader.u16() % 6000;
  const uint32_t buckets = reader.u8();
  RateCalculator rate(Millis(window_ms), 8000, buckets);
  PlainRate plain(window_ms, buckets);
  TrendCalculator trend;
  int64_t now = static_cast<int32_t>(reader.u32());
  while (reader.remaining() >= 5) {
    // Mostly forward, sometimes back by up to 8 ms.
    now += static_cast<int64_t>(reader.u24()) / 4 - 8000;
    const uint64_t amount = reader.u16();
    rate.update(amount, Micros(now));
    plain.update(amount, now);
    const uint64_t expected = static_cast<uint64_t>(
        static_cast<double>(plain.sum(now)) * 8000 / static_cast<double>(window_ms) + 0.5);
    require(rate.rate(Micros(now)) == expected);

    const uint64_t before = trend.value();
    trend.update(amount, Micros(now));
    require(trend.value() >= amount && trend.value() <= std::max(before, amount));
  }
  return 0;
}
