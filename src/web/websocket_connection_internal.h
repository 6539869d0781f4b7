// One WebSocket on a connection whose upgrade was accepted (internal to src/web). The protocol is
// Boost.Beast's; this adds the queue, the keep-alive and the ends.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "web/keep_alive.h"
#include "web/server_core_internal.h"
#include "web/websocket.h"

namespace sluice::web {

class Transport;

/// Lives as long as its coroutine or its owner's session, whichever is longer.
class WebSocketConnection : public Tracked,
                            public std::enable_shared_from_this<WebSocketConnection> {
 public:
  WebSocketConnection(std::shared_ptr<ServerCore> core, AcceptOptions options);
  ~WebSocketConnection() override;

  // What WebSocketSession calls; see there.
  void set_message_handler(WebSocketSession::MessageHandler handler);
  void set_close_handler(WebSocketSession::CloseHandler handler);
  bool send(bool is_text, std::string payload);
  void close(uint16_t code, std::string_view reason);
  void ping();
  void probe(Micros timeout);
  [[nodiscard]] size_t queued_bytes() const { return queued_bytes_; }
  [[nodiscard]] bool is_open() const { return state_ < State::kClosing; }
  /// The session is destroyed: no callback any more, and the socket is closed.
  void forget_owner();

  // What the HTTP connection calls.
  struct Tickets {
    Admission::Ticket connection;
    Admission::Ticket user;
  };
  /// Takes over the connection and answers the handshake. `early` are bytes read past the request.
  void attach(Transport transport, const Request& request, std::string early, Tickets tickets);
  /// The client was gone before the decision; reported from the loop.
  void fail_before_open();

  void on_tick(Micros now) override;
  void drain(const ShutdownOptions& options) override;
  void cut() override;

 private:
  enum class State { kConnecting, kOpen, kClosing, kEnded };
  struct Message {
    bool is_text;
    std::string payload;
  };
  struct Stream;  // Beast's

  void start_reading();
  void deliver();
  void on_control(bool is_close);
  void on_handshake(bool failed);
  /// Starts the next write, or the close when nothing is left to write.
  void pump();
  void start_close();
  void drop(std::string reason);
  /// Tells the owner, once, and gives everything back.
  void end();
  [[nodiscard]] CloseEvent describe_end() const;

  std::shared_ptr<ServerCore> core_;
  AcceptOptions options_;
  Tickets tickets_;
  std::unique_ptr<Stream> stream_;
  WebSocketSession::MessageHandler on_message_;
  WebSocketSession::CloseHandler on_close_;

  State state_ = State::kConnecting;
  std::deque<Message> queue_;
  size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool pinging_ = false;
  bool owned_ = true;
  bool tracked_ = false;
  bool cut_ = false;

  std::optional<KeepAlive> keep_alive_;
  std::optional<Micros> deadline_;

  // For the end: who closed, with what.
  bool close_wanted_ = false;
  bool close_started_ = false;
  bool close_answered_ = false;  ///< a close frame came from the peer
  uint16_t close_code_ = 0;
  std::string close_reason_;
  std::string drop_reason_;
  uint16_t failure_code_ = 0;  ///< the protocol error we closed with
};

}  // namespace sluice::web
