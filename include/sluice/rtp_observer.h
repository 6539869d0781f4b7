// Objects of a router that listen to its audio producers: what their two kinds have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/handle.h"
#include "sluice/producer.h"
#include "sluice/types.h"

namespace sluice {

class RtpObserver : public Handle<media::RtpObserver> {
 public:
  [[nodiscard]] ObserverType type() const;
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] bool closed() const;
  [[nodiscard]] bool paused() const;
  /// Those it listens to, in order of creation.
  [[nodiscard]] std::vector<Producer> producers() const;

  /// Hears nothing until `resume`. Idempotent. Error: closed.
  Result<void> pause() const;
  /// Begins a new interval. Idempotent. Error: closed.
  Result<void> resume() const;
  /// Listens to a producer of the router until that closes. Errors: TypeError for one that is not
  /// audio; Error for an unknown one, and when an active speaker observer has it; closed.
  Result<void> add_producer(const std::string& producer_id) const;
  /// One that it does not listen to is no error. Errors: an unknown one; closed.
  Result<void> remove_producer(const std::string& producer_id) const;
  /// Idempotent.
  void close() const;

  Connection on_pause(std::function<void()> listener) const;
  Connection on_resume(std::function<void()> listener) const;
  Connection on_add_producer(std::function<void(const Producer&)> listener) const;
  /// By request; not when the producer closes.
  Connection on_remove_producer(std::function<void(const Producer&)> listener) const;
  /// The router was closed; `on_close` follows.
  Connection on_router_close(std::function<void()> listener) const;
  /// Told once, whatever the reason.
  Connection on_close(std::function<void()> listener) const;
};

}  // namespace sluice
