// How much may be sent to one peer: the sender's side of bandwidth estimation for one transport
// (media-plane 8.2), sans-IO. Google congestion control over transport-cc feedback, or loss and
// REMB for peers without it.
//
// How a transport uses it:
//
//   1. Make one with the first video consumer whose parameters fit: `kTransportCc` when the
//      transport-cc extension and feedback are negotiated, else `kRemb` with abs-send-time and
//      goog-remb, else none. `start` it when the transport is connected, `stop` when it is not.
//   2. Number every RTP packet that carries the transport-cc extension (media, retransmissions,
//      padding, audio too) with the next wide sequence number, and call `on_packet_sent` with the
//      time at which it is handed to the kernel: that of the flush, if packets are batched.
//   3. Hand over feedback: `on_transport_feedback`, `on_remb`, and `on_receiver_report` for each
//      report block about a consumer.
//   4. Arm a timer with `next_timeout`. When it fires, call `on_timeout`, then `poll_padding` until
//      it has nothing more: each result is a packet to compose (ProbationStream) and send now.
//      Other calls may bring the deadline forward; asking is cheap, so ask after each turn.
//   5. After feedback and timeouts, `poll_available`: a rate means that `distribute` is due
//      (distribution.h; a consumer of layers passes its offers on to layers::LayerTarget, and with
//      `kRemb` the loss goes along). Then tell `on_distributed`, and `set_desired` with the sum of
//      what the consumers want; with `Fall::kAtOnce` when one was paused or closed.
//
// Packet sizes are RTP sizes; the overhead of SRTP, UDP and IP is added here, so rates are those of
// the wire. Who compares them with the bitrate of a layer adds `packet_overhead` per packet.
//
// Nothing is allocated in steady state: memory is that of the sent packets, at most 512 KiB, and of
// the largest feedback. A hostile peer costs itself bandwidth, nothing else.
#pragma once

#include <cstddef>
#include <optional>

#include "base/error.h"
#include "base/types.h"
#include "protocol/bwe/acked_rate.h"
#include "protocol/bwe/alr_detector.h"
#include "protocol/bwe/available_rate.h"
#include "protocol/bwe/delay_based.h"
#include "protocol/bwe/feedback_adapter.h"
#include "protocol/bwe/loss_based.h"
#include "protocol/bwe/loss_history.h"
#include "protocol/bwe/padding_budget.h"
#include "protocol/bwe/probe_controller.h"
#include "protocol/bwe/probe_estimator.h"
#include "protocol/bwe/probe_sender.h"
#include "protocol/bwe/queue_drain.h"
#include "protocol/bwe/rate_limits.h"
#include "protocol/bwe/report_loss.h"
#include "protocol/bwe/sent_packets.h"
#include "protocol/bwe/windowed_extreme.h"
#include "protocol/rtcp/reports.h"
#include "protocol/rtcp/transport_feedback.h"

namespace sluice::bwe {

class SendSideController {
 public:
  static constexpr Micros kProcessInterval{25'000};
  /// Timers rest when nothing was sent for this long and nobody wants anything.
  static constexpr Micros kIdleTime{5'000'000};
  static constexpr Micros kPropagationWindow{10'000'000};

  struct Settings {
    RateFeedback feedback = RateFeedback::kTransportCc;
    BitRate initial = RateLimits::kDefaultInitial;
    /// Bytes per packet beyond RTP: SRTP tag, UDP and IP.
    size_t packet_overhead = 0;
  };

  explicit SendSideController(const Settings& settings);

  /// The transport is connected: estimation begins at the rate that was last available.
  void start(Micros now);
  /// The transport is disconnected: all packets and probes are forgotten.
  void stop() { running_.reset(); }

  // --- limits: see RateLimits ---

  Result<void> set_max(BitRate max, Micros now);
  Result<void> set_min(BitRate min, Micros now);
  void set_desired(BitRate desired, RateLimits::Fall fall, Micros now);
  /// The path changed, e.g. from IPv4 to IPv6.
  void set_packet_overhead(size_t bytes);
  [[nodiscard]] const RateLimits& limits() const { return limits_; }

  // --- what happens ---

  /// An RTP packet of `size` bytes, before protection, leaves at `now`. `wide` is absent when it
  /// carries no transport-wide number. `padding` is what `poll_padding` asked for, when the packet
  /// is sent for that.
  void on_packet_sent(std::optional<SeqNum> wide, size_t size, std::optional<PaddingPacket> padding,
                      Micros now);
  void on_transport_feedback(const rtcp::TransportFeedback& feedback, Micros now);
  /// A report block about one of the streams sent, and the round trip time if it shows one.
  void on_receiver_report(const rtcp::ReportBlock& block, std::optional<Micros> rtt, Micros now);
  /// 0 lifts the peer's limit.
  void on_remb(BitRate limit, Micros now);
  /// Much more media is sent from the next packet on, e.g. a higher layer, so what gets through is
  /// about to rise. Without knowing that, the acknowledged rate would take it for an outlier, and
  /// the first queue that the new media makes would be answered by going back to the old rate.
  void on_media_raised();
  /// The available rate has been distributed.
  void on_distributed(Micros now);

  /// Nothing while there is nothing to wait for.
  [[nodiscard]] std::optional<Micros> next_timeout() const;
  void on_timeout(Micros now);

  // --- what follows from it ---

  /// The available rate, when it is to be distributed anew.
  std::optional<BitRate> poll_available();
  /// The next padding packet to send now. Call until there is none, in particular after
  /// `on_timeout`.
  std::optional<PaddingPacket> poll_padding(Micros now);

  /// The estimate, within all limits. Known at any time.
  [[nodiscard]] BitRate available() const { return available_; }
  /// What base layers that go out may have together: more than that while a queue drains.
  [[nodiscard]] BitRate base_rate() const;
  /// The peer told something since `start`.
  [[nodiscard]] bool reported() const { return running_ && running_->reported; }
  /// Loss for statistics, 0..1.
  [[nodiscard]] double loss() const;
  /// Smoothed round trip time, once known.
  [[nodiscard]] std::optional<Micros> rtt() const;
  /// The least round trip time of the last 10 s: about the way without queues.
  [[nodiscard]] std::optional<Micros> propagation_rtt(Micros now) const;
  [[nodiscard]] std::optional<BitRate> acked_rate() const;
  [[nodiscard]] size_t bytes_in_flight() const;
  [[nodiscard]] size_t packet_overhead() const { return settings_.packet_overhead; }
  /// See AlrDetector.
  [[nodiscard]] bool application_limited() const;

 private:
  /// What exists from `start` to `stop`.
  struct Running {
    Running(const Settings& settings, BitRate start, Micros now);

    SentPackets sent;
    FeedbackAdapter adapter;
    AckedRate acked;
    DelayBased delay;
    LossBased loss;
    QueueDrain drain;
    ReportLoss reports;
    AlrDetector alr;
    ProbeController probes;
    ProbeSender probe_sender;
    ProbeEstimator probe_estimator;
    PaddingBudget padding;
    LossHistory loss_history;
    std::optional<int64_t> raised_at;  ///< the first packet of raised media
    std::optional<Micros> reduced_at;  ///< when a growing queue made the rate fall last
    AvailableRate events;
    std::optional<Micros> rtt;
    WindowedMin<Micros> propagation{kPropagationWindow};
    bool reported = false;  ///< any feedback came
    Micros last_sent;
    std::optional<Micros> deadline;
  };

  void on_rtt(Micros rtt, Micros now);
  void drain_queue(Micros round_trip, Micros now);
  /// Feeds the packets to the rate and probe estimators. The probe's result, if there is one.
  std::optional<BitRate> measure(const FeedbackNews& news, Micros now);
  void estimate(const FeedbackNews& news, std::optional<BitRate> probed, Micros now);
  /// All packets of a feedback left before the rate fell last. A queue that overflows loses packets
  /// long before its length lets anybody know: their loss is a reason that was acted on already.
  [[nodiscard]] bool is_old(const FeedbackNews& news) const;
  /// For statistics.
  void count_loss(int64_t lost, uint32_t packets);
  void update_application_limited(Micros now);
  void apply_limits(Micros now);
  /// Takes over the estimate and tells everyone who depends on it.
  void publish(Micros now);
  void send_clusters(Micros now);
  void wake(Micros now);
  [[nodiscard]] BitRate padding_rate() const;

  Settings settings_;
  RateLimits limits_;
  BitRate available_;
  bool event_ = false;  ///< the available rate waits to be told
  std::optional<Running> running_;
};

}  // namespace sluice::bwe
