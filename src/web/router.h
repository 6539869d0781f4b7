// From a request to its handler.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/cors.h"
#include "web/request.h"
#include "web/responder.h"
#include "web/websocket.h"

namespace sluice::web {

/// The request lives until the answer is sent or the client is gone; a handler that answers later
/// copies what it needs.
using HttpHandler = std::move_only_function<void(const Request& request, Responder responder)>;
using UpgradeHandler = std::move_only_function<void(const Request& request, Upgrade upgrade)>;

/// Default limit of a request body; the largest legitimate one (an SDP inside JSON) is far smaller.
inline constexpr size_t kDefaultMaxBody = 1024 * 1024;

/// What holds for every request under a path prefix.
struct Scope {
  /// Without a policy no CORS headers are sent and OPTIONS is like any other method.
  std::optional<CorsPolicy> cors = {};
  size_t max_body = kDefaultMaxBody;
  /// Form of the answers the server makes itself (404, 405, 413, ...). Default: plain text.
  ErrorRenderer render_error = {};
};

/// Patterns are matched segment by segment: `/rooms/:room/users` has one parameter, a trailing `*`
/// takes the rest of the path (also an empty rest: `/app/*` matches `/app/` and `/app`). Where
/// several match, the more specific one wins at the first segment where they differ: literal, then
/// parameter, then rest. Paths are case-sensitive and a trailing slash matters.
class Router {
 public:
  /// `method` is a method name, or "*" for every method (OPTIONS included). GET also serves HEAD.
  void route(std::string_view method, std::string_view pattern, HttpHandler handler);
  /// `note` is what a plain request to this path reads.
  void websocket(std::string_view pattern, UpgradeHandler handler,
                 std::string note = "this path is a WebSocket");
  /// `prefix` "/api" covers "/api" and "/api/..."; "/" covers everything. The longest wins.
  void scope(std::string prefix, Scope scope);

  [[nodiscard]] const Scope& scope_of(std::string_view path) const;

  /// Calls the handler, or answers 404, 405 (with Allow), 426 for a path that is a WebSocket
  /// (unless an HTTP route is as specific), or a CORS preflight. Fills `request.parameters`.
  void dispatch(Request& request, Responder responder);
  /// The same for upgrades: 404 when no WebSocket route matches.
  void dispatch(Request& request, Upgrade upgrade);

 private:
  struct Pattern {
    explicit Pattern(std::string_view text);
    bool match(const std::vector<std::string>& path, Request& request) const;

    std::vector<std::string> segments;  ///< ":name" and "*" as written
    std::string rank;                   ///< kind of each segment; smaller sorts first
  };
  struct HttpRoute {
    std::string method;
    Pattern pattern;
    HttpHandler handler;
  };
  struct WebSocketRoute {
    Pattern pattern;
    UpgradeHandler handler;
    std::string note;
  };
  struct ScopeEntry {
    std::string prefix;
    Scope scope;
  };

  WebSocketRoute* find_websocket(Request& request);

  // By pointer, so that a handler may add routes while it runs.
  std::vector<std::unique_ptr<HttpRoute>> http_;
  std::vector<std::unique_ptr<WebSocketRoute>> websockets_;
  std::vector<ScopeEntry> scopes_;  ///< longest prefix first
  Scope default_scope_;
};

}  // namespace sluice::web
