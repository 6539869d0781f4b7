// What a loop with consumers knows of each received stream of a producer, its own or one of another
// loop: enough to choose among them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/layers/layer_rates.h"
#include "protocol/rtcp/ntp_time.h"

namespace sluice::layers {

/// Sender's clock and RTP clock at one moment, from a sender report.
struct ClockPair {
  rtcp::NtpTime ntp;
  Timestamp rtp;
};

struct StreamState {
  explicit StreamState(const LayerRates::Options& options) : rates(options) {}

  /// A packet of it was received.
  bool received = false;
  /// 0 (dead) to 10.
  uint8_t score = 0;
  /// Since when the score has not been 0.
  Micros active_since{0};
  /// Of the newest sender report.
  std::optional<ClockPair> clock;
  LayerRates rates;

  [[nodiscard]] bool alive() const { return received && score > 0; }
};

}  // namespace sluice::layers
