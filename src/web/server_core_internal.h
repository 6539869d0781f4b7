// What a server and its connections share (internal to src/web). Connections hold it by shared_ptr,
// because their coroutines end a little after the server itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "web/admission.h"
#include "web/event_loop.h"
#include "web/router.h"
#include "web/server.h"

namespace sluice::web {

/// A connection as the server's clock and its shutdown see it. Timeouts are deadlines that each
/// tick compares, which costs nothing per request and no timer per connection.
class Tracked {
 public:
  virtual ~Tracked() = default;
  virtual void on_tick(Micros now) = 0;
  /// Finish in order.
  virtual void drain(const ShutdownOptions& options) = 0;
  /// Cut the connection; what waits on it fails soon, not within this call.
  virtual void cut() = 0;

 private:
  friend struct ServerCore;
  size_t slot_ = 0;
};

struct ServerCore {
  ServerCore(EventLoop& event_loop, const ServerOptions& server_options)
      : loop(event_loop), options(server_options), admission(options.admission) {}

  EventLoop& loop;
  const ServerOptions options;
  Router router;
  Admission admission;
  ServerStats stats;
  /// The server object is gone: user code must not be called any more.
  bool dead = false;
  bool draining = false;
  /// Told when a connection has ended, while draining.
  std::function<void()> on_untracked;

  void track(Tracked& connection) {
    connection.slot_ = tracked_.size();
    tracked_.push_back(&connection);
  }
  void untrack(Tracked& connection) {
    tracked_.back()->slot_ = connection.slot_;
    tracked_[connection.slot_] = tracked_.back();
    tracked_.pop_back();
    if (on_untracked) {
      on_untracked();
    }
  }
  [[nodiscard]] size_t tracked() const { return tracked_.size(); }

  /// Calls `action` for every connection; connections may end meanwhile, new ones are left out.
  template <class Action>
  void for_each(Action action) {
    // From the end: removal moves the last one, which was visited already, into the gap.
    for (size_t i = tracked_.size(); i-- > 0;) {
      if (i < tracked_.size()) {
        action(*tracked_[i]);
      }
    }
  }

 private:
  std::vector<Tracked*> tracked_;
};

}  // namespace sluice::web
