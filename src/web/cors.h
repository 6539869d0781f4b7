// Cross-origin resource sharing (WHATWG Fetch) for a part of the path space.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "web/request.h"
#include "web/response.h"

namespace sluice::web {

struct CorsPolicy {
  /// Allowed origins such as `https://example.org`; "*" allows every one.
  std::vector<std::string> origins = {"*"};
  /// `Access-Control-Allow-Methods` of a preflight answer.
  std::string methods = "GET, HEAD, PUT, PATCH, POST, DELETE";
  /// `Access-Control-Allow-Headers` of a preflight answer; empty: what the browser asks for.
  std::string headers = {};
  /// How long a browser may remember a preflight answer; 0: its own default.
  std::chrono::seconds max_age{0};
};

/// Whether `origin` (the Origin field) is in the list. Also for the upgrade of WebSockets, which
/// browsers do not subject to CORS. Origins compare without case; a trailing slash in the list is
/// forgiven.
bool origin_allowed(std::span<const std::string> origins, std::string_view origin);

/// Adds `Access-Control-Allow-Origin` (and `Vary`) to an answer, where the policy allows it and the
/// handler has not set it itself.
void add_cors(const CorsPolicy& policy, const Request& request, Response& response);

/// `OPTIONS` with `Origin` and `Access-Control-Request-Method`.
bool is_preflight(const Request& request);

/// 204 with the allowed methods and headers. `add_cors` adds the origin.
Response preflight_answer(const CorsPolicy& policy, const Request& request);

}  // namespace sluice::web
