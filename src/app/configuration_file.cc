#include "app/configuration_file.h"

#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <variant>

namespace sluice::app {
namespace {

std::string place_of(const std::string& file, const toml::source_region& where) {
  return file + ":" + std::to_string(where.begin.line);
}

std::string json_of(const toml::array& array) {
  std::ostringstream text;
  text << toml::json_formatter{array};
  return text.str();
}

/// The items of an array of texts, with commas; nothing for anything else.
std::optional<std::string> joined(const toml::array& array) {
  std::string text;
  for (const toml::node& item : array) {
    const auto* string = item.as_string();
    // A comma would make two items of one.
    if (string == nullptr || string->get().find(',') != std::string::npos) {
      return std::nullopt;
    }
    text += (text.empty() ? "" : ",") + string->get();
  }
  return text;
}

/// As the file has it, on one line.
std::string written(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_table<decltype(value)> || toml::is_array<decltype(value)>) {
      text << toml::toml_formatter{value, toml::format_flags::none};
    } else if constexpr (toml::is_boolean<decltype(value)>) {
      text << (value.get() ? "true" : "false");
    } else if constexpr (toml::is_string<decltype(value)>) {
      text << '"' << value.get() << '"';
    } else {
      text << value.get();
    }
  });
  std::string line = text.str();
  std::erase(line, '\n');
  return line;
}

/// The value in the form of `assign`, when its TOML type is that of the setting.
std::optional<std::string> text_for(const Setting& setting, const toml::node& node) {
  Configuration scratch;
  const Target target = setting.target(scratch);
  const bool is_text =
      std::holds_alternative<std::string*>(target) || std::holds_alternative<Secret*>(target);
  if (std::holds_alternative<JsonText*>(target)) {
    if (const auto* array = node.as_array()) {
      return json_of(*array);
    }
  }
  if (is_text || std::holds_alternative<JsonText*>(target)) {
    const auto* string = node.as_string();
    return string == nullptr ? std::nullopt : std::optional(string->get());
  }
  if (std::holds_alternative<std::vector<std::string>*>(target)) {
    const auto* array = node.as_array();
    return array == nullptr ? std::nullopt : joined(*array);
  }
  if (std::holds_alternative<bool*>(target)) {
    return node.is_boolean() ? std::optional(written(node)) : std::nullopt;
  }
  const bool fits =
      node.is_integer() || (node.is_floating_point() && std::holds_alternative<double*>(target));
  return fits ? std::optional(written(node)) : std::nullopt;
}

std::string unknown(const std::string& place, const std::string& key) {
  std::string text = place + ": unknown key " + key;
  if (const std::string_view nearest = nearest_key(key); !nearest.empty()) {
    text += "; did you mean " + std::string(nearest) + "?";
  }
  return text;
}

void read_value(const std::string& file, const std::string& key, const toml::node& node,
                int line_of_key, Readings& readings) {
  const std::string place = file + ":" + std::to_string(line_of_key);
  const Setting* setting = find_setting(key);
  if (setting == nullptr) {
    readings.errors.push_back(unknown(place, key));
    return;
  }
  auto text = text_for(*setting, node);
  const std::string shown = is_secret(*setting) ? "(not shown)" : written(node);
  if (!text) {
    readings.errors.push_back(place + ": " + key + " = " + shown + ": expected " +
                              expectation(*setting));
    return;
  }
  readings.assignments.push_back({.setting = setting,
                                  .text = *std::move(text),
                                  .written = shown,
                                  .origin = {Origin::Kind::kFile, place}});
}

bool is_group(std::string_view name) {
  for (const Group& group : groups()) {
    if (group.name == name) {
      return true;
    }
  }
  return false;
}

}  // namespace

Readings read_configuration_text(std::string_view text, const std::string& name) {
  Readings readings;
  try {
    const toml::table root = toml::parse(text, name);
    for (const auto& [key, node] : root) {
      const std::string group(key.str());
      const toml::table* table = node.as_table();
      if (table == nullptr || !is_group(group)) {
        const std::string place = place_of(name, key.source());
        readings.errors.push_back(table == nullptr ? unknown(place, group)
                                                   : place + ": unknown table [" + group + "]");
        continue;
      }
      for (const auto& [inner, value] : *table) {
        read_value(name, group + "." + std::string(inner.str()), value,
                   static_cast<int>(inner.source().begin.line), readings);
      }
    }
  } catch (const toml::parse_error& failure) {
    readings.errors.push_back(place_of(name, failure.source()) + ":" +
                              std::to_string(failure.source().begin.column) + ": " +
                              std::string(failure.description()));
  }
  return readings;
}

Readings read_configuration_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    Readings failed;
    failed.errors.push_back("cannot read configuration file " + path + ": " + std::strerror(errno));
    return failed;
  }
  return read_configuration_text(text, path);
}

}  // namespace sluice::app
