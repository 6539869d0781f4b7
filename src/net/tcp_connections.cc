#include "net/tcp_connections.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "net/native_address.h"

namespace sluice::net {
namespace {

constexpr size_t kScratch = 65536;
// Connections accepted per listener and turn.
constexpr int kAcceptBudget = 64;
// How long to leave waiting connections alone when the process is out of descriptors.
constexpr Micros kAcceptPause = 100ms;
// A turn's frames are written early beyond this, to keep the queue small and in the cache.
constexpr size_t kWriteEarly = size_t{64} << 10;
constexpr uint32_t kMaxSlots = 65536;

}  // namespace

struct TcpConnections::Peer {
  Peer(TcpConnections* owner_, uint32_t number_, TcpConnection made)
      : owner(owner_), number(number_), connection(std::move(made)) {}

  void on_timeout(Micros /*now*/) {
    ++owner->counters_.closed_unauthenticated;
    owner->fail(*this, TcpCloseReason::kUnauthenticated);
  }

  TcpConnections* owner;
  uint32_t number;
  TcpConnection connection;
  Timer authentication = Timer::of<&Peer::on_timeout>(this);
  bool authenticated = false;
  bool touched = false;
  bool watches_writable = false;
  bool closing = false;
  // Set when the handler has to be told.
  std::optional<TcpCloseReason> reason;
};

TcpConnections::TcpConnections(Poller& poller, TimerWheel& timers, const TcpLimits& limits)
    : poller_(poller),
      timers_(timers),
      limits_(limits),
      scratch_(std::make_unique<uint8_t[]>(kScratch)) {
  limits_.max_connections = std::min(limits_.max_connections, kMaxSlots);
}

TcpConnections::~TcpConnections() = default;

bool TcpConnections::add_listener(TcpListener listener) {
  if (!poller_.add(listener.fd(), kListenerTag | listeners_.size())) {
    return false;
  }
  listeners_.push_back(std::move(listener));
  return true;
}

void TcpConnections::on_listener_ready(uint32_t number, LoopHandler& handler, Micros now) {
  TcpListener& listener = listeners_[number];
  for (int i = 0; i < kAcceptBudget; ++i) {
    auto accepted = listener.accept();
    if (accepted) {
      admit(std::move(*accepted), listener.local().port, handler, now);
      continue;
    }
    const int error = accepted.error();
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
      pause_listeners(now);
      return;
    }
    if (error == EAGAIN) {
      return;
    }
    // Anything else concerns the connection that was waiting; there may be another behind it.
  }
}

void TcpConnections::admit(TcpListener::Accepted accepted, uint16_t local_port,
                           LoopHandler& handler, Micros now) {
  const IpAddress ip = accepted.remote.ip;
  const auto strangers = unauthenticated_.find(ip);
  if (open_ >= limits_.max_connections ||
      (strangers != unauthenticated_.end() &&
       strangers->second >= limits_.max_unauthenticated_per_ip)) {
    ++counters_.refused;
    return;
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint16_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint16_t index = free_slots_.back();
  // From 1 on, so that no connection has the number 0.
  const auto generation = static_cast<uint16_t>(
      slots_[index].generation == UINT16_MAX ? 1 : slots_[index].generation + 1);
  const uint32_t number = uint32_t{generation} << 16 | index;
  const int fd = accepted.fd.get();
  if (!poller_.add(fd, kConnectionTag | number)) {
    ++counters_.refused;
    return;
  }
  const SocketAddress local = {address_of_socket(fd, true).ip, local_port};
  free_slots_.pop_back();
  slots_[index].generation = generation;
  slots_[index].peer =
      std::make_unique<Peer>(this, number,
                             TcpConnection(std::move(accepted.fd), local, accepted.remote,
                                           limits_.max_frame, limits_.send_queue));
  timers_.schedule(slots_[index].peer->authentication, now + limits_.authentication_time);
  ++unauthenticated_[ip];
  ++open_;
  ++counters_.accepted;
  handler.on_tcp_opened(number, accepted.remote, local, now);
}

TcpConnections::Peer* TcpConnections::peer(uint32_t connection) const {
  const size_t index = connection & 0xffff;
  if (index >= slots_.size() || slots_[index].generation != connection >> 16) {
    return nullptr;
  }
  return slots_[index].peer.get();
}

const TcpConnection* TcpConnections::find(uint32_t connection) const {
  const Peer* found = peer(connection);
  return found == nullptr || found->closing ? nullptr : &found->connection;
}

void TcpConnections::on_connection_ready(uint32_t number, uint32_t flags, LoopHandler& handler,
                                         Micros now) {
  Peer* ready = peer(number);
  if (ready == nullptr || ready->closing) {
    return;
  }
  if ((flags & EPOLLOUT) != 0) {
    touch(*ready);
  }
  if ((flags & ~uint32_t{EPOLLOUT}) == 0) {
    return;
  }
  const auto on_frame = [&](MutableBytes frame) {
    ++counters_.frames_in;
    counters_.bytes_in += frame.size();
    handler.on_tcp_frame(number, frame, now);
    return !ready->closing;
  };
  switch (ready->connection.read({scratch_.get(), kScratch}, on_frame)) {
    case TcpConnection::Io::kOk:
    case TcpConnection::Io::kStopped:
      break;
    case TcpConnection::Io::kOversize:
      fail(*ready, TcpCloseReason::kOversizeFrame);
      break;
    case TcpConnection::Io::kEnd:
      fail(*ready, TcpCloseReason::kPeer);
      break;
    case TcpConnection::Io::kError:
      fail(*ready, TcpCloseReason::kError);
      break;
  }
}

bool TcpConnections::send(uint32_t connection, Bytes frame, bool droppable, Micros now) {
  Peer* to = peer(connection);
  if (to == nullptr || to->closing) {
    return false;
  }
  switch (to->connection.send(frame, droppable, now)) {
    case TcpSendQueue::Push::kQueued:
      break;
    case TcpSendQueue::Push::kDropped:
      ++counters_.dropped;
      return false;
    case TcpSendQueue::Push::kOverflow:
      ++counters_.dropped;
      fail(*to, TcpCloseReason::kSendOverflow);
      return false;
  }
  ++counters_.frames_out;
  counters_.bytes_out += frame.size();
  touch(*to);
  // Not while the kernel is known to be full: then the poller tells when to go on.
  if (to->connection.queue().size() >= kWriteEarly && !to->watches_writable) {
    write(*to);
  }
  return true;
}

void TcpConnections::close(uint32_t connection) {
  if (Peer* found = peer(connection); found != nullptr) {
    // Also ends the report of a failure that the handler has not heard of yet.
    found->reason.reset();
    start_closing(*found);
  }
}

void TcpConnections::mark_authenticated(uint32_t connection) {
  if (Peer* found = peer(connection); found != nullptr) {
    release_unauthenticated(*found);
  }
}

void TcpConnections::fail(Peer& peer, TcpCloseReason reason) {
  if (!peer.closing) {
    peer.reason = reason;
    start_closing(peer);
  }
}

void TcpConnections::start_closing(Peer& peer) {
  if (!peer.closing) {
    peer.closing = true;
    poller_.remove(peer.connection.fd());
    touch(peer);
  }
}

void TcpConnections::touch(Peer& peer) {
  if (!peer.touched) {
    peer.touched = true;
    touched_.push_back(peer.number);
  }
}

void TcpConnections::write(Peer& peer) {
  if (peer.connection.write() == TcpConnection::Io::kError) {
    fail(peer, TcpCloseReason::kError);
    return;
  }
  const bool left = !peer.connection.queue().empty();
  if (!peer.closing && left != peer.watches_writable) {
    peer.watches_writable = left;
    poller_.modify(peer.connection.fd(), kConnectionTag | peer.number,
                   Poller::kReadable | (left ? Poller::kWritable : 0));
  }
}

void TcpConnections::release_unauthenticated(Peer& peer) {
  if (std::exchange(peer.authenticated, true)) {
    return;
  }
  peer.authentication.cancel();
  const auto count = unauthenticated_.find(peer.connection.remote().ip);
  if (--count->second == 0) {
    unauthenticated_.erase(count);
  }
}

void TcpConnections::flush(LoopHandler& handler, Micros now) {
  // A handler that hears of a closed connection may send on others, which touches those again.
  while (!touched_.empty()) {
    flushing_.clear();
    std::swap(flushing_, touched_);
    for (const uint32_t number : flushing_) {
      Peer* current = peer(number);
      current->touched = false;
      write(*current);
      if (!current->closing || current->touched) {
        continue;
      }
      if (const auto reason = current->reason) {
        handler.on_tcp_closed(number, *reason, now);
      }
      release_unauthenticated(*current);
      --open_;
      slots_[number & 0xffff].peer.reset();
      free_slots_.push_back(static_cast<uint16_t>(number & 0xffff));
    }
  }
}

void TcpConnections::pause_listeners(Micros now) {
  for (const TcpListener& listener : listeners_) {
    poller_.remove(listener.fd());
  }
  timers_.schedule(accept_pause_, now + kAcceptPause);
}

void TcpConnections::resume_listeners(Micros /*now*/) {
  for (size_t i = 0; i < listeners_.size(); ++i) {
    poller_.add(listeners_[i].fd(), kListenerTag | i);
  }
}

}  // namespace sluice::net
