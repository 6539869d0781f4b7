// A consumer on its loop: whether it is active, which layers it aims for, and what its receiver
// says. Which packets go out is decided by its flow, how they go out by its SendStream.
//
// Hot path: `on_packets` allocates nothing and locks nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "base/types.h"
#include "media/dump.h"
#include "media/forwarded_packet.h"
#include "media/loop_setup.h"
#include "media/send_stream.h"
#include "media/simulcast_flow.h"
#include "media/stats.h"
#include "media/stream_flow.h"
#include "protocol/bwe/distribution.h"
#include "protocol/layers/layer_target.h"
#include "protocol/rtcp/ntp_time.h"
#include "protocol/rtcp/reports.h"

namespace sluice::media {

class Fanout;
class RtpSession;

class LoopConsumer {
 public:
  LoopConsumer(const ConsumerSetup& setup, RtpSession& session, Fanout& fanout);
  LoopConsumer(const LoopConsumer&) = delete;
  LoopConsumer& operator=(const LoopConsumer&) = delete;

  /// Packets of the producer, in order of arrival.
  void on_packets(std::span<const ForwardedPacket> packets, const SendTime& time);
  [[nodiscard]] bool wants_history() const;
  /// Something that matters for the choice among the producer's streams changed, or may have.
  void on_streams_changed(Micros now);
  /// More than the quality of streams changed: they came or went, or can be switched to now.
  void on_streams_available();
  /// What is due every half second. While packets come and only the key frame is missing, it is
  /// asked for again: both requests, or the key frame, may have been lost.
  void refresh(Micros now);

  void set_paused(bool paused, Micros now);
  void set_producer_paused(bool paused, Micros now);
  /// For simulcast and SVC.
  void set_preferred_layers(codecs::Layers layers, Micros now);
  /// The transport became able to send, or stopped being so.
  void on_transport_connected(Micros now);
  void on_transport_disconnected(Micros now);
  /// Of all streams that it gets or waits for.
  void request_key_frame(Micros now);

  // Its part in the rate of its transport, when that is estimated: see SendBandwidth, which gives
  // simulcast and SVC consumers their layers, and bwe::RateTaker. Simple consumers take what their
  // stream has, but send it whether or not it fits.
  /// From now on it is given its part.
  void set_managed();
  void set_priority(uint8_t priority);
  [[nodiscard]] uint8_t rate_priority() const { return active_ ? setup_.priority : uint8_t{0}; }
  BitRate increase(const bwe::RateOffer& offer);
  void apply_layers();
  /// The most that it could use.
  [[nodiscard]] BitRate desired_rate(Micros now) const;

  // From the receiver.
  void on_nack(const rtcp::Nack& nack, Micros now);
  void on_key_frame_request(bool fir, Micros now);
  /// `ntp_now`: compact NTP time of arrival. True when the score changed.
  bool on_report_block(const rtcp::ReportBlock& block, uint32_t ntp_now, Micros now) {
    return stream_.on_report_block(block, ntp_now, now);
  }

  /// Content of its sender report when one is due; nothing before the first packet.
  std::optional<rtcp::SenderInfo> take_sender_info(Micros now, const rtcp::NtpClock& clock) {
    return active_ ? stream_.take_sender_info(now, clock) : std::nullopt;
  }

  void set_traces(TraceSet traces) { stream_.set_traces(traces); }
  [[nodiscard]] RtpStreamStats stats(Micros now) const { return stream_.stats(now); }
  [[nodiscard]] ConsumerDump dump() const;
  [[nodiscard]] const ConsumerSetup& setup() const { return setup_; }
  [[nodiscard]] Fanout& fanout() { return fanout_; }
  [[nodiscard]] uint8_t score() const { return stream_.score(); }
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] Micros round_trip_time() const { return stream_.round_trip_time(); }
  [[nodiscard]] uint8_t fraction_lost() const { return stream_.fraction_lost(); }

 private:
  using Flow = std::variant<StreamFlow, SimulcastFlow>;

  static std::optional<layers::LayerTarget> make_layers(const ConsumerSetup& setup);
  static Flow make_flow(const ConsumerSetup& setup, Fanout& fanout, SendStream& out);
  [[nodiscard]] bool simulcast() const { return setup_.type == ConsumerType::kSimulcast; }
  /// The one stream that it is about; nothing for all, or for the one that there is.
  [[nodiscard]] std::optional<uint8_t> fixed_stream() const {
    return setup_.type == ConsumerType::kPipe ? std::optional(setup_.stream) : std::nullopt;
  }
  [[nodiscard]] codecs::Layers current_layers() const;
  void update_active(Micros now);
  void set_target(codecs::Layers target, Micros now);
  /// Another target was chosen than that `before`.
  void follow_target(codecs::Layers before, Micros now);
  void request_key_frame_of_target(Micros now);
  void watch_layers();

  bool active_ = false;
  bool transport_connected_ = false;
  bool managed_ = false;
  bool took_share_ = false;  ///< simple, in the present distribution
  RtpSession& session_;
  Fanout& fanout_;
  ConsumerSetup setup_;
  SendStream stream_;
  Flow flow_;
  std::optional<layers::LayerTarget> layers_;  ///< simulcast and SVC
  codecs::Layers announced_;                   ///< layers that listeners know of
};

}  // namespace sluice::media
