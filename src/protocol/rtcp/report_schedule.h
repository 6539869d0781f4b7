// When reports are sent (media-plane 6.3). A transport has one timer; at each of its ticks those
// producers and consumers contribute whose own interval is about over.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::rtcp {

/// The timer of a transport: first 500 ms to 1 s after the connection, by chance, so that
/// transports connected together do not report together; then every 1 to 1.5 s.
class ReportSchedule {
 public:
  static constexpr Micros kFirst{500'000};
  static constexpr Micros kFirstSpread{500'000};
  static constexpr Micros kInterval{1'000'000};
  static constexpr Micros kIntervalSpread{500'000};

  /// The transport is connected. `random` is uniform over all 32 bits.
  void start(Micros now, uint32_t random);
  /// The transport is disconnected.
  void stop() { next_.reset(); }

  [[nodiscard]] std::optional<Micros> next_timeout() const { return next_; }
  /// True when it is time to report; the next tick is then set with `random`.
  bool on_timeout(Micros now, uint32_t random);

 private:
  std::optional<Micros> next_;
};

/// The interval of one producer or consumer.
class ReportInterval {
 public:
  static constexpr Micros kVideo{1'000'000};
  static constexpr Micros kAudio{5'000'000};

  explicit ReportInterval(Micros interval) : interval_(interval) {}

  /// True when nothing was sent yet, or the time since then, taken 15 % longer, makes the interval:
  /// the next tick might come too late.
  [[nodiscard]] bool due(Micros now) const {
    return !last_sent_ || (now - *last_sent_) * 115 >= interval_ * 100;
  }
  void sent(Micros now) { last_sent_ = now; }

 private:
  Micros interval_;
  std::optional<Micros> last_sent_;
};

}  // namespace sluice::rtcp
