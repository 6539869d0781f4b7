// A real engine on loopback ports with a control thread that the test plays: events and answers
// wait until the test takes them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "media/engine.h"
#include "media/loop_pool.h"

namespace sluice::test {

class EngineWorld {
 public:
  explicit EngineWorld(unsigned loops = 1, media::EngineSettings settings = {}) {
    settings.loops = loops;
    if (settings.listen.front().ip == media::ListenAddress{}.ip) {
      settings.listen = {{.ip = "127.0.0.1"}};
    }
    settings.packets_per_loop = 1024;
    engine_ = media::Engine::create(settings, [this](auto work) { post(std::move(work)); }).value();
  }

  media::Engine& engine() { return *engine_; }
  /// Destroys the engine; what it had posted can still be run.
  void end_engine() { engine_.reset(); }

  /// Asks an object something and waits for the answer, e.g.
  /// `world.answer<TransportStats>([&](auto reply) { transport.get_stats(std::move(reply)); })`.
  template <class T>
  Result<T> answer(const std::function<void(media::Reply<T>)>& ask) {
    std::optional<Result<T>> answer;
    ask([&](Result<T> result) { answer.emplace(std::move(result)); });
    if (!run_until([&] { return answer.has_value(); })) {
      return generic_error("no answer came");
    }
    return std::move(*answer);
  }

  /// Runs what the engine posts until `done` holds; false after ten seconds.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      std::move_only_function<void()> work;
      {
        std::unique_lock lock(mutex_);
        if (!ready_.wait_until(lock, deadline, [&] { return !queue_.empty(); })) {
          return false;
        }
        work = std::move(queue_.front());
        queue_.pop_front();
      }
      work();
    }
    return true;
  }

 private:
  void post(std::move_only_function<void()> work) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    ready_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::move_only_function<void()>> queue_;
  // Last, so that its threads end before the queue goes.
  std::unique_ptr<media::Engine> engine_;
};

}  // namespace sluice::test
