// The settings of the drop-in mode, all from environment variables (foundryvtt 3.1 to 3.3). Pure:
// it opens no file and resolves no name.
#pragma once

#include <spdlog/common.h>

#include <boost/json/array.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/foundry/environment.h"

namespace sluice::foundry {

/// Where to listen: an IP literal or a host name, without brackets. Port 0: any free one.
struct ListenPoint {
  std::string host = "0.0.0.0";
  uint16_t port = 3000;

  friend bool operator==(const ListenPoint&, const ListenPoint&) = default;
};

/// What RUST_LOG says.
struct LogFilter {
  spdlog::level::level_enum level = spdlog::level::info;
  /// Level of single targets, e.g. {"mediasoup_server", debug}, in the order given.
  std::vector<std::pair<std::string, spdlog::level::level_enum>> targets;
};

struct Configuration {
  ListenPoint listen;                 ///< MEDIASOUP_LISTEN_ADDR, or _LISTEN_IP with _LISTEN_PORT
  std::optional<ListenPoint> http;    ///< MEDIASOUP_HTTP_ADDR: health and static files
  std::string http_dir = "./public";  ///< MEDIASOUP_HTTP_DIR
  unsigned workers = 1;               ///< MEDIASOUP_NUM_WORKERS
  /// MEDIASOUP_LOG_LEVEL: of the media engine.
  spdlog::level::level_enum engine_log_level = spdlog::level::warn;
  std::vector<std::string> engine_log_tags = {"info"};  ///< MEDIASOUP_LOG_TAGS, known ones only
  LogFilter log;                                        ///< RUST_LOG
  uint16_t rtc_min_port = 10000;                        ///< MEDIASOUP_RTC_MIN_PORT
  uint16_t rtc_max_port = 10100;                        ///< MEDIASOUP_RTC_MAX_PORT
  /// MEDIASOUP_ANNOUNCED_IP: an address or a host name; empty: see candidates.h.
  std::string announced_address;
  boost::json::array ice_servers;            ///< MEDIASOUP_ICE_SERVERS
  std::string auth_token;                    ///< MEDIASOUP_AUTH_TOKEN; empty: everyone may enter
  std::vector<std::string> allowed_origins;  ///< MEDIASOUP_ALLOWED_ORIGINS; empty: all
  std::string tls_certificate;               ///< MEDIASOUP_TLS_CERT: path of a PEM file
  std::string tls_key;                       ///< MEDIASOUP_TLS_KEY
};

/// A configuration and what is to be said about it. With any error the server must not start; a
/// warning names a value that was replaced by its default.
struct ConfigurationReading {
  Configuration values;
  std::vector<std::string> warnings;
  std::vector<std::string> errors;
};

/// `variables`: see merge_variables. Unknown names are not looked at.
ConfigurationReading read_configuration(const Variables& variables);

/// Takes `host:port`, `1.2.3.4:port` or `[v6]:port` apart; nothing for anything else.
std::optional<ListenPoint> parse_listen_point(std::string_view text);

}  // namespace sluice::foundry
