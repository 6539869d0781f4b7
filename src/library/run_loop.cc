#include "sluice/run_loop.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace sluice {

using Clock = std::chrono::steady_clock;

struct RunLoop::State {
  std::mutex mutex;
  std::condition_variable changed;
  /// By the time from which it may run; work of one time in the order in which it came.
  std::multimap<Clock::time_point, Work> work;
  bool stopped = false;

  void add(std::chrono::milliseconds delay, Work piece) {
    const std::lock_guard lock(mutex);
    work.emplace(Clock::now() + delay, std::move(piece));
    changed.notify_one();
  }

  /// Waits for work that may run; nothing when there is none until `end`, or `stop` was called.
  Work next(std::optional<Clock::time_point> end) {
    std::unique_lock lock(mutex);
    for (;;) {
      const auto now = Clock::now();
      if (std::exchange(stopped, false) || (end && now >= *end)) {
        return nullptr;
      }
      if (!work.empty() && work.begin()->first <= now) {
        return std::move(work.extract(work.begin()).mapped());
      }
      std::optional<Clock::time_point> until = end;
      if (!work.empty() && (!until || work.begin()->first < *until)) {
        until = work.begin()->first;
      }
      if (until) {
        changed.wait_until(lock, *until);
      } else {
        changed.wait(lock);
      }
    }
  }

  void run(std::optional<Clock::time_point> end) {
    while (Work piece = next(end)) {
      piece();
    }
  }
};

RunLoop::RunLoop() : state_(std::make_unique<State>()) {}

RunLoop::~RunLoop() = default;

void RunLoop::post(Work work) {
  state_->add(std::chrono::milliseconds::zero(), std::move(work));
}

void RunLoop::post_after(std::chrono::milliseconds delay, Work work) {
  state_->add(delay, std::move(work));
}

void RunLoop::run() {
  state_->run({});
}

void RunLoop::run_for(std::chrono::milliseconds duration) {
  state_->run(Clock::now() + duration);
}

void RunLoop::stop() {
  const std::lock_guard lock(state_->mutex);
  state_->stopped = true;
  state_->changed.notify_all();
}

Executor RunLoop::executor() {
  return [state = state_.get()](Work work) {
    state->add(std::chrono::milliseconds::zero(), std::move(work));
  };
}

}  // namespace sluice
