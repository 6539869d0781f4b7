#include "dialects/foundry/transport_advice.h"

#include <algorithm>

#include "base/socket_address.h"

namespace sluice::foundry {
namespace {

/// "192.0.2.1:10000 (UDP), 192.0.2.1:10000 (TCP)".
std::string list(std::span<const ortc::IceCandidate> candidates) {
  std::string text;
  for (const ortc::IceCandidate& candidate : candidates) {
    if (!text.empty()) {
      text += ", ";
    }
    const bool v6 = candidate.address.find(':') != std::string::npos;
    text += v6 ? "[" + candidate.address + "]" : candidate.address;
    text += ":" + std::to_string(candidate.port);
    text += candidate.protocol == ortc::TransportProtocol::kUdp ? " (UDP)" : " (TCP)";
  }
  return text;
}

bool all_private(std::span<const ortc::IceCandidate> candidates) {
  return std::ranges::all_of(candidates, [](const ortc::IceCandidate& candidate) {
    const auto ip = IpAddress::parse(candidate.address);
    return ip && ip->is_private();
  });
}

}  // namespace

std::string transport_advice(std::string_view ice_state, std::string_view dtls_state,
                             std::string_view failure,
                             std::span<const ortc::IceCandidate> candidates) {
  if (!failure.empty()) {
    return std::string(failure);
  }
  if (ice_state == "closed" || dtls_state == "closed") {
    return "The transport is closed.";
  }
  if (ice_state == "new") {
    return "No ICE check has reached the server on " + list(candidates) +
           ". One of these addresses must be reachable from the browser, through every firewall "
           "in between." +
           (all_private(candidates) ? " All of them are private: to be reached from other networks "
                                      "the server must be told its public address."
                                    : "");
  }
  if (dtls_state == "new") {
    return "ICE works: the browser reaches the server. The DTLS handshake has not begun.";
  }
  if (dtls_state != "connected") {
    return "ICE works: the browser reaches the server. The DTLS handshake has not finished.";
  }
  return {};
}

}  // namespace sluice::foundry
