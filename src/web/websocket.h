// WebSockets (RFC 6455) as dialects see them: the decision on an upgrade, and the open session.
// Control thread only. permessage-deflate is never negotiated.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/types.h"
#include "web/headers.h"
#include "web/response.h"

namespace sluice::web {

struct Exchange;
class WebSocketConnection;

/// Close codes with a name of their own here (RFC 6455 section 7.4.1).
namespace close_code {
inline constexpr uint16_t kNormal = 1000;
inline constexpr uint16_t kGoingAway = 1001;
inline constexpr uint16_t kProtocolError = 1002;
inline constexpr uint16_t kNone = 1005;      ///< a close frame without a code; never sent
inline constexpr uint16_t kAbnormal = 1006;  ///< no close frame at all; never sent
inline constexpr uint16_t kBadPayload = 1007;
inline constexpr uint16_t kPolicy = 1008;
inline constexpr uint16_t kTooBig = 1009;
inline constexpr uint16_t kInternal = 1011;
inline constexpr uint16_t kRestart = 1012;
}  // namespace close_code

/// How a session ended.
struct CloseEvent {
  uint16_t code = close_code::kAbnormal;  ///< the peer's code, or ours when we began the closing
  std::string reason;
  bool clean = false;    ///< the closing handshake was completed
  bool by_peer = false;  ///< the peer began, or just vanished
};

/// What a session may differ in from the server's `WebSocketOptions`.
struct AcceptOptions {
  std::string subprotocol = {};  ///< sent back as is; empty: none is selected
  Headers headers = {};          ///< extra fields of the 101 answer
  std::optional<size_t> max_message = {};
  /// Whether binary messages reach `on_message`; otherwise they are dropped.
  bool deliver_binary = false;
};

/// The owner's hold on a WebSocket. Destroying it closes the socket with 1000 and silences it: no
/// callback runs afterwards, so callbacks may refer to the owner. Every callback may destroy the
/// session that calls it.
class WebSocketSession {
 public:
  using MessageHandler = std::move_only_function<void(bool is_text, std::string_view payload)>;
  using CloseHandler = std::move_only_function<void(const CloseEvent& event)>;

  WebSocketSession() = default;
  explicit WebSocketSession(std::shared_ptr<WebSocketConnection> connection);
  ~WebSocketSession();
  WebSocketSession(WebSocketSession&&) noexcept = default;
  WebSocketSession& operator=(WebSocketSession&&) noexcept;

  /// Called for each complete message, while the session is open. `payload` lives for the call.
  void on_message(MessageHandler handler);
  /// Called once, from the loop, when the session has ended for whatever reason.
  void on_close(CloseHandler handler);

  /// Queues a message; messages go out in order. Before the handshake is through they wait for it.
  /// False when the session is closing or the unsent bytes now exceed the limit, in which case it
  /// is being dropped.
  bool send_text(std::string text);
  bool send_binary(std::string bytes);

  /// Sends what is queued, then a close frame, and waits for the peer's (bounded by
  /// `WebSocketOptions::close_timeout`). Idempotent. `reason` is cut at 123 bytes.
  void close(uint16_t code = close_code::kNormal, std::string_view reason = {});

  /// Sends a ping.
  void ping();
  /// Pings, and drops the session when nothing comes back within `timeout`.
  void probe(Micros timeout);

  /// Payload bytes that were accepted by `send_*` and not yet given to the system.
  [[nodiscard]] size_t queued_bytes() const;
  /// True from `Upgrade::accept` until closing begins.
  [[nodiscard]] bool open() const;
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  void release();

  std::shared_ptr<WebSocketConnection> connection_;
};

/// The decision on a request for a WebSocket: accept or refuse, now or later. Move-only; destroyed
/// without a decision it refuses with 500.
class Upgrade {
 public:
  explicit Upgrade(std::shared_ptr<Exchange> exchange);
  ~Upgrade();
  Upgrade(Upgrade&&) noexcept = default;
  Upgrade& operator=(Upgrade&&) noexcept;

  /// Accepts. Messages may be sent at once; callbacks must be set before returning to the loop.
  /// When the client has already gone, the session reports that through `on_close`.
  [[nodiscard]] WebSocketSession accept(AcceptOptions options = {});
  /// Answers with plain HTTP and closes the connection, e.g. `refuse(Response::error(401, "..."))`.
  void refuse(Response response);
  void refuse(int status, std::string text) { refuse(Response::error(status, std::move(text))); }

 private:
  void release();

  std::shared_ptr<Exchange> exchange_;
};

}  // namespace sluice::web
