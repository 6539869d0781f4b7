#include "media/receive_bandwidth.h"

#include "media/rtp_session.h"

namespace sluice::media {

using bwe::RateFeedback;

void ReceiveBandwidth::set_mode(RateFeedback mode, Micros now) {
  if (!mode_) {
    mode_ = mode;
    apply_max(now);
  }
}

void ReceiveBandwidth::set_max(BitRate limit, Micros now) {
  if (limit != max_) {
    max_ = limit;
    apply_max(now);
  }
}

void ReceiveBandwidth::apply_max(Micros now) {
  if (mode_ == RateFeedback::kRemb) {
    estimator_.set_max(max_);
  } else if (mode_ == RateFeedback::kTransportCc) {
    if (const auto limit = limiter_.set_limit(max_, now)) {
      session_.feedback().send_remb(*limit);
    }
  }
}

void ReceiveBandwidth::on_transport_sequence(SeqNum sequence, Ssrc media, Micros now) {
  if (mode_ != RateFeedback::kTransportCc) {
    return;
  }
  feedback_.on_packet(sequence, media, now);
  session_.wake_by(feedback_.next_timeout());
  if (limiter_.active()) {
    if (const auto limit = limiter_.on_packet(now)) {
      session_.feedback().send_remb(*limit);
    }
  }
}

void ReceiveBandwidth::on_send_time(uint32_t abs_send_time, Ssrc media, size_t size, Micros now) {
  if (const auto told = estimator_.on_packet(abs_send_time, media, size, now)) {
    session_.feedback().send_remb(told->rate, told->sources);
  }
}

void ReceiveBandwidth::on_timeout(Micros now) {
  const auto due = feedback_.next_timeout();
  if (!due || *due > now) {
    return;
  }
  feedback_.on_timeout(now);
  for (Bytes packet = feedback_.poll(); !packet.empty(); packet = feedback_.poll()) {
    session_.feedback().send(packet);
    loss_.add(feedback_.last_loss());
    reported_ = true;
  }
}

}  // namespace sluice::media
