// HEARTBEAT: is the peer of an idle association still there (RFC 9260 section 8.3)?
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/sctp/packet_builder.h"

namespace sluice::sctp {

class Heartbeat {
 public:
  static constexpr Micros kInterval = 30s;

  /// The association is up.
  explicit Heartbeat(Micros now) : next_at_(now + kInterval) {}

  /// Something else has shown that the peer is there.
  void on_alive(Micros now) { next_at_ = now + kInterval; }
  /// The value of a HEARTBEAT ACK. The round trip if it answers the last HEARTBEAT.
  std::optional<Micros> on_ack(Bytes value, Micros now);

  /// Appends a HEARTBEAT if one is due and fits.
  void write(PacketBuilder& packet, Micros rto, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const;
  /// True when the last HEARTBEAT was not answered in time.
  bool on_timeout(Micros now);

 private:
  struct Sent {
    uint64_t nonce;
    Micros at;
    Micros deadline;
  };

  Micros next_at_;
  bool due_ = false;
  std::optional<Sent> sent_;
};

}  // namespace sluice::sctp
