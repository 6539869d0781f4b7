// The interface is deprecated in favour of providers, which would be far more code here.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "support/seeded_random.h"

#include <openssl/rand.h>

#include <mutex>
#include <random>

namespace sluice::test {
namespace {

std::mutex mutex;
std::mt19937_64 generator;

int fill(unsigned char* out, int size) {
  const std::lock_guard lock(mutex);
  for (int i = 0; i < size; ++i) {
    out[i] = static_cast<unsigned char>(generator());
  }
  return 1;
}

int always_ready() {
  return 1;
}

constexpr RAND_METHOD kMethod = {.seed = nullptr,
                                 .bytes = fill,
                                 .cleanup = nullptr,
                                 .add = nullptr,
                                 .pseudorand = fill,
                                 .status = always_ready};

[[maybe_unused]] const bool kInstalled = [] {
  RAND_set_rand_method(&kMethod);
  return true;
}();

}  // namespace

void seed_random(uint64_t seed) {
  const std::lock_guard lock(mutex);
  generator.seed(seed);
}

}  // namespace sluice::test
