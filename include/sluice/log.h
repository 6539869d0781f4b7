// What the library logs: a line per event, with key=value pairs at its end. Nothing is logged per
// packet, and no addresses or keys at level kInfo and above.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace sluice {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };

struct LogRecord {
  LogLevel level = LogLevel::kInfo;
  std::string_view module;  ///< e.g. "media", "ice"
  std::string_view message;
};

/// Called on any thread, media loops included, one call at a time; must return soon and not log.
using LogHandler = std::function<void(const LogRecord&)>;

/// Has everything go to a handler instead of standard output; an empty one: nowhere. Call it before
/// the first engine is made: what was logged before keeps its place.
void set_log_handler(LogHandler handler);

/// The least level that is logged (kInfo at first): of one module, or of all when `module` is
/// empty. From any thread.
void set_log_level(LogLevel level, std::string_view module = {});

}  // namespace sluice
