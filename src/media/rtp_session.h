// The media side of one transport on its loop, of whatever kind the transport is: the producers and
// consumers, SRTP, RTCP, and the way from received packets to producers and from consumers to the
// wire (media-plane 4 to 6). An RTP session in the sense of RFC 3550: one space of SSRCs.
//
// Where packets come from and whether anything may be sent is for the owner to know, e.g. a
// LoopWebRtcTransport with its ICE and DTLS. The owner hands in keys, the destination and what
// arrives; the session never calls it back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/types.h"
#include "media/dump.h"
#include "media/egress.h"
#include "media/loop_consumer.h"
#include "media/loop_producer.h"
#include "media/loop_setup.h"
#include "media/receive_bandwidth.h"
#include "media/rtcp_feedback.h"
#include "media/rtcp_reports.h"
#include "media/send_bandwidth.h"
#include "media/settings.h"
#include "media/stats.h"
#include "media/transport_traffic.h"
#include "net/send_queue.h"
#include "net/timer_wheel.h"
#include "protocol/rtcp/retransmission_budget.h"
#include "protocol/rtcp/round_trip.h"
#include "protocol/rtp/listener.h"
#include "protocol/rtp/nack_generator.h"
#include "protocol/srtp/inbound.h"
#include "protocol/srtp/outbound.h"

namespace sluice::media {

class MediaLoop;

class RtpSession {
 public:
  using Producers = std::vector<std::unique_ptr<LoopProducer>>;
  using Consumers = std::unordered_map<Handle, std::unique_ptr<LoopConsumer>>;

  /// `transport` names it in logs and trace events. `initial_outgoing`: what the peer may be sent
  /// while nothing is known of its link.
  RtpSession(MediaLoop& loop, Handle transport, BitRate initial_outgoing);
  ~RtpSession();
  RtpSession(const RtpSession&) = delete;
  RtpSession& operator=(const RtpSession&) = delete;

  // From the transport.
  void set_keys(const srtp::SessionKeys& outbound, const srtp::SessionKeys& inbound);
  [[nodiscard]] bool has_keys() const { return outbound_ != nullptr; }
  /// Packets go and come as they are, without SRTP: there will be no keys.
  void set_unprotected() { unprotected_ = true; }
  /// The keys protected as much as they may (media-plane 4.2): the transport has to close.
  [[nodiscard]] bool keys_exhausted() const {
    return has_keys() && (outbound_->exhausted() || inbound_->exhausted());
  }
  void set_destination(net::Destination destination);
  /// RTCP goes elsewhere than RTP: to `destination`, or nowhere before that is known.
  void separate_rtcp(std::optional<net::Destination> destination = {}) {
    rtcp_muxed_ = false;
    rtcp_destination_ = std::move(destination);
  }
  /// With keys (unless unprotected) and a destination media may flow; nothing is sent or taken
  /// before.
  void set_connected(bool connected, Micros now);
  /// Packets are taken also while not connected: they tell where the peer is.
  void listen() { listening_ = true; }
  /// The plain form of a protected packet; null when it is not authentic, or not wanted now.
  net::PacketRef unprotect_rtp(Bytes packet, Micros now);
  /// A plain packet, which took `wire_size` bytes on its way here.
  void on_rtp(net::PacketRef buffer, size_t wire_size, Micros now);
  /// A protected packet. False when it is not authentic, or not wanted now.
  bool on_rtcp(MutableBytes packet, Micros now);
  void set_bitrate_limits(const BitrateLimits& limits, Micros now);
  void set_traces(TraceSet traces);
  TransportTraffic& traffic() { return traffic_; }
  void add_stats(TransportStats& stats, Micros now);
  [[nodiscard]] TransportDump dump() const;

  // Commands.
  /// Null, and logged, when an id of it is taken.
  LoopProducer* add_producer(const ProducerSetup& setup, Fanout& fanout);
  void remove_producer(Handle producer);
  LoopConsumer* add_consumer(const ConsumerSetup& setup, Fanout& fanout);
  void remove_consumer(Handle consumer);

  // For producers and consumers.
  /// Drops the SRTP state of a received SSRC, unless a producer has it.
  void forget_stream(Ssrc ssrc);
  MediaLoop& loop() { return loop_; }
  Egress& egress() { return egress_; }
  [[nodiscard]] bool connected() const { return connected_; }
  /// Null while nothing may be sent.
  net::Destination* destination() { return connected_ ? &destination_ : nullptr; }
  /// Null while there are no keys.
  srtp::OutboundContext* outbound() { return outbound_.get(); }
  [[nodiscard]] bool is_protected() const { return !unprotected_; }
  [[nodiscard]] size_t rtp_overhead() const { return rtp_overhead_; }
  uint16_t take_transport_sequence() { return transport_sequence_++; }
  void on_rtp_sent(const SentPacket& packet, Micros now) {
    traffic_.sent.rtp.count(packet.size + rtp_overhead_, now);
    if (send_bandwidth_) {
      send_bandwidth_->on_sent(packet, now);
    }
  }
  void on_rtx_sent(const SentPacket& packet, Micros now);
  void count_sent_padding(size_t bytes, Micros now) { traffic_.sent.padding.count(bytes, now); }
  /// Null while nobody estimates what may be sent.
  SendBandwidth* send_bandwidth() { return send_bandwidth_.get(); }
  /// Bytes that may be retransmitted now.
  [[nodiscard]] size_t retransmission_room(Micros now) {
    return retransmissions_.room(send_target(now), now);
  }
  /// Sends a packet's bytes once more, as they were protected before.
  bool resend_protected(Bytes packet, bool shared, net::Destination& destination, Micros now);
  /// What is asked of the peer and told to it.
  RtcpFeedback& feedback() { return feedback_; }
  /// Where generators put what they want to have requested; empty between calls.
  rtp::NackRequest& nack_scratch();
  /// Sees to it that timeouts are handled no later than at `deadline`.
  void wake_by(std::optional<Micros> deadline);

  // For RTCP.
  LoopConsumer* consumer_by_ssrc(Ssrc ssrc);
  /// The producer that an SSRC, media or RTX, was signalled or learned for.
  LoopProducer* producer_by_ssrc(Ssrc ssrc);
  [[nodiscard]] const Producers& producers() const { return producers_; }
  [[nodiscard]] const Consumers& consumers() const { return consumers_; }
  RtcpReports& reports() { return reports_; }
  /// The peer answered a report of ours; arguments as for rtcp::RoundTrip. The round trip time when
  /// it shows one.
  std::optional<Micros> on_round_trip_report(uint32_t ntp_now, uint32_t last_report,
                                             uint32_t delay);
  /// Protects and sends a packet, now.
  void send_rtcp(Bytes plain, Micros now);
  /// There is something to do at the end of the turn: `finish_turn` will be called.
  void finish_turn_later();
  /// Distributes the rate among consumers, if that is due, and sends the feedback of this turn.
  void finish_turn(Micros now);

 private:
  LoopProducer::PacketKind accept_rtp(net::PacketRef buffer, size_t wire_size, Micros now);
  /// What the peer may be sent; what it is being sent when nobody estimates that.
  [[nodiscard]] BitRate send_target(Micros now) {
    return send_bandwidth_ ? send_bandwidth_->available() : traffic_.sent.rtp.rate.bit_rate(now);
  }
  void share_rate(LoopConsumer& consumer);
  /// Into a buffer of the slab's; nothing when it is not authentic.
  std::optional<size_t> open_rtp(Bytes packet, MutableBytes out, Micros now);
  net::Destination* rtcp_destination();
  void on_unprotect_error(srtp::UnprotectError error, Micros now);
  void on_timeout(Micros now);
  void reschedule();

  MediaLoop& loop_;
  Egress& egress_;
  Handle transport_;
  net::Timer timer_;

  bool connected_ = false;
  bool listening_ = false;
  bool unprotected_ = false;
  bool rtcp_muxed_ = true;
  net::Destination destination_;
  std::optional<net::Destination> rtcp_destination_;
  size_t rtp_overhead_ = 0;
  std::unique_ptr<srtp::InboundContext> inbound_;
  std::unique_ptr<srtp::OutboundContext> outbound_;
  uint16_t transport_sequence_ = 0;

  // Extension ids that producers negotiated; one transport has one id for a kind.
  rtp::ExtensionIds extension_ids_;
  rtp::Listener listener_;
  Producers producers_;  ///< index as in the listener; may be null
  Consumers consumers_;
  std::unordered_map<uint32_t, LoopConsumer*> consumers_by_ssrc_;

  BitRate initial_outgoing_;
  BitrateLimits bitrate_limits_;
  TraceSet traces_;
  ReceiveBandwidth receive_bandwidth_;
  std::unique_ptr<SendBandwidth> send_bandwidth_;
  RtcpReports reports_;
  rtcp::RoundTrip round_trip_;
  rtcp::RetransmissionBudget retransmissions_;
  RtcpFeedback feedback_;

  TransportTraffic traffic_;
  uint64_t unauthentic_ = 0;
  Micros last_authentication_warning_{-1h};
};

}  // namespace sluice::media
