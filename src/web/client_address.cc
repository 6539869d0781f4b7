#include "web/client_address.h"

#include <optional>

namespace sluice::web {
namespace {

/// An entry of X-Forwarded-For: an address, in brackets or not, with or without a port.
std::optional<IpAddress> parse_entry(std::string_view text) {
  if (const auto plain = IpAddress::parse(text)) {
    return plain;
  }
  if (const auto with_port = SocketAddress::parse(text)) {
    return with_port->ip;
  }
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return IpAddress::parse(text.substr(1, text.size() - 2));
  }
  return std::nullopt;
}

}  // namespace

bool may_be_proxy(const IpAddress& peer) {
  return peer.is_private();
}

IpAddress client_address(const IpAddress& peer, const Headers& headers) {
  if (!may_be_proxy(peer)) {
    return peer;
  }
  const auto hops = headers.list("X-Forwarded-For");
  IpAddress nearest = peer;
  bool found = false;
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const auto address = parse_entry(*hop);
    if (!address) {
      break;  // "unknown" or nonsense: nothing further left can be trusted
    }
    nearest = *address;
    found = true;
    if (!may_be_proxy(nearest)) {
      break;
    }
  }
  if (!found) {
    return parse_entry(trim(headers.get("X-Real-IP"))).value_or(peer);
  }
  return nearest;
}

bool proxied_over_tls(const IpAddress& peer, const Headers& headers) {
  const auto protocols = headers.list("X-Forwarded-Proto");
  return may_be_proxy(peer) && !protocols.empty() &&
         (equal_ignoring_case(protocols.back(), "https") ||
          equal_ignoring_case(protocols.back(), "wss"));
}

}  // namespace sluice::web
