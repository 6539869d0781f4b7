#include "web/cors.h"

#include <algorithm>

namespace sluice::web {

bool origin_allowed(std::span<const std::string> origins, std::string_view origin) {
  return std::any_of(origins.begin(), origins.end(), [origin](std::string_view allowed) {
    if (allowed == "*") {
      return true;
    }
    if (allowed.ends_with('/')) {
      allowed.remove_suffix(1);
    }
    return !origin.empty() && equal_ignoring_case(allowed, origin);
  });
}

void add_cors(const CorsPolicy& policy, const Request& request, Response& response) {
  if (response.headers.has("Access-Control-Allow-Origin")) {
    return;
  }
  const bool any =
      std::find(policy.origins.begin(), policy.origins.end(), "*") != policy.origins.end();
  if (any) {
    response.headers.add("Access-Control-Allow-Origin", "*");
    return;
  }
  // The answer depends on Origin, so caches must know, also when this origin gets nothing.
  response.headers.add("Vary", "Origin");
  const std::string_view origin = request.header("Origin");
  if (origin_allowed(policy.origins, origin)) {
    response.headers.add("Access-Control-Allow-Origin", origin);
  }
}

bool is_preflight(const Request& request) {
  return request.method == "OPTIONS" && request.headers.has("Origin") &&
         request.headers.has("Access-Control-Request-Method");
}

Response preflight_answer(const CorsPolicy& policy, const Request& request) {
  Response response;
  response.status = 204;
  if (policy.origins.empty()) {
    return response;
  }
  response.headers.add("Access-Control-Allow-Methods", policy.methods);
  const std::string_view asked = request.header("Access-Control-Request-Headers");
  if (!policy.headers.empty()) {
    response.headers.add("Access-Control-Allow-Headers", policy.headers);
  } else if (!asked.empty()) {
    response.headers.add("Access-Control-Allow-Headers", asked);
    response.headers.add("Vary", "Access-Control-Request-Headers");
  }
  if (policy.max_age.count() > 0) {
    response.headers.add("Access-Control-Max-Age", std::to_string(policy.max_age.count()));
  }
  return response;
}

}  // namespace sluice::web
