#include "app/environment.h"

#include <algorithm>
#include <string_view>

namespace sluice::app {
namespace {

/// `http.port_x` for `SLUICE_HTTP_PORT_X`; empty when no group of ours is in the name.
std::string key_like(std::string_view variable) {
  constexpr std::string_view kPrefix = "SLUICE_";
  if (!variable.starts_with(kPrefix)) {
    return {};
  }
  std::string key(variable.substr(kPrefix.size()));
  std::ranges::transform(key, key.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  for (const Group& group : groups()) {
    if (key.starts_with(std::string(group.name) + "_")) {
      key[group.name.size()] = '.';
      return key;
    }
  }
  return {};
}

}  // namespace

Readings read_environment(const Environment& environment) {
  Readings readings;
  for (const auto& [name, value] : environment) {
    const std::string key = key_like(name);
    if (key.empty() || value.empty()) {
      continue;
    }
    if (const Setting* setting = find_setting(key)) {
      readings.assignments.push_back(
          {.setting = setting,
           .text = value,
           .written = is_secret(*setting) ? "(not shown)" : "\"" + value + "\"",
           .origin = {Origin::Kind::kEnvironment, name}});
      continue;
    }
    std::string warning = "environment variable " + name + " is no setting";
    if (const Setting* nearest = find_setting(nearest_key(key))) {
      warning += "; did you mean " + environment_name(*nearest) + "?";
    }
    readings.warnings.push_back(std::move(warning));
  }
  return readings;
}

}  // namespace sluice::app
