#include "sluice/log.h"

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/log_sink.h"

namespace sluice {
namespace {

LogLevel to_public(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return LogLevel::kDebug;
    case spdlog::level::info:
      return LogLevel::kInfo;
    case spdlog::level::warn:
      return LogLevel::kWarning;
    default:
      return LogLevel::kError;
  }
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

/// Gives log lines to the program. One call at a time, as the base class locks.
class HandlerSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit HandlerSink(LogHandler handler) : handler_(std::move(handler)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    if (handler_) {
      handler_({.level = to_public(line.level),
                .module = {line.logger_name.data(), line.logger_name.size()},
                .message = {line.payload.data(), line.payload.size()}});
    }
  }
  void flush_() override {}

 private:
  LogHandler handler_;
};

}  // namespace

void set_log_handler(LogHandler handler) {
  set_log_sink(std::make_shared<HandlerSink>(std::move(handler)));
}

void set_log_level(LogLevel level, std::string_view module) {
  set_log_level(module, to_spdlog(level));
}

}  // namespace sluice
