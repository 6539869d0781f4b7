#include "app/drop_in.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace sluice::app {
namespace {

// The modules of the media engine behind each of the original's log tags.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kEngineModules = {{
    {"media", "info"},
    {"net", "info"},
    {"ice", "ice"},
    {"dtls", "dtls"},
    {"rtp", "rtp"},
    {"srtp", "srtp"},
    {"rtcp", "rtcp"},
    {"rtx", "rtx"},
    {"bwe", "bwe"},
    {"score", "score"},
    {"svc", "svc"},
    {"simulcast", "simulcast"},
    {"sctp", "sctp"},
    {"message", "message"},
}};
// What the original's own log lines are named after, and users' RUST_LOG filters with them.
constexpr std::string_view kServerTarget = "mediasoup_server";

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return "trace";
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::warn:
      return "warn";
    case spdlog::level::err:
    case spdlog::level::critical:
      return "error";
    case spdlog::level::off:
      return "off";
    default:
      return "info";
  }
}

/// RUST_LOG is for the server, MEDIASOUP_LOG_LEVEL and MEDIASOUP_LOG_TAGS for the media engine:
/// subjects without a tag only report errors.
std::string log_levels(const foundry::Configuration& own) {
  std::string_view server = name_of(own.log.level);
  std::string modules;
  const auto add = [&modules](std::string_view module, std::string_view level) {
    modules += "," + std::string(module) + "=" + std::string(level);
  };
  for (const auto& [module, tag] : kEngineModules) {
    const bool tagged = std::ranges::find(own.engine_log_tags, tag) != own.engine_log_tags.end();
    const auto least =
        own.engine_log_level == spdlog::level::off ? spdlog::level::off : spdlog::level::err;
    add(module, name_of(tagged ? own.engine_log_level : least));
  }
  for (const auto& [target, level] : own.log.targets) {
    if (target == kServerTarget || target.starts_with(std::string(kServerTarget) + "::")) {
      server = name_of(level);
    } else {
      add(target, name_of(level));
    }
  }
  return std::string(server) + modules;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ",") + item;
  }
  return text;
}

class Translator {
 public:
  Translator(const foundry::Variables& environment, const foundry::Variables& file,
             Readings& readings)
      : environment_(environment), file_(file), readings_(readings) {}

  /// Gives `key` the value `text` when one of the variables is set; the first set one is named.
  void take(std::string_view key, std::string text, std::initializer_list<const char*> variables) {
    for (const char* name : variables) {
      const bool in_environment = is_set(environment_, name);
      if (!in_environment && !is_set(file_, name)) {
        continue;
      }
      const Setting* setting = find_setting(key);
      std::string written = is_secret(*setting) ? "(not shown)" : "\"" + text + "\"";
      readings_.assignments.push_back(
          {.setting = setting,
           .text = std::move(text),
           .written = std::move(written),
           .origin = {Origin::Kind::kEnvironment,
                      std::string(in_environment ? "" : ".env ") + name}});
      return;
    }
  }

 private:
  static bool is_set(const foundry::Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    return found != variables.end() && !found->second.empty();
  }

  const foundry::Variables& environment_;
  const foundry::Variables& file_;
  Readings& readings_;
};

}  // namespace

DropIn read_drop_in(const foundry::Variables& environment,
                    const std::optional<std::string>& env_file) {
  DropIn result;
  foundry::EnvFile file;
  if (env_file) {
    file = foundry::parse_env_file(*env_file);
  }
  auto reading = foundry::read_configuration(foundry::merge_variables(environment, file.variables));
  result.readings.warnings = std::move(file.warnings);
  result.readings.add({{}, std::move(reading.errors), std::move(reading.warnings)});

  const foundry::Configuration standard;
  result.defaults.http.host = standard.listen.host;
  result.defaults.http.port = standard.listen.port;
  result.defaults.media.workers = standard.workers;
  result.defaults.media.min_port = standard.rtc_min_port;
  result.defaults.media.max_port = standard.rtc_max_port;
  result.defaults.log.level = log_levels(standard);
  // The specification promises an end within 5 s (foundryvtt 3.7).
  result.defaults.shutdown.drain = std::chrono::seconds(0);

  const foundry::Configuration& own = reading.values;
  Translator to(environment, file.variables, result.readings);
  to.take("http.host", own.listen.host, {"MEDIASOUP_LISTEN_ADDR", "MEDIASOUP_LISTEN_IP"});
  to.take("http.port", std::to_string(own.listen.port),
          {"MEDIASOUP_LISTEN_ADDR", "MEDIASOUP_LISTEN_PORT"});
  to.take("http.tls_certificate", own.tls_certificate, {"MEDIASOUP_TLS_CERT"});
  to.take("http.tls_key", own.tls_key, {"MEDIASOUP_TLS_KEY"});
  to.take("http.allowed_origins", joined(own.allowed_origins), {"MEDIASOUP_ALLOWED_ORIGINS"});
  to.take("auth.token", own.auth_token, {"MEDIASOUP_AUTH_TOKEN"});
  to.take("ice.servers", boost::json::serialize(own.ice_servers), {"MEDIASOUP_ICE_SERVERS"});
  to.take("media.workers", std::to_string(own.workers), {"MEDIASOUP_NUM_WORKERS"});
  to.take("media.announced_address", own.announced_address, {"MEDIASOUP_ANNOUNCED_IP"});
  to.take("media.min_port", std::to_string(own.rtc_min_port), {"MEDIASOUP_RTC_MIN_PORT"});
  to.take("media.max_port", std::to_string(own.rtc_max_port), {"MEDIASOUP_RTC_MAX_PORT"});
  to.take("log.level", log_levels(own), {"RUST_LOG", "MEDIASOUP_LOG_LEVEL", "MEDIASOUP_LOG_TAGS"});
  result.own = std::move(reading.values);
  return result;
}

}  // namespace sluice::app
