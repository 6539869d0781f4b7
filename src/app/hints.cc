#include "app/hints.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "app/setting.h"

namespace sluice::app {
namespace {

bool uses_tls(const Configuration& configuration) {
  return configuration.http.tls_self_signed || !configuration.http.tls_certificate.empty();
}

std::string url_of(const Configuration& configuration, const std::string& host, uint16_t port) {
  const bool tls = uses_tls(configuration);
  const bool usual = port == (tls ? 443 : 80);
  return (tls ? "https://" : "http://") + host + (usual ? "" : ":" + std::to_string(port)) + "/";
}

std::string in_url(const IpAddress& ip) {
  return ip.is_v4() ? ip.to_string() : "[" + ip.to_string() + "]";
}

std::string words_of(std::string_view key) {
  const Setting& setting = *find_setting(key);
  return std::string(key) + " (" + flag_name(setting) + ", " + environment_name(setting) + ")";
}

std::string list(std::span<const IpAddress> addresses) {
  std::string text;
  for (const IpAddress& ip : addresses) {
    text += (text.empty() ? "" : ", ") + ip.to_string();
  }
  return text;
}

/// The addresses under which media can be reached as configured; nothing when one is announced.
std::optional<std::vector<IpAddress>> unannounced_addresses(const Configuration& configuration,
                                                            std::span<const IpAddress> local) {
  if (!configuration.media.announced_address.empty()) {
    return std::nullopt;
  }
  std::vector<IpAddress> reachable;
  for (const std::string& entry : configuration.media.listen) {
    const auto ip = IpAddress::parse(entry);
    if (!ip) {
      return std::nullopt;  // ip=announced
    }
    if (ip->is_any()) {
      std::ranges::copy_if(local, std::back_inserter(reachable),
                           [&ip](const IpAddress& own) { return !ip->is_v4() || own.is_v4(); });
    } else {
      reachable.push_back(*ip);
    }
  }
  return reachable;
}

}  // namespace

HintWords hint_words(bool foundry) {
  if (foundry) {
    return {"MEDIASOUP_ANNOUNCED_IP", "MEDIASOUP_TLS_CERT and MEDIASOUP_TLS_KEY"};
  }
  return {words_of("media.announced_address"), "http.tls_certificate and http.tls_key"};
}

std::string main_url(const Configuration& configuration, const SocketAddress& bound) {
  const bool here = bound.ip.is_any() || bound.ip.is_loopback();
  return url_of(configuration, here ? "localhost" : in_url(bound.ip), bound.port);
}

std::vector<std::string> network_urls(const Configuration& configuration,
                                      const SocketAddress& bound,
                                      std::span<const IpAddress> local) {
  std::vector<std::string> urls;
  if (bound.ip.is_any()) {
    for (const IpAddress& ip : local) {
      if (ip.is_v4()) {
        urls.push_back(url_of(configuration, in_url(ip), bound.port));
      }
    }
  }
  return urls;
}

std::vector<std::string> start_hints(const Configuration& configuration, const SocketAddress& bound,
                                     std::span<const IpAddress> local, const HintWords& words) {
  std::vector<std::string> hints;
  if (bound.ip.is_loopback()) {
    return hints;  // a trial on this machine, or behind a proxy whose setup is not ours to judge
  }
  const auto media = unannounced_addresses(configuration, local);
  if (media && !media->empty() && std::ranges::all_of(*media, &IpAddress::is_private)) {
    hints.push_back("media is reachable on private addresses only (" + list(*media) +
                    "): browsers outside the local network need " + words.announced_address +
                    " set to the public address that leads UDP and TCP ports " +
                    std::to_string(configuration.media.min_port) + " to " +
                    std::to_string(configuration.media.max_port) + " here");
  }
  if (!uses_tls(configuration)) {
    hints.push_back(
        "browsers on other machines give camera and microphone to https pages only: set " +
        words.tls_certificate + ", try --tls-self-signed, or put an HTTPS proxy in front");
  }
  return hints;
}

std::string listen_failure(const std::string& message, bool foundry) {
  if (message.find("Address already in use") != std::string::npos) {
    return message + " (another program has the port; choose another with " +
           (foundry ? "MEDIASOUP_LISTEN_ADDR)" : "--port or SLUICE_HTTP_PORT)");
  }
  if (message.find("Cannot assign requested address") != std::string::npos) {
    return message + " (no interface of this machine has it; " +
           (foundry ? "MEDIASOUP_LISTEN_ADDR" : "--host or SLUICE_HTTP_HOST") +
           " 0.0.0.0 takes all)";
  }
  if (message.find("Permission denied") != std::string::npos) {
    return message + " (ports below 1024 need the capability CAP_NET_BIND_SERVICE)";
  }
  return message;
}

std::string media_failure(const std::string& message, bool foundry) {
  std::string text = "cannot start the media workers: " + message;
  if (message.find("ports") != std::string::npos) {
    text += foundry ? " (each worker needs one: MEDIASOUP_NUM_WORKERS, MEDIASOUP_RTC_MIN_PORT, "
                      "MEDIASOUP_RTC_MAX_PORT)"
                    : " (each worker needs one: media.workers, media.min_port, media.max_port)";
  }
  return text;
}

}  // namespace sluice::app
