#include "media/stats.h"

#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "protocol/ortc/json.h"

namespace sluice::media {
namespace json = boost::json;
namespace {

const char* type_name(TransportType type) {
  switch (type) {
    case TransportType::kWebRtc:
      return "webrtc-transport";
    case TransportType::kPlain:
      return "plain-rtp-transport";
    case TransportType::kPipe:
      return "pipe-transport";
    case TransportType::kDirect:
      break;
  }
  return "direct-transport";
}

}  // namespace

json::object to_json(const TransportStats& stats) {
  json::object out{
      {"type", type_name(stats.type)},
      {"transportId", stats.transport_id},
      {"timestamp", stats.timestamp},
      {"bytesReceived", stats.bytes_received},
      {"recvBitrate", stats.recv_bitrate},
      {"bytesSent", stats.bytes_sent},
      {"sendBitrate", stats.send_bitrate},
      {"rtpBytesReceived", stats.rtp_bytes_received},
      {"rtpRecvBitrate", stats.rtp_recv_bitrate},
      {"rtpBytesSent", stats.rtp_bytes_sent},
      {"rtpSendBitrate", stats.rtp_send_bitrate},
      {"rtxBytesReceived", stats.rtx_bytes_received},
      {"rtxRecvBitrate", stats.rtx_recv_bitrate},
      {"rtxBytesSent", stats.rtx_bytes_sent},
      {"rtxSendBitrate", stats.rtx_send_bitrate},
      {"probationBytesSent", stats.probation_bytes_sent},
      {"probationSendBitrate", stats.probation_send_bitrate},
  };
  if (stats.type == TransportType::kWebRtc) {
    out["iceRole"] = "controlled";
    out["iceState"] = to_string(stats.ice_state);
    out["dtlsState"] = to_string(stats.dtls_state);
    if (stats.ice_selected_tuple) {
      out["iceSelectedTuple"] = ortc::to_json(*stats.ice_selected_tuple);
    }
  }
  if (stats.tuple) {
    out["tuple"] = ortc::to_json(*stats.tuple);
  }
  if (stats.type == TransportType::kPlain) {
    out["rtcpMux"] = stats.rtcp_mux;
    out["comedia"] = stats.comedia;
    if (stats.rtcp_tuple) {
      out["rtcpTuple"] = ortc::to_json(*stats.rtcp_tuple);
    }
  }
  if (stats.sctp_state) {
    out["sctpState"] = to_string(*stats.sctp_state);
  }
  const auto add_limit = [&out](const char* name, BitRate limit) {
    if (limit != BitRate{}) {
      out[name] = limit.value;
    }
  };
  add_limit("maxIncomingBitrate", stats.limits.max_incoming);
  add_limit("maxOutgoingBitrate", stats.limits.max_outgoing);
  add_limit("minOutgoingBitrate", stats.limits.min_outgoing);
  if (stats.available_outgoing_bitrate) {
    out["availableOutgoingBitrate"] = stats.available_outgoing_bitrate->value;
  }
  if (stats.available_incoming_bitrate) {
    out["availableIncomingBitrate"] = stats.available_incoming_bitrate->value;
  }
  if (stats.rtp_packet_loss_received) {
    out["rtpPacketLossReceived"] = *stats.rtp_packet_loss_received;
  }
  if (stats.rtp_packet_loss_sent) {
    out["rtpPacketLossSent"] = *stats.rtp_packet_loss_sent;
  }
  return out;
}

json::object to_json(const RtpStreamStats& stats) {
  json::object out{
      {"type", stats.inbound ? "inbound-rtp" : "outbound-rtp"},
      {"timestamp", stats.timestamp},
      {"ssrc", stats.ssrc},
      {"kind", stats.kind},
      {"mimeType", stats.mime_type},
      {"packetsLost", stats.packets_lost},
      {"fractionLost", stats.fraction_lost},
      {"packetsDiscarded", stats.packets_discarded},
      {"packetsRetransmitted", stats.packets_retransmitted},
      {"packetsRepaired", stats.packets_repaired},
      {"nackCount", stats.nack_count},
      {"nackPacketCount", stats.nack_packet_count},
      {"pliCount", stats.pli_count},
      {"firCount", stats.fir_count},
      {"score", stats.score},
      {"roundTripTime", stats.round_trip_time},
      {"packetCount", stats.packet_count},
      {"byteCount", stats.byte_count},
      {"bitrate", stats.bitrate},
  };
  if (stats.rtx_ssrc) {
    out["rtxSsrc"] = *stats.rtx_ssrc;
  }
  if (!stats.rid.empty()) {
    out["rid"] = stats.rid;
  }
  if (stats.rtx_packets_discarded != 0) {
    out["rtxPacketsDiscarded"] = stats.rtx_packets_discarded;
  }
  if (stats.inbound) {
    out["jitter"] = stats.jitter;
    json::object by_layer;
    for (const auto& [spatial, temporal, bitrate] : stats.bitrate_by_layer) {
      by_layer[std::to_string(spatial) + "." + std::to_string(temporal)] = bitrate;
    }
    out["bitrateByLayer"] = std::move(by_layer);
  }
  return out;
}

json::object to_json(const DataProducerStats& stats) {
  return {{"type", "data-producer"},
          {"timestamp", stats.timestamp},
          {"label", stats.label},
          {"protocol", stats.protocol},
          {"messagesReceived", stats.messages_received},
          {"bytesReceived", stats.bytes_received}};
}

json::object to_json(const DataConsumerStats& stats) {
  return {{"type", "data-consumer"},
          {"timestamp", stats.timestamp},
          {"label", stats.label},
          {"protocol", stats.protocol},
          {"messagesSent", stats.messages_sent},
          {"bytesSent", stats.bytes_sent},
          {"bufferedAmount", stats.buffered_amount}};
}

}  // namespace sluice::media
