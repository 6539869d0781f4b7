#include "media/loop_transport.h"

#include "media/media_loop.h"

namespace sluice::media {

void LoopTransport::watch_keys(Micros now) {
  if (keys_exhausted_ || !session_.keys_exhausted()) {
    return;
  }
  keys_exhausted_ = true;
  session_.set_connected(false, now);
  loop_.emit(handle_, TransportEvent{KeysExhausted{}});
}

TransportStats LoopTransport::stats(Micros now) {
  TransportStats stats;
  stats.timestamp = static_cast<uint64_t>(now / 1ms);
  add_stats(stats);
  session_.add_stats(stats, now);
  return stats;
}

}  // namespace sluice::media
