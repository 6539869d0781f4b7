// One HTTP request as handlers see it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/socket_address.h"
#include "web/headers.h"
#include "web/url.h"

namespace sluice::web {

struct Request {
  std::string method;  ///< as sent, e.g. "GET"
  std::string target;  ///< as sent, e.g. "/rooms/a%20b?x=1"
  Target url;          ///< `target` taken apart
  /// Values of the route's `:name` segments, decoded; the part under a trailing `*` is named "*".
  std::vector<std::pair<std::string, std::string>> parameters;
  Headers headers;
  std::string body;  ///< transfer coding removed
  bool http_1_1 = true;

  SocketAddress peer;   ///< other end of the TCP connection
  SocketAddress local;  ///< our end of the TCP connection
  IpAddress client;     ///< the user: `peer`, or what a trusted proxy says (see client_address.h)
  bool secure = false;  ///< TLS here or, by a trusted proxy's word, in front of us

  [[nodiscard]] std::string_view path() const { return url.path; }
  [[nodiscard]] std::string_view header(std::string_view name) const { return headers.get(name); }

  /// First query parameter of that name, empty when there is none.
  [[nodiscard]] std::string_view query(std::string_view name) const {
    return find(url.query, name);
  }
  /// Value of a path parameter, empty when the route has none of that name.
  [[nodiscard]] std::string_view parameter(std::string_view name) const {
    return find(parameters, name);
  }

 private:
  static std::string_view find(const std::vector<std::pair<std::string, std::string>>& pairs,
                               std::string_view name) {
    for (const auto& [key, value] : pairs) {
      if (key == name) {
        return value;
      }
    }
    return {};
  }
};

/// Whether this asks for a WebSocket (RFC 6455 section 4.2.1): `Connection: upgrade` and
/// `Upgrade: websocket`.
bool wants_websocket(const Request& request);

/// The subprotocols offered, in the client's order and spelling.
std::vector<std::string_view> offered_subprotocols(const Request& request);

}  // namespace sluice::web
