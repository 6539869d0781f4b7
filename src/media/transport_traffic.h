// What went over a transport, by direction and kind; the source of its statistics.
#pragma once

#include <cstdint>

#include "base/types.h"
#include "protocol/rtcp/rate_calculator.h"

namespace sluice::media {

class TransportTraffic {
 public:
  /// Bytes of datagrams, and how many of them the last second saw.
  struct Flow {
    uint64_t bytes = 0;
    rtcp::RateCalculator rate;

    void count(size_t size, Micros now) {
      bytes += size;
      rate.update(size, now);
    }
  };

  /// A datagram counts in one of these.
  struct Direction {
    Flow rtp, rtx;
    Flow padding;  ///< sent only
    Flow other;    ///< STUN, DTLS, RTCP, and media that nobody knows

    [[nodiscard]] uint64_t bytes() const {
      return rtp.bytes + rtx.bytes + padding.bytes + other.bytes;
    }
    [[nodiscard]] uint64_t rate(Micros now) {
      return rtp.rate.rate(now) + rtx.rate.rate(now) + padding.rate.rate(now) +
             other.rate.rate(now);
    }
  };

  Direction received, sent;
};

}  // namespace sluice::media
