// Counters of an association, and where it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/types.h"

namespace sluice::sctp {

struct Stats {
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;   ///< valid and of this association
  uint64_t bytes_sent = 0;         ///< of packets
  uint64_t bytes_received = 0;     ///< of packets
  uint64_t messages_sent = 0;      ///< accepted by send()
  uint64_t messages_received = 0;  ///< handed out by poll_event()
  uint64_t payload_sent = 0;       ///< bytes of those messages
  uint64_t payload_received = 0;

  uint64_t chunks_sent = 0;  ///< DATA, with retransmissions
  uint64_t chunks_received = 0;
  uint64_t fast_retransmits = 0;
  uint64_t timeout_retransmits = 0;
  uint64_t timeouts = 0;            ///< of the retransmission timer
  uint64_t messages_abandoned = 0;  ///< by their partial reliability, sent in part or not at all
  uint64_t duplicates = 0;          ///< DATA that came again

  uint64_t bad_packets = 0;      ///< malformed, wrong checksum, wrong port
  uint64_t foreign_packets = 0;  ///< of another or no association
  uint64_t bad_chunks = 0;       ///< malformed within a valid packet, or not of this state
  uint64_t unknown_chunks = 0;   ///< of types that we do not know
  uint64_t bad_cookies = 0;      ///< not ours, or damaged
  uint64_t refused_chunks = 0;   ///< DATA without room
  uint64_t invalid_streams = 0;  ///< DATA of streams that do not exist
  uint64_t oversized_messages = 0;
  uint64_t dcep_ignored = 0;  ///< messages of the channel establishment protocol

  std::optional<Micros> rtt;  ///< smoothed
  Micros rto{};
  size_t congestion_window = 0;  ///< bytes
  size_t in_flight = 0;          ///< bytes
  size_t peer_window = 0;        ///< bytes
  size_t receive_window = 0;     ///< bytes
};

}  // namespace sluice::sctp
