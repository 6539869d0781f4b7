#include "web/router.h"

#include <algorithm>

namespace sluice::web {
namespace {

// Kinds of segment in `Pattern::rank`, in order of precedence.
constexpr char kLiteral = 'a';
constexpr char kParameter = 'b';
constexpr char kRest = 'c';

bool covers(std::string_view prefix, std::string_view path) {
  if (prefix.ends_with('/')) {
    prefix.remove_suffix(1);
  }
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

/// Inserts behind all routes that are as specific or more.
template <class Route>
void insert_ranked(std::vector<std::unique_ptr<Route>>& routes, std::unique_ptr<Route> route) {
  const auto position = std::upper_bound(
      routes.begin(), routes.end(), route,
      [](const auto& a, const auto& b) { return a->pattern.rank < b->pattern.rank; });
  routes.insert(position, std::move(route));
}

bool serves(std::string_view route_method, std::string_view method) {
  return route_method == "*" || route_method == method ||
         (route_method == "GET" && method == "HEAD");
}

void add_method(std::string& allowed, std::string_view method) {
  if (!allowed.empty()) {
    allowed += ", ";
  }
  allowed += method;
  if (method == "GET") {
    allowed += ", HEAD";
  }
}

}  // namespace

Router::Pattern::Pattern(std::string_view text) {
  if (text.starts_with('/')) {
    text.remove_prefix(1);
  }
  for (;;) {
    const size_t slash = text.find('/');
    const std::string_view segment = text.substr(0, slash);
    segments.emplace_back(segment);
    rank += segment == "*" ? kRest : segment.starts_with(':') ? kParameter : kLiteral;
    if (slash == std::string_view::npos) {
      return;
    }
    text = text.substr(slash + 1);
  }
}

bool Router::Pattern::match(const std::vector<std::string>& path, Request& request) const {
  request.parameters.clear();
  for (size_t i = 0; i < segments.size(); ++i) {
    if (rank[i] == kRest) {
      std::string rest;
      for (size_t k = i; k < path.size(); ++k) {
        rest += k == i ? "" : "/";
        rest += path[k];
      }
      request.parameters.emplace_back("*", std::move(rest));
      return true;
    }
    if (i >= path.size()) {
      return false;
    }
    if (rank[i] == kParameter) {
      if (path[i].empty()) {
        return false;
      }
      request.parameters.emplace_back(segments[i].substr(1), path[i]);
    } else if (segments[i] != path[i]) {
      return false;
    }
  }
  return path.size() == segments.size();
}

void Router::route(std::string_view method, std::string_view pattern, HttpHandler handler) {
  insert_ranked(http_, std::make_unique<HttpRoute>(std::string(method), Pattern(pattern),
                                                   std::move(handler)));
}

void Router::websocket(std::string_view pattern, UpgradeHandler handler, std::string note) {
  insert_ranked(websockets_, std::make_unique<WebSocketRoute>(Pattern(pattern), std::move(handler),
                                                              std::move(note)));
}

void Router::scope(std::string prefix, Scope scope) {
  const auto position = std::find_if(
      scopes_.begin(), scopes_.end(),
      [&prefix](const ScopeEntry& entry) { return entry.prefix.size() < prefix.size(); });
  scopes_.insert(position, ScopeEntry{std::move(prefix), std::move(scope)});
}

const Scope& Router::scope_of(std::string_view path) const {
  for (const ScopeEntry& entry : scopes_) {
    if (covers(entry.prefix, path)) {
      return entry.scope;
    }
  }
  return default_scope_;
}

Router::WebSocketRoute* Router::find_websocket(Request& request) {
  for (const auto& route : websockets_) {
    if (route->pattern.match(request.url.segments, request)) {
      return route.get();
    }
  }
  return nullptr;
}

void Router::dispatch(Request& request, Responder responder) {
  std::string allowed;
  const WebSocketRoute* const websocket = find_websocket(request);
  for (const auto& route : http_) {
    if (websocket != nullptr && websocket->pattern.rank < route->pattern.rank) {
      break;  // and so are all that follow
    }
    if (!route->pattern.match(request.url.segments, request)) {
      continue;
    }
    if (serves(route->method, request.method)) {
      route->handler(request, std::move(responder));
      return;
    }
    if (allowed.find(route->method) == std::string::npos) {
      add_method(allowed, route->method);
    }
  }
  const Scope& scope = scope_of(request.path());
  if (scope.cors && is_preflight(request)) {
    responder.send(preflight_answer(*scope.cors, request));
    return;
  }
  request.parameters.clear();
  if (!allowed.empty()) {
    Response response =
        Response::error(405, request.method + " is not allowed here, but: " + allowed);
    response.headers.add("Allow", allowed);
    responder.send(std::move(response));
  } else if (websocket != nullptr) {
    Response response = Response::error(426, websocket->note);
    response.headers.add("Upgrade", "websocket");
    responder.send(std::move(response));
  } else {
    responder.fail(404, "there is nothing at " + request.url.raw_path);
  }
}

void Router::dispatch(Request& request, Upgrade upgrade) {
  if (WebSocketRoute* const route = find_websocket(request)) {
    route->handler(request, std::move(upgrade));
    return;
  }
  upgrade.refuse(404, "there is no WebSocket at " + request.url.raw_path);
}

}  // namespace sluice::web
