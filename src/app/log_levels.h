// Log levels of single modules, as `log.level` writes them: `info,ice=debug`.
#pragma once

#include <spdlog/common.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

struct LogLevel {
  /// Empty: every module that has none of its own.
  std::string module;
  spdlog::level::level_enum level = spdlog::level::info;
};

/// In order; entries for all modules first. Nothing when a level is unknown or an entry is empty.
std::optional<std::vector<LogLevel>> parse_log_levels(std::string_view text);

/// Puts a valid list into effect, for all present and future loggers. Callable at any time.
void apply_log_levels(std::string_view text);

}  // namespace sluice::app
