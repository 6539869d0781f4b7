#include "media/data_exchange.h"

#include <algorithm>
#include <utility>

#include "media/media_loop.h"
#include "media/sctp_session.h"

namespace sluice::media {

DataExchange::DataExchange(MediaLoop& loop, unsigned loop_count)
    : loop_(loop), links_(loop_count) {}

DataExchange::~DataExchange() = default;

// --- commands ------------------------------------------------------------------------------------

void DataExchange::add_producer(const DataProducerSetup& setup) {
  SctpSession* const owner = setup.stream ? session(setup.transport) : nullptr;
  if (setup.stream && owner == nullptr) {
    return;
  }
  producers_[setup.handle] = std::make_unique<LoopDataProducer>(setup, owner, fanout(setup.handle));
}

void DataExchange::remove_producer(Handle handle) {
  producers_.erase(handle);
  release_fanout(handle);
}

void DataExchange::set_producer_paused(Handle handle, bool paused) {
  if (LoopDataProducer* const found = producer(handle)) {
    found->set_paused(paused);
  }
}

void DataExchange::set_remote_loop(Handle handle, unsigned loop, bool wanted) {
  if (LoopDataProducer* const found = producer(handle)) {
    found->fanout().set_remote_loop(loop, wanted);
  }
}

void DataExchange::produce(Handle handle, const SharedMessage& message) {
  if (LoopDataProducer* const found = producer(handle)) {
    found->on_message(message, loop_.now());
  }
}

void DataExchange::add_consumer(const DataConsumerSetup& setup) {
  SctpSession* const owner = setup.stream ? session(setup.transport) : nullptr;
  if (setup.stream && owner == nullptr) {
    return;
  }
  consumers_[setup.handle] =
      std::make_unique<LoopDataConsumer>(loop_, setup, owner, fanout(setup.producer));
}

void DataExchange::remove_consumer(Handle handle) {
  const auto node = consumers_.extract(handle);
  if (node.empty()) {
    return;
  }
  const Handle source = node.mapped()->fanout().producer();
  node.mapped().reset();
  release_fanout(source);
}

void DataExchange::set_consumer_paused(Handle handle, bool paused) {
  if (LoopDataConsumer* const found = consumer(handle)) {
    found->set_paused(paused);
  }
}

void DataExchange::set_consumer_producer_paused(Handle handle, bool paused) {
  if (LoopDataConsumer* const found = consumer(handle)) {
    found->set_producer_paused(paused);
  }
}

void DataExchange::set_consumer_subchannels(Handle handle, std::vector<uint16_t> subchannels) {
  if (LoopDataConsumer* const found = consumer(handle)) {
    found->set_subchannels(std::move(subchannels));
  }
}

void DataExchange::set_consumer_low_threshold(Handle handle, size_t bytes) {
  if (LoopDataConsumer* const found = consumer(handle)) {
    found->set_buffered_amount_low_threshold(bytes);
  }
}

void DataExchange::on_delivered(Handle handle, size_t cost) {
  if (LoopDataConsumer* const found = consumer(handle)) {
    found->on_delivered(cost);
  }
}

DataSendOutcome DataExchange::send(Handle handle, const DataMessage& message) {
  LoopDataConsumer* const found = consumer(handle);
  return found == nullptr ? DataSendOutcome::kInactive : found->send(message, loop_.now());
}

DataCounters DataExchange::producer_counters(Handle handle) const {
  const LoopDataProducer* const found = producer(handle);
  return found == nullptr ? DataCounters{} : found->received();
}

DataCounters DataExchange::consumer_counters(Handle handle) const {
  const LoopDataConsumer* const found = consumer(handle);
  return found == nullptr ? DataCounters{} : found->sent();
}

size_t DataExchange::buffered_amount(Handle handle) const {
  const LoopDataConsumer* const found = consumer(handle);
  return found == nullptr ? 0 : found->buffered_amount();
}

std::optional<SctpDump> DataExchange::sctp_dump(Handle transport) const {
  const SctpSession* const found = session(transport);
  return found == nullptr ? std::nullopt : std::optional(found->dump());
}

// --- between loops -------------------------------------------------------------------------------

void DataExchange::relay(unsigned to, Handle producer, const SharedMessage& message) {
  Link& link = links_[to];
  const size_t cost = message->cost();
  if (link.in_transit != 0 && link.in_transit + cost > kMaxInTransit) {
    ++overruns_;
    return;
  }
  link.in_transit += cost;
  link.outgoing.push_back({producer, message});
}

void DataExchange::on_relayed(unsigned from, const std::vector<Relayed>& messages) {
  for (const Relayed& relayed : messages) {
    links_[from].taken += relayed.message->cost();
    if (const auto found = fanouts_.find(relayed.producer); found != fanouts_.end()) {
      found->second->distribute(relayed.message, loop_.now());
    }
  }
}

void DataExchange::on_relay_taken(unsigned to, size_t cost) {
  links_[to].in_transit -= cost;
}

void DataExchange::flush(Micros now) {
  // A session's messages may be for sessions that were flushed already.
  while (!waiting_.empty()) {
    for (SctpSession* const session : std::exchange(waiting_, {})) {
      session->flush(now);
    }
  }
  for (unsigned to = 0; to < links_.size(); ++to) {
    flush_link(to);
  }
}

void DataExchange::flush_link(unsigned to) {
  Link& link = links_[to];
  if (link.outgoing.empty() && link.taken == 0) {
    return;
  }
  loop_.resources().post(to, [from = loop_.index(), messages = std::exchange(link.outgoing, {}),
                              taken = std::exchange(link.taken, 0)](MediaLoop& other) {
    other.data().on_relay_taken(from, taken);
    other.data().on_relayed(from, messages);
  });
}

// --- objects -------------------------------------------------------------------------------------

void DataExchange::add_session(SctpSession& session) {
  sessions_[session.transport()] = &session;
}

void DataExchange::remove_session(SctpSession& session) {
  std::erase_if(consumers_, [&](const auto& entry) { return entry.second->session() == &session; });
  std::erase_if(producers_, [&](const auto& entry) { return entry.second->session() == &session; });
  std::erase_if(fanouts_, [&](const auto& entry) {
    return !entry.second->has_consumers() && !producers_.contains(entry.first);
  });
  std::erase(waiting_, &session);
  sessions_.erase(session.transport());
}

SctpSession* DataExchange::session(Handle transport) const {
  const auto found = sessions_.find(transport);
  return found == sessions_.end() ? nullptr : found->second;
}

LoopDataProducer* DataExchange::producer(Handle handle) const {
  const auto found = producers_.find(handle);
  return found == producers_.end() ? nullptr : found->second.get();
}

LoopDataConsumer* DataExchange::consumer(Handle handle) const {
  const auto found = consumers_.find(handle);
  return found == consumers_.end() ? nullptr : found->second.get();
}

DataFanout& DataExchange::fanout(Handle producer) {
  auto& entry = fanouts_[producer];
  if (!entry) {
    entry = std::make_unique<DataFanout>(*this, producer);
  }
  return *entry;
}

/// Removes a fan-out that nobody needs: no consumers here, and no producer.
void DataExchange::release_fanout(Handle producer) {
  const auto found = fanouts_.find(producer);
  if (found != fanouts_.end() && !found->second->has_consumers() &&
      !producers_.contains(producer)) {
    fanouts_.erase(found);
  }
}

}  // namespace sluice::media
