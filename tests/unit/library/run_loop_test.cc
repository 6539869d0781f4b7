// The control thread of programs that have none.

#include "sluice/run_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace sluice {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST(RunLoop, RunsWorkInTheOrderInWhichItWasPosted) {
  RunLoop loop;
  std::vector<int> ran;
  loop.post([&] {
    ran.push_back(1);
    loop.post([&] {
      ran.push_back(3);
      loop.stop();
    });
  });
  loop.post([&] { ran.push_back(2); });
  loop.run();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST(RunLoop, RunsDelayedWorkWhenItIsTime) {
  RunLoop loop;
  std::vector<int> ran;
  loop.post_after(milliseconds(20), [&] {
    ran.push_back(3);
    loop.stop();
  });
  loop.post_after(milliseconds(1), [&] { ran.push_back(2); });
  loop.post([&] { ran.push_back(1); });
  loop.run();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST(RunLoop, WorkThatPostsItselfDoesNotHoldUpDelayedWork) {
  RunLoop loop;
  std::function<void()> again = [&] { loop.post(again); };
  loop.post(again);
  loop.post_after(milliseconds(1), [&] { loop.stop(); });
  loop.run();
}

TEST(RunLoop, StopsOnceForEachStop) {
  RunLoop loop;
  int ran = 0;
  loop.stop();
  loop.post([&] {
    ++ran;
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(ran, 0) << "it was stopped before it ran";
  loop.run();
  EXPECT_EQ(ran, 1);
}

TEST(RunLoop, EndsWithoutWorkWhenItsTimeIsOver) {
  RunLoop loop;
  loop.run_for(milliseconds(1));
}

TEST(RunLoop, TakesWorkFromOtherThreads) {
  RunLoop loop;
  const Executor executor = loop.executor();
  int ran = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      executor([&] { ++ran; });
    }
    executor([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  EXPECT_EQ(ran, 1000);
}

}  // namespace
}  // namespace sluice
