// Precedence of the sources, and settings that contradict each other.
#include "app/effective_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/configuration_file.h"
#include "app/environment.h"

namespace sluice::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Assignment flag(std::string_view key, std::string text) {
  const Setting* setting = find_setting(key);
  return {.setting = setting,
          .text = text,
          .written = "\"" + text + "\"",
          .origin = {Origin::Kind::kFlag, flag_name(*setting)}};
}

std::string origin_of(const EffectiveConfiguration& effective, std::string_view key) {
  return effective.origin(*find_setting(key)).text();
}

std::string error_of(Readings readings) {
  const auto effective = combine(std::move(readings));
  return effective ? "no error" : effective.error().message;
}

std::string error_of_file(std::string_view text) {
  return error_of(read_configuration_text(text, "f.toml"));
}

TEST(EffectiveConfiguration, WithoutSourcesEverythingIsDefault) {
  const auto effective = combine({});
  ASSERT_TRUE(effective);
  EXPECT_EQ(effective->values.http.port, 8080);
  EXPECT_EQ(effective->values.media.min_port, 10000);
  EXPECT_EQ(effective->values.media.max_port, 10100);
  for (const Setting& setting : settings()) {
    EXPECT_EQ(effective->origin(setting).text(), "default");
  }
}

TEST(EffectiveConfiguration, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  Readings readings = read_configuration_text(
      "[http]\nport = 1\nhost = \"127.0.0.1\"\n[media]\nworkers = 1\n", "f.toml");
  readings.add(read_environment({{"SLUICE_HTTP_PORT", "2"}, {"SLUICE_MEDIA_WORKERS", "2"}}));
  readings.assignments.push_back(flag("http.port", "3"));
  const auto effective = combine(std::move(readings));
  ASSERT_TRUE(effective) << effective.error().message;
  EXPECT_EQ(effective->values.http.port, 3);
  EXPECT_EQ(origin_of(*effective, "http.port"), "flag --port");
  EXPECT_EQ(effective->values.media.workers, 2U);
  EXPECT_EQ(origin_of(*effective, "media.workers"), "environment SLUICE_MEDIA_WORKERS");
  EXPECT_EQ(effective->values.http.host, "127.0.0.1");
  EXPECT_EQ(origin_of(*effective, "http.host"), "file f.toml:3");
  EXPECT_EQ(origin_of(*effective, "media.max_port"), "default");
}

TEST(EffectiveConfiguration, DefaultsOfAModeAreStillDefaults) {
  Configuration defaults;
  defaults.http.port = 3000;
  const auto effective = combine({}, defaults);
  ASSERT_TRUE(effective);
  EXPECT_EQ(effective->values.http.port, 3000);
  EXPECT_EQ(origin_of(*effective, "http.port"), "default");
}

TEST(EffectiveConfiguration, AWrongVariableIsNamed) {
  EXPECT_EQ(error_of(read_environment({{"SLUICE_HTTP_PORT", "abc"}})),
            "SLUICE_HTTP_PORT = \"abc\": expected a whole number from 0 to 65535");
}

TEST(EffectiveConfiguration, AWrongFlagIsNamed) {
  Readings readings;
  readings.assignments.push_back(flag("http.port", "abc"));
  EXPECT_EQ(error_of(std::move(readings)),
            "--port = \"abc\": expected a whole number from 0 to 65535");
}

TEST(EffectiveConfiguration, AWrongValueIsAnErrorEvenWhenOverridden) {
  Readings readings = read_configuration_text("[http]\nport = 70000\n", "f.toml");
  readings.assignments.push_back(flag("http.port", "3"));
  EXPECT_THAT(error_of(std::move(readings)), HasSubstr("f.toml:2"));
}

TEST(EffectiveConfiguration, CertificateAndKeyBelongTogether) {
  EXPECT_EQ(error_of_file("[http]\ntls_certificate = \"c.pem\"\n"),
            "http.tls_certificate (file f.toml:2) is set, but http.tls_key is not: both belong "
            "together");
  EXPECT_EQ(error_of_file("[media]\ndtls_key = \"k.pem\"\n"),
            "media.dtls_key (file f.toml:2) is set, but media.dtls_certificate is not: both "
            "belong together");
}

TEST(EffectiveConfiguration, OneKindOfCertificateOnly) {
  EXPECT_THAT(
      error_of_file("[http]\ntls_certificate = \"c\"\ntls_key = \"k\"\ntls_self_signed = true\n"),
      HasSubstr("are both set: choose one"));
}

TEST(EffectiveConfiguration, PortRangeMustNotBeReversed) {  // ORTC-3
  EXPECT_EQ(error_of_file("[media]\nmin_port = 20000\n"),
            "media.min_port (file f.toml:2) is 20000, above media.max_port (default), which is "
            "10100");
}

TEST(EffectiveConfiguration, EachWorkerNeedsAPort) {
  EXPECT_EQ(error_of_file("[media]\nworkers = 3\nmin_port = 5000\nmax_port = 5001\n"),
            "media.workers (file f.toml:2) is 3, but media.min_port to media.max_port are only 2 "
            "ports: each worker needs one");
  EXPECT_EQ(error_of_file("[media]\nworkers = 2\nmin_port = 5000\nmax_port = 5001\n"), "no error");
}

TEST(EffectiveConfiguration, MediaNeedsAnAddress) {
  EXPECT_THAT(error_of_file("[media]\nlisten = []\n"), HasSubstr("media.listen (file f.toml:2)"));
}

TEST(EffectiveConfiguration, PingsComeBeforeTheIdleLimit) {
  EXPECT_THAT(error_of_file("[http]\nwebsocket_ping_seconds = 60\n"),
              HasSubstr("http.websocket_idle_seconds (default) is 60, not above"));
}

TEST(EffectiveConfiguration, NamedFileWins) {
  EXPECT_EQ(configuration_path("my.toml"), "my.toml");
}

TEST(Environment, EmptyVariablesCountAsUnset) {
  EXPECT_THAT(read_environment({{"SLUICE_HTTP_PORT", ""}}).assignments, IsEmpty());
}

TEST(Environment, EverySettingHasItsVariable) {
  for (const Setting& setting : settings()) {
    const Readings readings = read_environment({{environment_name(setting), "x"}});
    ASSERT_EQ(readings.assignments.size(), 1U) << setting.key;
    EXPECT_EQ(readings.assignments[0].setting, &setting);
  }
}

TEST(Environment, UnknownVariablesOfOurGroupsAreMentioned) {
  const Readings readings = read_environment({{"SLUICE_HTTP_PROT", "1"}});
  EXPECT_THAT(readings.errors, IsEmpty());
  EXPECT_THAT(readings.warnings,
              ElementsAre("environment variable SLUICE_HTTP_PROT is no setting; did you mean "
                          "SLUICE_HTTP_PORT?"));
}

TEST(Environment, VariablesOfOthersAreNotLookedAt) {
  // Kubernetes sets such ones for a service called "sluice".
  const Readings readings = read_environment(
      {{"SLUICE_PORT", "tcp://10.0.0.1:80"}, {"SLUICE_SERVICE_HOST", "x"}, {"HTTP_PORT", "1"}});
  EXPECT_THAT(readings.warnings, IsEmpty());
  EXPECT_THAT(readings.assignments, IsEmpty());
}

TEST(Environment, SecretsAreNotWritten) {
  const Readings readings = read_environment({{"SLUICE_AUTH_TOKEN", "hunter2"}});
  ASSERT_EQ(readings.assignments.size(), 1U);
  EXPECT_EQ(readings.assignments[0].written, "(not shown)");
}

}  // namespace
}  // namespace sluice::app
