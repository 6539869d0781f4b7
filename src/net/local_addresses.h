// The addresses of this machine that a peer could reach.
#pragma once

#include <vector>

#include "base/socket_address.h"

namespace sluice::net {

/// Addresses of all interfaces that are up and not loopback, in the system's order, each once. IPv6
/// link-local addresses are left out: they mean nothing without an interface.
std::vector<IpAddress> local_addresses();

}  // namespace sluice::net
