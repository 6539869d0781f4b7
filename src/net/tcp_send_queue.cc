#include "net/tcp_send_queue.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sluice::net {
namespace {

constexpr size_t kPrefix = 2;
// A ring that a stall made larger than this is freed once it has drained.
constexpr size_t kKeptCapacity = size_t{256} << 10;
constexpr size_t kFirstCapacity = size_t{16} << 10;

}  // namespace

TcpSendQueue::Push TcpSendQueue::push(Bytes frame, bool droppable, Micros now) {
  const size_t after = size() + kPrefix + frame.size();
  if (frame.empty() || frame.size() > kMaxFrame ||
      (droppable && (after > limit_ || delay(now) > kMaxDelay))) {
    ++dropped_;
    return Push::kDropped;
  }
  if (after > 2 * limit_) {
    return Push::kOverflow;
  }
  reserve(after);
  mark(now);
  std::array<uint8_t, kPrefix> prefix;
  store_be16(prefix.data(), static_cast<uint16_t>(frame.size()));
  append(prefix);
  append(frame);
  return Push::kQueued;
}

std::array<Bytes, 2> TcpSendQueue::pending() const {
  if (empty()) {
    return {};
  }
  const size_t begin = static_cast<size_t>(tail_) & (capacity_ - 1);
  const size_t first = std::min(size(), capacity_ - begin);
  return {Bytes(&ring_[begin], first), Bytes(&ring_[0], size() - first)};
}

void TcpSendQueue::consume(size_t count) {
  tail_ += count;
  // A mark speaks for all bytes up to the next mark.
  while (mark_count_ > 0) {
    const uint64_t end = mark_count_ > 1 ? marks_[(first_mark_ + 1) % kMarks].position : head_;
    if (tail_ < end) {
      break;
    }
    first_mark_ = (first_mark_ + 1) % kMarks;
    --mark_count_;
  }
  if (empty() && capacity_ > kKeptCapacity) {
    ring_.reset();
    capacity_ = 0;
  }
}

Micros TcpSendQueue::delay(Micros now) const {
  return mark_count_ == 0 ? Micros{0} : now - marks_[first_mark_].at;
}

void TcpSendQueue::reserve(size_t more) {
  if (more <= capacity_) {
    return;
  }
  const size_t capacity = std::bit_ceil(std::max(more, kFirstCapacity));
  auto ring = std::make_unique<uint8_t[]>(capacity);
  // Each byte keeps its position in the stream, so its place follows from the new capacity.
  uint64_t position = tail_;
  for (Bytes part : pending()) {
    while (!part.empty()) {
      const size_t begin = static_cast<size_t>(position) & (capacity - 1);
      const size_t count = std::min(part.size(), capacity - begin);
      std::memcpy(&ring[begin], part.data(), count);
      position += count;
      part = part.subspan(count);
    }
  }
  ring_ = std::move(ring);
  capacity_ = capacity;
}

void TcpSendQueue::append(Bytes bytes) {
  const size_t begin = static_cast<size_t>(head_) & (capacity_ - 1);
  const size_t first = std::min(bytes.size(), capacity_ - begin);
  std::memcpy(&ring_[begin], bytes.data(), first);
  if (first < bytes.size()) {
    std::memcpy(&ring_[0], bytes.data() + first, bytes.size() - first);
  }
  head_ += bytes.size();
}

void TcpSendQueue::mark(Micros now) {
  if (mark_count_ > 0) {
    const Mark& last = marks_[(first_mark_ + mark_count_ - 1) % kMarks];
    if (now - last.at < kMarkDistance || mark_count_ == kMarks) {
      return;
    }
  }
  marks_[(first_mark_ + mark_count_++) % kMarks] = {head_, now};
}

}  // namespace sluice::net
