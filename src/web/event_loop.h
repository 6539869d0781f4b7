// The control thread's loop: posted work, timers, signals, and the sockets of web::Server.
#pragma once

#include <functional>
#include <memory>

#include "base/types.h"

namespace sluice::web {

/// A one-shot timer; destroying or resetting it cancels. Control thread only; must not outlive its
/// loop.
class Timer {
 public:
  Timer() = default;
  ~Timer() { cancel(); }
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;

  void cancel();
  [[nodiscard]] bool active() const;

 private:
  friend class EventLoop;
  struct State;
  explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

class EventLoop {
 public:
  /// The Asio side, for src/web alone.
  struct Impl;

  EventLoop();
  /// Drops what has not run. Servers and timers must be gone by then.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs until `stop`, on the calling thread, which is then the control thread.
  void run();
  /// Runs for about `duration`, or until `stop`.
  void run_for(Micros duration);
  /// Runs what is ready, without waiting; the number of handlers run.
  size_t poll();
  /// Makes `run` return after the current handler. From any thread.
  void stop();

  /// Queues `work` for the control thread. From any thread; never runs it before returning.
  void post(std::move_only_function<void()> work);

  /// Calls `callback` once after `delay`.
  [[nodiscard]] Timer after(Micros delay, std::move_only_function<void()> callback);

  /// Calls `callback` each time the process gets `signal` (e.g. SIGTERM), from the loop.
  void on_signal(int signal, std::move_only_function<void(int signal)> callback);

  /// The monotonic clock that all of src/web runs on.
  [[nodiscard]] static Micros now();

  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::web
