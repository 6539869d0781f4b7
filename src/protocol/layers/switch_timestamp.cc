#include "protocol/layers/switch_timestamp.h"

#include <cstdlib>

namespace sluice::layers {
namespace {

// A frame that would go back in time is placed this far behind the last one: one frame at 30 Hz.
constexpr Millis kFrameDistance{33};
// More than this would be seen as a freeze.
constexpr Millis kMaxExtra{75};
// Neither a network nor a sender's clock is off by so much.
constexpr Millis kImplausible{10'000};

int64_t ticks(Millis duration, uint32_t clock_rate) {
  return duration.count() * clock_rate / 1000;
}

}  // namespace

uint32_t timestamp_offset(const ClockPair& reference, const ClockPair& stream,
                          uint32_t clock_rate) {
  // Modulo 2^64 of 1/2^32 s, so that the era may change in between.
  const auto ntp_difference = static_cast<int64_t>(stream.ntp.bits() - reference.ntp.bits());
  const double seconds = static_cast<double>(ntp_difference) / 4294967296.0;
  const auto difference = static_cast<int64_t>(seconds * clock_rate + (seconds < 0 ? -0.5 : 0.5));
  return stream.rtp.value - static_cast<uint32_t>(difference) - reference.rtp.value;
}

SwitchTimestamp switch_timestamp(Timestamp timestamp, uint32_t offset, const SentTime& sent,
                                 uint32_t clock_rate, bool retried) {
  const Timestamp outgoing{timestamp.value - offset};
  const Timestamp highest_sent = sent.highest;
  if (std::abs(int64_t{static_cast<int32_t>(outgoing.value - sent.now.value)}) >
      ticks(kImplausible, clock_rate)) {
    return {.accept = true, .offset = timestamp.value - sent.now.value};
  }
  if (is_higher(outgoing, highest_sent)) {
    return {.accept = true, .offset = offset};
  }
  int64_t extra = int64_t{highest_sent.value - outgoing.value} + ticks(kFrameDistance, clock_rate);
  if (extra > ticks(kMaxExtra, clock_rate)) {
    if (!retried) {
      return {.accept = false, .offset = offset};
    }
    // Late a second time: the clocks of the two streams do not fit together. Right behind what was
    // sent, so that no time goes back.
    extra = int64_t{highest_sent.value - outgoing.value} + 1;
  }
  return {.accept = true, .offset = offset - static_cast<uint32_t>(extra)};
}

}  // namespace sluice::layers
