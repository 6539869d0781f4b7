#include "app/setting.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <numeric>
#include <vector>

#include "app/log_levels.h"
#include "base/socket_address.h"

namespace sluice::app {
namespace {

constexpr uint64_t kPortMax = 65535;
// Past a day a duration is a mistake.
constexpr uint64_t kDay = 86400;
// One port for each loop, and a machine with more cores than this is yet to be seen here.
constexpr uint64_t kMaxWorkers = 1024;

bool is_host(std::string_view text) {
  return !text.empty() && text.find_first_of(" /,=") == std::string_view::npos;
}

/// What can be told to clients: not an address that means "any".
bool is_announceable(std::string_view text) {
  const auto literal = IpAddress::parse(text);
  return is_host(text) && !(literal && literal->is_any());
}

bool is_announceable_or_empty(std::string_view text) {
  return text.empty() || is_announceable(text);
}

bool is_listen_address(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos && !is_announceable(text.substr(equals + 1))) {
    return false;
  }
  return IpAddress::parse(text.substr(0, equals)).has_value();
}

bool is_origin(std::string_view text) {
  if (text == "*") {
    return true;
  }
  const size_t scheme = text.find("://");
  return scheme != std::string_view::npos && scheme > 0 && scheme + 3 < text.size();
}

bool is_log_format(std::string_view text) {
  return text == "text" || text == "json";
}

bool is_log_level_list(std::string_view text) {
  return parse_log_levels(text).has_value();
}

// Browsers refuse the whole connection when one entry is malformed, so it is found here.
bool is_ice_server_list(std::string_view text) {
  if (text.empty()) {
    return true;
  }
  boost::system::error_code failure;
  const boost::json::value value =
      boost::json::parse(boost::json::string_view(text.data(), text.size()), failure);
  if (failure || !value.is_array()) {
    return false;
  }
  return std::ranges::all_of(value.get_array(), [](const boost::json::value& server) {
    if (!server.is_object()) {
      return false;
    }
    const boost::json::value* urls = server.get_object().if_contains("urls");
    return urls != nullptr && (urls->is_string() || urls->is_array());
  });
}

// clang-format off
constexpr auto kSettings = std::to_array<Setting>({
  {"http.host", "host",
   "Address that HTTP and WebSocket listen on; `::` takes IPv6 and IPv4.",
   [](Configuration& c) -> Target { return &c.http.host; },
   0, 0, "an IP address or a host name of this machine", is_host},
  {"http.port", "port",
   "Port of HTTP and WebSocket; 0 takes any free one.",
   [](Configuration& c) -> Target { return &c.http.port; }, 0, kPortMax},
  {"http.tls_certificate", "tls-certificate",
   "PEM file with the certificate and its chain; the port then speaks HTTPS only.",
   [](Configuration& c) -> Target { return &c.http.tls_certificate; }},
  {"http.tls_key", "tls-key",
   "PEM file with the private key of `http.tls_certificate`.",
   [](Configuration& c) -> Target { return &c.http.tls_key; }},
  {"http.tls_self_signed", "tls-self-signed",
   "HTTPS with a certificate made at start. Browsers warn about it once; good for a trial in the local network.",
   [](Configuration& c) -> Target { return &c.http.tls_self_signed; }},
  {"http.allowed_origins", "allowed-origins",
   "Web origins whose pages may connect. Empty: every one.",
   [](Configuration& c) -> Target { return &c.http.allowed_origins; },
   0, 0, "origins such as https://example.org, or *", is_origin},
  {"http.trust_private_peers", "",
   "Believe `X-Forwarded-For`, `X-Real-IP` and `X-Forwarded-Proto` of peers with a loopback or private address, as reverse proxies have.",
   [](Configuration& c) -> Target { return &c.http.trust_private_peers; }},
  {"http.websocket_ping_seconds", "",
   "Time between two pings of a WebSocket. Proxies cut connections that are silent for a minute.",
   [](Configuration& c) -> Target { return &c.http.websocket_ping; }, 1, kDay},
  {"http.websocket_idle_seconds", "",
   "A WebSocket without any sign of life for this long is closed.",
   [](Configuration& c) -> Target { return &c.http.websocket_idle; }, 2, kDay},

  {"auth.token", "",
   "What clients must present as `?token=` to connect. Empty: everybody may.",
   [](Configuration& c) -> Target { return &c.auth.token; }},

  {"ice.servers", "",
   "STUN and TURN servers for the clients, as browsers take them in `iceServers`. The server itself needs none.",
   [](Configuration& c) -> Target { return &c.ice.servers; },
   0, 0, "a JSON array of objects with \"urls\"", is_ice_server_list},

  {"media.workers", "workers",
   "Media threads; each takes one port of the range. 0: one per core.",
   [](Configuration& c) -> Target { return &c.media.workers; }, 0, kMaxWorkers},
  {"media.listen", "",
   "Addresses that media listens on. Clients are told the part after `=` instead, where there is one.",
   [](Configuration& c) -> Target { return &c.media.listen; },
   0, 0, "an IP address, or IP=ANNOUNCED", is_listen_address},
  {"media.announced_address", "announced-address",
   "Public address or host name that clients send media to, when this machine's own addresses are private. For every `media.listen` without one of its own.",
   [](Configuration& c) -> Target { return &c.media.announced_address; },
   0, 0, "an address that clients can reach, or a host name", is_announceable_or_empty},
  {"media.min_port", "",
   "First port for media, UDP and TCP.",
   [](Configuration& c) -> Target { return &c.media.min_port; }, 1, kPortMax},
  {"media.max_port", "",
   "Last port for media. Only as many are used as there are workers; clients share them.",
   [](Configuration& c) -> Target { return &c.media.max_port; }, 1, kPortMax},
  {"media.enable_tcp", "",
   "Offer media over TCP too, for clients whose network blocks UDP.",
   [](Configuration& c) -> Target { return &c.media.enable_tcp; }},
  {"media.dtls_certificate", "",
   "PEM file with the certificate for DTLS. Empty: a new one at every start, which is fine.",
   [](Configuration& c) -> Target { return &c.media.dtls_certificate; }},
  {"media.dtls_key", "",
   "PEM file with the private key of `media.dtls_certificate`.",
   [](Configuration& c) -> Target { return &c.media.dtls_key; }},
  {"media.pin_threads", "",
   "Bind media thread N to core N.",
   [](Configuration& c) -> Target { return &c.media.pin_threads; }},
  {"media.transports_before_spread", "",
   "A room stays on one media thread until it has this many transports, then uses all.",
   [](Configuration& c) -> Target { return &c.media.transports_before_spread; }},
  {"media.packet_buffers", "",
   "Packets that one media thread holds at most, in use or kept for retransmission; 2 KiB each.",
   [](Configuration& c) -> Target { return &c.media.packet_buffers; }, 1024, 16777216},

  {"limits.rooms", "", "Rooms of this server.",
   [](Configuration& c) -> Target { return &c.limits.rooms; }, 1},
  {"limits.peers_per_room", "", "Participants of one room.",
   [](Configuration& c) -> Target { return &c.limits.peers_per_room; }, 1},
  {"limits.transports_per_peer", "", "Transports of one participant; clients need two.",
   [](Configuration& c) -> Target { return &c.limits.transports_per_peer; }, 1},
  {"limits.producers_per_peer", "", "Audio and video tracks that one participant sends.",
   [](Configuration& c) -> Target { return &c.limits.producers_per_peer; }, 1},
  {"limits.consumers_per_peer", "", "Audio and video tracks that one participant receives.",
   [](Configuration& c) -> Target { return &c.limits.consumers_per_peer; }, 1},
  {"limits.connections", "", "HTTP and WebSocket connections in total.",
   [](Configuration& c) -> Target { return &c.limits.connections; }, 1},
  {"limits.connections_per_address", "",
   "Connections of one client address. Offices and mobile networks put many users behind one.",
   [](Configuration& c) -> Target { return &c.limits.connections_per_address; }, 1},
  {"limits.requests_per_second", "", "HTTP requests of one client address; 0: no limit.",
   [](Configuration& c) -> Target { return &c.limits.requests_per_second; }},
  {"limits.request_burst", "",
   "HTTP requests of one client address that may come at once; 0: twice `limits.requests_per_second`.",
   [](Configuration& c) -> Target { return &c.limits.request_burst; }},
  {"limits.request_header_bytes", "", "Size of a request line with its header fields.",
   [](Configuration& c) -> Target { return &c.limits.request_header_bytes; }, 1024, 1048576},
  {"limits.message_bytes", "", "Size of one WebSocket message of a client.",
   [](Configuration& c) -> Target { return &c.limits.message_bytes; }, 1024, 1073741824},
  {"limits.unsent_bytes", "",
   "A WebSocket whose client is this far behind in reading is closed.",
   [](Configuration& c) -> Target { return &c.limits.unsent_bytes; }, 65536, 1073741824},

  {"log.level", "",
   "Level of all modules, and after it of single ones: `info,ice=debug`. Levels: trace, debug, info, warn, error, off.",
   [](Configuration& c) -> Target { return &c.log.level; },
   0, 0, "a level, or LEVEL,MODULE=LEVEL,... with trace, debug, info, warn, error or off",
   is_log_level_list},
  {"log.format", "",
   "`text`: lines for people. `json`: one JSON object a line.",
   [](Configuration& c) -> Target { return &c.log.format; },
   0, 0, "text or json", is_log_format},

  {"shutdown.drain_seconds", "drain-seconds",
   "After SIGTERM rooms may go on for this long before everybody is disconnected.",
   [](Configuration& c) -> Target { return &c.shutdown.drain; }, 0, kDay},
});

constexpr auto kGroups = std::to_array<Group>({
  {"http", "HTTP and WebSocket"},
  {"auth", "Access"},
  {"ice", "ICE"},
  {"media", "Media"},
  {"limits", "Limits"},
  {"log", "Logs"},
  {"shutdown", "Shutdown"},
});
// clang-format on

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return result;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const Setting> settings() {
  return kSettings;
}

std::span<const Group> groups() {
  return kGroups;
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(kSettings, key, &Setting::key);
  return found == kSettings.end() ? nullptr : &*found;
}

size_t index_of(const Setting& setting) {
  return static_cast<size_t>(&setting - kSettings.data());
}

std::string_view group_of(const Setting& setting) {
  return setting.key.substr(0, setting.key.find('.'));
}

std::string_view name_in_group(const Setting& setting) {
  return setting.key.substr(setting.key.find('.') + 1);
}

std::string environment_name(const Setting& setting) {
  return "SLUICE_" + upper(setting.key);
}

std::string long_flag_name(const Setting& setting) {
  std::string name = "--" + std::string(setting.key);
  std::ranges::replace(name, '.', '-');
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string flag_name(const Setting& setting) {
  return setting.short_flag.empty() ? long_flag_name(setting)
                                    : "--" + std::string(setting.short_flag);
}

std::string_view nearest_key(std::string_view key) {
  std::string_view best;
  // A third of the letters may be wrong; beyond that a suggestion confuses more than it helps.
  size_t best_distance = key.size() / 3 + 1;
  for (const Setting& setting : kSettings) {
    // The right name under the wrong table, or under none.
    const bool same_name = name_in_group(setting) == key.substr(key.rfind('.') + 1);
    const size_t distance = same_name ? 0 : edit_distance(key, setting.key);
    if (distance < best_distance) {
      best_distance = distance;
      best = setting.key;
    }
  }
  return best;
}

}  // namespace sluice::app
