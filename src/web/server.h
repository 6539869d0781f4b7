// The HTTP/1.1 and WebSocket server: listeners, limits, shutdown. Everything runs on the thread of
// its EventLoop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/socket_address.h"
#include "base/types.h"
#include "web/admission.h"
#include "web/event_loop.h"
#include "web/router.h"
#include "web/tls.h"
#include "web/websocket.h"

namespace sluice::web {

struct HttpOptions {
  /// Request line and header fields together; past it 431, or 414 when the line alone is longer.
  size_t max_header = 16 * 1024;
  /// From the connection's start (or the first byte of a later request) to the end of the header;
  /// also bounds the TLS handshake and a connection that says nothing.
  Micros header_timeout = 10s;
  /// From the header to the end of the body.
  Micros body_timeout = 30s;
  /// Between two requests of one connection.
  Micros idle_timeout = 60s;
  /// For a client that takes nothing of an answer.
  Micros write_timeout = 30s;
};

struct WebSocketOptions {
  /// Largest message of a client; past it 1009.
  size_t max_message = 1024 * 1024;
  /// Unsent bytes of one session; past it the session is dropped: a client this far behind will not
  /// catch up, and its state is no use to it any more.
  size_t max_queued = 8 * 1024 * 1024;
  /// Proxies cut connections that are silent for 60 s (nginx), so well below that.
  Micros ping_interval = 20s;
  /// Without any sign of life for this long the peer is gone.
  Micros idle_timeout = 60s;
  /// For the closing handshake.
  Micros close_timeout = 2s;
};

struct ServerOptions {
  AdmissionLimits admission = {};
  HttpOptions http = {};
  WebSocketOptions websocket = {};
  /// Believe X-Forwarded-For, X-Real-IP and X-Forwarded-Proto of peers with a loopback or private
  /// address, and count per-address connections by them.
  bool trust_private_peers = true;
};

struct Listener {
  std::string host = "0.0.0.0";  ///< IP literal; "::" takes IPv4 as well
  uint16_t port = 0;             ///< 0: any free port
  std::optional<TlsIdentity> tls = {};
};

struct ShutdownOptions {
  uint16_t close_code = close_code::kGoingAway;  ///< for the WebSockets
  std::string reason = "server is shutting down";
  Micros timeout = 2s;  ///< after it, what is left is cut
};

/// Counters since the start, and gauges.
struct ServerStats {
  size_t connections = 0;  ///< open now, WebSockets included
  size_t websockets = 0;   ///< open now
  uint64_t accepted = 0;
  uint64_t refused_total = 0;     ///< over `max_connections`
  uint64_t refused_address = 0;   ///< over `max_per_address`
  uint64_t refused_rate = 0;      ///< over `requests_per_second`
  uint64_t requests = 0;          ///< upgrades included
  uint64_t request_timeouts = 0;  ///< header, body, idle and write timeouts
  uint64_t dropped_backlog = 0;   ///< WebSockets over `max_queued`
  uint64_t dropped_silent = 0;    ///< WebSockets without a sign of life, failed probes included
};

class Server {
 public:
  /// `loop` must outlive the server.
  explicit Server(EventLoop& loop, ServerOptions options = {});
  /// Cuts every connection. No handler is called any more; the sessions that their owners still
  /// hold report their end when the loop runs.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] Router& router();

  /// Opens a listening socket; may be called several times. The address tells the real port. The
  /// error names address and port and the system's reason ("Address already in use"), or the TLS
  /// file that is wrong.
  Result<SocketAddress> listen(const Listener& listener);

  /// Reads the TLS files of all listeners again, for new connections. On error nothing changes.
  Result<void> reload_certificates();

  /// Closes the listening sockets; connections go on.
  void stop_accepting();

  /// Ends in order: no new connections, WebSockets get a close frame, requests at work get their
  /// answers, idle connections are closed. Then calls `done`.
  void shutdown(ShutdownOptions options, std::move_only_function<void()> done);

  /// Cuts every connection at once.
  void close_all();

  [[nodiscard]] ServerStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::web
