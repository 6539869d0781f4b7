// A control thread for programs that have no event loop of their own: runs functions, one after
// another, on the thread that calls `run`.
//
//   sluice::RunLoop loop;
//   auto engine = sluice::Engine::create({}, loop.executor());
//   …
//   loop.run();
//
// It must outlive the engine. Programs with an event loop give the engine an Executor that posts
// there instead, e.g. `[&](auto work) { boost::asio::post(context, std::move(work)); }`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "sluice/engine.h"

namespace sluice {

class RunLoop {
 public:
  using Work = std::move_only_function<void()>;

  RunLoop();
  /// Drops what has not run.
  ~RunLoop();
  RunLoop(const RunLoop&) = delete;
  RunLoop& operator=(const RunLoop&) = delete;

  // From any thread. Work of one time runs in the order of the calls.
  void post(Work work);
  void post_after(std::chrono::milliseconds delay, Work work);

  /// Runs what is posted until `stop`. Not from within itself.
  void run();
  /// The same for this long at most.
  void run_for(std::chrono::milliseconds duration);
  /// Ends the `run` that runs now, or the next one, after the current function. From any thread.
  void stop();

  /// Posts to this loop.
  [[nodiscard]] Executor executor();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice
