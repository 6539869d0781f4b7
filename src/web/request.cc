#include "web/request.h"

namespace sluice::web {

bool wants_websocket(const Request& request) {
  return request.headers.lists("Connection", "upgrade") &&
         request.headers.lists("Upgrade", "websocket");
}

std::vector<std::string_view> offered_subprotocols(const Request& request) {
  return request.headers.list("Sec-WebSocket-Protocol");
}

}  // namespace sluice::web
