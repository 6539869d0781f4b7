// Structured logging: one line per event, a message and key=value fields. Never called between
// receiving a packet and sending it.
#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <string_view>

namespace sluice {

/// The logger of a module ("ice", "web", ...), made on first use. Its level can change at run time.
std::shared_ptr<spdlog::logger> logger(std::string_view module);

/// Sets the level of one module, or of all present and future ones when `module` is empty.
void set_log_level(std::string_view module, spdlog::level::level_enum level);

}  // namespace sluice
