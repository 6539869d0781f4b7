// How much one RTP session may send, and which consumer gets how much of it (media-plane 7.6, 7.8
// and 8; ortc-model 4.5). There is one once a video consumer negotiated transport-cc or REMB; from
// then on all video consumers of the session get their layers from here.
//
// What the session sends and the peer reports goes to the bwe::SendSideController. What follows
// from it is done once, at the end of the turn, however many reasons a turn brought: the available
// rate is distributed anew. Padding leaves when its timer says so.
//
// Hot path: `on_sent` allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/types.h"
#include "media/settings.h"
#include "media/trace.h"
#include "net/send_queue.h"
#include "protocol/bwe/probation_packet.h"
#include "protocol/bwe/send_side_controller.h"
#include "protocol/rtcp/rate_calculator.h"

namespace sluice::media {

class LoopConsumer;
class RtpSession;

/// An RTP packet that was handed to the loop's send queue.
struct SentPacket {
  /// Its transport-wide number; nothing when it has none, or one that was used before.
  std::optional<SeqNum> wide;
  size_t size = 0;      ///< bytes before protection
  bool shared = false;  ///< of a consumer that takes part in the distribution
};

class SendBandwidth {
 public:
  /// `transport` is whose trace events these are.
  SendBandwidth(RtpSession& session, uint64_t transport,
                const bwe::SendSideController::Settings& settings);
  SendBandwidth(const SendBandwidth&) = delete;
  SendBandwidth& operator=(const SendBandwidth&) = delete;

  // From the session.
  /// A video consumer.
  void add(LoopConsumer& consumer);
  void remove(LoopConsumer& consumer);
  /// The session is able to send, or no longer.
  void start(Micros now);
  void stop() { controller_.stop(); }
  /// Limits that were found valid together.
  void set_limits(const BitrateLimits& limits, Micros now);
  /// Where packets go now, and by how many bytes they are longer than plain RTP packets.
  void set_path(const net::Destination& destination, size_t rtp_overhead);
  void set_traces(TraceSet traces) { traces_ = traces; }
  void on_sent(const SentPacket& packet, Micros now);
  [[nodiscard]] std::optional<Micros> next_timeout() const { return controller_.next_timeout(); }
  void on_timeout(Micros now);
  /// Distributes the rate when there is a reason to.
  void finish_turn(Micros now);

  // From the peer.
  void on_transport_feedback(const rtcp::TransportFeedback& feedback, Micros now);
  void on_remb(BitRate limit, Micros now);
  void on_report_block(const rtcp::ReportBlock& block, std::optional<Micros> rtt, Micros now);

  // From consumers.
  /// Something that the distribution depends on changed; `fall` as for the desired rate.
  void request_distribution(bwe::RateLimits::Fall fall);
  /// A higher layer goes out than before.
  void on_layer_raised() { controller_.on_media_raised(); }

  /// The estimate, within all limits.
  [[nodiscard]] BitRate available() const { return controller_.available(); }
  /// Loss on the way to the peer, 0..1, once known.
  [[nodiscard]] std::optional<double> loss() const;

 private:
  void after_event(Micros now);
  void distribute(Micros now);
  void send_padding(Micros now);
  bool send_padding(const bwe::PaddingPacket& padding, Micros now);
  void trace(TraceType type, TraceInfo info, Micros now);

  RtpSession& session_;
  uint64_t transport_;
  bwe::RateFeedback feedback_;
  bwe::SendSideController controller_;
  bwe::ProbationStream padding_;
  /// Wire bytes of what takes no part in the distribution.
  rtcp::RateCalculator fixed_load_;
  std::vector<LoopConsumer*> takers_;
  /// A distribution is due at the end of the turn.
  std::optional<bwe::RateLimits::Fall> due_;
  BitRate desired_;
  TraceSet traces_;
};

}  // namespace sluice::media
