// How many connections the system lets this process have. Every connection takes a file descriptor,
// and the usual soft limit is for 1024 of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice::app {

/// Raises the soft limit of open files to the hard one. The limit that holds afterwards.
uint64_t raise_descriptor_limit();

/// HTTP connections that leave enough descriptors for the rest: past them a client is refused with
/// an answer, where the kernel would let it wait without one.
size_t connections_within(uint64_t descriptors);

/// A warning when `wanted` (limits.connections) are more than fit.
std::optional<std::string> descriptor_hint(uint64_t descriptors, size_t wanted);

}  // namespace sluice::app
