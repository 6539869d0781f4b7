#include "call.h"

#include <algorithm>

#include "protocol/rtcp/framing.h"

namespace sluice::bwe::test {
namespace {

constexpr Micros kTick{1'000};
constexpr Micros kFrame{33'333};
constexpr size_t kPacketSize = 1'150;
/// What SRTP and the link's headers add.
constexpr size_t kTag = 16;
constexpr size_t kOverhead = kTag + sluice::test::BottleneckLink::kHeaderSize;
constexpr Micros kSampleInterval{10'000};

}  // namespace

Flow::Flow(uint32_t id, uint64_t seed, const FlowSettings& settings,
           sluice::test::BottleneckLink& link, const net::Impairments& way_back)
    : id_(id),
      settings_(settings),
      link_(link),
      controller_({.initial = settings.initial, .packet_overhead = kOverhead}),
      way_back_(seed, way_back),
      random_(seed) {
  if (!settings_.media) {
    settings_.media = [this](BitRate available) { return std::min(available, settings_.desired); };
  }
}

void Flow::tick(Micros now) {
  if (now < settings_.starts) {
    return;
  }
  if (!started_) {
    started_ = true;
    generator_.start(now);
    controller_.set_desired(settings_.desired, RateLimits::Fall::kSlow, now);
    controller_.start(now);
    next_sample_ = now;
    next_frame_ = now + Micros(static_cast<int64_t>(random_() % kFrame.count()));
  }
  exchange_feedback(now);
  if (controller_.poll_available()) {
    controller_.set_desired(settings_.desired, RateLimits::Fall::kSlow, now);
    controller_.on_distributed(now);
  }
  send_media(now);
  if (const auto due = controller_.next_timeout(); due && *due <= now) {
    controller_.on_timeout(now);
    send_padding(now);
  }
  if (now >= next_sample_) {
    samples_.push_back({now, controller_.available()});
    next_sample_ += kSampleInterval;
  }
}

void Flow::exchange_feedback(Micros now) {
  if (const auto due = generator_.next_timeout(); due && *due <= now) {
    generator_.on_timeout(now);
    for (Bytes packet = generator_.poll(); !packet.empty(); packet = generator_.poll()) {
      way_back_.push(now, packet);
    }
  }
  while (const auto bytes = way_back_.pop_due(now)) {
    rtcp::CompoundWalker walker(*bytes);
    while (const auto frame = walker.next()) {
      if (const auto feedback = rtcp::TransportFeedback::parse(*frame)) {
        controller_.on_transport_feedback(*feedback, now);
      }
    }
  }
}

void Flow::send_media(Micros now) {
  if (now < next_frame_) {
    return;
  }
  next_frame_ += kFrame;
  // Frames vary by a quarter around their mean; packets of a frame leave together.
  const double vary =
      0.75 + 0.5 * static_cast<double>(random_() >> 11) / static_cast<double>(uint64_t{1} << 53);
  const BitRate rate = settings_.media(controller_.available());
  auto left = static_cast<size_t>(static_cast<double>(bytes_in(rate, kFrame)) * vary);
  while (left > kOverhead) {
    const size_t on_wire = std::min(left, kPacketSize + kOverhead);
    send(std::max<size_t>(on_wire - kOverhead, 40), std::nullopt, now);
    left -= on_wire;
  }
}

void Flow::send_padding(Micros now) {
  while (const auto padding = controller_.poll_padding(now)) {
    send(padding->size, padding, now);
  }
}

void Flow::send(size_t size, std::optional<PaddingPacket> padding, Micros now) {
  std::vector<uint8_t> datagram(size + kTag);
  const SeqNum wide(static_cast<uint16_t>(packets_sent_++));
  store_be16(datagram.data(), wide.value);
  link_.push(now, id_, datagram);
  controller_.on_packet_sent(wide, size, padding, now);
}

void Flow::on_delivery(const sluice::test::BottleneckLink::Delivery& delivery) {
  generator_.on_packet(SeqNum(load_be16(delivery.datagram.data())), Ssrc(1), delivery.arrived);
  arrivals_.push_back(
      {.at = delivery.arrived,
       .queued = delivery.queued,
       .size = delivery.datagram.size() + sluice::test::BottleneckLink::kHeaderSize});
}

BitRate Flow::received(Micros from, Micros to) const {
  uint64_t bytes = 0;
  for (const Arrival& arrival : arrivals_) {
    bytes += arrival.at >= from && arrival.at < to ? arrival.size : 0;
  }
  return rate_of(bytes, to - from);
}

Micros Flow::queue_delay(double share, Micros from, Micros to) const {
  std::vector<Micros> delays;
  for (const Arrival& arrival : arrivals_) {
    if (arrival.at >= from && arrival.at < to) {
      delays.push_back(arrival.queued);
    }
  }
  std::ranges::sort(delays);
  return delays.empty()
             ? Micros(0)
             : delays[static_cast<size_t>(share * static_cast<double>(delays.size() - 1))];
}

Micros Flow::reached(BitRate rate, Micros from) const {
  for (const Sample& sample : samples_) {
    if (sample.at >= from && sample.available >= rate) {
      return sample.at;
    }
  }
  return Micros::max();
}

Micros Flow::fell_to(BitRate rate, Micros from) const {
  for (const Sample& sample : samples_) {
    if (sample.at >= from && sample.available <= rate) {
      return sample.at;
    }
  }
  return Micros::max();
}

Call::Call(uint64_t seed, const net::Impairments& link, const std::vector<FlowSettings>& flows,
           std::optional<net::Impairments> way_back)
    : link_(seed, link) {
  const auto back = way_back.value_or(net::Impairments{.delay = link.delay});
  for (const FlowSettings& settings : flows) {
    const auto id = static_cast<uint32_t>(flows_.size());
    flows_.push_back(std::make_unique<Flow>(id, seed * 1000 + id, settings, link_, back));
  }
}

void Call::run_until(Micros end) {
  for (; now_ < end; now_ += kTick) {
    while (const auto delivery = link_.pop_due(now_)) {
      flows_[delivery->flow]->on_delivery(*delivery);
    }
    for (const auto& flow : flows_) {
      flow->tick(now_);
    }
  }
}

}  // namespace sluice::bwe::test
