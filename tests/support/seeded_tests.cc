// Makes a test program deterministic: randomness starts anew with every test, with a seed of its
// name. SLUICE_TEST_SEED, a number, gives other sequences.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "support/seeded_random.h"

namespace {

class Seeding final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    const char* const given = std::getenv("SLUICE_TEST_SEED");
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    sluice::test::seed_random(std::hash<std::string>()(name) +
                              (given != nullptr ? std::atoll(given) : 0));
  }
};

[[maybe_unused]] const bool kInstalled = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new Seeding);
  return true;
}();

}  // namespace
