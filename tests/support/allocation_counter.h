// Counts calls of operator new on this thread, for tests of paths that must not allocate.
#pragma once

#include <cstddef>

namespace sluice::test {

/// Allocations of this thread so far.
size_t allocation_count();

/// How many allocations `run` makes on this thread.
template <class Run>
size_t allocations_of(Run&& run) {
  const size_t before = allocation_count();
  run();
  return allocation_count() - before;
}

}  // namespace sluice::test
