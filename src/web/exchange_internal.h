// What a connection and the handler of its current request share (internal to src/web).
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "web/response.h"

namespace sluice::web {

class WebSocketConnection;
struct AcceptOptions;

struct Exchange {
  std::optional<Response> answer;
  std::shared_ptr<WebSocketConnection> accepted;
  /// Set once the connection is gone: an answer has nowhere to go.
  bool aborted = false;

  /// Set by the connection, cleared when it goes: an answer has been put here.
  std::function<void()> wake;
  /// Set by the connection for upgrades only.
  std::function<std::shared_ptr<WebSocketConnection>(AcceptOptions)> make_session;
  /// Set by the handler.
  std::move_only_function<void()> on_abort;

  [[nodiscard]] bool decided() const { return answer.has_value() || accepted != nullptr; }

  void put(Response response) {
    if (decided() || aborted) {
      return;
    }
    answer = std::move(response);
    if (wake) {
      wake();
    }
  }

  /// The connection is gone; tells the handler if it has not answered.
  void abort() {
    wake = nullptr;
    if (aborted) {
      return;
    }
    aborted = true;
    if (!decided()) {
      if (auto callback = std::move(on_abort)) {
        callback();
      }
    }
    on_abort = nullptr;
  }
};

}  // namespace sluice::web
