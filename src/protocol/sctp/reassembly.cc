#include "protocol/sctp/reassembly.h"

#include <algorithm>
#include <utility>

namespace sluice::sctp {
namespace {

constexpr uint32_t open_key(uint16_t stream, bool unordered) {
  return (unordered ? 0x10000u : 0u) | stream;
}

constexpr uint32_t waiting_key(uint16_t stream, uint16_t ssn) {
  return static_cast<uint32_t>(stream) << 16 | ssn;
}

/// How far `ssn` is ahead of `next`, in -32768..32767.
constexpr int ahead(uint16_t ssn, uint16_t next) {
  return static_cast<int16_t>(static_cast<uint16_t>(ssn - next));
}

}  // namespace

uint16_t& Reassembly::next_ssn(uint16_t stream) {
  if (stream >= next_ssn_.size()) {
    next_ssn_.resize(size_t{stream} + 1);
  }
  return next_ssn_[stream];
}

void Reassembly::add(const DataChunk& chunk, int64_t tsn, int64_t cumulative) {
  if (chunk.begin && chunk.end) {
    complete(chunk.ssn, {.stream = chunk.stream,
                         .ppid = chunk.ppid,
                         .unordered = chunk.unordered,
                         .too_large = chunk.payload.size() > max_message_size_,
                         .payload = {chunk.payload.begin(), chunk.payload.end()}});
  } else if (tsn <= cumulative) {
    append(chunk);  // all before it were settled
  } else {
    held_ += chunk.payload.size() + kOverhead;
    fragments_.emplace(tsn, Fragment{.stream = chunk.stream,
                                     .ssn = chunk.ssn,
                                     .ppid = chunk.ppid,
                                     .unordered = chunk.unordered,
                                     .begin = chunk.begin,
                                     .end = chunk.end,
                                     .payload = {chunk.payload.begin(), chunk.payload.end()}});
    try_run(tsn);
  }
  settle(cumulative);
}

void Reassembly::append(const DataChunk& chunk) {
  const OpenKey key = open_key(chunk.stream, chunk.unordered);
  auto open = open_.find(key);
  if (open != open_.end() && (chunk.begin || (!chunk.unordered && open->second.ssn != chunk.ssn))) {
    // It never ended; no sender that follows the rules does that.
    held_ -= open->second.message.payload.size() + kOverhead;
    open_.erase(open);
    open = open_.end();
  }
  if (open == open_.end()) {
    if (!chunk.begin) {
      return;  // of a message whose beginning was skipped
    }
    held_ += kOverhead;
    open = open_
               .emplace(key, Open{.ssn = chunk.ssn,
                                  .message = {.stream = chunk.stream,
                                              .ppid = chunk.ppid,
                                              .unordered = chunk.unordered}})
               .first;
  }
  ReassembledMessage& message = open->second.message;
  if (!message.too_large && message.payload.size() + chunk.payload.size() > max_message_size_) {
    held_ -= message.payload.size();
    message.too_large = true;
    message.payload = {};
  }
  if (!message.too_large) {
    held_ += chunk.payload.size();
    message.payload.insert(message.payload.end(), chunk.payload.begin(), chunk.payload.end());
  }
  if (chunk.end) {
    close_open(open);
  }
}

void Reassembly::close_open(std::map<OpenKey, Open>::iterator open) {
  Open closed = std::move(open->second);
  open_.erase(open);
  held_ -= closed.message.payload.size() + kOverhead;
  complete(closed.ssn, std::move(closed.message));
}

void Reassembly::settle(int64_t cumulative) {
  while (!fragments_.empty() && fragments_.begin()->first <= cumulative) {
    const auto first = fragments_.begin();
    const Fragment fragment = std::move(first->second);
    held_ -= fragment.payload.size() + kOverhead;
    fragments_.erase(first);
    append({.unordered = fragment.unordered,
            .begin = fragment.begin,
            .end = fragment.end,
            .stream = fragment.stream,
            .ssn = fragment.ssn,
            .ppid = fragment.ppid,
            .payload = fragment.payload});
  }
}

// Releases the message around `tsn` if all its fragments are there, with consecutive TSNs.
void Reassembly::try_run(int64_t tsn) {
  // To the right first: usually the next fragment is not there yet, so this costs nothing.
  auto last = fragments_.find(tsn);
  auto first = last;
  while (!last->second.end) {
    const auto next = std::next(last);
    if (next == fragments_.end() || next->first != last->first + 1 ||
        !next->second.continues(last->second)) {
      return;
    }
    last = next;
  }
  while (!first->second.begin) {
    if (first == fragments_.begin()) {
      return;
    }
    const auto previous = std::prev(first);
    if (previous->first != first->first - 1 || !first->second.continues(previous->second)) {
      return;
    }
    first = previous;
  }

  const uint16_t ssn = first->second.ssn;
  ReassembledMessage message{.stream = first->second.stream,
                             .ppid = first->second.ppid,
                             .unordered = first->second.unordered};
  const auto end = std::next(last);
  size_t size = 0;
  for (auto f = first; f != end; ++f) {
    size += f->second.payload.size();
  }
  message.too_large = size > max_message_size_;
  if (!message.too_large) {
    message.payload.reserve(size);
  }
  for (auto f = first; f != end; f = erase_fragment(f)) {
    if (!message.too_large) {
      message.payload.insert(message.payload.end(), f->second.payload.begin(),
                             f->second.payload.end());
    }
  }
  complete(ssn, std::move(message));
}

Reassembly::Fragments::iterator Reassembly::erase_fragment(Fragments::iterator fragment) {
  held_ -= fragment->second.payload.size() + kOverhead;
  return fragments_.erase(fragment);
}

void Reassembly::complete(uint16_t ssn, ReassembledMessage&& message) {
  if (message.too_large) {
    message.payload = {};
  }
  if (message.unordered) {
    release(std::move(message));
    return;
  }
  uint16_t& next = next_ssn(message.stream);
  const int distance = ahead(ssn, next);
  if (distance == 0) {
    const uint16_t stream = message.stream;
    ++next;
    release(std::move(message));
    release_waiting(stream);
  } else if (distance > 0) {
    const size_t cost = message.payload.size() + kOverhead;
    if (waiting_.emplace(waiting_key(message.stream, ssn), std::move(message)).second) {
      held_ += cost;
    }
  }  // otherwise it was skipped
}

void Reassembly::release(ReassembledMessage&& message) {
  held_ += message.payload.size() + kOverhead;
  ready_.push_back(std::move(message));
}

void Reassembly::release_waiting(uint16_t stream) {
  uint16_t& next = next_ssn(stream);
  for (auto found = waiting_.find(waiting_key(stream, next)); found != waiting_.end();
       found = waiting_.find(waiting_key(stream, next))) {
    ++next;
    ready_.push_back(std::move(found->second));  // stays as it was in held_
    waiting_.erase(found);
  }
}

std::optional<ReassembledMessage> Reassembly::pop() {
  if (ready_.empty()) {
    return std::nullopt;
  }
  ReassembledMessage message = std::move(ready_.front());
  ready_.pop_front();
  held_ -= message.payload.size() + kOverhead;
  return message;
}

void Reassembly::skip(int64_t tsn, const ForwardTsnChunk& forward, int64_t cumulative) {
  while (!fragments_.empty() && fragments_.begin()->first <= tsn) {
    erase_fragment(fragments_.begin());
  }
  // The next fragment of whatever is open lies in what was skipped.
  for (const auto& [key, open] : open_) {
    held_ -= open.message.payload.size() + kOverhead;
  }
  open_.clear();
  for (size_t i = 0; i < forward.stream_count(); ++i) {
    release_up_to(forward.stream(i));
  }
  settle(cumulative);
}

void Reassembly::release_up_to(SkippedStream skipped) {
  uint16_t& next = next_ssn(skipped.stream);
  if (ahead(skipped.ssn, next) < 0) {
    return;
  }
  if (skipped.ssn >= next) {
    release_range(skipped.stream, next, skipped.ssn);
  } else {  // numbers wrap within
    release_range(skipped.stream, next, UINT16_MAX);
    release_range(skipped.stream, 0, skipped.ssn);
  }
  next = static_cast<uint16_t>(skipped.ssn + 1);
  release_waiting(skipped.stream);
}

void Reassembly::release_range(uint16_t stream, uint16_t first, uint16_t last) {
  auto waiting = waiting_.lower_bound(waiting_key(stream, first));
  while (waiting != waiting_.end() && waiting->first <= waiting_key(stream, last)) {
    ready_.push_back(std::move(waiting->second));
    waiting = waiting_.erase(waiting);
  }
}

void Reassembly::reset(uint16_t stream) {
  if (stream < next_ssn_.size()) {
    next_ssn_[stream] = 0;
  }
  for (const bool unordered : {false, true}) {
    if (const auto open = open_.find(open_key(stream, unordered)); open != open_.end()) {
      held_ -= open->second.message.payload.size() + kOverhead;
      open_.erase(open);
    }
  }
  auto waiting = waiting_.lower_bound(waiting_key(stream, 0));
  while (waiting != waiting_.end() && waiting->first <= waiting_key(stream, UINT16_MAX)) {
    held_ -= waiting->second.payload.size() + kOverhead;
    waiting = waiting_.erase(waiting);
  }
}

void Reassembly::reset_all() {
  for (const auto& [key, open] : open_) {
    held_ -= open.message.payload.size() + kOverhead;
  }
  open_.clear();
  for (const auto& [key, message] : waiting_) {
    held_ -= message.payload.size() + kOverhead;
  }
  waiting_.clear();
  next_ssn_.clear();
}

}  // namespace sluice::sctp
