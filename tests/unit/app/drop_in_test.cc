// The environment of the FoundryVTT server as our settings (foundryvtt 3.1 to 3.6).
#include "app/drop_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/effective_configuration.h"
#include "app/log_levels.h"

namespace sluice::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

EffectiveConfiguration effective_of(const foundry::Variables& environment,
                                    const std::optional<std::string>& file = std::nullopt) {
  DropIn drop_in = read_drop_in(environment, file);
  auto effective = combine(std::move(drop_in.readings), drop_in.defaults);
  EXPECT_TRUE(effective) << effective.error().message;
  return effective ? *std::move(effective) : EffectiveConfiguration{};
}

std::string origin_of(const EffectiveConfiguration& effective, std::string_view key) {
  return effective.origin(*find_setting(key)).text();
}

spdlog::level::level_enum level_of(const Configuration& values, std::string_view module) {
  auto level = spdlog::level::n_levels;
  const auto levels = parse_log_levels(values.log.level);
  EXPECT_TRUE(levels) << values.log.level;
  for (const LogLevel& entry : levels.value_or(std::vector<LogLevel>{})) {
    if (entry.module.empty() || entry.module == module) {
      level = entry.level;
    }
  }
  return level;
}

TEST(DropIn, DefaultsAreTheOriginals) {
  const Configuration values = effective_of({}).values;
  EXPECT_EQ(values.http.host, "0.0.0.0");
  EXPECT_EQ(values.http.port, 3000);
  EXPECT_EQ(values.media.workers, 1U);
  EXPECT_EQ(values.media.min_port, 10000);
  EXPECT_EQ(values.media.max_port, 10100);
  EXPECT_EQ(values.shutdown.drain, std::chrono::seconds(0));
  EXPECT_EQ(level_of(values, "mediasoup_server"), spdlog::level::info);
  EXPECT_EQ(level_of(values, "rooms"), spdlog::level::info);
  EXPECT_EQ(level_of(values, "media"), spdlog::level::warn);
  EXPECT_EQ(level_of(values, "ice"), spdlog::level::err);
}

// FOUNDRY-9, FOUNDRY-22: the browser tests measure both with shorter times.
TEST(DropIn, Foundry22PingsComeWellBeforeProxiesGiveUp) {
  const Configuration values = effective_of({}).values;
  EXPECT_EQ(values.http.websocket_ping, std::chrono::seconds(20));
  EXPECT_EQ(values.http.websocket_idle, std::chrono::seconds(60));
}

TEST(DropIn, VariablesSetOurSettings) {
  const EffectiveConfiguration effective =
      effective_of({{"MEDIASOUP_LISTEN_ADDR", "[::]:3001"},
                    {"MEDIASOUP_NUM_WORKERS", "2"},
                    {"MEDIASOUP_RTC_MIN_PORT", "40000"},
                    {"MEDIASOUP_RTC_MAX_PORT", "40010"},
                    {"MEDIASOUP_ANNOUNCED_IP", "203.0.113.9"},
                    {"MEDIASOUP_AUTH_TOKEN", "s"},
                    {"MEDIASOUP_ALLOWED_ORIGINS", "https://a.example, https://b.example"},
                    {"MEDIASOUP_ICE_SERVERS", R"([{"urls":"stun:s.example"}])"},
                    {"MEDIASOUP_TLS_CERT", "c.pem"},
                    {"MEDIASOUP_TLS_KEY", "k.pem"}});
  const Configuration& values = effective.values;
  EXPECT_EQ(values.http.host, "::");
  EXPECT_EQ(values.http.port, 3001);
  EXPECT_EQ(values.media.workers, 2U);
  EXPECT_EQ(values.media.min_port, 40000);
  EXPECT_EQ(values.media.max_port, 40010);
  EXPECT_EQ(values.media.announced_address, "203.0.113.9");
  EXPECT_EQ(values.auth.token.text, "s");
  EXPECT_THAT(values.http.allowed_origins, ElementsAre("https://a.example", "https://b.example"));
  EXPECT_EQ(values.ice.servers.text, R"([{"urls":"stun:s.example"}])");
  EXPECT_EQ(values.http.tls_certificate, "c.pem");
  EXPECT_EQ(values.http.tls_key, "k.pem");
  EXPECT_EQ(origin_of(effective, "http.port"), "environment MEDIASOUP_LISTEN_ADDR");
}

TEST(DropIn, ThePairOfTheTestSetupIsHonoured) {
  const EffectiveConfiguration effective =
      effective_of({{"MEDIASOUP_LISTEN_IP", "127.0.0.1"}, {"MEDIASOUP_LISTEN_PORT", "4443"}});
  EXPECT_EQ(effective.values.http.host, "127.0.0.1");
  EXPECT_EQ(effective.values.http.port, 4443);
  EXPECT_EQ(origin_of(effective, "http.port"), "environment MEDIASOUP_LISTEN_PORT");
}

// FOUNDRY-20
TEST(DropIn, Foundry20EnvFileIsReadAndTheRealEnvironmentWins) {
  const std::string file = "MEDIASOUP_LISTEN_ADDR=127.0.0.1:4555\nMEDIASOUP_NUM_WORKERS=3\n";
  const EffectiveConfiguration from_file = effective_of({}, file);
  EXPECT_EQ(from_file.values.http.port, 4555);
  EXPECT_EQ(origin_of(from_file, "http.port"), "environment .env MEDIASOUP_LISTEN_ADDR");
  const EffectiveConfiguration both =
      effective_of({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:4556"}}, file);
  EXPECT_EQ(both.values.http.port, 4556);
  EXPECT_EQ(origin_of(both, "http.port"), "environment MEDIASOUP_LISTEN_ADDR");
  EXPECT_EQ(both.values.media.workers, 3U);
}

TEST(DropIn, AnEmptyVariableDoesNotHideTheEnvFile) {
  const EffectiveConfiguration effective =
      effective_of({{"MEDIASOUP_NUM_WORKERS", ""}}, "MEDIASOUP_NUM_WORKERS=3\n");
  EXPECT_EQ(effective.values.media.workers, 3U);
  EXPECT_EQ(origin_of(effective, "media.workers"), "environment .env MEDIASOUP_NUM_WORKERS");
}

// FOUNDRY-21
TEST(DropIn, Foundry21UnusableWorkerCountsBehaveAsOne) {
  for (const char* text : {"0", "abc"}) {
    const EffectiveConfiguration effective = effective_of({{"MEDIASOUP_NUM_WORKERS", text}});
    EXPECT_EQ(effective.values.media.workers, 1U) << text;
    EXPECT_THAT(effective.warnings, SizeIs(1)) << text;
  }
}

TEST(DropIn, AWrongAddressIsAnError) {
  EXPECT_THAT(read_drop_in({{"MEDIASOUP_LISTEN_ADDR", "x"}}, std::nullopt).readings.errors,
              ElementsAre(HasSubstr("MEDIASOUP_LISTEN_ADDR")));
}

TEST(DropIn, LinesOfTheEnvFileThatMakeNoSenseAreMentioned) {
  EXPECT_THAT(effective_of({}, "nonsense\n").warnings, ElementsAre(HasSubstr("line 1")));
}

TEST(DropIn, RustLogIsForTheServerItself) {
  const Configuration values = effective_of({{"RUST_LOG", "debug"}}).values;
  EXPECT_EQ(level_of(values, "mediasoup_server"), spdlog::level::debug);
  EXPECT_EQ(level_of(values, "media"), spdlog::level::warn);
}

TEST(DropIn, RustLogTargetsNameModules) {
  const Configuration values =
      effective_of({{"RUST_LOG", "warn,mediasoup_server=trace,web=error"}}).values;
  EXPECT_EQ(level_of(values, "mediasoup_server"), spdlog::level::trace);
  EXPECT_EQ(level_of(values, "web"), spdlog::level::err);
}

TEST(DropIn, EngineLevelIsForTheTaggedSubjects) {
  const Configuration values =
      effective_of({{"MEDIASOUP_LOG_LEVEL", "debug"}, {"MEDIASOUP_LOG_TAGS", "ice, dtls"}}).values;
  EXPECT_EQ(level_of(values, "ice"), spdlog::level::debug);
  EXPECT_EQ(level_of(values, "dtls"), spdlog::level::debug);
  EXPECT_EQ(level_of(values, "rtp"), spdlog::level::err);
  EXPECT_EQ(level_of(values, "mediasoup_server"), spdlog::level::info);
}

TEST(DropIn, EngineLevelNoneSilencesAll) {
  const Configuration values = effective_of({{"MEDIASOUP_LOG_LEVEL", "none"}}).values;
  EXPECT_EQ(level_of(values, "ice"), spdlog::level::off);
  EXPECT_EQ(level_of(values, "media"), spdlog::level::off);
}

TEST(DropIn, TheSecondListenerIsKept) {
  const DropIn drop_in = read_drop_in({{"MEDIASOUP_HTTP_ADDR", "127.0.0.1:8081"}}, std::nullopt);
  ASSERT_TRUE(drop_in.own.http);
  EXPECT_EQ(drop_in.own.http->port, 8081);
}

TEST(DropIn, SecretsAreNotWritten) {
  const DropIn drop_in = read_drop_in({{"MEDIASOUP_AUTH_TOKEN", "hunter2"}}, std::nullopt);
  ASSERT_THAT(drop_in.readings.assignments, SizeIs(1));
  EXPECT_THAT(drop_in.readings.assignments[0].written, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace sluice::app
