// What a stream counts whichever way it goes, and how that reads in statistics (ortc-model 6.2):
// the part that RecvStream and SendStream have in common.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "media/stats.h"
#include "protocol/rtcp/rate_calculator.h"
#include "protocol/rtcp/round_trip.h"

namespace sluice::media {

class StreamCounters {
 public:
  /// A packet of the media stream, once; `bytes` without what SRTP adds.
  void count_packet(size_t bytes, Micros now) {
    ++packets_;
    bytes_ += bytes;
    rate_.update(bytes, now);
  }
  /// A NACK that asked for so many packets.
  void count_nack(size_t packets) {
    ++nacks_;
    nack_packets_ += packets;
  }
  void count_key_frame_request(bool fir) { ++(fir ? firs_ : plis_); }

  [[nodiscard]] uint64_t packets() const { return packets_; }

  /// Statistics with the fields that these counters know, and the two that both kinds of stream
  /// measure.
  [[nodiscard]] RtpStreamStats stats(uint8_t score, const rtcp::RoundTrip& round_trip,
                                     Micros now) const {
    RtpStreamStats stats;
    stats.timestamp = static_cast<uint64_t>(now / 1ms);
    stats.packet_count = packets_;
    stats.byte_count = bytes_;
    stats.bitrate = rate_.rate(now);
    stats.nack_count = nacks_;
    stats.nack_packet_count = nack_packets_;
    stats.pli_count = plis_;
    stats.fir_count = firs_;
    stats.score = score;
    stats.round_trip_time = static_cast<double>(round_trip.value().count()) / 1000.0;
    return stats;
  }

 private:
  /// Stream counters are smoothed over more than the usual second (media-plane 0.3).
  static constexpr Millis kRateWindow{2500};

  uint64_t packets_ = 0, bytes_ = 0;
  uint64_t nacks_ = 0, nack_packets_ = 0, plis_ = 0, firs_ = 0;
  mutable rtcp::RateCalculator rate_{kRateWindow};  ///< asking for the rate drops old buckets
};

}  // namespace sluice::media
