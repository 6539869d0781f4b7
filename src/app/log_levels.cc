#include "app/log_levels.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"

namespace sluice::app {
namespace {

constexpr std::array<std::pair<std::string_view, spdlog::level::level_enum>, 6> kLevels = {{
    {"trace", spdlog::level::trace},
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warn", spdlog::level::warn},
    {"error", spdlog::level::err},
    {"off", spdlog::level::off},
}};

std::optional<LogLevel> parse_entry(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view module =
      equals == std::string_view::npos ? std::string_view() : text.substr(0, equals);
  const std::string_view word = equals == std::string_view::npos ? text : text.substr(equals + 1);
  const auto level = std::ranges::find(kLevels, word, &decltype(kLevels)::value_type::first);
  if (level == kLevels.end() || (equals != std::string_view::npos && module.empty())) {
    return std::nullopt;
  }
  return LogLevel{std::string(module), level->second};
}

}  // namespace

std::optional<std::vector<LogLevel>> parse_log_levels(std::string_view text) {
  std::vector<LogLevel> levels;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    std::string_view entry = text.substr(begin, comma - begin);
    entry.remove_prefix(std::min(entry.find_first_not_of(' '), entry.size()));
    entry = entry.substr(0, entry.find_last_not_of(' ') + 1);
    auto level = parse_entry(entry);
    if (!level) {
      return std::nullopt;
    }
    const auto first_module =
        std::ranges::find_if(levels, [](const LogLevel& l) { return !l.module.empty(); });
    levels.insert(level->module.empty() ? first_module : levels.end(), std::move(*level));
    begin = comma + 1;
  }
  return levels;
}

void apply_log_levels(std::string_view text) {
  set_log_level("", spdlog::level::info);
  for (const LogLevel& entry : parse_log_levels(text).value_or(std::vector<LogLevel>{})) {
    set_log_level(entry.module, entry.level);
  }
}

}  // namespace sluice::app
