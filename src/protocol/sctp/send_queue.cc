#include "protocol/sctp/send_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice::sctp {

void SendQueue::set_stream_count(uint16_t count) {
  stream_count_ = count;
  for (auto& [id, stream] : streams_) {
    activate(id, stream);
  }
}

void SendQueue::push(OutgoingMessage message) {
  const uint16_t id = message.stream;
  ++message_count_;
  surcharge_ += message.surcharge();
  limited_count_ += message.expires_at ? 1 : 0;
  Stream& stream = streams_[id];
  stream.queue.push_back(std::move(message));
  activate(id, stream);
}

void SendQueue::push_reset(uint16_t id) {
  Stream& stream = streams_[id];
  // One that is under way counts as past: the peer may have carried it out.
  const bool waits = !stream.queue.empty() && stream.queue.back().is_reset &&
                     !(stream.resetting && stream.queue.size() == 1);
  if (!waits) {
    stream.queue.push_back({.stream = id, .is_reset = true});
    activate(id, stream);
  }
}

void SendQueue::activate(uint16_t id, Stream& stream) {
  if (stream.turn || stream.resetting || stream.queue.empty()) {
    return;
  }
  const OutgoingMessage& head = stream.queue.front();
  if (head.is_reset) {
    stream.resetting = true;
    ready_resets_.push_back(id);
  } else if (id < stream_count_) {
    stream.last_tag = std::max(virtual_time_, stream.last_tag) + head.payload.size();
    stream.turn = Turn{.tag = stream.last_tag, .order = next_order_++, .stream = id};
    turns_.insert(*stream.turn);
  }
}

void SendQueue::deactivate(Stream& stream) {
  if (stream.turn) {
    turns_.erase(*stream.turn);
    stream.turn.reset();
  }
}

const OutgoingMessage* SendQueue::peek(Micros now) {
  while (!turns_.empty()) {
    const uint16_t id = turns_.begin()->stream;
    Stream& stream = streams_.at(id);
    OutgoingMessage& head = stream.queue.front();
    if (!head.expired(now)) {
      return &head;
    }
    ++expired_count_;
    amounts_->release(id, head.payload.size());
    forget(head);
    deactivate(stream);
    stream.queue.pop_front();
    activate(id, stream);
  }
  return nullptr;
}

void SendQueue::take(MessageList& into) {
  const Turn turn = *turns_.begin();
  Stream& stream = streams_.at(turn.stream);
  into.splice(into.end(), stream.queue, stream.queue.begin());
  OutgoingMessage& message = into.back();
  forget(message);
  if (!message.unordered) {
    message.ssn = stream.next_ssn++;
  }
  virtual_time_ = turn.tag;
  deactivate(stream);
  activate(turn.stream, stream);
}

void SendQueue::forget(const OutgoingMessage& message) {
  --message_count_;
  surcharge_ -= message.surcharge();
  limited_count_ -= message.expires_at ? 1 : 0;
}

void SendQueue::finish_reset(uint16_t id, bool performed) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || !found->second.resetting) {
    return;
  }
  Stream& stream = found->second;
  stream.resetting = false;
  stream.queue.pop_front();
  if (performed) {
    stream.next_ssn = 0;
  }
  if (stream.queue.empty() && stream.next_ssn == 0) {
    streams_.erase(found);
  } else {
    activate(id, stream);
  }
}

std::vector<uint16_t> SendQueue::streams() const {
  std::vector<uint16_t> ids;
  ids.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) {
    ids.push_back(id);
  }
  return ids;
}

template <class Predicate>
void SendQueue::drop_if(uint16_t id, Stream& stream, Predicate predicate) {
  deactivate(stream);
  std::erase_if(stream.queue, [&](const OutgoingMessage& message) {
    if (message.is_reset || !predicate(message)) {
      return false;
    }
    amounts_->release(id, message.payload.size());
    forget(message);
    return true;
  });
  activate(id, stream);
}

void SendQueue::drop_expired(Micros now) {
  if (limited_count_ == 0) {
    return;
  }
  const size_t before = message_count_;
  for (auto& [id, stream] : streams_) {
    if (std::ranges::any_of(stream.queue, [&](const auto& m) { return m.expired(now); })) {
      drop_if(id, stream, [&](const OutgoingMessage& m) { return m.expired(now); });
    }
  }
  expired_count_ += before - message_count_;
}

void SendQueue::drop_unavailable() {
  for (auto& [id, stream] : streams_) {
    if (id >= stream_count_) {
      drop_if(id, stream, [](const OutgoingMessage&) { return true; });
    }
  }
}

void SendQueue::clear() {
  for (auto& [id, stream] : streams_) {
    drop_if(id, stream, [](const OutgoingMessage&) { return true; });
  }
  streams_.clear();
  turns_.clear();
  ready_resets_.clear();
}

void SendQueue::restart() {
  ready_resets_.clear();
  for (auto& [id, stream] : streams_) {
    deactivate(stream);
    stream.next_ssn = 0;
    stream.resetting = false;
    std::erase_if(stream.queue, [](const OutgoingMessage& m) { return m.is_reset; });
    activate(id, stream);
  }
}

}  // namespace sluice::sctp
