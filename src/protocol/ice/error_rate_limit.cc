#include "protocol/ice/error_rate_limit.h"

#include "base/random.h"
#include "protocol/ice/hashing.h"

namespace sluice::ice {
namespace {

/// Twice what one window can hold, so that probes stay short.
constexpr size_t kCapacity = 2048;
static_assert(kCapacity >= 2 * ErrorRateLimit::kPerLoop && (kCapacity & (kCapacity - 1)) == 0);

}  // namespace

ErrorRateLimit::ErrorRateLimit()
    : entries_(kCapacity), seed_(uint64_t{random_uint32(0, UINT32_MAX)} << 32 | 1) {}

bool ErrorRateLimit::allow(const IpAddress& source, Micros now) {
  if (window_ == 0 || now >= window_end_) {
    ++window_;
    window_end_ = now + kWindow;
    total_ = 0;
  }
  if (total_ >= kPerLoop) {
    ++refused_;
    return false;
  }
  Entry& entry = entry_for(source);
  if (entry.count >= kPerSource) {
    ++refused_;
    return false;
  }
  ++entry.count;
  ++total_;
  return true;
}

ErrorRateLimit::Entry& ErrorRateLimit::entry_for(const IpAddress& source) {
  uint64_t hash = seed_;
  const Bytes raw = source.bytes();
  for (size_t i = 0; i < raw.size(); i += 4) {
    hash = mix_hash(hash, load_be32(&raw[i]));
  }
  size_t index = hash & (kCapacity - 1);
  while (entries_[index].window == window_ && entries_[index].source != source) {
    index = (index + 1) & (kCapacity - 1);
  }
  Entry& entry = entries_[index];
  if (entry.window != window_) {
    entry = {source, 0, window_};
  }
  return entry;
}

}  // namespace sluice::ice
