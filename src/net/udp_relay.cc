#include "net/udp_relay.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "net/clock.h"
#include "net/native_address.h"

namespace sluice::net {
namespace {

constexpr uint64_t kListenerTag = UINT64_MAX;
constexpr uint64_t kWakeTag = UINT64_MAX - 1;
constexpr size_t kMaxDatagram = 65536;
// Datagrams of one socket in one turn.
constexpr int kReceiveBudget = 256;

// One datagram a call keeps the relay simple; merged trains would have to be cut.
constexpr UdpSettings kPlainSockets = {.gro = false, .gso = false};

void send(int fd, const NativeAddress& to, Bytes datagram) {
  // A full socket buffer is one more way in which this network loses datagrams.
  sendto(fd, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size());
}

ImpairedLink::Counters operator+(ImpairedLink::Counters a, const ImpairedLink::Counters& b) {
  a.pushed += b.pushed;
  a.lost += b.lost;
  a.queue_dropped += b.queue_dropped;
  a.reordered += b.reordered;
  a.duplicated += b.duplicated;
  a.delivered += b.delivered;
  return a;
}

}  // namespace

struct UdpRelay::Client {
  NativeAddress address;
  UdpSocket upstream;
  ImpairedLink to_target;
  ImpairedLink to_client;
};

Result<std::unique_ptr<UdpRelay>> UdpRelay::create(const UdpRelaySettings& settings) {
  for (const SocketAddress& address : {settings.listen, settings.target}) {
    if (!address.ip.is_loopback()) {
      return type_error("relay address " + address.to_string() + ": expected a loopback address");
    }
  }
  auto listener = UdpSocket::open(settings.listen, kPlainSockets);
  if (!listener) {
    return std::unexpected(std::move(listener.error()));
  }
  std::unique_ptr<UdpRelay> relay(new UdpRelay(settings, std::move(*listener)));
  if (!relay->poller_.valid() || !relay->wake_.valid() ||
      !relay->poller_.add(relay->listener_.fd(), kListenerTag) ||
      !relay->poller_.add(relay->wake_.fd(), kWakeTag)) {
    return generic_error("cannot set up a relay: " + std::generic_category().message(errno));
  }
  return relay;
}

UdpRelay::UdpRelay(const UdpRelaySettings& settings, UdpSocket listener)
    : settings_(settings), listener_(std::move(listener)), buffer_(kMaxDatagram) {
  if (settings_.upstream_port != 0) {
    settings_.max_clients = 1;
  }
}

UdpRelay::~UdpRelay() {
  stop();
}

void UdpRelay::start() {
  thread_ = std::thread([this] {
    while (!stopping_.load(std::memory_order_acquire)) {
      // Sockets, due datagrams and `stop` end the wait before that.
      run_once(1h);
    }
  });
}

void UdpRelay::stop() {
  stopping_.store(true, std::memory_order_release);
  wake_.signal();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void UdpRelay::run_once(Micros max_wait) {
  std::optional<Micros> due;
  {
    const std::lock_guard lock(mutex_);
    due = next_due();
  }
  if (due) {
    max_wait = std::clamp(*due - monotonic_now(), Micros{0}, max_wait);
  }
  const auto events = poller_.wait(max_wait);
  const Micros now = monotonic_now();
  const std::lock_guard lock(mutex_);
  for (const Poller::Event& event : events) {
    if (event.tag == kListenerTag) {
      receive_from_clients(now);
    } else if (event.tag == kWakeTag) {
      wake_.clear();
    } else {
      receive_from_target(*clients_[event.tag], now);
    }
  }
  deliver_due(now);
}

void UdpRelay::receive_from_clients(Micros now) {
  for (int i = 0; i < kReceiveBudget; ++i) {
    NativeAddress from;
    socklen_t from_size = NativeAddress::kCapacity;
    const ssize_t size = recvfrom(listener_.fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                  from.get(), &from_size);
    if (size < 0) {
      return;
    }
    if (Client* client = client_of(from.to_socket_address())) {
      client->to_target.push(now, Bytes(buffer_).first(static_cast<size_t>(size)));
    }
  }
}

void UdpRelay::receive_from_target(Client& client, Micros now) {
  for (int i = 0; i < kReceiveBudget; ++i) {
    const ssize_t size = recv(client.upstream.fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0) {
      return;
    }
    client.to_client.push(now, Bytes(buffer_).first(static_cast<size_t>(size)));
  }
}

UdpRelay::Client* UdpRelay::client_of(const SocketAddress& address) {
  if (const auto known = by_address_.find(address); known != by_address_.end()) {
    return known->second;
  }
  if (clients_.size() >= settings_.max_clients) {
    return nullptr;
  }
  auto upstream = UdpSocket::open({settings_.target.ip, settings_.upstream_port}, kPlainSockets);
  const size_t number = clients_.size();
  if (!upstream || !poller_.add(upstream->fd(), number)) {
    return nullptr;
  }
  // Each direction of each client has decisions of its own, the same in every run.
  const uint64_t seed = settings_.seed * 2 * (settings_.max_clients + 1) + 2 * number;
  clients_.push_back(std::make_unique<Client>(NativeAddress(address), std::move(*upstream),
                                              ImpairedLink(seed, settings_.to_target),
                                              ImpairedLink(seed + 1, settings_.to_client)));
  by_address_.emplace(address, clients_.back().get());
  return clients_.back().get();
}

void UdpRelay::deliver_due(Micros now) {
  const NativeAddress target(settings_.target);
  for (const auto& client : clients_) {
    while (const auto datagram = client->to_target.pop_due(now)) {
      send(client->upstream.fd(), target, *datagram);
    }
    while (const auto datagram = client->to_client.pop_due(now)) {
      send(listener_.fd(), client->address, *datagram);
    }
  }
}

std::optional<Micros> UdpRelay::next_due() const {
  std::optional<Micros> first;
  for (const auto& client : clients_) {
    for (const auto& due : {client->to_target.next_due(), client->to_client.next_due()}) {
      if (due && (!first || *due < *first)) {
        first = due;
      }
    }
  }
  return first;
}

void UdpRelay::set_impairments(const Impairments& to_target, const Impairments& to_client) {
  const std::lock_guard lock(mutex_);
  settings_.to_target = to_target;
  settings_.to_client = to_client;
  for (const auto& client : clients_) {
    client->to_target.set_impairments(to_target);
    client->to_client.set_impairments(to_client);
  }
}

ImpairedLink::Counters UdpRelay::sum(ImpairedLink Client::* link) const {
  const std::lock_guard lock(mutex_);
  ImpairedLink::Counters total;
  for (const auto& client : clients_) {
    total = total + ((*client).*link).counters();
  }
  return total;
}

ImpairedLink::Counters UdpRelay::to_target_counters() const {
  return sum(&Client::to_target);
}
ImpairedLink::Counters UdpRelay::to_client_counters() const {
  return sum(&Client::to_client);
}

}  // namespace sluice::net
