#include "dialects/foundry/host_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "unit/web/test_client.h"

namespace sluice::foundry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FoundryHostResolver : public testing::Test {
 protected:
  using Addresses = HostResolver::Addresses;

  static IpAddress address() { return IpAddress::v4(0xC0000201); }

  /// The answer, once it is there.
  Addresses resolve(HostResolver& resolver, const std::string& name) {
    Addresses result;
    bool done = false;
    resolver.resolve(name, [&](const Addresses& addresses) {
      result = addresses;
      done = true;
    });
    EXPECT_TRUE(web::run_until(loop, [&] { return done; }));
    return result;
  }

  web::EventLoop loop;
};

TEST_F(FoundryHostResolver, AnswersOnTheControlThreadAndKeepsTheAnswer) {
  std::atomic<int> lookups = 0;
  const auto control = std::this_thread::get_id();
  HostResolver resolver(loop, [&](const std::string& name) {
    EXPECT_EQ(name, "media.example");
    EXPECT_TRUE(std::this_thread::get_id() != control);
    ++lookups;
    return Addresses{address()};
  });
  EXPECT_THAT(resolve(resolver, "media.example"), ElementsAre(address()));
  bool at_once = false;
  resolver.resolve("media.example", [&](const Addresses& addresses) {
    EXPECT_THAT(addresses, ElementsAre(address()));
    at_once = true;
  });
  EXPECT_TRUE(at_once);
  EXPECT_EQ(lookups, 1);
}

TEST_F(FoundryHostResolver, UnknownNameHasNoAddresses) {
  HostResolver resolver(loop, [](const std::string&) { return Addresses{}; });
  EXPECT_THAT(resolve(resolver, "nowhere.example"), IsEmpty());
}

TEST_F(FoundryHostResolver, OneLookupServesAllWhoWait) {
  std::promise<void> gate;
  std::atomic<int> lookups = 0;
  HostResolver resolver(loop, [&](const std::string&) {
    ++lookups;
    gate.get_future().wait();
    return Addresses{address()};
  });
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    resolver.resolve("media.example", [&](const Addresses& addresses) {
      EXPECT_THAT(addresses, ElementsAre(address()));
      ++answers;
    });
  }
  gate.set_value();
  EXPECT_TRUE(web::run_until(loop, [&] { return answers == 3; }));
  EXPECT_EQ(lookups, 1);
}

TEST_F(FoundryHostResolver, TooManyNamesAreAnsweredEmptyAtOnce) {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  HostResolver resolver(loop, [opened](const std::string&) {
    opened.wait();
    return Addresses{};
  });
  size_t answers = 0;
  for (size_t i = 0; i <= HostResolver::kMaxPending; ++i) {
    resolver.resolve("n" + std::to_string(i), [&](const Addresses&) { ++answers; });
  }
  EXPECT_EQ(answers, 1u);
  gate.set_value();
  EXPECT_TRUE(web::run_until(loop, [&] { return answers == HostResolver::kMaxPending + 1; }));
}

TEST_F(FoundryHostResolver, GoesWhileALookupIsAtWork) {
  auto gate = std::make_shared<std::promise<void>>();
  auto started = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  bool called = false;
  {
    HostResolver resolver(loop, [gate, started, ended](const std::string&) {
      started->set_value();
      gate->get_future().wait();
      ended->set_value();
      return Addresses{address()};
    });
    resolver.resolve("media.example", [&](const Addresses&) { called = true; });
    started->get_future().wait();
  }
  gate->set_value();
  ended->get_future().wait();
  loop.poll();
  EXPECT_FALSE(called);
}

TEST_F(FoundryHostResolver, SystemKnowsAddressLiterals) {
  EXPECT_THAT(look_up("192.0.2.1"), ElementsAre(address()));
}

}  // namespace
}  // namespace sluice::foundry
