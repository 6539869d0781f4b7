// Makes a test program deterministic: OpenSSL's generator, which src/base and TLS take their
// randomness from, is replaced by one that starts anew with every test, with a seed of its name.
// SLUICE_TEST_SEED, a number, gives other sequences. Part of programs that test whole loops in
// virtual time, where intervals, sequence numbers and the like are drawn.

// The interface is deprecated in favour of providers, which would be far more code here.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <gtest/gtest.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <functional>
#include <mutex>
#include <random>
#include <string>

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

class Seeding final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    const char* const given = std::getenv("SLUICE_TEST_SEED");
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    const std::lock_guard lock(mutex);
    generator.seed(std::hash<std::string>()(name) + (given != nullptr ? std::atoll(given) : 0));
  }
};

[[maybe_unused]] const bool kInstalled = [] {
  RAND_set_rand_method(&kMethod);
  testing::UnitTest::GetInstance()->listeners().Append(new Seeding);
  return true;
}();

}  // namespace
