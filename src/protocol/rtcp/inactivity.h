// Notices that one of several encodings of a video producer went silent (media-plane 6.10), which
// is how a sender's congestion control drops a simulcast layer. A producer with a single encoding
// is never judged by its silence.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::rtcp {

class InactivityWatch {
 public:
  static constexpr Micros kTimeout{1'500'000};
  /// With discontinuous transmission a still picture may be silent for longer.
  static constexpr Micros kDtxTimeout{5'000'000};

  enum class Change : uint8_t { kNone, kInactive, kActive };

  /// A stream whose first packet came at `now`. With `watched` false (audio, single encoding) it
  /// stays active for ever.
  InactivityWatch(bool watched, bool dtx, Micros now)
      : watched_(watched), timeout_(dtx ? kDtxTimeout : kTimeout), last_payload_(now) {}

  /// A packet came. Padding-only packets are no sign of life. `kActive` when the stream is back.
  Change on_packet(bool has_payload, Micros now);

  /// When the stream would become inactive.
  [[nodiscard]] std::optional<Micros> next_timeout() const;
  /// `kInactive` when the stream has become inactive.
  Change on_timeout(Micros now);

  [[nodiscard]] bool active() const { return active_; }

 private:
  bool watched_;
  bool active_ = true;
  Micros timeout_;
  Micros last_payload_;
};

}  // namespace sluice::rtcp
