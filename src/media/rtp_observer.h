// Objects of a router that listen to its audio producers, as the control thread sees them
// (ortc-model 1.15): what their two kinds have in common. Their counterpart is LoopObserver on the
// router's home loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/events.h"
#include "media/loop_setup.h"

namespace sluice::media {

class Engine;
class LoopPool;
class Producer;
class Router;

class RtpObserver : public std::enable_shared_from_this<RtpObserver> {
 public:
  virtual ~RtpObserver();
  RtpObserver(const RtpObserver&) = delete;
  RtpObserver& operator=(const RtpObserver&) = delete;

  [[nodiscard]] ObserverKind kind() const { return kind_; }
  /// "audiolevel" or "activespeaker".
  [[nodiscard]] const char* type() const;
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] bool closed() const { return closed_; }
  /// Why requests are refused once it is closed.
  [[nodiscard]] Error closed_error() const;
  [[nodiscard]] bool paused() const { return paused_; }

  /// Hears nothing until `resume`. Idempotent. Error: closed.
  Result<void> pause();
  /// Begins a new interval. Idempotent. Error: closed.
  Result<void> resume();

  /// Listens to a producer until that closes. Errors: none of that id in the router; TypeError for
  /// one that is not audio; for an active speaker observer, one that it has; closed.
  Result<void> add_producer(const std::string& producer_id);
  /// Errors: no producer of that id in the router; closed. One that it does not listen to is no
  /// error.
  Result<void> remove_producer(const std::string& producer_id);
  /// Those it listens to, in order of creation.
  [[nodiscard]] std::vector<std::shared_ptr<Producer>> producers() const;

  /// Idempotent.
  void close();

  Signal<> on_pause;
  Signal<> on_resume;
  Signal<const std::shared_ptr<Producer>&> on_add_producer;
  /// By request; not when the producer closes.
  Signal<const std::shared_ptr<Producer>&> on_remove_producer;
  /// The router was closed; `on_close` follows.
  Signal<> on_router_close;
  /// Emitted once, whatever the reason.
  Signal<> on_close;

 protected:
  RtpObserver(ObserverKind kind, const std::shared_ptr<Router>& router, Engine& engine);

  /// Starts the counterpart; fills in what all kinds have.
  void start(ObserverSetup setup);
  virtual void on_event(const ObserverEvent& event) = 0;
  /// One that it listens to; nothing when it is gone.
  [[nodiscard]] std::shared_ptr<Producer> find(Handle producer) const;

 private:
  friend class LoopPool;
  friend class Router;

  struct Watched {
    std::weak_ptr<Producer> producer;
    uint64_t on_close = 0;  ///< the connection to its signal
  };

  Result<void> set_paused(bool paused);
  Result<std::shared_ptr<Producer>> find_in_router(const std::string& producer_id) const;
  /// Stops listening; false when it did not.
  bool forget(Handle producer);
  void router_closed();
  /// Ends the object here and on its loop; the caller tells the listeners.
  void end();

  ObserverKind kind_;
  std::weak_ptr<Router> router_;
  Engine& engine_;
  LoopPool& loops_;
  std::string id_;
  Handle handle_;
  unsigned loop_;
  bool closed_ = false;
  bool paused_ = false;
  std::map<Handle, Watched> watched_;
};

}  // namespace sluice::media
