// What a peer may send to us, estimated from the abs-send-time of its packets and told to it by
// REMB (media-plane 8.8, draft-alvestrand-rmcat-remb-03): for peers without transport-cc, whose
// producers negotiated abs-send-time and goog-remb. One per transport.
//
// The clockwork is that of the sender: arrival groups, trend, overuse detector and rate control,
// with the rate that arrives in the place of the acknowledged one. It needs no timer: while no
// packets come there is nothing to tell.
//
// How a transport uses it: call `on_packet` for each RTP packet of a known producer that carries
// the extension, and send a REMB (rtcp::write_remb) when it says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/types.h"
#include "protocol/bwe/aimd_rate_control.h"
#include "protocol/bwe/arrival_probe.h"
#include "protocol/bwe/delay_based.h"
#include "protocol/rtcp/rate_calculator.h"

namespace sluice::bwe {

class ReceiveSideEstimator {
 public:
  /// A REMB says this size in 5 % of the rate, but within these limits.
  static constexpr size_t kRembSize = 80;
  static constexpr double kRembShare = 0.05;
  static constexpr Micros kMinInterval{200'000};
  static constexpr Micros kMaxInterval{1'000'000};
  /// A rate below this share of the last one is told at once.
  static constexpr double kLargeFall = 0.97;
  /// Streams without packets for this long are no longer listed.
  static constexpr Micros kSourceTimeout{2'000'000};
  /// What a REMB can list. Packets of further streams count, but are not listed.
  static constexpr size_t kMaxSources = 255;

  /// A rate to tell the peer now, for these streams.
  struct Announcement {
    BitRate rate;
    std::span<const Ssrc> sources;  ///< valid until the next packet
  };

  /// A packet of `size` bytes on the wire arrived. `abs_send_time` has 24 bits.
  std::optional<Announcement> on_packet(uint32_t abs_send_time, Ssrc source, size_t size,
                                        Micros now);
  void set_rtt(Micros rtt) { rate_.set_rtt(rtt); }
  /// The most that the peer may be told; 0 for no limit.
  void set_max(BitRate max) { max_ = max; }

  /// What the peer may send; nothing until it is known.
  [[nodiscard]] std::optional<BitRate> estimate() const;

 private:
  struct Source {
    Ssrc ssrc;
    Micros last{0};
  };

  Micros send_time(uint32_t abs_send_time);
  void note_source(Ssrc ssrc, Micros now);
  void update(LinkUsage usage, Micros now);
  [[nodiscard]] std::optional<BitRate> incoming(Micros now);
  std::optional<Announcement> announce(Micros now);

  QueueTrend queue_;
  ArrivalProbe probe_;
  AimdRateControl rate_;
  rtcp::RateCalculator incoming_;
  BitRate max_;
  std::optional<int64_t> send_ticks_;  ///< extended; 2^18 per second
  std::optional<Micros> receiving_since_;
  Micros last_packet_{0};
  Micros updated_at_{0};
  std::optional<BitRate> told_;
  Micros told_at_{0};
  std::vector<Source> sources_;
  std::vector<Ssrc> listed_;
};

/// The distance of REMBs at a rate.
Micros remb_interval(BitRate rate);

}  // namespace sluice::bwe
