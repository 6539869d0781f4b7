// The configuration file: what it may say, and the texts that point at what is wrong.
#include "app/configuration_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/effective_configuration.h"

namespace sluice::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Configuration values_of(std::string_view toml) {
  auto effective = combine(read_configuration_text(toml, "sluice.toml"));
  EXPECT_TRUE(effective) << effective.error().message;
  return effective ? effective->values : Configuration{};
}

std::string error_of(std::string_view toml) {
  const auto effective = combine(read_configuration_text(toml, "sluice.toml"));
  return effective ? "no error" : effective.error().message;
}

TEST(ConfigurationFile, SetsValuesOfEveryType) {
  const Configuration values = values_of(R"(
[http]
host = "::"
port = 9000
allowed_origins = ["https://a.example", "https://b.example"]
websocket_ping_seconds = 10
[auth]
token = "s3cret"
[media]
enable_tcp = false
workers = 3
[limits]
rooms = 12
requests_per_second = 2.5
request_burst = 7
)");
  EXPECT_EQ(values.http.host, "::");
  EXPECT_EQ(values.http.port, 9000);
  EXPECT_THAT(values.http.allowed_origins, ElementsAre("https://a.example", "https://b.example"));
  EXPECT_EQ(values.http.websocket_ping, std::chrono::seconds(10));
  EXPECT_EQ(values.auth.token.text, "s3cret");
  EXPECT_FALSE(values.media.enable_tcp);
  EXPECT_EQ(values.media.workers, 3U);
  EXPECT_EQ(values.limits.rooms, 12U);
  EXPECT_EQ(values.limits.requests_per_second, 2.5);
  EXPECT_EQ(values.limits.request_burst, 7);
}

TEST(ConfigurationFile, IceServersMayBeTables) {
  const Configuration values = values_of(R"(
[[ice.servers]]
urls = ["turn:turn.example.org:3478"]
username = "u"
credential = "c"
)");
  EXPECT_THAT(values.ice.servers.text, HasSubstr("turn:turn.example.org:3478"));
  EXPECT_THAT(values.ice.servers.text, StartsWith("["));
}

TEST(ConfigurationFile, IceServersMayBeJson) {
  const Configuration values =
      values_of("[ice]\nservers = '[{\"urls\":\"stun:stun.example.org\"}]'\n");
  EXPECT_EQ(values.ice.servers.text, R"([{"urls":"stun:stun.example.org"}])");
}

TEST(ConfigurationFile, EachValueKnowsItsLine) {
  const Readings readings = read_configuration_text("[http]\n\nport = 1\n", "conf/sluice.toml");
  ASSERT_EQ(readings.assignments.size(), 1U);
  EXPECT_EQ(readings.assignments[0].origin.text(), "file conf/sluice.toml:3");
}

TEST(ConfigurationFile, WrongTypesNameFileLineKeyValueAndWhatIsExpected) {
  EXPECT_EQ(error_of("[http]\nport = \"abc\"\n"),
            "sluice.toml:2: http.port = \"abc\": expected a whole number from 0 to 65535");
  EXPECT_EQ(error_of("[http]\nport = 80.5\n"),
            "sluice.toml:2: http.port = 80.5: expected a whole number from 0 to 65535");
  EXPECT_EQ(error_of("[http]\nhost = 1\n"),
            "sluice.toml:2: http.host = 1: expected an IP address or a host name of this machine");
  EXPECT_EQ(error_of("[media]\nenable_tcp = \"yes\"\n"),
            "sluice.toml:2: media.enable_tcp = \"yes\": expected true or false");
  EXPECT_EQ(error_of("[media]\nlisten = \"0.0.0.0\"\n"),
            "sluice.toml:2: media.listen = \"0.0.0.0\": expected a list of texts, each an IP "
            "address, or IP=ANNOUNCED");
}

TEST(ConfigurationFile, NumbersOutOfBoundsAreRefused) {
  EXPECT_EQ(error_of("[http]\nport = 70000\n"),
            "sluice.toml:2: http.port = 70000: expected a whole number from 0 to 65535");
  EXPECT_EQ(error_of("[http]\nport = -1\n"),
            "sluice.toml:2: http.port = -1: expected a whole number from 0 to 65535");
}

TEST(ConfigurationFile, ItemsOfAListAreChecked) {
  EXPECT_THAT(error_of("[media]\nlisten = [\"somewhere\"]\n"),
              StartsWith("sluice.toml:2: media.listen = "));
  EXPECT_THAT(error_of("[media]\nlisten = [1]\n"), StartsWith("sluice.toml:2: media.listen = "));
  // One text with a comma must not become two items.
  EXPECT_THAT(error_of("[media]\nlisten = [\"::1,127.0.0.1\"]\n"),
              StartsWith("sluice.toml:2: media.listen = "));
}

TEST(ConfigurationFile, UnknownKeysAreErrorsWithASuggestion) {
  EXPECT_EQ(error_of("[http]\nprot = 1\n"),
            "sluice.toml:2: unknown key http.prot; did you mean http.port?");
  EXPECT_EQ(error_of("port = 1\n"), "sluice.toml:1: unknown key port; did you mean http.port?");
  EXPECT_EQ(error_of("[http]\nzzzzzzzzzz = 1\n"), "sluice.toml:2: unknown key http.zzzzzzzzzz");
  EXPECT_EQ(error_of("[web]\n"), "sluice.toml:1: unknown table [web]");
}

TEST(ConfigurationFile, SyntaxErrorsHaveLineAndColumn) {
  EXPECT_THAT(error_of("[http]\nport = \n"), StartsWith("sluice.toml:2:"));
  EXPECT_THAT(error_of("[http]\nport = 1\nport = 2\n"), StartsWith("sluice.toml:3:"));
}

TEST(ConfigurationFile, AllProblemsAreToldAtOnce) {
  const std::string error = error_of("[http]\nport = \"x\"\nprot = 1\n[media]\nworkers = true\n");
  EXPECT_THAT(error, HasSubstr("http.port"));
  EXPECT_THAT(error, HasSubstr("http.prot"));
  EXPECT_THAT(error, HasSubstr("media.workers = true"));
}

TEST(ConfigurationFile, SecretsStayOutOfErrors) {
  const std::string error = error_of("[auth]\ntoken = 12345\n");
  EXPECT_THAT(error, StartsWith("sluice.toml:2: auth.token"));
  EXPECT_THAT(error, testing::Not(HasSubstr("12345")));
}

TEST(ConfigurationFile, EmptyIsFine) {
  EXPECT_THAT(read_configuration_text("", "x").errors, IsEmpty());
  EXPECT_THAT(read_configuration_text("# nothing\n", "x").assignments, IsEmpty());
}

TEST(ConfigurationFile, AMissingFileIsNamed) {
  const Readings readings = read_configuration_file("/nowhere/sluice.toml");
  EXPECT_THAT(readings.errors,
              ElementsAre("cannot read configuration file /nowhere/sluice.toml: No such file or "
                          "directory"));
}

}  // namespace
}  // namespace sluice::app
