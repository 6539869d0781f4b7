// The host candidates that a lite agent offers, from the addresses it listens on (RFC 8445 section
// 5.1.1; ortc-model 1.7).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/socket_address.h"
#include "protocol/ice/tuple.h"

namespace sluice::ice {

/// One bound socket or listener.
struct ListenEntry {
  Protocol protocol = Protocol::kUdp;
  SocketAddress bound;
  /// An address or host name shown instead of the bound address, as it is; empty for none.
  std::string announced_address;
  /// Offer the bound address too when another one is announced.
  bool expose_internal_ip = false;
};

struct CandidateOptions {
  bool enable_udp = true;
  bool enable_tcp = true;
  bool prefer_udp = false;
  bool prefer_tcp = false;
};

/// Type `host`, component 1; TCP candidates are of tcptype `passive`.
struct Candidate {
  std::string foundation;
  uint32_t priority = 0;
  std::string address;
  Protocol protocol = Protocol::kUdp;
  uint16_t port = 0;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// The candidates in order of the entries, entries of a disabled protocol left out. Priorities fall
/// by 100 of local preference per entry, counting those left out, so that they do not depend on the
/// filter. Error: TypeError when no candidate is left.
Result<std::vector<Candidate>> make_candidates(std::span<const ListenEntry> entries,
                                               const CandidateOptions& options);

/// A listen address in its one form. Error: TypeError when it is not an IP literal.
Result<IpAddress> parse_listen_ip(std::string_view text);

}  // namespace sluice::ice
