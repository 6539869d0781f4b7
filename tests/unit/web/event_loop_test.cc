#include "web/event_loop.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "unit/web/test_client.h"

namespace sluice::web {
namespace {

TEST(EventLoop, PostedWorkRunsInOrderAndNotAtOnce) {
  EventLoop loop;
  std::string trace;
  loop.post([&] { trace += 'a'; });
  loop.post([&] { trace += 'b'; });
  EXPECT_EQ(trace, "");
  loop.poll();
  EXPECT_EQ(trace, "ab");
}

TEST(EventLoop, OtherThreadsMayPostAndStop) {
  EventLoop loop;
  int ran = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      loop.post([&ran] { ++ran; });
    }
    loop.post([&loop] { loop.stop(); });
  });
  loop.run();
  other.join();
  EXPECT_EQ(ran, 1000);
}

TEST(EventLoop, TimersFireOnceInOrder) {
  EventLoop loop;
  std::string trace;
  const Timer late = loop.after(20ms, [&] { trace += 'b'; });
  const Timer early = loop.after(1ms, [&] { trace += 'a'; });
  EXPECT_TRUE(early.active());
  EXPECT_TRUE(run_until(loop, [&] { return trace.size() == 2; }));
  EXPECT_EQ(trace, "ab");
  EXPECT_FALSE(early.active());
}

TEST(EventLoop, ADestroyedTimerDoesNotFireEvenWhenDue) {
  EventLoop loop;
  bool fired = false;
  bool later = false;
  auto timer = std::make_unique<Timer>(loop.after(0us, [&] { fired = true; }));
  timer.reset();
  Timer replaced = loop.after(0us, [&] { fired = true; });
  replaced = loop.after(1ms, [&] { later = true; });
  EXPECT_TRUE(run_until(loop, [&] { return later; }));
  EXPECT_FALSE(fired);
}

TEST(EventLoop, ATimerMayReplaceItselfWhileFiring) {
  EventLoop loop;
  int fired = 0;
  Timer timer;
  std::function<void()> again = [&] {
    if (++fired < 3) {
      timer = loop.after(0us, again);
    }
  };
  timer = loop.after(0us, again);
  EXPECT_TRUE(run_until(loop, [&] { return fired == 3; }));
}

TEST(EventLoop, SignalsArriveEachTime) {
  EventLoop loop;
  int seen = 0;
  loop.on_signal(SIGUSR1, [&](int number) {
    EXPECT_EQ(number, SIGUSR1);
    ++seen;
  });
  std::raise(SIGUSR1);
  EXPECT_TRUE(run_until(loop, [&] { return seen == 1; }));
  std::raise(SIGUSR1);
  EXPECT_TRUE(run_until(loop, [&] { return seen == 2; }));
}

}  // namespace
}  // namespace sluice::web
