// The packet buffers of one loop: fixed size, one mapping, a last-in-first-out free list so that
// the next packet lands in memory that is still in the cache. No locks: the owner loop only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "net/mapped_region.h"
#include "net/packet.h"

namespace sluice::net {

class PacketSlab {
 public:
  /// Room for `count` packets of the loop with index `owner`. Memory becomes resident as packets
  /// are first used. Throws std::bad_alloc.
  PacketSlab(size_t count, uint16_t owner);

  /// A packet with one reference, empty data and undefined meta; nullptr when all are in use.
  Packet* allocate();
  /// `allocate` as a handle, empty when all packets are in use.
  PacketRef make() { return PacketRef::adopt(allocate()); }
  /// Gives a packet back; nobody may hold a reference to it any more.
  void release(Packet* packet);

  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] size_t in_use() const { return in_use_; }
  /// How often `allocate` found nothing.
  [[nodiscard]] uint64_t exhausted() const { return exhausted_; }

 private:
  MappedRegion region_;
  Packet* free_ = nullptr;
  size_t capacity_;
  // Packets from here on were never handed out; their memory is untouched.
  size_t fresh_ = 0;
  size_t in_use_ = 0;
  uint64_t exhausted_ = 0;
  uint16_t owner_;
};

}  // namespace sluice::net
