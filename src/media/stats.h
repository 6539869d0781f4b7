// Statistics as the object model reports them (ortc-model section 6): plain structs filled on the
// loop that counts, and their JSON.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/events.h"
#include "media/settings.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

/// Bytes are UDP or TCP payload; bit rates are bit/s over the last second or so; timestamps are
/// milliseconds of a monotonic clock.
struct TransportStats {
  TransportType type = TransportType::kWebRtc;
  std::string transport_id;
  uint64_t timestamp = 0;
  // WebRTC only.
  IceState ice_state = IceState::kNew;
  DtlsState dtls_state = DtlsState::kNew;
  std::optional<ortc::TransportTuple> ice_selected_tuple;
  // Plain: all; pipe: the first.
  std::optional<ortc::TransportTuple> tuple;
  std::optional<ortc::TransportTuple> rtcp_tuple;  ///< once its remote is known
  bool rtcp_mux = true;
  bool comedia = false;
  // All.
  uint64_t bytes_received = 0, bytes_sent = 0;
  uint64_t recv_bitrate = 0, send_bitrate = 0;
  uint64_t rtp_bytes_received = 0, rtp_bytes_sent = 0;
  uint64_t rtp_recv_bitrate = 0, rtp_send_bitrate = 0;
  uint64_t rtx_bytes_received = 0, rtx_bytes_sent = 0;
  uint64_t rtx_recv_bitrate = 0, rtx_send_bitrate = 0;
  uint64_t probation_bytes_sent = 0, probation_send_bitrate = 0;
  std::optional<SctpState> sctp_state;  ///< with SCTP
  BitrateLimits limits;
  // Each only while it is estimated.
  std::optional<BitRate> available_outgoing_bitrate, available_incoming_bitrate;
  std::optional<double> rtp_packet_loss_received, rtp_packet_loss_sent;
};

/// What one layer takes with all that it depends on, bit/s as they count for layer selection: with
/// an SRTP tag, UDP and IPv4.
struct LayerBitrate {
  uint8_t spatial = 0, temporal = 0;
  uint64_t bitrate = 0;
  friend bool operator==(const LayerBitrate&, const LayerBitrate&) = default;
};

struct RtpStreamStats {
  bool inbound = true;
  uint64_t timestamp = 0;
  uint32_t ssrc = 0;
  std::optional<uint32_t> rtx_ssrc;
  std::string rid;
  std::string kind;
  std::string mime_type;
  int64_t packets_lost = 0;
  uint8_t fraction_lost = 0;
  uint64_t packets_discarded = 0, packets_retransmitted = 0, packets_repaired = 0;
  uint64_t nack_count = 0, nack_packet_count = 0, pli_count = 0, fir_count = 0;
  uint8_t score = 10;
  double round_trip_time = 0;  ///< ms
  uint64_t rtx_packets_discarded = 0;
  uint64_t packet_count = 0, byte_count = 0, bitrate = 0;
  uint32_t jitter = 0;  ///< RTP clock units, inbound only
  /// Of each layer, inbound only; empty for a stream with one.
  std::vector<LayerBitrate> bitrate_by_layer{};
};

struct DataProducerStats {
  uint64_t timestamp = 0;
  std::string label{};
  std::string protocol{};
  uint64_t messages_received = 0, bytes_received = 0;
};

struct DataConsumerStats {
  uint64_t timestamp = 0;
  std::string label{};
  std::string protocol{};
  uint64_t messages_sent = 0, bytes_sent = 0;
  uint64_t buffered_amount = 0;
};

boost::json::object to_json(const TransportStats& stats);
boost::json::object to_json(const RtpStreamStats& stats);
boost::json::object to_json(const DataProducerStats& stats);
boost::json::object to_json(const DataConsumerStats& stats);

}  // namespace sluice::media
