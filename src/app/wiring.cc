#include "app/wiring.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "app/descriptors.h"
#include "net/local_addresses.h"
#include "web/self_signed.h"

namespace sluice::app {
namespace {

Result<std::string> read_pem(std::string_view key, const std::string& path) {
  if (path.empty()) {
    return std::string();
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return generic_error(std::string(key) + ": cannot read " + path + ": " + std::strerror(errno));
  }
  return text;
}

/// For every name under which browsers of the local network may come.
Result<web::TlsIdentity> self_signed_identity() {
  web::SelfSignedOptions options;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0') {
    options.names.emplace_back(host.data());
  }
  options.names.emplace_back("127.0.0.1");
  options.names.emplace_back("::1");
  for (const IpAddress& ip : net::local_addresses()) {
    options.names.push_back(ip.to_string());
  }
  auto made = web::make_self_signed(options);
  if (!made) {
    return std::unexpected(made.error());
  }
  return web::TlsIdentity{std::move(made->certificate_pem), std::move(made->private_key_pem)};
}

}  // namespace

Result<media::EngineSettings> engine_settings(const Configuration& configuration) {
  const Configuration::Media& from = configuration.media;
  media::EngineSettings to;
  to.loops = from.workers;
  to.listen.clear();
  for (const std::string& entry : from.listen) {
    const size_t equals = entry.find('=');
    to.listen.push_back({.ip = entry.substr(0, equals),
                         .announced_address = equals == std::string::npos
                                                  ? from.announced_address
                                                  : entry.substr(equals + 1)});
  }
  to.min_port = from.min_port;
  to.max_port = from.max_port;
  to.enable_tcp = from.enable_tcp;
  to.pin_threads = from.pin_threads;
  to.transports_before_spread = from.transports_before_spread;
  to.packets_per_loop = from.packet_buffers;
  auto certificate = read_pem("media.dtls_certificate", from.dtls_certificate);
  if (!certificate) {
    return std::unexpected(certificate.error());
  }
  auto key = read_pem("media.dtls_key", from.dtls_key);
  if (!key) {
    return std::unexpected(key.error());
  }
  to.dtls_certificate_pem = *std::move(certificate);
  to.dtls_private_key_pem = *std::move(key);
  return to;
}

rooms::Limits room_limits(const Configuration& configuration) {
  const Configuration::Limits& from = configuration.limits;
  return {.rooms = from.rooms,
          .peers_per_room = from.peers_per_room,
          .transports_per_peer = from.transports_per_peer,
          .producers_per_peer = from.producers_per_peer,
          .consumers_per_peer = from.consumers_per_peer};
}

web::ServerOptions server_options(const Configuration& configuration, uint64_t descriptors) {
  const Configuration::Limits& limits = configuration.limits;
  const Configuration::Http& http = configuration.http;
  web::ServerOptions options;
  options.admission = {
      .max_connections = std::min(limits.connections, connections_within(descriptors)),
      .max_per_address = limits.connections_per_address,
      .requests_per_second = limits.requests_per_second,
      .burst = limits.request_burst};
  options.http.max_header = limits.request_header_bytes;
  options.websocket.max_message = limits.message_bytes;
  options.websocket.max_queued = limits.unsent_bytes;
  options.websocket.ping_interval = http.websocket_ping;
  options.websocket.idle_timeout = http.websocket_idle;
  options.trust_private_peers = http.trust_private_peers;
  return options;
}

Result<std::string> resolve_host(const std::string& host) {
  if (IpAddress::parse(host)) {
    return host;
  }
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failure = getaddrinfo(host.c_str(), nullptr, &wanted, &found); failure != 0) {
    return generic_error("cannot listen on " + host + ": " + gai_strerror(failure));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0 &&
        IpAddress::parse(text.data())) {
      return std::string(text.data());
    }
  }
  return generic_error("cannot listen on " + host + ": it has no address");
}

Result<web::Listener> main_listener(const Configuration& configuration) {
  const Configuration::Http& http = configuration.http;
  auto host = resolve_host(http.host);
  if (!host) {
    return std::unexpected(host.error());
  }
  web::Listener listener{.host = *std::move(host), .port = http.port};
  if (http.tls_self_signed) {
    auto identity = self_signed_identity();
    if (!identity) {
      return std::unexpected(identity.error());
    }
    listener.tls = *std::move(identity);
  } else if (!http.tls_certificate.empty()) {
    listener.tls = web::TlsIdentity{http.tls_certificate, http.tls_key};
  }
  return listener;
}

}  // namespace sluice::app
