// Listening to events of objects.
//
// Every event is a method `on_…` that takes a listener. Listeners are called on the control thread,
// in the order in which they were added; one may add and remove listeners, itself included, and may
// close any object. They must not throw, and must not destroy the engine.
//
// An object forgets its listeners once it has closed and its last event, `on_close`, was told. So a
// listener may hold handles of any object, that of its own object too. Listeners that are added to
// an object that is closed are never called.
#pragma once

#include <functional>
#include <utility>

namespace sluice {

/// Names one listener. Dropping it changes nothing; copies name the same listener.
class Connection {
 public:
  Connection() = default;

  /// From now on the listener is not called any more. Idempotent, and harmless when its object or
  /// the engine is gone.
  void disconnect() {
    if (disconnect_) {
      std::exchange(disconnect_, nullptr)();
    }
  }

 private:
  friend struct Access;
  explicit Connection(std::function<void()> disconnect) : disconnect_(std::move(disconnect)) {}

  std::function<void()> disconnect_;
};

/// Disconnects a listener when it goes out of scope: for listeners that refer to something that
/// ends before the object they listen to.
class ScopedConnection {
 public:
  ScopedConnection() = default;
  ScopedConnection(Connection connection)  // NOLINT(google-explicit-constructor)
      : connection_(std::move(connection)) {}
  ScopedConnection(ScopedConnection&& other) noexcept
      : connection_(std::exchange(other.connection_, {})) {}
  ScopedConnection& operator=(ScopedConnection&& other) noexcept {
    if (this != &other) {
      connection_.disconnect();
      connection_ = std::exchange(other.connection_, {});
    }
    return *this;
  }
  ~ScopedConnection() { connection_.disconnect(); }

 private:
  Connection connection_;
};

}  // namespace sluice
