#include "web/event_loop.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "web/event_loop_internal.h"

namespace sluice::web {

namespace asio = boost::asio;
using boost::system::error_code;

struct Timer::State {
  explicit State(asio::io_context& context) : timer(context) {}

  asio::steady_timer timer;
  std::move_only_function<void()> callback;
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Timer::cancel() {
  if (const auto state = std::move(state_)) {
    state->callback = nullptr;  // its expiry may already be queued
    state->timer.cancel();
  }
}

bool Timer::active() const {
  return state_ && state_->callback;
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  impl_->context.restart();
  impl_->context.run();
}

void EventLoop::run_for(Micros duration) {
  impl_->context.restart();
  impl_->context.run_for(duration);
}

size_t EventLoop::poll() {
  impl_->context.restart();
  return impl_->context.poll();
}

void EventLoop::stop() {
  impl_->context.stop();
}

void EventLoop::post(std::move_only_function<void()> work) {
  asio::post(impl_->context, std::move(work));
}

Timer EventLoop::after(Micros delay, std::move_only_function<void()> callback) {
  auto state = std::make_shared<Timer::State>(impl_->context);
  state->callback = std::move(callback);
  state->timer.expires_after(delay);
  state->timer.async_wait([state](error_code) {
    if (auto due = std::exchange(state->callback, nullptr)) {
      due();
    }
  });
  return Timer(std::move(state));
}

namespace {

/// Waits for the next signal again and again; lives in its own handler.
struct SignalWait {
  std::shared_ptr<asio::signal_set> signals;
  std::shared_ptr<std::move_only_function<void(int)>> callback;

  void arm() const {
    signals->async_wait([wait = *this](error_code failure, int number) {
      if (!failure) {
        wait.arm();
        (*wait.callback)(number);
      }
    });
  }
};

}  // namespace

void EventLoop::on_signal(int signal, std::move_only_function<void(int)> callback) {
  error_code failure;
  auto signals = std::make_shared<asio::signal_set>(impl_->context);
  signals->add(signal, failure);
  if (failure) {
    logger("web")->error("cannot watch signal={}: {}", signal, failure.message());
    return;
  }
  SignalWait{std::move(signals),
             std::make_shared<std::move_only_function<void(int)>>(std::move(callback))}
      .arm();
}

Micros EventLoop::now() {
  return std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace sluice::web
