#include "app/descriptors.h"

#include <sys/resource.h>

#include <limits>

namespace sluice::app {
namespace {

/// One of so many descriptors is for media over TCP, files and the server's own sockets.
constexpr uint64_t kShareOfOthers = 8;

}  // namespace

uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return std::numeric_limits<uint64_t>::max();
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
      return raised.rlim_cur;
    }
  }
  return limit.rlim_cur;
}

size_t connections_within(uint64_t descriptors) {
  return descriptors - descriptors / kShareOfOthers;
}

std::optional<std::string> descriptor_hint(uint64_t descriptors, size_t wanted) {
  const size_t fitting = connections_within(descriptors);
  if (fitting >= wanted) {
    return std::nullopt;
  }
  return "the system allows " + std::to_string(descriptors) +
         " open files, which holds the server to " + std::to_string(fitting) +
         " connections instead of " + std::to_string(wanted) +
         " (limits.connections): raise the hard limit (LimitNOFILE= in systemd, --ulimit nofile= "
         "in "
         "Docker, ulimit -Hn in a shell)";
}

}  // namespace sluice::app
