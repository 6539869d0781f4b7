// The arena in which a loop composes its outgoing datagrams, and the order in which they leave.
//
// A caller reserves room, writes the final (encrypted) datagram into it and commits it to a
// destination. Each destination has a chain of its datagrams; destinations with pending datagrams
// form one list per socket, in order of their first commit, so that a flush finds neighbours to
// merge into GSO messages without sorting. After a complete flush the arena starts again at its
// beginning; when the kernel did not take everything, `recycle` moves the rest there.
//
// Pure memory: no system calls, no locks, no allocation after construction. One loop only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "net/mapped_region.h"
#include "net/native_address.h"

namespace sluice::net {

class SendQueue;

/// Index that stands for "a TCP connection" where a socket index is expected.
inline constexpr uint8_t kTcpSocket = 255;
/// Index that no socket has: what waits there is for its sender to take out again before the flush.
inline constexpr uint8_t kNoSocket = 254;

/// Who goes first when a queue has to be shortened.
enum class Priority : uint8_t {
  kLow,   ///< video: dropped first, and the only kind that a TCP connection ever drops
  kHigh,  ///< STUN, DTLS, RTCP, SCTP, audio
};

/// Where datagrams go: a member of whoever sends (a transport has one per tuple). Knows the address
/// in the kernel's form and heads the chain of its pending datagrams. When it is destroyed, its
/// pending datagrams still go out.
class Destination {
 public:
  Destination() = default;
  /// Datagrams to `remote` through socket `socket` of the loop. `local` is the source address to
  /// use on a wildcard socket; the unspecified address leaves the choice to the kernel.
  Destination(const SocketAddress& remote, uint8_t socket, const IpAddress& local = {});
  /// Frames on a TCP connection of the same loop.
  static Destination over_tcp(uint32_t connection);

  Destination(Destination&& other) noexcept;
  Destination& operator=(Destination&& other) noexcept;
  ~Destination();

  [[nodiscard]] SocketAddress remote() const { return remote_.to_socket_address(); }
  [[nodiscard]] const NativeAddress& native_remote() const { return remote_; }
  [[nodiscard]] const IpAddress& local() const { return local_; }
  [[nodiscard]] bool has_local() const { return has_local_; }
  [[nodiscard]] uint8_t socket() const { return socket_; }
  [[nodiscard]] bool is_tcp() const { return socket_ == kTcpSocket; }
  [[nodiscard]] uint32_t tcp_connection() const { return tcp_connection_; }

  /// Whether the path refused segmentation offload; datagrams then leave singly.
  [[nodiscard]] bool gso_disabled() const { return gso_disabled_; }
  void disable_gso() { gso_disabled_ = true; }
  /// See NativeAddress::map_to_v6.
  void map_to_v6() { remote_.map_to_v6(); }

  [[nodiscard]] bool has_pending() const { return queue_ != nullptr; }
  /// First index of the chain of pending datagrams.
  [[nodiscard]] uint32_t first_entry() const { return head_; }
  /// The next destination with pending datagrams on the same socket.
  [[nodiscard]] Destination* next_pending() const { return next_; }

 private:
  friend class SendQueue;

  static constexpr uint32_t kNone = UINT32_MAX;

  NativeAddress remote_;
  IpAddress local_;
  bool has_local_ = false;
  bool gso_disabled_ = false;
  // Lent by the queue for datagrams without an owner; free again when its chain is empty.
  bool ownerless_ = false;
  uint8_t socket_ = 0;
  uint32_t tcp_connection_ = 0;
  uint32_t head_ = kNone;
  uint32_t tail_ = kNone;
  Destination* prev_ = nullptr;
  Destination* next_ = nullptr;
  // The queue that holds pending datagrams; null when there are none.
  SendQueue* queue_ = nullptr;
};

class SendQueue {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  /// 4 MiB hold the fan-out of one packet to some 3000 receivers before a flush is needed.
  static constexpr size_t kDefaultBytes = size_t{4} << 20;
  /// As many datagrams as fit into the default arena at 256 bytes each.
  static constexpr uint32_t kDefaultDatagrams = 16384;
  /// Destinations for datagrams whose sender does not keep one (`commit_to`, destroyed tuples).
  static constexpr size_t kOwnerless = 256;

  /// One datagram of a chain.
  struct Entry {
    uint8_t* data;
    uint16_t size;
    Priority priority;
    uint32_t next;
    // Null when the datagram has left.
    Destination* destination;
  };

  struct Counters {
    /// Times that `reserve` or `commit_to` had to refuse.
    uint64_t refused = 0;
    /// Datagrams dropped by `recycle`, or because too many destroyed destinations had some.
    uint64_t dropped = 0;
  };

  explicit SendQueue(size_t bytes = kDefaultBytes, uint32_t datagrams = kDefaultDatagrams);
  ~SendQueue();
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  /// Called by `reserve` when the queue is full, to flush it.
  void on_full(void (*callback)(void* context), void* context) {
    on_full_ = callback;
    on_full_context_ = context;
  }

  /// Whether `reserve` would succeed without a flush.
  [[nodiscard]] bool has_room(size_t size) const {
    return used_ + size <= arena_.size() && count_ < capacity_;
  }

  /// Room for a datagram of up to `max_size` (<= 65535) bytes, valid until the next `reserve`;
  /// nullptr when the queue is full. Nothing happens to an uncommitted reservation. At most one at
  /// a time: whoever reserves commits before it calls anybody else who sends.
  uint8_t* reserve(size_t max_size) {
    if (has_room(max_size)) {
      return arena_.data() + used_;
    }
    return reserve_when_full(max_size);
  }

  /// Appends the first `size` bytes of the last reservation to what waits for `destination`. A size
  /// of zero gives the reservation up.
  void commit(size_t size, Destination& destination, Priority priority = Priority::kHigh) {
    if (size == 0) {
      return;
    }
    const uint32_t index = count_++;
    entries_[index] = {arena_.data() + used_, static_cast<uint16_t>(size), priority, kNone,
                       &destination};
    used_ += (size + kAlignment - 1) & ~(kAlignment - 1);
    ++pending_;
    append_to_chain(destination, index);
  }

  /// `commit` for a single datagram to an address that has no Destination, e.g. the answer to a
  /// stranger's STUN request. False when too many of them are pending; the datagram is then
  /// dropped.
  bool commit_to(size_t size, const SocketAddress& remote, uint8_t socket,
                 const IpAddress& local = {}, Priority priority = Priority::kHigh);

  [[nodiscard]] bool empty() const { return pending_ == 0; }
  /// Datagrams that wait.
  [[nodiscard]] uint32_t pending() const { return pending_; }
  [[nodiscard]] size_t bytes_used() const { return used_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

  /// Drops everything that waits.
  void clear();

  /// Calls `fn(Destination&, Bytes)` for everything that waits, destination by destination.
  template <class Fn>
  void for_each_pending(Fn&& fn) {
    for (const List& list : lists_) {
      for (Destination* d = list.first; d != nullptr; d = d->next_) {
        for (uint32_t i = d->head_; i != kNone; i = entries_[i].next) {
          fn(*d, Bytes(entries_[i].data, entries_[i].size));
        }
      }
    }
  }

  // The rest is for whoever flushes.

  /// The first destination with datagrams on `socket`, or null.
  [[nodiscard]] Destination* first(uint8_t socket) const { return lists_[socket].first; }
  [[nodiscard]] const Entry& entry(uint32_t index) const { return entries_[index]; }
  /// Takes the first `count` datagrams off the chain of `destination`; it has that many.
  void pop(Destination& destination, uint32_t count);
  /// Drops all datagrams of a socket and returns how many.
  uint32_t drop_socket(uint8_t socket);
  /// To call after a flush: starts the arena anew. Of datagrams that are left, keeps at most
  /// `max_kept`, dropping those of low priority first and the oldest first.
  void recycle(uint32_t max_kept) {
    if (pending_ == 0) {
      count_ = 0;
      used_ = 0;
    } else {
      compact(max_kept);
    }
  }

 private:
  friend class Destination;

  // Ciphers write whole 16-byte blocks fastest to aligned memory.
  static constexpr size_t kAlignment = 16;

  struct List {
    Destination* first = nullptr;
    Destination* last = nullptr;
  };

  uint8_t* reserve_when_full(size_t max_size);
  void compact(uint32_t max_kept);
  void append_to_chain(Destination& destination, uint32_t index) {
    if (destination.queue_ == nullptr) {
      link(destination);
      destination.head_ = index;
    } else {
      entries_[destination.tail_].next = index;
    }
    destination.tail_ = index;
  }
  void link(Destination& destination);
  void unlink(Destination& destination);
  // Puts `to` in the place of `from`, which has pending datagrams.
  void relocate(Destination& from, Destination& to);
  void adopt(Destination& destination);
  Destination* take_ownerless();

  MappedRegion arena_;
  std::unique_ptr<Entry[]> entries_;
  uint32_t capacity_;
  uint32_t count_ = 0;
  uint32_t pending_ = 0;
  size_t used_ = 0;
  void (*on_full_)(void*) = nullptr;
  void* on_full_context_ = nullptr;
  Counters counters_;
  std::array<List, 256> lists_{};
  std::unique_ptr<Destination[]> ownerless_;
  // Free ones among `ownerless_`, as a stack.
  std::array<uint16_t, kOwnerless> ownerless_free_{};
  size_t ownerless_free_count_ = 0;
};

}  // namespace sluice::net
