// The rings between the loops: packets for consumers that live on another loop, and the way back to
// the slab they came from. One single-producer single-consumer ring for each ordered pair of loops
// and direction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/packet.h"
#include "net/spsc_ring.h"

namespace sluice::media {

class Interconnect {
 public:
  /// Wakes a loop that may be asleep; called at most once per pair and turn.
  using Wake = std::function<void(unsigned loop)>;

  /// `packets_per_loop` bounds how many packets of a loop can be away, so a way back never
  /// overflows.
  Interconnect(unsigned loops, uint32_t packets_per_loop, Wake wake);

  /// A packet from loop `from` for the consumers on loop `to`. False, with nothing taken, when the
  /// other loop is too far behind.
  bool send(unsigned from, unsigned to, net::Packet* packet) {
    Link& link = at(from, to);
    const bool taken = link.forward.push(packet);
    link.pending = link.pending || taken;
    return taken;
  }

  /// A packet of another loop that loop `from` no longer needs.
  void give_back(unsigned from, net::Packet* packet) {
    Link& link = at(from, packet->owner);
    link.back.push(packet);
    link.pending = true;
  }

  /// Hands each packet that waits for loop `to` to `take`, and each of its own that came back to
  /// `returned`. At most `budget` packets of each other loop.
  template <class Take, class Returned>
  void receive(unsigned to, size_t budget, Take&& take, Returned&& returned) {
    for (unsigned from = 0; from < loops_; ++from) {
      if (from == to) {
        continue;
      }
      Link& link = at(from, to);
      link.back.consume([&](net::Packet*& packet) { returned(packet); });
      link.forward.consume([&](net::Packet*& packet) { take(packet); }, budget);
    }
  }

  /// True when something waits for loop `to`, e.g. because the budget ended a `receive`.
  [[nodiscard]] bool has_pending(unsigned to) const;

  /// Wakes the loops that loop `from` sent something since the last call.
  void wake_receivers(unsigned from);

  [[nodiscard]] unsigned loops() const { return loops_; }

 private:
  /// Room for the packets of a few turns; a loop that is further behind loses packets.
  static constexpr uint32_t kForwardCapacity = 8192;

  struct Link {
    Link(uint32_t forward_capacity, uint32_t back_capacity)
        : forward(forward_capacity), back(back_capacity) {}
    net::SpscRing<net::Packet*> forward;
    net::SpscRing<net::Packet*> back;
    bool pending = false;  ///< of the sending loop alone
  };

  Link& at(unsigned from, unsigned to) { return *links_[from * loops_ + to]; }

  unsigned loops_;
  Wake wake_;
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace sluice::media
