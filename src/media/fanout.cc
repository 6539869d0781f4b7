#include "media/fanout.h"

#include <algorithm>
#include <span>
#include <utility>

#include "media/loop_consumer.h"
#include "media/media_loop.h"

namespace sluice::media {
namespace {

constexpr Micros kVideoHistory = 2s;
constexpr Micros kAudioHistory = 1s;

// Layers are compared with rates on the wire, where a packet is longer by its tag, UDP and IPv4.
constexpr size_t kWireOverhead = 16 + 8 + 20;

}  // namespace

Fanout::Fanout(MediaLoop& loop, Handle producer, unsigned producer_loop, bool video,
               const std::vector<layers::LayerRates::Options>& streams)
    : loop_(loop),
      producer_(producer),
      producer_loop_(producer_loop),
      streams_(streams.begin(), streams.end()),
      remote_requests_(streams.size() + 1),
      history_({.max_age = video ? kVideoHistory : kAudioHistory}) {}

void Fanout::add(LoopConsumer& consumer) {
  consumers_.push_back(&consumer);
  update_history_need();
}

void Fanout::remove(LoopConsumer& consumer) {
  std::erase(consumers_, &consumer);
  update_history_need();
}

void Fanout::update_history_need() {
  keep_history_ = std::ranges::any_of(consumers_, &LoopConsumer::wants_history);
  if (!keep_history_) {
    history_.clear();
  }
}

void Fanout::add_remote_loop(unsigned loop) {
  if (std::ranges::find(remote_loops_, loop) == remote_loops_.end()) {
    remote_loops_.push_back(loop);
  }
}

void Fanout::remove_remote_loop(unsigned loop) {
  std::erase(remote_loops_, loop);
}

void Fanout::distribute(net::Packet* packet, Micros now) {
  PacketHome& home = loop_.home();
  for (const unsigned loop : remote_loops_) {
    // The reference for the other loop exists before the packet does there.
    ++packet->references;
    if (!home.interconnect().send(home.loop(), loop, packet)) {
      --packet->references;
      loop_.count_overrun();
    }
  }
  PacketLease lease(packet, home);
  const auto& media = packet->meta<MediaPacket>();
  count(media.stream, media.payload, packet->data_size, now);
  if (media.payload.key_frame && media.stream < streams_.size()) {
    remote_requests_[media.stream].reset();
    remote_requests_.back().reset();
  }
  if (consumers_.empty()) {
    return;
  }
  if (waiting_count_ == 0) {
    loop_.add_waiting(*this);
  }
  ForwardedPacket& waiting = waiting_[waiting_count_];
  waiting = {.buffer = packet, .source = {}};
  if (keep_history_) {
    waiting.source = history_.push(std::move(lease), packet->data_size, now);
  } else {
    leases_[waiting_count_] = std::move(lease);
  }
  if (++waiting_count_ == kBatch) {
    flush(now);
  }
}

void Fanout::count(uint8_t stream, const codecs::PayloadInfo& payload, size_t size, Micros now) {
  if (stream >= streams_.size()) {
    return;
  }
  const bool begins = streams_[stream].rates.count(payload.spatial_layer, payload.temporal_layer,
                                                   size + kWireOverhead, now);
  if (begins) {
    tell_available();
  }
}

void Fanout::tell_available() {
  for (LoopConsumer* const consumer : consumers_) {
    consumer->on_streams_available();
  }
}

void Fanout::flush(Micros now) {
  const std::span packets = std::span(waiting_).first(std::exchange(waiting_count_, 0));
  if (packets.empty()) {
    return;
  }
  const SendTime time(now);
  for (LoopConsumer* const consumer : consumers_) {
    consumer->on_packets(packets, time);
  }
  // The leases, or a short history, may end with this call: nothing may still refer to payloads.
  loop_.egress().protect();
  for (size_t i = 0; i < packets.size(); ++i) {
    leases_[i] = {};
  }
}

const net::Packet* Fanout::find(uint32_t source) const {
  const PacketLease* const lease = history_.find(source);
  return lease == nullptr ? nullptr : lease->get();
}

void Fanout::request_key_frame(std::optional<uint8_t> stream, Micros now) {
  loop_.request_key_frame(*this, stream, now);
}

bool Fanout::note_remote_request(std::optional<uint8_t> stream, Micros now) {
  const size_t index = std::min<size_t>(stream.value_or(UINT8_MAX), streams_.size());
  return std::exchange(remote_requests_[index], now) != now;
}

std::vector<StreamUpdate> Fanout::all_streams() const {
  std::vector<StreamUpdate> updates;
  for (size_t index = 0; index < streams_.size(); ++index) {
    const layers::StreamState& state = streams_[index];
    if (state.received) {
      updates.push_back({.stream = static_cast<uint8_t>(index),
                         .score = state.score,
                         .active_since = state.active_since,
                         .clock = state.clock,
                         .rates = state.rates});
    }
  }
  return updates;
}

void Fanout::update_streams(std::span<const StreamUpdate> updates, Micros now) {
  bool available = false;
  for (const StreamUpdate& update : updates) {
    if (update.stream >= streams_.size()) {
      continue;
    }
    layers::StreamState& state = streams_[update.stream];
    const bool was_alive = state.alive();
    const bool had_clock = state.clock.has_value();
    state.received = true;
    state.score = update.score;
    state.active_since = update.active_since;
    state.clock = update.clock;
    if (update.rates) {
      state.rates = *update.rates;
    }
    available |= state.alive() != was_alive || state.clock.has_value() != had_clock;
  }
  if (available) {
    tell_available();
  }
  for (LoopConsumer* const consumer : consumers_) {
    consumer->on_streams_changed(now);
  }
}

void Fanout::refresh(Micros now) {
  history_.expire(now);
  for (LoopConsumer* const consumer : consumers_) {
    consumer->refresh(now);
  }
}

}  // namespace sluice::media
