#include "app/configuration_report.h"

#include <algorithm>

namespace sluice::app {
namespace {

constexpr std::string_view kUnset = "(empty)";

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string shown(const Setting& setting, const Configuration& configuration) {
  std::string text = show(setting, configuration);
  return text.empty() ? std::string(kUnset) : text;
}

/// Comment lines of at most 96 columns.
std::string comment(std::string_view text) {
  constexpr size_t kWidth = 96;
  std::string result;
  std::string line = "#";
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (line.size() + 1 + word.size() > kWidth) {
      result += line + "\n";
      line = "#";
    }
    line += " " + std::string(word);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return result + line + "\n";
}

std::string default_of(const Setting& setting) {
  const std::string text = show(setting, Configuration{});
  return text.empty() ? "empty" : "`" + text + "`";
}

}  // namespace

std::string report(const EffectiveConfiguration& effective) {
  size_t key_width = 0;
  size_t value_width = 0;
  for (const Setting& setting : settings()) {
    key_width = std::max(key_width, setting.key.size());
    value_width = std::max(value_width, shown(setting, effective.values).size());
  }
  // One long list must not push every source off the screen.
  value_width = std::min<size_t>(value_width, 40);
  std::string text;
  for (const Setting& setting : settings()) {
    text += padded(std::string(setting.key), key_width) + "  " +
            padded(shown(setting, effective.values), value_width) + "  " +
            effective.origin(setting).text() + "\n";
  }
  return text;
}

std::string report_toml(const EffectiveConfiguration& effective) {
  std::string text;
  for (const Group& group : groups()) {
    text += (text.empty() ? "[" : "\n[") + std::string(group.name) + "]\n";
    for (const Setting& setting : settings()) {
      if (group_of(setting) != group.name) {
        continue;
      }
      text += comment(setting.help);
      const std::string name(name_in_group(setting));
      if (is_secret(setting)) {
        text += "# " + name + " = \"\"  # " + shown(setting, effective.values) + "\n";
        continue;
      }
      text += name + " = " + show_toml(setting, effective.values) + "  # " +
              effective.origin(setting).text() + "\n";
    }
  }
  return text;
}

std::string reference() {
  std::string text;
  for (const Group& group : groups()) {
    text += (text.empty() ? "### " : "\n### ") + std::string(group.title) + " (`[" +
            std::string(group.name) + "]`)\n";
    for (const Setting& setting : settings()) {
      if (group_of(setting) != group.name) {
        continue;
      }
      text += "\n**`" + std::string(setting.key) + "`** — " + std::string(setting.help) + "  \n";
      text += std::string(type_name(setting)) + ", default " + default_of(setting) + " · `" +
              environment_name(setting) + "` · `" + flag_name(setting) + "`\n";
    }
  }
  return text;
}

}  // namespace sluice::app
