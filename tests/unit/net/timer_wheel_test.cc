// The timer wheel in virtual time: punctuality at every level, moving, cancelling, callbacks that
// change the wheel, and a random comparison with a sorted list.
#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "support/allocation_counter.h"

namespace sluice::net {
namespace {

/// A timer that writes down when it fired.
struct Recorder {
  std::vector<Micros> fired;
  Timer timer = Timer::of<&Recorder::on_timer>(this);
  void on_timer(Micros now) { fired.push_back(now); }
};

// An odd start, as a real clock has.
constexpr Micros kStart = 123'456'789us;

/// Moves on in steps that `next_deadline` allows, as a loop does, until `end`.
void run_until(TimerWheel& wheel, Micros from, Micros end) {
  Micros now = from;
  while (now < end) {
    const auto next = wheel.next_deadline();
    ASSERT_TRUE(!next || *next > now) << "the bound does not move on";
    now = next ? std::min(*next, end) : end;
    wheel.advance(now);
  }
}

class TimerWheelDelay : public testing::TestWithParam<int64_t> {};

TEST_P(TimerWheelDelay, FiresAtTheFirstTickAtOrAfterTheDeadline) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  const Micros deadline = kStart + Micros(GetParam());
  wheel.schedule(recorder.timer, deadline);
  run_until(wheel, kStart, deadline - 1us);
  EXPECT_TRUE(recorder.fired.empty());
  run_until(wheel, deadline - 1us, deadline + 1ms);
  ASSERT_EQ(recorder.fired.size(), 1u);
  EXPECT_GE(recorder.fired[0], deadline);
  EXPECT_LE(recorder.fired[0], deadline + 1ms);
  EXPECT_FALSE(recorder.timer.armed());
  EXPECT_FALSE(wheel.next_deadline());
}

INSTANTIATE_TEST_SUITE_P(AllLevels, TimerWheelDelay,
                         testing::Values(1'000, 1'001, 211, 255'000, 256'000, 257'000, 300'500,
                                         65'535'000, 65'536'000, 65'537'000, 16'777'215'000,
                                         16'777'216'000, 20'000'000'000, 4'000'000'000'000));

TEST(TimerWheel, FiresALateTimerAtTheNextTick) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  wheel.schedule(recorder.timer, kStart - 5s);
  EXPECT_EQ(wheel.advance(kStart), 0u);
  EXPECT_EQ(wheel.advance(kStart + 1ms), 1u);
}

TEST(TimerWheel, FiresBeyondItsRange) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  const Micros deadline = kStart + 24h * 120;
  wheel.schedule(recorder.timer, deadline);
  run_until(wheel, kStart, deadline - 1us);
  EXPECT_TRUE(recorder.fired.empty());
  run_until(wheel, deadline - 1us, deadline + 1ms);
  EXPECT_EQ(recorder.fired.size(), 1u);
}

TEST(TimerWheel, TakesTheLargestDeadline) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  wheel.schedule(recorder.timer, Micros::max());
  wheel.advance(kStart + 1h);
  EXPECT_TRUE(recorder.timer.armed());
  EXPECT_TRUE(recorder.fired.empty());
}

TEST(TimerWheel, FiresInOrderWhenTimeJumps) {
  TimerWheel wheel(kStart);
  std::vector<int> order;
  struct Numbered {
    std::vector<int>* order;
    int number;
    Timer timer = Timer::of<&Numbered::on_timer>(this);
    void on_timer(Micros) { order->push_back(number); }
  };
  Numbered far{&order, 3};
  Numbered near{&order, 1};
  Numbered middle{&order, 2};
  wheel.schedule(far.timer, kStart + 70s);
  wheel.schedule(near.timer, kStart + 2ms);
  wheel.schedule(middle.timer, kStart + 900ms);
  EXPECT_EQ(wheel.advance(kStart + 100s), 3u);
  EXPECT_EQ(order, std::vector<int>({1, 2, 3}));
}

TEST(TimerWheel, CancelledTimerStaysSilent) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  wheel.schedule(recorder.timer, kStart + 5ms);
  recorder.timer.cancel();
  EXPECT_FALSE(recorder.timer.armed());
  EXPECT_EQ(wheel.advance(kStart + 1s), 0u);
}

TEST(TimerWheel, DestroyedTimerStaysSilent) {
  TimerWheel wheel(kStart);
  {
    Recorder recorder;
    wheel.schedule(recorder.timer, kStart + 5ms);
  }
  EXPECT_EQ(wheel.advance(kStart + 1s), 0u);
}

TEST(TimerWheel, TimerMayOutliveTheWheel) {
  Recorder recorder;
  {
    TimerWheel wheel(kStart);
    wheel.schedule(recorder.timer, kStart + 5ms);
  }
  EXPECT_FALSE(recorder.timer.armed());
}

TEST(TimerWheel, MovesLater) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  wheel.schedule(recorder.timer, kStart + 10ms);
  // As per-packet activity does: much later, step by step, from within each slot's time.
  Micros now = kStart;
  for (int i = 0; i < 1000; ++i) {
    now += 3ms;
    wheel.schedule(recorder.timer, now + 10ms);
    wheel.advance(now);
  }
  EXPECT_TRUE(recorder.fired.empty());
  wheel.advance(now + 12ms);
  EXPECT_EQ(recorder.fired.size(), 1u);
}

TEST(TimerWheel, MovesEarlier) {
  TimerWheel wheel(kStart);
  Recorder recorder;
  wheel.schedule(recorder.timer, kStart + 100s);
  wheel.schedule(recorder.timer, kStart + 10ms);
  EXPECT_LE(*wheel.next_deadline(), kStart + 11ms);
  EXPECT_EQ(wheel.advance(kStart + 11ms), 1u);
  EXPECT_EQ(wheel.advance(kStart + 200s), 0u);
}

TEST(TimerWheel, CallbackMayRearmItself) {
  TimerWheel wheel(kStart);
  struct Periodic {
    TimerWheel* wheel;
    int count = 0;
    Timer timer = Timer::of<&Periodic::on_timer>(this);
    void on_timer(Micros now) {
      ++count;
      wheel->schedule(timer, now + 20ms);
    }
  };
  Periodic periodic{&wheel};
  wheel.schedule(periodic.timer, kStart);
  for (Micros now = kStart; now < kStart + 1s; now += 1ms) {
    wheel.advance(now);
  }
  EXPECT_GE(periodic.count, 48);
  EXPECT_LE(periodic.count, 51);
}

TEST(TimerWheel, CallbackMayCancelATimerOfTheSameTick) {
  TimerWheel wheel(kStart);
  Recorder victim;
  struct Canceller {
    Timer* other;
    Timer timer = Timer::of<&Canceller::on_timer>(this);
    void on_timer(Micros) { other->cancel(); }
  };
  Canceller canceller{&victim.timer};
  wheel.schedule(canceller.timer, kStart + 5ms);
  wheel.schedule(victim.timer, kStart + 5ms);
  EXPECT_EQ(wheel.advance(kStart + 10ms), 1u);
  EXPECT_TRUE(victim.fired.empty());
}

TEST(TimerWheel, CallbackMayDestroyItsOwnTimer) {
  TimerWheel wheel(kStart);
  struct Suicidal {
    std::unique_ptr<Suicidal>* self;
    Timer timer = Timer::of<&Suicidal::on_timer>(this);
    void on_timer(Micros) { self->reset(); }
  };
  std::unique_ptr<Suicidal> object;
  object = std::make_unique<Suicidal>(&object);
  wheel.schedule(object->timer, kStart + 5ms);
  EXPECT_EQ(wheel.advance(kStart + 10ms), 1u);
  EXPECT_EQ(object, nullptr);
}

TEST(TimerWheel, AgreesWithASortedListUnderRandomUse) {
  std::mt19937 random(7);
  TimerWheel wheel(kStart);
  constexpr int kTimers = 200;
  std::vector<std::unique_ptr<Recorder>> timers;
  std::map<int, Micros> model;
  for (int i = 0; i < kTimers; ++i) {
    timers.push_back(std::make_unique<Recorder>());
  }
  Micros now = kStart;
  const auto pick = [&](uint64_t below) { return random() % below; };
  for (int step = 0; step < 20'000; ++step) {
    const int which = static_cast<int>(pick(kTimers));
    switch (pick(4)) {
      case 0: {
        // Delays of all magnitudes, 1 us to 20 min.
        const Micros deadline = now + Micros(1 + static_cast<int64_t>(pick(1u << (10 + pick(21)))));
        wheel.schedule(timers[which]->timer, deadline);
        model[which] = deadline;
        break;
      }
      case 1:
        timers[which]->timer.cancel();
        model.erase(which);
        break;
      default: {
        const auto bound = wheel.next_deadline();
        for (const auto& [timer, deadline] : model) {
          ASSERT_TRUE(bound && *bound <= deadline + 1ms);
        }
        now += Micros(static_cast<int64_t>(pick(1u << (8 + pick(18)))));
        wheel.advance(now);
        for (auto it = model.begin(); it != model.end();) {
          const bool fired = !timers[it->first]->fired.empty();
          // Due by the tick that `now` lies in.
          const bool due = (it->second + 999us) / 1ms <= now / 1ms;
          ASSERT_EQ(fired, due);
          timers[it->first]->fired.clear();
          it = fired ? model.erase(it) : std::next(it);
        }
        break;
      }
    }
  }
  for (const auto& timer : timers) {
    EXPECT_TRUE(timer->fired.empty());
  }
}

TEST(TimerWheel, AllocatesNothing) {
  TimerWheel wheel(kStart);
  struct Silent {
    Timer timer = Timer::of<&Silent::on_timer>(this);
    void on_timer(Micros) {}
  };
  std::array<Silent, 100> timers;
  const size_t before = test::allocation_count();
  for (size_t i = 0; i < timers.size(); ++i) {
    wheel.schedule(timers[i].timer, kStart + Micros(static_cast<int64_t>(i * i * 10'000)));
  }
  wheel.advance(kStart + 1h);
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace sluice::net
