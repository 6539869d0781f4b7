#include "support/endpoint.h"

#include "protocol/rtcp/rate_feedback.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::test {
namespace {

/// Well within the 30 s after which consent is lost.
constexpr Micros kCheckInterval = 5s;
/// What SRTP, UDP and IPv4 add to a packet.
constexpr size_t kWireOverhead = 16 + 8 + 20;

}  // namespace

MediaSource& Endpoint::add_source(const SourceSettings& settings) {
  sources_.push_back(
      std::make_unique<MediaSource>(settings, *connection_.peer, transport_sequence_));
  return *sources_.back();
}

MediaSink& Endpoint::add_sink(const SinkSettings& settings) {
  sinks_.push_back(std::make_unique<MediaSink>(settings, *connection_.peer));
  return *sinks_.back();
}

void Endpoint::enable_feedback(uint8_t transport_cc_id, Micros now) {
  transport_cc_id_ = transport_cc_id;
  feedback_.start(now);
}

void Endpoint::step(Micros now) {
  TestPeer& peer = *connection_.peer;
  for (const Buffer& packet : peer.rtp) {
    take(packet, now);
    for (const auto& sink : sinks_) {
      sink->on_rtp(packet, now);
    }
  }
  for (const Buffer& packet : peer.rtcp) {
    for (const auto& source : sources_) {
      source->on_rtcp(packet, now);
    }
    for (const auto& sink : sinks_) {
      sink->on_rtcp(packet, now);
    }
  }
  peer.rtp.clear();
  peer.protected_rtp.clear();
  peer.rtcp.clear();
  for (const auto& source : sources_) {
    source->step(now);
  }
  for (const auto& sink : sinks_) {
    sink->step(now);
  }
  send_feedback(now);
  if (next_check_ <= now) {
    next_check_ = now + kCheckInterval;
    peer.send_binding_request(now);
  }
}

void Endpoint::take(Bytes packet, Micros now) {
  const auto view = rtp::PacketView::parse(packet);
  if (!view) {
    return;
  }
  if (transport_cc_id_ != 0) {
    if (const auto wide = rtp::read_transport_wide_cc(view->extension(transport_cc_id_))) {
      feedback_.on_packet(SeqNum{*wide}, view->ssrc(), now);
    }
  }
  if (abs_send_time_id_ != 0) {
    if (const auto sent = rtp::read_abs_send_time(view->extension(abs_send_time_id_))) {
      const size_t on_wire = packet.size() + kWireOverhead;
      if (const auto told = estimator_.on_packet(*sent, view->ssrc(), on_wire, now)) {
        send_remb(*told);
      }
    }
  }
}

void Endpoint::send_remb(const bwe::ReceiveSideEstimator::Announcement& announcement) {
  Buffer buffer(rtcp::kRtcpBudget);
  ByteWriter writer(buffer);
  rtcp::write_remb(writer, Ssrc{1}, announcement.rate, announcement.sources);
  connection_.peer->send_rtcp(writer.written());
}

void Endpoint::send_feedback(Micros now) {
  if (const auto due = feedback_.next_timeout(); due && *due <= now) {
    feedback_.on_timeout(now);
    for (Bytes packet = feedback_.poll(); !packet.empty(); packet = feedback_.poll()) {
      connection_.peer->send_rtcp(packet);
    }
  }
}

Delivery delivery(const MediaSource& source, const MediaSink& sink, Micros from, Micros to,
                  Micros within) {
  Delivery result;
  for (uint32_t number = 0; number < source.sent().size(); ++number) {
    const Micros sent = source.sent()[number];
    if (sent < from || sent >= to) {
      continue;
    }
    ++result.sent;
    const auto arrived = sink.arrivals().find(number);
    if (arrived == sink.arrivals().end()) {
      ++result.lost;
    } else if (arrived->second - sent <= within) {
      ++result.in_time;
    }
  }
  return result;
}

}  // namespace sluice::test
