// OpenSSL's generator, which src/base and TLS take their randomness from, replaced by one that a
// program can start anew: for tests and fuzz targets of whole loops, where intervals, sequence
// numbers and the like are drawn. Whoever links the source file has the replacement.
#pragma once

#include <cstdint>

namespace sluice::test {

/// The generator starts over with that seed.
void seed_random(uint64_t seed);

}  // namespace sluice::test
