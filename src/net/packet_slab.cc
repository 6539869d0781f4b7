#include "net/packet_slab.h"

namespace sluice::net {

PacketSlab::PacketSlab(size_t count, uint16_t owner)
    : region_(count * Packet::kSize), capacity_(count), owner_(owner) {}

Packet* PacketSlab::allocate() {
  Packet* packet = free_;
  if (packet != nullptr) {
    free_ = packet->next_free;
  } else if (fresh_ < capacity_) {
    packet = ::new (region_.data() + fresh_++ * Packet::kSize) Packet;
    packet->slab = this;
    packet->owner = owner_;
  } else {
    ++exhausted_;
    return nullptr;
  }
  ++in_use_;
  packet->references = 1;
  packet->resize(0);
  return packet;
}

void PacketSlab::release(Packet* packet) {
  packet->next_free = free_;
  free_ = packet;
  --in_use_;
}

void release_packet(Packet* packet) {
  packet->slab->release(packet);
}

}  // namespace sluice::net
