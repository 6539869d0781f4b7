// Under which addresses a browser may reach this machine when nobody has said so (foundryvtt 3.4).
// Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/socket_address.h"

namespace sluice::foundry {

/// The part of a `Host` field that needs a resolver, in lower case; empty when there is none: for
/// IP literals, for what is no host, and for `localhost`, whose meaning is fixed (RFC 6761
/// section 6.3).
std::string name_to_resolve(std::string_view host_field);

/// Addresses for the candidates of one connection, best guess first, each once, never one that
/// means "any": what the client itself called us (`host_field`, or `resolved` when that is a name),
/// then our end of its connection, then `machine`, the addresses of this machine's interfaces.
std::vector<std::string> candidate_addresses(std::string_view host_field,
                                             std::span<const IpAddress> resolved,
                                             const IpAddress& local,
                                             std::span<const IpAddress> machine);

}  // namespace sluice::foundry
