#include "media/send_bandwidth.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/random.h"
#include "media/egress.h"
#include "media/first_number.h"
#include "media/loop_consumer.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/bwe/distribution.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::media {

using bwe::RateFeedback;
using Fall = bwe::RateLimits::Fall;

namespace {

// Headers below RTP: IP, and UDP, or TCP with its framing (RFC 4571).
constexpr size_t kIpv4Size = 20;
constexpr size_t kIpv6Size = 40;
constexpr size_t kUdpSize = 8;
constexpr size_t kFramedTcpSize = 22;

/// What padding carries.
constexpr std::array<uint8_t, bwe::ProbationStream::kMaxSize> kZeros{};

}  // namespace

SendBandwidth::SendBandwidth(RtpSession& session, uint64_t transport,
                             const bwe::SendSideController::Settings& settings)
    : session_(session),
      transport_(transport),
      feedback_(settings.feedback),
      controller_(settings),
      padding_(SeqNum{random_first_number()}, Timestamp{random_uint32(0, UINT32_MAX)}) {}

void SendBandwidth::add(LoopConsumer& consumer) {
  takers_.push_back(&consumer);
  consumer.set_managed();
  request_distribution(Fall::kSlow);
}

void SendBandwidth::remove(LoopConsumer& consumer) {
  std::erase(takers_, &consumer);
  request_distribution(Fall::kAtOnce);
}

void SendBandwidth::start(Micros now) {
  controller_.start(now);
  request_distribution(Fall::kSlow);
}

void SendBandwidth::set_path(const net::Destination& destination, size_t rtp_overhead) {
  const bool v4 = destination.is_tcp() || destination.remote().ip.is_v4();
  controller_.set_packet_overhead(rtp_overhead + (v4 ? kIpv4Size : kIpv6Size) +
                                  (destination.is_tcp() ? kFramedTcpSize : kUdpSize));
}

void SendBandwidth::set_limits(const BitrateLimits& limits, Micros now) {
  // Without the old minimum neither step can be refused.
  for (const auto& result :
       {controller_.set_min({}, now), controller_.set_max(limits.max_outgoing, now),
        controller_.set_min(limits.min_outgoing, now)}) {
    if (!result) {
      logger("bwe")->error("limit refused transport={} error=\"{}\"", transport_,
                           result.error().message);
    }
  }
  request_distribution(Fall::kSlow);
}

// --- what happens --------------------------------------------------------------------------------

void SendBandwidth::on_sent(const SentPacket& packet, Micros now) {
  controller_.on_packet_sent(packet.wide, packet.size, std::nullopt, now);
  if (!packet.shared) {
    fixed_load_.update(packet.size + controller_.packet_overhead(), now);
  }
  session_.wake_by(controller_.next_timeout());
}

void SendBandwidth::on_transport_feedback(const rtcp::TransportFeedback& feedback, Micros now) {
  controller_.on_transport_feedback(feedback, now);
  after_event(now);
}

void SendBandwidth::on_remb(BitRate limit, Micros now) {
  controller_.on_remb(limit, now);
  after_event(now);
}

void SendBandwidth::on_report_block(const rtcp::ReportBlock& block, std::optional<Micros> rtt,
                                    Micros now) {
  controller_.on_receiver_report(block, rtt, now);
  after_event(now);
}

void SendBandwidth::on_timeout(Micros now) {
  controller_.on_timeout(now);
  send_padding(now);
  after_event(now);
}

void SendBandwidth::after_event(Micros now) {
  if (const auto available = controller_.poll_available()) {
    const bwe::RateLimits& limits = controller_.limits();
    trace(TraceType::kBwe,
          TracedBandwidth{.feedback = feedback_,
                          .desired = desired_,
                          .effective_desired = limits.desired(),
                          .min = limits.min(),
                          .max = limits.max(),
                          .start = std::max(*available, bwe::kLowestRate),
                          .max_padding = limits.max_padding(),
                          .available = *available},
          now);
    request_distribution(Fall::kSlow);
  }
  session_.wake_by(controller_.next_timeout());
}

// --- distribution --------------------------------------------------------------------------------

void SendBandwidth::request_distribution(Fall fall) {
  if (!due_) {
    session_.finish_turn_later();
  }
  if (due_ != Fall::kAtOnce) {
    due_ = fall;
  }
}

void SendBandwidth::finish_turn(Micros now) {
  if (due_) {
    distribute(now);
  }
}

void SendBandwidth::distribute(Micros now) {
  // Of equal priority, the older one first.
  std::ranges::sort(takers_, {}, [](const LoopConsumer* taker) { return taker->setup().handle; });
  bwe::order_by_priority(takers_);
  const BitRate available = controller_.available();
  const BitRate fixed = std::min(fixed_load_.bit_rate(now), available);
  const auto loss_percent =
      feedback_ == RateFeedback::kRemb ? std::optional(100 * controller_.loss()) : std::nullopt;
  // Of the rate for base layers nothing is taken off: the rest of the link is for what else is
  // sent, which is mostly retransmissions of what the shortage cost.
  bwe::distribute(takers_, BitRate(available.value - fixed.value), loss_percent,
                  controller_.base_rate());
  desired_ = {};
  for (LoopConsumer* const taker : takers_) {
    desired_ = BitRate(desired_.value + taker->desired_rate(now).value);
  }
  controller_.on_distributed(now);
  controller_.set_desired(desired_, *due_, now);
  due_.reset();
  session_.wake_by(controller_.next_timeout());
}

// --- padding -------------------------------------------------------------------------------------

void SendBandwidth::send_padding(Micros now) {
  while (const auto padding = controller_.poll_padding(now)) {
    // Peers know the stream only beside video (ortc-model 9.7), and nobody wants more of nothing.
    if (desired_.value > 0 && send_padding(*padding, now)) {
      trace(TraceType::kProbation, {}, now);
    }
  }
}

bool SendBandwidth::send_padding(const bwe::PaddingPacket& padding, Micros now) {
  net::Destination* const destination = session_.destination();
  srtp::OutboundContext* const outbound = session_.outbound();
  if (destination == nullptr || (outbound == nullptr && session_.is_protected())) {
    return false;
  }
  Egress& egress = session_.egress();
  const size_t capacity = std::max(padding.size, bwe::ProbationStream::kMinSize);
  const size_t overhead = session_.rtp_overhead();
  uint8_t* const out = egress.reserve(capacity + overhead);
  if (out == nullptr) {
    return false;
  }
  const SeqNum wide{session_.take_transport_sequence()};
  const size_t size =
      padding_.compose(MutableBytes(out, capacity), padding.size, rtp::to_abs_send_time(now), wide);
  srtp::RtpJob job;
  job.stream = outbound == nullptr ? nullptr : &outbound->stream(bwe::kProbationSsrc);
  job.packet = out;
  job.header_size = static_cast<uint16_t>(bwe::ProbationStream::kMinSize);
  job.payload = kZeros.data();
  job.payload_size = static_cast<uint16_t>(size - bwe::ProbationStream::kMinSize);
  egress.commit(job, {}, overhead, *destination, net::Priority::kLow);
  session_.count_sent_padding(size + overhead, now);
  controller_.on_packet_sent(wide, size, padding, now);
  return true;
}

// --- what others see -----------------------------------------------------------------------------

std::optional<double> SendBandwidth::loss() const {
  return controller_.reported() ? std::optional(controller_.loss()) : std::nullopt;
}

void SendBandwidth::trace(TraceType type, TraceInfo info, Micros now) {
  if (traces_.has(type)) {
    session_.loop().emit(
        transport_, TransportEvent{TraceEvent{type, now, /*incoming=*/false, std::move(info)}});
  }
}

}  // namespace sluice::media
