#include "media/loop_consumer.h"

#include <algorithm>

#include "media/fanout.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/bwe/rate_limits.h"

namespace sluice::media {

using Fall = bwe::RateLimits::Fall;

LoopConsumer::LoopConsumer(const ConsumerSetup& setup, RtpSession& session, Fanout& fanout)
    : session_(session),
      fanout_(fanout),
      setup_(setup),
      stream_(setup_, session, fanout),
      flow_(make_flow(setup_, fanout, stream_)),
      layers_(make_layers(setup_)) {}

LoopConsumer::Flow LoopConsumer::make_flow(const ConsumerSetup& setup, Fanout& fanout,
                                           SendStream& out) {
  if (setup.type == ConsumerType::kSimulcast) {
    return Flow(std::in_place_type<SimulcastFlow>, setup, fanout, out);
  }
  return Flow(std::in_place_type<StreamFlow>, setup, fanout, out);
}

std::optional<layers::LayerTarget> LoopConsumer::make_layers(const ConsumerSetup& setup) {
  if (setup.type == ConsumerType::kSimple || setup.type == ConsumerType::kPipe) {
    return std::nullopt;
  }
  using layers::Scheme;
  const Scheme scheme = setup.type == ConsumerType::kSimulcast ? Scheme::kSimulcast
                        : setup.key_frame_svc                  ? Scheme::kKeyFrameSvc
                                                               : Scheme::kSvc;
  layers::LayerTarget target({.scheme = scheme,
                              .spatial_layers = setup.spatial_layers,
                              .temporal_layers = setup.temporal_layers});
  target.set_preferred(setup.preferred_layers);
  return target;
}

void LoopConsumer::on_packets(std::span<const ForwardedPacket> packets, const SendTime& time) {
  // While inactive nothing is counted: becoming active starts the numbering anew.
  if (!active_) {
    return;
  }
  std::visit([&](auto& flow) { flow.on_packets(packets, time); }, flow_);
  if (layers_) {
    watch_layers();
  }
}

bool LoopConsumer::wants_history() const {
  const auto* single = std::get_if<StreamFlow>(&flow_);
  return stream_.wants_history() || single == nullptr || single->wants_history();
}

void LoopConsumer::on_streams_changed(Micros now) {
  if (layers_ && !managed_) {
    set_target(layers_->wanted(fanout_.streams(), now), now);
  }
}

void LoopConsumer::refresh(Micros now) {
  on_streams_changed(now);
  if (!std::visit([](auto& flow) { return flow.take_starved(); }, flow_)) {
    return;
  }
  if (simulcast()) {
    request_key_frame_of_target(now);
  } else {
    request_key_frame(now);
  }
}

void LoopConsumer::on_streams_available() {
  if (managed_ && active_) {
    session_.send_bandwidth()->request_distribution(Fall::kSlow);
  }
}

void LoopConsumer::set_preferred_layers(codecs::Layers layers, Micros now) {
  if (layers_) {
    layers_->set_preferred(layers);
    on_streams_changed(now);
    on_streams_available();
  }
}

void LoopConsumer::set_target(codecs::Layers target, Micros now) {
  const codecs::Layers before = layers_->target();
  if (layers_->set_target(target, fanout_.streams())) {
    follow_target(before, now);
  }
}

void LoopConsumer::follow_target(codecs::Layers before, Micros now) {
  const codecs::Layers target = layers_->target();
  if (auto* simulcast = std::get_if<SimulcastFlow>(&flow_)) {
    simulcast->set_target(target, layers_->reference());
  } else {
    std::get<StreamFlow>(flow_).set_target(target);
  }
  watch_layers();
  const bool up = target.spatial > before.spatial;
  const bool down = target.spatial < before.spatial;
  // Full SVC can step down at any frame; everything else starts at a key frame.
  if (up || (down && (simulcast() || setup_.key_frame_svc))) {
    request_key_frame_of_target(now);
  }
}

codecs::Layers LoopConsumer::current_layers() const {
  return std::visit([](const auto& flow) { return flow.current(); }, flow_);
}

/// Tells listeners when other layers go out than before.
void LoopConsumer::watch_layers() {
  const codecs::Layers current = active_ ? current_layers() : codecs::Layers{};
  if (current == announced_) {
    return;
  }
  if (managed_ && current.spatial > announced_.spatial) {
    session_.send_bandwidth()->on_layer_raised();
  }
  announced_ = current;
  layers_->set_current_spatial(current.spatial);
  session_.loop().emit(setup_.handle, ConsumerEvent{ConsumerLayersChanged{current}});
}

void LoopConsumer::on_nack(const rtcp::Nack& nack, Micros now) {
  stream_.count_nack(nack);
  if (active_) {
    stream_.on_nack(nack, now);
  }
}

void LoopConsumer::set_paused(bool paused, Micros now) {
  setup_.paused = paused;
  update_active(now);
}

void LoopConsumer::set_producer_paused(bool paused, Micros now) {
  setup_.producer_paused = paused;
  update_active(now);
}

void LoopConsumer::on_transport_connected(Micros now) {
  transport_connected_ = stream_.connect();
  update_active(now);
}

void LoopConsumer::on_transport_disconnected(Micros now) {
  transport_connected_ = false;
  update_active(now);
}

void LoopConsumer::update_active(Micros now) {
  const bool active = transport_connected_ && !setup_.paused && !setup_.producer_paused;
  if (active == active_) {
    return;
  }
  active_ = active;
  std::visit([](auto& flow) { flow.restart(); }, flow_);
  stream_.clear_history();
  if (active) {
    on_streams_changed(now);
    on_streams_available();
    request_key_frame(now);
  } else if (managed_) {
    session_.send_bandwidth()->request_distribution(Fall::kAtOnce);
  }
  if (layers_) {
    watch_layers();
  }
}

// --- the transport's rate ------------------------------------------------------------------------

void LoopConsumer::set_managed() {
  managed_ = true;
  if (layers_) {
    layers_->set_managed(true);
  }
}

void LoopConsumer::set_priority(uint8_t priority) {
  setup_.priority = priority;
  on_streams_available();
}

BitRate LoopConsumer::increase(const bwe::RateOffer& offer) {
  const Micros now = session_.loop().now();
  if (layers_) {
    const BitRate rate = layers_->next_is_held() ? offer.held : offer.upgrade;
    return BitRate(layers_->increase(rate.value, offer.loss_percent, fanout_.streams(), now));
  }
  layers::StreamState& stream = fanout_.streams().front();
  if (took_share_ || !stream.alive()) {
    return {};
  }
  took_share_ = true;
  return std::min(BitRate(stream.rates.total(now)), offer.held);
}

void LoopConsumer::apply_layers() {
  took_share_ = false;
  if (!layers_) {
    return;
  }
  const Micros now = session_.loop().now();
  const codecs::Layers before = layers_->target();
  if (layers_->apply(stream_.active_since(), fanout_.streams(), now)) {
    follow_target(before, now);
  }
}

BitRate LoopConsumer::desired_rate(Micros now) const {
  if (!active_) {
    return {};
  }
  if (layers_) {
    return BitRate(layers_->desired_bitrate(setup_.max_bitrate, fanout_.streams(), now));
  }
  return BitRate(
      std::max<uint64_t>(fanout_.streams().front().rates.total(now), setup_.max_bitrate));
}

// --- key frames ----------------------------------------------------------------------------------

void LoopConsumer::request_key_frame(Micros now) {
  if (!active_ || !setup_.video) {
    return;
  }
  if (!simulcast()) {
    fanout_.request_key_frame(fixed_stream(), now);
    return;
  }
  request_key_frame_of_target(now);
  if (const int8_t current = current_layers().spatial;
      current >= 0 && current != layers_->target().spatial) {
    fanout_.request_key_frame(static_cast<uint8_t>(current), now);
  }
}

void LoopConsumer::request_key_frame_of_target(Micros now) {
  const int8_t target = layers_->target().spatial;
  if (active_ && target >= 0) {
    fanout_.request_key_frame(
        simulcast() ? std::optional(static_cast<uint8_t>(target)) : std::nullopt, now);
  }
}

ConsumerDump LoopConsumer::dump() const {
  ConsumerDump dump;
  dump.stream = stream_.dump();
  if (layers_) {
    dump.target_layers = layers_->target();
    dump.current_layers = announced_;
  }
  return dump;
}

void LoopConsumer::on_key_frame_request(bool fir, Micros now) {
  stream_.on_key_frame_request(fir);
  const int8_t current = simulcast() ? current_layers().spatial : int8_t{-1};
  if (current >= 0) {
    // What the receiver cannot decode is what it gets now.
    fanout_.request_key_frame(static_cast<uint8_t>(current), now);
  } else {
    request_key_frame(now);
  }
}

}  // namespace sluice::media
