#include "dialects/foundry/configuration.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/socket_address.h"
#include "protocol/ortc/json.h"

namespace sluice::foundry {
namespace {

using spdlog::level::level_enum;

/// More threads than this is a slip of the finger, and each takes a port.
constexpr unsigned kMaxWorkers = 256;

constexpr std::array<std::string_view, 13> kLogTags{"info", "ice",  "dtls",   "rtp",   "srtp",
                                                    "rtcp", "rtx",  "bwe",    "score", "simulcast",
                                                    "svc",  "sctp", "message"};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The trimmed, non-empty elements of a comma list.
std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> elements;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (const std::string_view element = trim(text.substr(0, comma)); !element.empty()) {
      elements.push_back(element);
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return elements;
}

/// Digits only.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

/// Of RUST_LOG.
std::optional<level_enum> parse_level(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::array<std::pair<std::string_view, level_enum>, 6> kLevels{
      {{"off", level_enum::off},
       {"error", level_enum::err},
       {"warn", level_enum::warn},
       {"info", level_enum::info},
       {"debug", level_enum::debug},
       {"trace", level_enum::trace}}};
  for (const auto& [name, level] : kLevels) {
    if (name == lower) {
      return level;
    }
  }
  return std::nullopt;
}

/// A host name as far as its characters go; the resolver decides about the rest.
bool looks_like_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

class Reader {
 public:
  explicit Reader(const Variables& variables) : variables_(variables) {}

  ConfigurationReading read() {
    read_listen();
    read_workers();
    read_logging();
    read_ports();
    read_access();
    Configuration& values = reading_.values;
    values.announced_address = text("MEDIASOUP_ANNOUNCED_IP");
    if (!values.announced_address.empty() && !is_announceable(values.announced_address)) {
      error("MEDIASOUP_ANNOUNCED_IP is '" + values.announced_address +
            "', expected an address that browsers can reach or a host name");
    }
    if (!text("MEDIASOUP_RECORD_DIR").empty()) {
      // Whoever believes in a recording that is not made loses it.
      warn("MEDIASOUP_RECORD_DIR is set, but this version does not record; nothing will be stored");
    }
    return std::move(reading_);
  }

 private:
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::string() : std::string(trim(found->second));
  }
  void warn(std::string sentence) { reading_.warnings.push_back(std::move(sentence)); }
  void error(std::string sentence) { reading_.errors.push_back(std::move(sentence)); }

  static bool is_announceable(std::string_view text) {
    const auto literal = IpAddress::parse(text);
    return literal ? !literal->is_any() : looks_like_host(text);
  }

  void read_listen() {
    Configuration& values = reading_.values;
    if (const std::string address = text("MEDIASOUP_LISTEN_ADDR"); !address.empty()) {
      read_listen_point("MEDIASOUP_LISTEN_ADDR", address, values.listen);
    } else {
      // The pair that the project's own test setup uses.
      if (const std::string ip = text("MEDIASOUP_LISTEN_IP"); !ip.empty()) {
        values.listen.host = ip;
        if (!IpAddress::parse(ip) && !looks_like_host(ip)) {
          error("MEDIASOUP_LISTEN_IP is '" + ip + "', expected an address or a host name");
        }
      }
      if (const std::string port = text("MEDIASOUP_LISTEN_PORT"); !port.empty()) {
        if (const auto number = parse_number<uint16_t>(port)) {
          values.listen.port = *number;
        } else {
          error("MEDIASOUP_LISTEN_PORT is '" + port + "', expected a port, 0 to 65535");
        }
      }
    }
    if (const std::string address = text("MEDIASOUP_HTTP_ADDR"); !address.empty()) {
      read_listen_point("MEDIASOUP_HTTP_ADDR", address, values.http.emplace());
    }
    if (std::string folder = text("MEDIASOUP_HTTP_DIR"); !folder.empty()) {
      values.http_dir = std::move(folder);
    }
    values.tls_certificate = text("MEDIASOUP_TLS_CERT");
    values.tls_key = text("MEDIASOUP_TLS_KEY");
    if (values.tls_certificate.empty() != values.tls_key.empty()) {
      error("MEDIASOUP_TLS_CERT and MEDIASOUP_TLS_KEY belong together, but only one is set");
    }
  }

  void read_listen_point(const char* name, const std::string& address, ListenPoint& out) {
    if (auto point = parse_listen_point(address)) {
      out = std::move(*point);
    } else {
      error(std::string(name) + " is '" + address + "', expected IP:port such as 0.0.0.0:3000");
    }
  }

  void read_workers() {
    const std::string wanted = text("MEDIASOUP_NUM_WORKERS");
    if (wanted.empty()) {
      return;
    }
    const auto number = parse_number<unsigned>(wanted);
    if (!number || *number == 0) {
      warn("MEDIASOUP_NUM_WORKERS is '" + wanted + "', expected a number above 0; using 1");
    } else if (*number > kMaxWorkers) {
      reading_.values.workers = kMaxWorkers;
      warn("MEDIASOUP_NUM_WORKERS is " + wanted + "; using the most, " +
           std::to_string(kMaxWorkers));
    } else {
      reading_.values.workers = *number;
    }
  }

  void read_logging() {
    Configuration& values = reading_.values;
    if (const std::string level = text("MEDIASOUP_LOG_LEVEL"); !level.empty()) {
      if (level == "debug") {
        values.engine_log_level = level_enum::debug;
      } else if (level == "error") {
        values.engine_log_level = level_enum::err;
      } else if (level == "none") {
        values.engine_log_level = level_enum::off;
      } else if (level != "warn") {
        warn("MEDIASOUP_LOG_LEVEL is '" + level +
             "', expected debug, warn, error or none; using warn");
      }
    }
    if (const std::string tags = text("MEDIASOUP_LOG_TAGS"); !tags.empty()) {
      values.engine_log_tags.clear();
      for (const std::string_view tag : split_list(tags)) {
        if (std::ranges::find(kLogTags, tag) != kLogTags.end()) {
          values.engine_log_tags.emplace_back(tag);
        }
      }
    }
    const std::string filter = text("RUST_LOG");
    for (const std::string_view entry : split_list(filter)) {
      read_log_directive(entry);
    }
  }

  void read_log_directive(std::string_view entry) {
    LogFilter& log = reading_.values.log;
    const size_t equals = entry.find('=');
    const auto level =
        parse_level(trim(equals == std::string_view::npos ? entry : entry.substr(equals + 1)));
    const std::string_view target =
        equals == std::string_view::npos ? std::string_view{} : trim(entry.substr(0, equals));
    if (level && equals == std::string_view::npos) {
      log.level = *level;
    } else if (level && !target.empty()) {
      log.targets.emplace_back(target, *level);
    } else {
      warn("RUST_LOG has '" + std::string(entry) +
           "', expected error, warn, info, debug, trace or target=level; it is ignored");
    }
  }

  void read_ports() {
    Configuration& values = reading_.values;
    read_rtc_port("MEDIASOUP_RTC_MIN_PORT", values.rtc_min_port);
    read_rtc_port("MEDIASOUP_RTC_MAX_PORT", values.rtc_max_port);
    if (values.rtc_min_port > values.rtc_max_port) {
      error("MEDIASOUP_RTC_MIN_PORT (" + std::to_string(values.rtc_min_port) +
            ") is above MEDIASOUP_RTC_MAX_PORT (" + std::to_string(values.rtc_max_port) + ")");
    }
  }

  void read_rtc_port(const char* name, uint16_t& port) {
    const std::string wanted = text(name);
    if (wanted.empty()) {
      return;
    }
    const auto number = parse_number<uint16_t>(wanted);
    if (number && *number != 0) {
      port = *number;
    } else {
      warn(std::string(name) + " is '" + wanted + "', expected a port, 1 to 65535; using " +
           std::to_string(port));
    }
  }

  void read_access() {
    Configuration& values = reading_.values;
    values.auth_token = text("MEDIASOUP_AUTH_TOKEN");
    const std::string origins = text("MEDIASOUP_ALLOWED_ORIGINS");
    for (const std::string_view origin : split_list(origins)) {
      values.allowed_origins.emplace_back(origin);
    }
    if (!origins.empty() && values.allowed_origins.empty()) {
      // A list without elements would open what was meant to be closed.
      error("MEDIASOUP_ALLOWED_ORIGINS is '" + origins + "', expected a comma list of origins");
    }
    if (const std::string servers = text("MEDIASOUP_ICE_SERVERS"); !servers.empty()) {
      // The value is not shown: TURN servers have passwords.
      auto value = ortc::parse_json(servers);
      if (value && value->is_array()) {
        values.ice_servers = std::move(value->as_array());
      } else {
        error("MEDIASOUP_ICE_SERVERS is no JSON array");
      }
    }
  }

  const Variables& variables_;
  ConfigurationReading reading_;
};

}  // namespace

std::optional<ListenPoint> parse_listen_point(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = parse_number<uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (!port) {
    return std::nullopt;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    const auto literal = IpAddress::parse(host);
    return literal && host.find(':') != std::string_view::npos
               ? std::optional(ListenPoint{std::string(host), *port})
               : std::nullopt;
  }
  return looks_like_host(host) ? std::optional(ListenPoint{std::string(host), *port})
                               : std::nullopt;
}

ConfigurationReading read_configuration(const Variables& variables) {
  return Reader(variables).read();
}

}  // namespace sluice::foundry
