// Log lines and log levels.
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "app/log_format.h"
#include "app/log_levels.h"

namespace sluice::app {
namespace {

namespace json = boost::json;

const LogStyle kJson{.json = true, .fixed_module = ""};

std::string format(const LogStyle& style, std::string_view module, std::string_view text,
                   spdlog::level::level_enum level = spdlog::level::info) {
  // 2024-01-15T10:30:00.123Z
  const spdlog::log_clock::time_point time(std::chrono::milliseconds(1705314600123));
  const spdlog::details::log_msg message(time, {},
                                         spdlog::string_view_t(module.data(), module.size()), level,
                                         spdlog::string_view_t(text.data(), text.size()));
  spdlog::memory_buf_t line;
  make_log_formatter(style)->format(message, line);
  return {line.data(), line.size()};
}

TEST(LogFormat, TextHasTimeLevelModuleAndMessage) {
  EXPECT_EQ(format({}, "rooms", "room created room=x"),
            "2024-01-15T10:30:00.123Z INFO rooms: room created room=x\n");
  EXPECT_EQ(format({}, "net", "x", spdlog::level::warn), "2024-01-15T10:30:00.123Z WARN net: x\n");
  EXPECT_EQ(format({}, "net", "x", spdlog::level::err), "2024-01-15T10:30:00.123Z ERROR net: x\n");
}

// foundryvtt 3.6
TEST(LogFormat, DropInLinesAreTheOriginals) {
  const LogStyle style{.json = false, .fixed_module = "mediasoup_server"};
  EXPECT_EQ(format(style, "mediasoup_server", "WebSocket server listening on 0.0.0.0:3000"),
            "2024-01-15T10:30:00.123Z INFO mediasoup_server: WebSocket server listening on "
            "0.0.0.0:3000\n");
  EXPECT_EQ(format(style, "ice", "x", spdlog::level::warn),
            "2024-01-15T10:30:00.123Z WARN mediasoup_server: ice: x\n");
}

TEST(LogFormat, OneEventIsOneLine) {
  EXPECT_EQ(format({}, "m", "a\nb\x1b[31m\r"),
            "2024-01-15T10:30:00.123Z INFO m: a\\nb\\x1b[31m\\x0d\n");
}

TEST(LogFormat, TextKeepsOtherScripts) {
  EXPECT_THAT(format({}, "m", "room=Küche"), testing::HasSubstr("room=Küche"));
}

TEST(LogFormat, JsonIsOneObjectALine) {
  const std::string line =
      format(kJson, "net", "loop died loop=3 error=\"no \x01 memory left\" x=1");
  ASSERT_EQ(line.find('\n'), line.size() - 1);
  const json::object event = json::parse(line).as_object();
  EXPECT_EQ(event.at("time").as_string(), "2024-01-15T10:30:00.123Z");
  EXPECT_EQ(event.at("level").as_string(), "info");
  EXPECT_EQ(event.at("module").as_string(), "net");
  EXPECT_EQ(event.at("message").as_string(), "loop died loop=3 error=\"no \x01 memory left\" x=1");
  const json::object& fields = event.at("fields").as_object();
  EXPECT_EQ(fields.at("loop").as_string(), "3");
  EXPECT_EQ(fields.at("error").as_string(), "no \x01 memory left");
  EXPECT_EQ(fields.at("x").as_string(), "1");
  EXPECT_EQ(fields.size(), 3U);
}

TEST(LogFormat, JsonWithoutFieldsHasNone) {
  const json::object event = json::parse(format(kJson, "m", "hello a= b")).as_object();
  EXPECT_EQ(event.at("fields").as_object().at("a").as_string(), "");
  EXPECT_FALSE(json::parse(format(kJson, "m", "hello")).as_object().contains("fields"));
}

TEST(LogFormat, TheFirstFieldOfANameCounts) {
  const json::object event =
      json::parse(format(kJson, "m", "joined peer=1 user=x peer=2")).as_object();
  EXPECT_EQ(event.at("fields").as_object().at("peer").as_string(), "1");
}

TEST(LogLevels, AListHasADefaultAndModules) {
  const auto levels = parse_log_levels("ice=debug, warn,web=off");
  ASSERT_TRUE(levels);
  ASSERT_EQ(levels->size(), 3U);
  EXPECT_EQ((*levels)[0].module, "");
  EXPECT_EQ((*levels)[0].level, spdlog::level::warn);
  EXPECT_EQ((*levels)[1].module, "ice");
  EXPECT_EQ((*levels)[1].level, spdlog::level::debug);
  EXPECT_EQ((*levels)[2].level, spdlog::level::off);
}

TEST(LogLevels, NonsenseIsRefused) {  // ORTC-3, ORTC-5
  for (const char* text : {"", "loud", "info,", ",info", "=debug", "ice=", "ice=loud", "INFO"}) {
    EXPECT_FALSE(parse_log_levels(text)) << text;
  }
}

TEST(LogLevels, TakeEffectOnPresentAndFutureLoggers) {  // ORTC-2, ORTC-5
  const auto present = logger("app_test_present");
  apply_log_levels("error,app_test_present=debug,app_test_future=trace");
  EXPECT_EQ(present->level(), spdlog::level::debug);
  EXPECT_EQ(logger("app_test_future")->level(), spdlog::level::trace);
  EXPECT_EQ(logger("app_test_other")->level(), spdlog::level::err);
  apply_log_levels("info");
  EXPECT_EQ(present->level(), spdlog::level::info);
}

}  // namespace
}  // namespace sluice::app
