// What one RTP session tells its peer about the rate at which packets of it get here (media-plane
// 8.1, 8.6, 8.8): transport-wide feedback with a configured limit beside it, or an estimate of our
// own as REMB. Which of the two, the first producer decides that negotiated one.
//
// Owned by the session; sends through it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/bwe/loss_history.h"
#include "protocol/bwe/rate_feedback.h"
#include "protocol/bwe/receive_side_estimator.h"
#include "protocol/rtcp/remb_limiter.h"
#include "protocol/rtcp/transport_feedback_generator.h"

namespace sluice::media {

class RtpSession;

class ReceiveBandwidth {
 public:
  explicit ReceiveBandwidth(RtpSession& session) : session_(session) {}

  /// How the first producer that can wants it; later calls change nothing.
  void set_mode(bwe::RateFeedback mode, Micros now);
  /// The most that the peer may send, whatever gets through; 0 for no limit.
  void set_max(BitRate limit, Micros now);
  void set_rtt(Micros rtt) { estimator_.set_rtt(rtt); }

  /// The session is able to receive, or no longer.
  void start(Micros now) { feedback_.start(now); }
  void stop() { feedback_.stop(); }

  /// A packet with a transport-wide number arrived.
  void on_transport_sequence(SeqNum sequence, Ssrc media, Micros now);
  [[nodiscard]] bool wants_send_times() const { return mode_ == bwe::RateFeedback::kRemb; }
  /// A packet of a producer arrived that tells its send time, 24 bits; `size` on the wire.
  void on_send_time(uint32_t abs_send_time, Ssrc media, size_t size, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const { return feedback_.next_timeout(); }
  void on_timeout(Micros now);

  /// What the peer may send, as far as that is estimated here.
  [[nodiscard]] std::optional<BitRate> available() const { return estimator_.estimate(); }
  /// Loss on the way here, 0..1, once known.
  [[nodiscard]] std::optional<double> loss() const {
    return reported_ ? std::optional(loss_.loss()) : std::nullopt;
  }

 private:
  void apply_max(Micros now);

  RtpSession& session_;
  std::optional<bwe::RateFeedback> mode_;
  BitRate max_;
  // With transport-cc.
  rtcp::TransportFeedbackGenerator feedback_;
  rtcp::RembLimiter limiter_;
  bwe::LossHistory loss_;
  bool reported_ = false;
  // With REMB.
  bwe::ReceiveSideEstimator estimator_;
};

}  // namespace sluice::media
