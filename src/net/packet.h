// One received packet in pooled memory, and the handle that keeps it.
//
// A packet is 2048 bytes: one cache line of bookkeeping, 192 bytes for what upper layers know about
// it (parsed offsets, stream, extended numbers), then headroom and data. Its reference count is a
// plain number: packets and references are touched by the owner loop only. To lend a packet to
// another loop, keep a reference here until that loop has given it back through a ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "base/bytes.h"

namespace sluice::net {

class PacketSlab;

struct alignas(64) Packet {
  static constexpr size_t kSize = 2048;
  static constexpr size_t kMetaSize = 192;
  /// Room before the data for a header that grows.
  static constexpr size_t kHeadroom = 96;
  /// An MTU of 1500 bytes and 100 for what is added to a clone (media-plane 0.3).
  static constexpr size_t kDataCapacity = 1600;

  PacketSlab* slab;
  Packet* next_free;
  uint32_t references;
  /// Index of the loop that owns this packet.
  uint16_t owner;
  /// Where the data begins, counted from the start of the headroom.
  uint16_t data_offset;
  uint16_t data_size;

  alignas(64) uint8_t meta_area[kMetaSize];
  uint8_t buffer[kHeadroom + kDataCapacity];
  /// Never part of the data: vector code may read, and ciphers may write, past a full buffer.
  uint8_t slack[kSize - 64 - kMetaSize - kHeadroom - kDataCapacity];

  [[nodiscard]] MutableBytes data() { return {buffer + data_offset, data_size}; }
  [[nodiscard]] Bytes data() const { return {buffer + data_offset, data_size}; }
  /// All room for data behind the headroom, to fill before `resize`.
  [[nodiscard]] MutableBytes storage() { return {buffer + kHeadroom, kDataCapacity}; }
  /// Sets the data to the first `size` bytes behind the headroom; `size` <= kDataCapacity.
  void resize(size_t size) {
    data_offset = kHeadroom;
    data_size = static_cast<uint16_t>(size);
  }

  /// What an upper layer keeps with the packet. Uninitialised until `emplace_meta`.
  template <class T>
  T& meta() {
    check_meta<T>();
    return *std::launder(reinterpret_cast<T*>(meta_area));
  }
  template <class T>
  const T& meta() const {
    check_meta<T>();
    return *std::launder(reinterpret_cast<const T*>(meta_area));
  }
  template <class T, class... Args>
  T& emplace_meta(Args&&... args) {
    check_meta<T>();
    return *::new (meta_area) T{std::forward<Args>(args)...};
  }

 private:
  template <class T>
  static constexpr void check_meta() {
    static_assert(sizeof(T) <= kMetaSize && alignof(T) <= 64);
    static_assert(std::is_trivially_destructible_v<T>, "released packets run no destructor");
  }
};
static_assert(sizeof(Packet) == Packet::kSize);

/// Gives the last reference's packet back to its slab.
void release_packet(Packet* packet);

/// Keeps a packet while it lives. Valid on the owner's loop only.
class PacketRef {
 public:
  PacketRef() = default;
  /// Shares `packet`, which may be null.
  explicit PacketRef(Packet* packet) : packet_(packet) {
    if (packet_ != nullptr) {
      ++packet_->references;
    }
  }
  /// Takes over a reference that already counts: of a fresh packet, or of `detach`.
  static PacketRef adopt(Packet* packet) {
    PacketRef ref;
    ref.packet_ = packet;
    return ref;
  }
  PacketRef(const PacketRef& other) : PacketRef(other.packet_) {}
  PacketRef(PacketRef&& other) noexcept : packet_(std::exchange(other.packet_, nullptr)) {}
  PacketRef& operator=(PacketRef other) noexcept {
    std::swap(packet_, other.packet_);
    return *this;
  }
  ~PacketRef() { reset(); }

  void reset() {
    if (Packet* packet = std::exchange(packet_, nullptr);
        packet != nullptr && --packet->references == 0) {
      release_packet(packet);
    }
  }
  /// Gives up the handle without dropping the reference; pair with `adopt`.
  [[nodiscard]] Packet* detach() { return std::exchange(packet_, nullptr); }

  [[nodiscard]] Packet* get() const { return packet_; }
  Packet* operator->() const { return packet_; }
  Packet& operator*() const { return *packet_; }
  explicit operator bool() const { return packet_ != nullptr; }

 private:
  Packet* packet_ = nullptr;
};

}  // namespace sluice::net
