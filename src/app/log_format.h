// How a log line looks, and where it goes: standard output, one line per event.
#pragma once

#include <spdlog/formatter.h>

#include <memory>
#include <string>

namespace sluice::app {

struct LogStyle {
  /// JSON objects instead of text.
  bool json = false;
  /// Shown as the module of every line, with the real one, where it is another, before the message.
  /// Empty: modules have their own names.
  std::string fixed_module;
};

/// Text: `2025-01-31T10:30:00.123Z INFO rooms: room created room=x`. JSON: `time`, `level`,
/// `module`, `message`, and `fields` with the key=value pairs of the message. Control characters,
/// which may come from clients, are escaped, so that one event stays one line.
std::unique_ptr<spdlog::formatter> make_log_formatter(LogStyle style);

/// Makes standard output the sink of all loggers made from now on. Colour only on a terminal, and
/// not when the variable NO_COLOR is set.
void set_up_logs(LogStyle style);

}  // namespace sluice::app
