// What the owner decides about an association, and about each message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::sctp {

struct Options {
  /// Streams that we ask to send on at first (OS), 1..65535.
  uint16_t outgoing_streams = 1024;
  /// Streams that the peer may begin with (MIS), 1..65535. It may add more later.
  uint16_t incoming_streams = 1024;
  /// Largest message of the application, bytes.
  size_t max_send_message_size = 262144;
  /// Larger messages of the peer are dropped, bytes.
  size_t max_receive_message_size = 262144;
  /// Bytes of payload that wait for the peer's acknowledgement before send() refuses; small
  /// messages count as 64. An empty buffer takes a message of any allowed size.
  size_t send_buffer_size = 262144;
  /// Bytes of incoming messages that are not complete, or not polled; raised where the largest
  /// message would not fit.
  size_t receive_buffer_size = 1024 * 1024;
  /// Largest SCTP packet, bytes: what fits a datagram of 1280 bytes with the headers of IPv6, UDP
  /// and a DTLS record around it (media-plane 0.3).
  size_t max_packet_size = 1191;
  /// When the peer resets a stream, reset ours of the same number (RFC 8831 section 6.7).
  bool data_channels = true;
};

/// How much is done for a message to arrive. Without limits it arrives, or the association ends.
/// Limits have no effect when the peer does not know FORWARD TSN.
struct Reliability {
  bool ordered = true;
  /// Given up when it was not delivered for this long; with 0 it is sent at once or never, and
  /// once.
  std::optional<Millis> max_packet_life_time;
  /// Given up when one of its packets was lost more often than this; 0: on the first loss.
  std::optional<uint16_t> max_retransmits;
};

}  // namespace sluice::sctp
