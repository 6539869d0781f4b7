#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/log_sink.h"

namespace sluice {
namespace {

// Modules are few and looked up rarely; a lock here is off every hot path.
struct Registry {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<spdlog::logger>, std::less<>> loggers;
  std::map<std::string, spdlog::level::level_enum, std::less<>> levels;
  spdlog::level::level_enum default_level = spdlog::level::info;
  spdlog::sink_ptr sink;  ///< null: those of spdlog's default logger
};

Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

std::shared_ptr<spdlog::logger> logger(std::string_view module) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  auto found = r.loggers.find(module);
  if (found == r.loggers.end()) {
    const auto& sinks = spdlog::default_logger()->sinks();
    auto made =
        r.sink ? std::make_shared<spdlog::logger>(std::string(module), r.sink)
               : std::make_shared<spdlog::logger>(std::string(module), sinks.begin(), sinks.end());
    const auto level = r.levels.find(module);
    made->set_level(level == r.levels.end() ? r.default_level : level->second);
    made->flush_on(spdlog::level::info);
    found = r.loggers.emplace(std::string(module), std::move(made)).first;
  }
  return found->second;
}

void set_log_sink(spdlog::sink_ptr sink) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  r.sink = std::move(sink);
}

void set_log_level(std::string_view module, spdlog::level::level_enum level) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  if (module.empty()) {
    r.default_level = level;
    r.levels.clear();
    for (auto& [name, made] : r.loggers) {
      made->set_level(level);
    }
    return;
  }
  r.levels.insert_or_assign(std::string(module), level);
  if (const auto found = r.loggers.find(module); found != r.loggers.end()) {
    found->second->set_level(level);
  }
}

}  // namespace sluice
