// Media loops without threads, sockets or clock, and the peers around them: a world in which tests
// decide when time passes and which packets get through.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include "media/interconnect.h"
#include "media/media_loop.h"
#include "net/impaired_link.h"
#include "net/packet_slab.h"
#include "net/send_queue.h"
#include "net/timer_wheel.h"
#include "support/test_peer.h"

namespace sluice::test {

class LoopWorld {
 public:
  explicit LoopWorld(unsigned loops = 1, uint32_t packets = 4096,
                     const srtp::KeyLimits& key_limits = {});
  ~LoopWorld();

  media::MediaLoop& loop(unsigned index = 0) { return *members_[index]->media; }
  net::PacketSlab& slab(unsigned index = 0) { return members_[index]->slab; }
  net::SendQueue& queue(unsigned index = 0) { return members_[index]->queue; }
  [[nodiscard]] Micros now() const { return now_; }
  srtp::Backend& backend() { return *backend_; }

  /// A transport with a peer at an address of its own; not connected yet.
  struct Connection {
    media::Handle handle = 0;
    unsigned loop = 0;
    SocketAddress address;
    ice::Credentials credentials;
    std::unique_ptr<TestPeer> peer;
    /// What datagrams go through in each direction; null for a perfect link.
    std::unique_ptr<net::ImpairedLink> uplink, downlink;
  };
  Connection& add_transport(unsigned loop = 0,
                            std::shared_ptr<const dtls::Context> dtls = shared_dtls_context());
  /// The same, through ICE and DTLS until both ends are connected.
  Connection& connect(unsigned loop = 0,
                      std::shared_ptr<const dtls::Context> dtls = shared_dtls_context());
  [[nodiscard]] media::Handle next_handle() { return ++last_handle_; }

  /// Runs a command as the control thread would.
  void command(unsigned loop, const std::function<void(media::MediaLoop&)>& run);

  /// Moves packets back and forth, without time passing, until there are none.
  void settle();
  /// Lets time pass in steps of `step`, settling at each and whenever a link delivers.
  void advance(Micros duration, Micros step = 5ms);

  /// Delivers one datagram to a loop as if it came from `from`. Sockets other than 0 are those of
  /// transports that have some of their own.
  void deliver(unsigned loop, const SocketAddress& from, Bytes datagram, uint8_t socket = 0);

  /// Whether a datagram gets through; by default all do. `to_server` tells its direction.
  std::function<bool(const Connection&, Bytes, bool to_server)> passes;

  /// SCTP of transports and of their peers that are made from now on; nothing for none.
  std::optional<sctp::Options> sctp;

  /// What models of peers do with their time; called before each settling in `advance`.
  std::function<void(Micros now)> each_step;

  std::vector<media::LoopEvent> events;
  /// What the loops have told about an object, of one kind.
  template <class T>
  [[nodiscard]] std::vector<T> events_of(media::Handle handle) const {
    std::vector<T> found;
    const auto keep = [&](const auto& content) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(content)>, T>) {
        found.push_back(content);
      }
    };
    for (const media::LoopEvent& event : events) {
      if (event.target == handle) {
        std::visit([&](const auto& group) { std::visit(keep, group); }, event.event);
      }
    }
    return found;
  }
  /// Commands that loops gave to other loops.
  size_t posted = 0;
  /// Sockets that transports gave back.
  std::vector<uint8_t> closed_sockets;
  /// Datagrams sent to addresses that are no peer's.
  std::vector<std::pair<SocketAddress, Buffer>> stray;

 private:
  struct Member {
    Member(unsigned index, uint32_t packets, Micros now)
        : slab(packets, static_cast<uint16_t>(index)), timers(now) {}
    net::PacketSlab slab;
    net::SendQueue queue;
    net::TimerWheel timers;
    std::unique_ptr<media::MediaLoop> media;
    std::deque<std::move_only_function<void(media::MediaLoop&)>> commands;
  };

  bool turn(Member& member);
  void send_to_server(Connection& from, Bytes packet);
  void send_to_peer(Connection& to, Bytes packet);
  bool deliver_arrived(Connection& connection);
  [[nodiscard]] std::optional<Micros> next_arrival() const;

  Micros now_ = 1000s;
  std::unique_ptr<srtp::Backend> backend_;
  std::unique_ptr<media::Interconnect> interconnect_;
  std::vector<std::unique_ptr<Member>> members_;
  std::map<SocketAddress, std::unique_ptr<Connection>> connections_;
  media::Handle last_handle_ = 0;
  uint16_t last_port_ = 20000;
};

}  // namespace sluice::test
