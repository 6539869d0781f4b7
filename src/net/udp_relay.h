// A relay that makes a bad network out of the loopback interface: datagrams from any client to the
// listening port go to the target and back, each direction through an ImpairedLink.
//
// Each client has a socket of its own towards the target, so that the target sees distinct peers.
// A test tool: loopback addresses only, and a client costs a socket until the relay ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/socket_address.h"
#include "base/types.h"
#include "net/impaired_link.h"
#include "net/poller.h"
#include "net/udp_socket.h"

namespace sluice::net {

struct UdpRelaySettings {
  /// Port 0 lets the kernel choose.
  SocketAddress listen;
  SocketAddress target;
  /// From clients to the target, and back.
  Impairments to_target;
  Impairments to_client;
  uint64_t seed = 1;
  size_t max_clients = 256;
  /// Where the target sees its client, for a target that must know beforehand; then it has only
  /// one. 0: the kernel chooses, for each client.
  uint16_t upstream_port = 0;
};

class UdpRelay {
 public:
  /// Binds the listening port. Type error when an address is not loopback.
  static Result<std::unique_ptr<UdpRelay>> create(const UdpRelaySettings& settings);
  ~UdpRelay();
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  /// Where clients send to.
  [[nodiscard]] SocketAddress local() const { return listener_.local(); }

  /// Runs on a thread of its own until `stop` or destruction.
  void start();
  void stop();
  /// One turn on the caller's thread, waiting at most `max_wait`.
  void run_once(Micros max_wait);

  /// Changes what happens to datagrams from now on. Any thread.
  void set_impairments(const Impairments& to_target, const Impairments& to_client);
  /// What happened so far, summed over all clients. Any thread.
  [[nodiscard]] ImpairedLink::Counters to_target_counters() const;
  [[nodiscard]] ImpairedLink::Counters to_client_counters() const;

 private:
  struct Client;

  UdpRelay(const UdpRelaySettings& settings, UdpSocket listener);

  void receive_from_clients(Micros now);
  void receive_from_target(Client& client, Micros now);
  Client* client_of(const SocketAddress& address);
  void deliver_due(Micros now);
  [[nodiscard]] std::optional<Micros> next_due() const;
  [[nodiscard]] ImpairedLink::Counters sum(ImpairedLink Client::* link) const;

  UdpRelaySettings settings_;
  UdpSocket listener_;
  Poller poller_;
  WakeEvent wake_;
  std::atomic<bool> stopping_{false};
  // Guards everything below against the calls from other threads.
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::map<SocketAddress, Client*> by_address_;
  std::vector<uint8_t> buffer_;
  std::thread thread_;
};

}  // namespace sluice::net
