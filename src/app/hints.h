// What the server tells at its start: where to go, and what will not work as configured.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "base/socket_address.h"

namespace sluice::app {

/// How users of a mode say these things.
struct HintWords {
  /// `media.announced_address (--announced-address, SLUICE_MEDIA_ANNOUNCED_ADDRESS)`.
  std::string announced_address;
  std::string tls_certificate;
};
HintWords hint_words(bool foundry);

/// The address to open in a browser on this machine, or on any when the server listens on one
/// address only: `http://localhost:8080/`.
std::string main_url(const Configuration& configuration, const SocketAddress& bound);

/// Further ones, for other machines of the local network; `local` are this machine's addresses.
std::vector<std::string> network_urls(const Configuration& configuration,
                                      const SocketAddress& bound, std::span<const IpAddress> local);

/// Warnings, each a sentence that says what does not work and how to change that.
std::vector<std::string> start_hints(const Configuration& configuration, const SocketAddress& bound,
                                     std::span<const IpAddress> local, const HintWords& words);

/// The message of a failed bind, with what to do when the port is taken.
std::string listen_failure(const std::string& message, bool foundry);

/// The message of a media engine that did not start, with the settings that matter.
std::string media_failure(const std::string& message, bool foundry);

}  // namespace sluice::app
