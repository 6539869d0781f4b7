// Who may still connect, and how often one address may ask. No sockets, no clock: time is passed
// in.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/socket_address.h"
#include "base/types.h"

namespace sluice::web {

struct AdmissionLimits {
  /// Connections in total; each costs a file descriptor and a few kilobytes.
  size_t max_connections = 20000;
  /// Connections of one address. High, because offices and mobile networks put many users behind
  /// one.
  size_t max_per_address = 2000;
  /// HTTP requests (upgrades included) of one address per second; 0: no limit.
  double requests_per_second = 0;
  /// Requests that may come at once; 0: twice the rate.
  double burst = 0;
};

/// IPv6 users own whole /64 networks, so the network is what counts for them.
IpAddress limit_key(const IpAddress& address);

class Admission {
 public:
  /// A place among the connections; gives it back when destroyed. Must not outlive the Admission.
  class Ticket {
   public:
    Ticket() = default;
    ~Ticket() { release(); }
    Ticket(Ticket&& other) noexcept { *this = std::move(other); }
    Ticket& operator=(Ticket&& other) noexcept;
    explicit operator bool() const { return admission_ != nullptr; }

   private:
    friend class Admission;
    void release();

    Admission* admission_ = nullptr;
    bool counts_total_ = false;
    std::optional<IpAddress> key_;
  };

  explicit Admission(AdmissionLimits limits);

  /// A place in the total, and one of `address` unless `count_address` is false (a reverse proxy's
  /// connections are not its own). An empty ticket when there is none.
  Ticket admit(const IpAddress& address, bool count_address = true);
  /// A place of `address` alone, for a user behind a proxy whose connection is already in the
  /// total.
  Ticket admit_user(const IpAddress& address);

  /// Whether a request of `address` at `now` is within the rate (token bucket).
  bool allow_request(const IpAddress& address, Micros now);

  [[nodiscard]] size_t connections() const { return total_; }
  [[nodiscard]] size_t connections_of(const IpAddress& address) const;
  /// Addresses with a rate record, for tests of its bound.
  [[nodiscard]] size_t rate_records() const { return buckets_.size(); }

 private:
  struct Hash {
    size_t operator()(const IpAddress& ip) const {
      return static_cast<size_t>(hash_value(SocketAddress{ip, 0}));
    }
  };
  struct Bucket {
    double tokens = 0;
    Micros updated{};
  };

  bool take_address(const IpAddress& key);
  void forget_full_buckets(Micros now);

  AdmissionLimits limits_;
  size_t total_ = 0;
  std::unordered_map<IpAddress, size_t, Hash> per_address_;
  std::unordered_map<IpAddress, Bucket, Hash> buckets_;
  size_t sweep_at_;
  Micros next_sweep_ = Micros::min();
};

}  // namespace sluice::web
