#include "net/send_queue.h"

#include <cstring>
#include <utility>

namespace sluice::net {

Destination::Destination(const SocketAddress& remote, uint8_t socket, const IpAddress& local)
    : remote_(remote), local_(local), has_local_(!local.is_any()), socket_(socket) {}

Destination Destination::over_tcp(uint32_t connection) {
  Destination destination;
  destination.socket_ = kTcpSocket;
  destination.tcp_connection_ = connection;
  return destination;
}

Destination::Destination(Destination&& other) noexcept {
  *this = std::move(other);
}

Destination& Destination::operator=(Destination&& other) noexcept {
  if (this == &other) {
    return *this;
  }
  if (queue_ != nullptr) {
    queue_->adopt(*this);
  }
  remote_ = other.remote_;
  local_ = other.local_;
  has_local_ = other.has_local_;
  gso_disabled_ = other.gso_disabled_;
  socket_ = other.socket_;
  tcp_connection_ = other.tcp_connection_;
  if (other.queue_ != nullptr) {
    other.queue_->relocate(other, *this);
  }
  return *this;
}

Destination::~Destination() {
  if (queue_ != nullptr) {
    queue_->adopt(*this);
  }
}

SendQueue::SendQueue(size_t bytes, uint32_t datagrams)
    : arena_(bytes),
      entries_(std::make_unique<Entry[]>(datagrams)),
      capacity_(datagrams),
      ownerless_(std::make_unique<Destination[]>(kOwnerless)) {
  for (size_t i = kOwnerless; i-- > 0;) {
    ownerless_[i].ownerless_ = true;
    ownerless_free_[ownerless_free_count_++] = static_cast<uint16_t>(i);
  }
}

SendQueue::~SendQueue() {
  clear();
}

uint8_t* SendQueue::reserve_when_full(size_t max_size) {
  if (on_full_ != nullptr) {
    on_full_(on_full_context_);
    if (has_room(max_size)) {
      return arena_.data() + used_;
    }
  }
  ++counters_.refused;
  return nullptr;
}

bool SendQueue::commit_to(size_t size, const SocketAddress& remote, uint8_t socket,
                          const IpAddress& local, Priority priority) {
  Destination* destination = take_ownerless();
  if (destination == nullptr) {
    ++counters_.refused;
    return false;
  }
  destination->remote_ = NativeAddress(remote);
  destination->local_ = local;
  destination->has_local_ = !local.is_any();
  destination->gso_disabled_ = false;
  destination->socket_ = socket;
  commit(size, *destination, priority);
  return true;
}

void SendQueue::clear() {
  for (size_t socket = 0; socket < lists_.size(); ++socket) {
    drop_socket(static_cast<uint8_t>(socket));
  }
  count_ = 0;
  used_ = 0;
}

void SendQueue::pop(Destination& destination, uint32_t count) {
  pending_ -= count;
  while (count-- > 0) {
    Entry& entry = entries_[destination.head_];
    entry.destination = nullptr;
    destination.head_ = entry.next;
  }
  if (destination.head_ == kNone) {
    destination.tail_ = kNone;
    unlink(destination);
  }
}

uint32_t SendQueue::drop_socket(uint8_t socket) {
  uint32_t dropped = 0;
  while (Destination* destination = lists_[socket].first) {
    uint32_t length = 0;
    for (uint32_t i = destination->head_; i != kNone; i = entries_[i].next) {
      ++length;
    }
    pop(*destination, length);
    dropped += length;
  }
  return dropped;
}

void SendQueue::compact(uint32_t max_kept) {
  // Two passes over what is too much: low priority first, then whatever is oldest.
  for (const bool any_priority : {false, true}) {
    for (uint32_t i = 0; i < count_ && pending_ > max_kept; ++i) {
      Entry& entry = entries_[i];
      if (entry.destination != nullptr && (any_priority || entry.priority == Priority::kLow)) {
        entry.destination = nullptr;
        --pending_;
        ++counters_.dropped;
      }
    }
  }
  // All chains are built again from the entries that are kept, in order of commit.
  for (const List& list : lists_) {
    for (Destination* d = list.first; d != nullptr; d = d->next_) {
      d->head_ = d->tail_ = kNone;
    }
  }
  const uint32_t old_count = std::exchange(count_, 0);
  used_ = 0;
  for (uint32_t i = 0; i < old_count; ++i) {
    const Entry entry = entries_[i];
    if (entry.destination == nullptr) {
      continue;
    }
    uint8_t* data = arena_.data() + used_;
    std::memmove(data, entry.data, entry.size);
    used_ += (entry.size + kAlignment - 1) & ~(kAlignment - 1);
    entries_[count_] = {data, entry.size, entry.priority, kNone, entry.destination};
    Destination& destination = *entry.destination;
    (destination.head_ == kNone ? destination.head_ : entries_[destination.tail_].next) = count_;
    destination.tail_ = count_++;
  }
  for (const List& list : lists_) {
    for (Destination* d = list.first; d != nullptr;) {
      Destination* next = d->next_;
      if (d->head_ == kNone) {
        unlink(*d);
      }
      d = next;
    }
  }
}

void SendQueue::link(Destination& destination) {
  List& list = lists_[destination.socket_];
  destination.queue_ = this;
  destination.prev_ = list.last;
  destination.next_ = nullptr;
  (list.last == nullptr ? list.first : list.last->next_) = &destination;
  list.last = &destination;
}

void SendQueue::unlink(Destination& destination) {
  List& list = lists_[destination.socket_];
  (destination.prev_ == nullptr ? list.first : destination.prev_->next_) = destination.next_;
  (destination.next_ == nullptr ? list.last : destination.next_->prev_) = destination.prev_;
  destination.prev_ = destination.next_ = nullptr;
  destination.queue_ = nullptr;
  if (destination.ownerless_) {
    ownerless_free_[ownerless_free_count_++] =
        static_cast<uint16_t>(&destination - ownerless_.get());
  }
}

void SendQueue::relocate(Destination& from, Destination& to) {
  List& list = lists_[from.socket_];
  to.head_ = std::exchange(from.head_, kNone);
  to.tail_ = std::exchange(from.tail_, kNone);
  to.prev_ = std::exchange(from.prev_, nullptr);
  to.next_ = std::exchange(from.next_, nullptr);
  to.queue_ = std::exchange(from.queue_, nullptr);
  (to.prev_ == nullptr ? list.first : to.prev_->next_) = &to;
  (to.next_ == nullptr ? list.last : to.next_->prev_) = &to;
  for (uint32_t i = to.head_; i != kNone; i = entries_[i].next) {
    entries_[i].destination = &to;
  }
}

void SendQueue::adopt(Destination& destination) {
  Destination* keeper = take_ownerless();
  if (keeper == nullptr) {
    uint32_t length = 0;
    for (uint32_t i = destination.head_; i != kNone; i = entries_[i].next) {
      ++length;
    }
    counters_.dropped += length;
    pop(destination, length);
    return;
  }
  *keeper = std::move(destination);
}

Destination* SendQueue::take_ownerless() {
  return ownerless_free_count_ == 0 ? nullptr
                                    : &ownerless_[ownerless_free_[--ownerless_free_count_]];
}

}  // namespace sluice::net
