#include "app/effective_configuration.h"

#include <filesystem>
#include <utility>

namespace sluice::app {
namespace {

constexpr const char* kUsualPaths[] = {"sluice.toml", "/etc/sluice/sluice.toml"};

/// `http.tls_key (environment SLUICE_HTTP_TLS_KEY)`.
std::string named(const EffectiveConfiguration& effective, std::string_view key) {
  const Setting& setting = *find_setting(key);
  return std::string(key) + " (" + effective.origin(setting).text() + ")";
}

void check_pair(const EffectiveConfiguration& effective, const std::string& first,
                std::string_view first_key, const std::string& second, std::string_view second_key,
                std::vector<std::string>& errors) {
  if (first.empty() == second.empty()) {
    return;
  }
  const bool has_first = !first.empty();
  errors.push_back(named(effective, has_first ? first_key : second_key) + " is set, but " +
                   std::string(has_first ? second_key : first_key) +
                   " is not: both belong together");
}

/// What no single setting can tell.
std::vector<std::string> contradictions(const EffectiveConfiguration& effective) {
  std::vector<std::string> errors;
  const Configuration::Http& http = effective.values.http;
  const Configuration::Media& media = effective.values.media;
  check_pair(effective, http.tls_certificate, "http.tls_certificate", http.tls_key, "http.tls_key",
             errors);
  check_pair(effective, media.dtls_certificate, "media.dtls_certificate", media.dtls_key,
             "media.dtls_key", errors);
  if (http.tls_self_signed && !http.tls_certificate.empty()) {
    errors.push_back(named(effective, "http.tls_self_signed") + " and " +
                     named(effective, "http.tls_certificate") + " are both set: choose one");
  }
  if (media.min_port > media.max_port) {
    errors.push_back(named(effective, "media.min_port") + " is " + std::to_string(media.min_port) +
                     ", above " + named(effective, "media.max_port") + ", which is " +
                     std::to_string(media.max_port));
  } else if (const unsigned ports = media.max_port - media.min_port + 1U; media.workers > ports) {
    errors.push_back(named(effective, "media.workers") + " is " + std::to_string(media.workers) +
                     ", but media.min_port to media.max_port are only " + std::to_string(ports) +
                     " ports: each worker needs one");
  }
  if (media.listen.empty()) {
    errors.push_back(named(effective, "media.listen") + " is empty: expected at least one address");
  }
  if (http.websocket_idle <= http.websocket_ping) {
    errors.push_back(named(effective, "http.websocket_idle_seconds") + " is " +
                     std::to_string(http.websocket_idle.count()) + ", not above " +
                     named(effective, "http.websocket_ping_seconds") + ", which is " +
                     std::to_string(http.websocket_ping.count()));
  }
  return errors;
}

std::unexpected<Error> failed(const std::vector<std::string>& errors) {
  std::string text;
  for (const std::string& error : errors) {
    text += (text.empty() ? "" : "\n") + error;
  }
  return type_error(std::move(text));
}

}  // namespace

const Origin& EffectiveConfiguration::origin(const Setting& setting) const {
  return origins[index_of(setting)];
}

Result<EffectiveConfiguration> combine(Readings readings, const Configuration& defaults) {
  EffectiveConfiguration effective{
      .values = defaults,
      .origins = std::vector<Origin>(settings().size()),
      .warnings = std::move(readings.warnings),
  };
  std::vector<std::string> errors = std::move(readings.errors);
  for (Assignment& assignment : readings.assignments) {
    const Setting& setting = *assignment.setting;
    if (assign(setting, effective.values, assignment.text)) {
      effective.origins[index_of(setting)] = std::move(assignment.origin);
      continue;
    }
    // A file says the place and the key; a variable or a flag is the key itself.
    const bool from_file = assignment.origin.kind == Origin::Kind::kFile;
    errors.push_back(assignment.origin.detail + (from_file ? ": " + std::string(setting.key) : "") +
                     " = " + assignment.written + ": expected " + expectation(setting));
  }
  if (errors.empty()) {
    errors = contradictions(effective);
  }
  if (!errors.empty()) {
    return failed(errors);
  }
  return effective;
}

std::optional<std::string> configuration_path(const std::optional<std::string>& named) {
  if (named && !named->empty()) {
    return named;
  }
  for (const char* path : kUsualPaths) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      return path;
    }
  }
  return std::nullopt;
}

}  // namespace sluice::app
