// Keeping packets alive on a loop, and giving them back to the loop whose slab they come from.
//
// Invariant: reference counts are touched by the owning loop only. A packet given to another loop
// counts once there, however many consumers it serves, and comes back through that loop's return
// ring (design: no atomics per packet).
#pragma once

#include <cstdint>
#include <utility>

#include "media/interconnect.h"
#include "net/packet_slab.h"

namespace sluice::media {

/// How one loop releases packets, its own and those of others.
class PacketHome {
 public:
  PacketHome(unsigned loop, net::PacketSlab& slab, Interconnect& interconnect)
      : loop_(loop), slab_(slab), interconnect_(interconnect) {}

  [[nodiscard]] bool owns(const net::Packet& packet) const { return packet.owner == loop_; }
  net::PacketSlab& slab() { return slab_; }
  Interconnect& interconnect() { return interconnect_; }
  [[nodiscard]] unsigned loop() const { return loop_; }

  /// One reference less; another loop's packet travels back to it.
  void release(net::Packet* packet) {
    if (owns(*packet)) {
      net::PacketRef::adopt(packet).reset();
    } else {
      interconnect_.give_back(loop_, packet);
    }
  }

 private:
  unsigned loop_;
  net::PacketSlab& slab_;
  Interconnect& interconnect_;
};

/// One reference to a packet, held by a history on this loop.
class PacketLease {
 public:
  PacketLease() = default;
  /// Takes over one reference.
  PacketLease(net::Packet* packet, PacketHome& home) : packet_(packet), home_(&home) {}
  PacketLease(PacketLease&& other) noexcept
      : packet_(std::exchange(other.packet_, nullptr)), home_(other.home_) {}
  PacketLease& operator=(PacketLease&& other) noexcept {
    if (this != &other) {
      reset();
      packet_ = std::exchange(other.packet_, nullptr);
      home_ = other.home_;
    }
    return *this;
  }
  PacketLease(const PacketLease&) = delete;
  PacketLease& operator=(const PacketLease&) = delete;
  ~PacketLease() { reset(); }

  [[nodiscard]] const net::Packet* get() const { return packet_; }

 private:
  void reset() {
    if (packet_ != nullptr) {
      home_->release(packet_);
      packet_ = nullptr;
    }
  }

  net::Packet* packet_ = nullptr;
  PacketHome* home_ = nullptr;
};

}  // namespace sluice::media
