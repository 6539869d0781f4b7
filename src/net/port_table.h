// Which ports of a range this process has taken (media-plane 1.10).
//
// A walk starts at a random port, so that ports are hard to guess and seldom met again soon, goes
// around once, skips what is marked and asks the caller to bind the rest. A lease marks a port and
// frees it when destroyed. The table has a lock of its own: sockets close on their loops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/socket_address.h"

namespace sluice::net {

enum class PortProtocol : uint8_t { kUdp, kTcp };

/// Both ends belong to the range.
struct PortRange {
  uint16_t min = 10000;
  uint16_t max = 59999;
};

/// What a port is wanted for. The same number may serve both protocols and several addresses.
struct PortUse {
  PortProtocol protocol = PortProtocol::kUdp;
  IpAddress ip;
};

/// Keeps one port marked as taken while it lives.
class PortLease {
 public:
  PortLease() = default;
  PortLease(PortLease&&) noexcept = default;
  PortLease& operator=(PortLease&& other) noexcept;
  ~PortLease() { release(); }

  void release();

 private:
  friend class PortTable;
  struct Book;

  PortLease(std::shared_ptr<Book> book, uint16_t port) : book_(std::move(book)), port_(port) {}

  // The marks of one protocol and address; outlives the table while a lease needs it.
  std::shared_ptr<Book> book_;
  uint16_t port_ = 0;
};

class PortTable {
 public:
  /// One port, taken for every use that was asked for, in that order.
  struct Grant {
    uint16_t port = 0;
    std::vector<PortLease> leases;
  };
  /// Binds `port` for all uses and returns 0, or the errno that stopped it. Called under the
  /// table's lock: it must not drop a lease.
  using Bind = std::function<int(uint16_t port)>;

  PortTable();
  ~PortTable();
  PortTable(const PortTable&) = delete;
  PortTable& operator=(const PortTable&) = delete;

  /// Walks over `range` until `bind` succeeds. A port in use elsewhere (EADDRINUSE) is passed over;
  /// any other error ends the walk. A generic error "no more available ports ..." tells that all
  /// were tried; a type error that the range is empty or has port 0.
  Result<Grant> allocate(std::span<const PortUse> uses, PortRange range, const Bind& bind);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace sluice::net
