// When to ping a WebSocket and when to give it up. A pure state machine: time is passed in.
//
// Two clocks: a ping every `interval`, whatever happens; and the time since the peer was last heard
// (a message, a ping or a pong), past `limit` of which the peer is gone. A probe shortens the
// second clock once.
#pragma once

#include <optional>

#include "base/types.h"

namespace sluice::web {

class KeepAlive {
 public:
  enum class Action { kNone, kPing, kDrop };

  /// A zero `interval` sends no pings, a zero `limit` never drops.
  KeepAlive(Micros interval, Micros limit, Micros now)
      : interval_(interval), limit_(limit), last_ping_(now), last_heard_(now) {}

  /// Something came from the peer.
  void on_heard(Micros now) {
    last_heard_ = now;
    probe_deadline_.reset();
  }

  /// The caller sends a ping now; unless something is heard within `timeout` the peer is gone. Of
  /// two probes the earlier deadline holds.
  void on_probe(Micros timeout, Micros now) {
    last_ping_ = now;
    if (!probe_deadline_ || now + timeout < *probe_deadline_) {
      probe_deadline_ = now + timeout;
    }
  }

  /// What to do now. To be asked regularly.
  Action on_tick(Micros now) {
    const bool silent = limit_ > Micros::zero() && now - last_heard_ >= limit_;
    if (silent || (probe_deadline_ && now >= *probe_deadline_)) {
      return Action::kDrop;
    }
    if (interval_ > Micros::zero() && now - last_ping_ >= interval_) {
      last_ping_ = now;
      return Action::kPing;
    }
    return Action::kNone;
  }

 private:
  Micros interval_;
  Micros limit_;
  Micros last_ping_;
  Micros last_heard_;
  std::optional<Micros> probe_deadline_;
};

}  // namespace sluice::web
