// What the library logs goes where the program wants it.

#include "sluice/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/log.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;

TEST(Log, GoesToTheHandlerFromTheLevelOn) {
  // Loggers keep the handler that they were made with: this one is of no other test.
  static std::vector<std::string> lines;
  set_log_handler([](const LogRecord& record) {
    lines.push_back(std::to_string(static_cast<int>(record.level)) + " " +
                    std::string(record.module) + ": " + std::string(record.message));
  });
  const auto module = logger("log test");
  set_log_handler({});
  module->info("first");
  module->debug("second");
  set_log_level(LogLevel::kDebug, "log test");
  module->debug("third n={}", 3);
  set_log_level(LogLevel::kError, "log test");
  module->warn("fourth");
  module->critical("fifth");
  set_log_level(LogLevel::kOff, "log test");
  module->error("sixth");
  EXPECT_THAT(lines,
              ElementsAre("1 log test: first", "0 log test: third n=3", "3 log test: fifth"));
}

}  // namespace
}  // namespace sluice
