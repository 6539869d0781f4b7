#include "media/transport.h"

#include <algorithm>
#include <ranges>

#include "base/random.h"
#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/engine.h"
#include "media/media_loop.h"
#include "media/negotiated_setup.h"
#include "media/producer.h"
#include "media/router.h"
#include "protocol/ortc/scalability_mode.h"

namespace sluice::media {

Transport::Transport(TransportType type, const std::shared_ptr<Router>& router, Engine& engine,
                     unsigned loop)
    : type_(type),
      router_(router),
      engine_(engine),
      loops_(engine.loops()),
      id_(random_uuid()),
      handle_(loops_.next_handle()),
      loop_(loop) {}

Transport::~Transport() = default;

void Transport::enter_loop() {
  loops_.watch(handle_, weak_from_this());
  loops_.transport_added(loop_);
}

Result<std::shared_ptr<Producer>> Transport::produce(const ProduceOptions& options) {
  const auto router = router_.lock();
  if (closed_ || !router) {
    return std::unexpected(closed_error());
  }
  if (const auto same = router->find_producer(options.id);
      same && producers_.contains(same->handle_)) {
    return type_error("a producer with id '" + options.id + "' already exists on this transport");
  }
  if (engine_.ids().contains(options.id)) {
    return generic_error("an object with id '" + options.id + "' already exists");
  }
  auto negotiated = ortc::negotiate_producer(options.kind, options.rtp_parameters,
                                             router->rtp_capabilities(), cname(), router->ssrcs_);
  if (!negotiated) {
    return std::unexpected(negotiated.error());
  }
  if (auto taken = rtp_ids_.add(negotiated->rtp_parameters); !taken) {
    return std::unexpected(taken.error());
  }
  std::shared_ptr<Producer> producer(new Producer);
  producer->transport_ = weak_from_this();
  producer->id_ = options.id.empty() ? random_uuid() : options.id;
  producer->handle_ = loops_.next_handle();
  producer->kind_ = options.kind;
  producer->paused_ = options.paused;
  producer->type_ = negotiated->type;
  producer->loop_ = loop_;
  producer->loops_ = &loops_;
  ProducerSetup setup = make_producer_setup(*negotiated, options.kind);
  setup.handle = producer->handle_;
  setup.transport = handle_;
  setup.paused = options.paused;
  setup.key_frame_request_delay = Millis{options.key_frame_request_delay};
  if (type_ == TransportType::kDirect) {
    setup.rate_feedback.reset();  // there is no link to estimate
  }
  producer->rtp_parameters_ = std::move(negotiated->rtp_parameters);
  producer->mapping_ = std::move(negotiated->mapping);
  producer->consumable_ = std::move(negotiated->consumable);
  engine_.ids().add(producer->id_, ObjectKind::kProducer);
  producers_.emplace(producer->handle_, producer);
  router->producers_.emplace(producer->id_, producer);
  loops_.watch(producer->handle_, std::weak_ptr(producer));
  loops_.post(loop_, [setup = std::move(setup)](MediaLoop& loop) { loop.add_producer(setup); });
  on_new_producer.emit(producer);
  return producer;
}

Result<ortc::NegotiatedConsumer> Transport::negotiate(const Producer& producer,
                                                      const ConsumeOptions& options,
                                                      ortc::SsrcAllocator& ssrcs) {
  return ortc::negotiate_consumer(producer.kind(), producer.type(),
                                  producer.consumable_rtp_parameters(),
                                  {.rtp_capabilities = options.rtp_capabilities,
                                   .pipe = options.pipe,
                                   .enable_rtx = options.enable_rtx,
                                   .mid = options.mid,
                                   .preferred_layers = options.preferred_layers},
                                  mids_, ssrcs);
}

Result<std::shared_ptr<Consumer>> Transport::consume(const ConsumeOptions& options) {
  const auto router = router_.lock();
  if (closed_ || !router) {
    return std::unexpected(closed_error());
  }
  const auto producer = router->find_producer(options.producer_id);
  if (!producer) {
    return not_found_error("Producer not found: " + options.producer_id);
  }
  auto negotiated = negotiate(*producer, options, router->ssrcs_);
  if (!negotiated) {
    return std::unexpected(negotiated.error());
  }
  std::shared_ptr<Consumer> consumer(new Consumer);
  consumer->transport_ = weak_from_this();
  consumer->producer_ = producer;
  consumer->id_ = random_uuid();
  consumer->producer_id_ = producer->id();
  consumer->kind_ = producer->kind();
  consumer->type_ = negotiated->type;
  consumer->paused_ = options.paused;
  consumer->producer_paused_ = producer->paused();
  consumer->loop_ = loop_;
  consumer->loops_ = &loops_;
  consumer->score_.producer_scores.assign(producer->consumable_.encodings.size(), 0);
  for (const ProducerScore& score : producer->score()) {
    consumer->score_.producer_scores[score.encoding_index] = score.score;
    consumer->score_.producer_score = score.score;
  }
  if (negotiated->type == ortc::StreamType::kPipe) {
    consumer->score_.producer_score = Consumer::kPipeScore;
  }
  auto setups = make_consumer_setups(*negotiated, producer->consumable_, producer->kind());
  for (ConsumerSetup& setup : setups) {
    setup.handle = loops_.next_handle();
    setup.transport = handle_;
    setup.producer = producer->handle_;
    setup.producer_loop = producer->loop_;
    setup.paused = options.paused;
    setup.producer_paused = producer->paused();
    setup.ignore_dtx = options.ignore_dtx;
    if (type_ == TransportType::kDirect) {
      // There is no path whose rate could be estimated (media-plane 10.3).
      setup.rate_feedback.reset();
    }
    consumer->handles_.push_back(setup.handle);
    loops_.watch(setup.handle, std::weak_ptr(consumer));
  }
  consumer->preferred_layers_ = negotiated->preferred_layers;
  consumer->mode_ =
      ortc::parse_scalability_mode(negotiated->rtp_parameters.encodings.front().scalability_mode);
  consumer->consumable_encodings_ = producer->consumable_.encodings;
  consumer->rtp_parameters_ = std::move(negotiated->rtp_parameters);
  engine_.ids().add(consumer->id_, ObjectKind::kConsumer);
  consumers_.emplace(consumer->handle(), consumer);
  loops_.post(loop_, [setups = std::move(setups)](MediaLoop& loop) {
    for (const ConsumerSetup& setup : setups) {
      loop.add_consumer(setup);
    }
  });
  producer->add_consumer(consumer);
  on_new_consumer.emit(consumer);
  return consumer;
}

Result<void> Transport::set_max_incoming_bitrate(BitRate limit) {
  BitrateLimits limits = bitrate_limits_;
  limits.max_incoming = limit;
  return set_bitrate_limits(limits);
}

Result<void> Transport::set_max_outgoing_bitrate(BitRate limit) {
  BitrateLimits limits = bitrate_limits_;
  limits.max_outgoing = limit;
  return set_bitrate_limits(limits);
}

Result<void> Transport::set_min_outgoing_bitrate(BitRate limit) {
  BitrateLimits limits = bitrate_limits_;
  limits.min_outgoing = limit;
  return set_bitrate_limits(limits);
}

Result<void> Transport::set_bitrate_limits(const BitrateLimits& limits) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  for (const BitRate limit : {limits.max_outgoing, limits.min_outgoing}) {
    if (limit != BitRate{} && limit < BitrateLimits::kLeastOutgoing) {
      return type_error("the outgoing bit rate limit is " + std::to_string(limit.value) +
                        ", expected 0 or at least " +
                        std::to_string(BitrateLimits::kLeastOutgoing.value));
    }
  }
  if (limits.max_outgoing != BitRate{} && limits.max_outgoing < limits.min_outgoing) {
    return type_error(
        "the maximum outgoing bit rate is " + std::to_string(limits.max_outgoing.value) +
        ", expected at least the minimum, " + std::to_string(limits.min_outgoing.value));
  }
  bitrate_limits_ = limits;
  loops_.post(loop_, [handle = handle_, limits](MediaLoop& loop) {
    loop.set_bitrate_limits(handle, limits);
  });
  return {};
}

std::vector<std::shared_ptr<Producer>> Transport::producers() const {
  const auto values = std::views::values(producers_);
  return {values.begin(), values.end()};
}

std::vector<std::shared_ptr<Consumer>> Transport::consumers() const {
  const auto values = std::views::values(consumers_);
  return {values.begin(), values.end()};
}

void Transport::get_stats(Reply<TransportStats> reply) {
  loops_.ask_for<TransportStats>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) { return loop.transport_stats(handle); },
      [self = shared_from_this(), reply = std::move(reply)](Result<TransportStats> stats) mutable {
        if (stats) {
          self->add_stats(*stats);
        }
        reply(std::move(stats));
      });
}

void Transport::add_stats(TransportStats& stats) const {
  stats.type = type_;
  stats.transport_id = id_;
  stats.sctp_state = sctp_state_;
}

Result<void> Transport::enable_trace_event(const std::vector<std::string>& types) {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  traces_ = TraceSet::of_names(types, kTransportTraces);
  loops_.post(loop_, [handle = handle_, traces = traces_](MediaLoop& loop) {
    loop.set_traces(handle, traces);
  });
  return {};
}

void Transport::close() {
  if (closed_) {
    return;
  }
  const auto self = shared_from_this();
  const Orphans orphans = end();
  on_close.emit();
  for (const auto& producer : orphans.producers) {
    producer->close_consumers();
  }
  for (const auto& producer : orphans.data_producers) {
    producer->close_consumers();
  }
}

void Transport::router_closed() {
  const auto self = shared_from_this();
  // The consumers of its producers are of the same router: they close with their own transports.
  end();
  on_router_close.emit();
  on_close.emit();
}

Transport::Orphans Transport::end() {
  closed_ = true;
  if (sctp_state_) {
    sctp_state_ = SctpState::kClosed;
  }
  on_ended();
  Orphans orphans;
  while (!producers_.empty()) {
    orphans.producers.push_back(producers_.begin()->second);
    orphans.producers.back()->transport_closed();
  }
  while (!consumers_.empty()) {
    const auto consumer = consumers_.begin()->second;
    consumer->transport_closed();
  }
  while (!data_producers_.empty()) {
    orphans.data_producers.push_back(data_producers_.begin()->second);
    orphans.data_producers.back()->transport_closed();
  }
  while (!data_consumers_.empty()) {
    const auto consumer = data_consumers_.begin()->second;
    consumer->transport_closed();
  }
  loops_.unwatch(handle_);
  loops_.transport_removed(loop_);
  loops_.post(loop_, [handle = handle_](MediaLoop& loop) { loop.remove_transport(handle); });
  engine_.ids().remove(id_);
  if (const auto router = router_.lock()) {
    router->transports_.erase(handle_);
  }
  return orphans;
}

Error Transport::closed_error() const {
  return loops_.closed_error("transport " + id_);
}

void Transport::forget_producer(const Producer& producer) {
  rtp_ids_.remove(producer.rtp_parameters());
  engine_.ids().remove(producer.id());
  if (const auto router = router_.lock()) {
    router->producers_.erase(producer.id());
  }
  producers_.erase(producer.handle_);
}

std::shared_ptr<Consumer> Transport::find_consumer(Handle handle) const {
  if (const auto found = consumers_.find(handle); found != consumers_.end()) {
    return found->second;
  }
  // A pipe consumer has several, and is known by the first.
  for (const auto& [first, consumer] : consumers_) {
    if (std::ranges::find(consumer->handles_, handle) != consumer->handles_.end()) {
      return consumer;
    }
  }
  return nullptr;
}

void Transport::forget_consumer(const Consumer& consumer) {
  engine_.ids().remove(consumer.id());
  consumers_.erase(consumer.handle());
}

void Transport::on_event(const TransportEvent& event) {
  if (const auto* trace = std::get_if<TraceEvent>(&event)) {
    // One that was on its way when its type was disabled is not wanted any more.
    if (traces_.has(trace->type)) {
      on_trace.emit(*trace);
    }
  } else if (const auto* sctp = std::get_if<SctpStateChanged>(&event)) {
    sctp_state_ = sctp->state;
    on_sctp_state.emit(sctp->state);
  } else if (std::holds_alternative<KeysExhausted>(event)) {
    on_keys_exhausted.emit();
    close();
  }
}

}  // namespace sluice::media
