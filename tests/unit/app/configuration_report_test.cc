// `sluice config`, and the reference in the documentation.
#include "app/configuration_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "app/configuration_file.h"
#include "app/environment.h"

namespace sluice::app {
namespace {

using testing::HasSubstr;
using testing::Not;

EffectiveConfiguration example() {
  Readings readings = read_configuration_text(
      "[http]\nallowed_origins = [\"https://a.example\"]\n[limits]\nrooms = 7\n"
      "[[ice.servers]]\nurls = \"stun:s.example\"\n",
      "f.toml");
  readings.add(read_environment({{"SLUICE_AUTH_TOKEN", "hunter2"}, {"SLUICE_HTTP_PORT", "81"}}));
  auto effective = combine(std::move(readings));
  EXPECT_TRUE(effective) << effective.error().message;
  return effective ? *std::move(effective) : EffectiveConfiguration{};
}

TEST(ConfigurationReport, HasEverySettingWithValueAndSource) {
  const std::string text = report(example());
  for (const Setting& setting : settings()) {
    EXPECT_THAT(text, HasSubstr(std::string(setting.key) + " "));
  }
  EXPECT_THAT(text, testing::ContainsRegex("http\\.port +81 +environment SLUICE_HTTP_PORT\n"));
  EXPECT_THAT(text, testing::ContainsRegex("limits\\.rooms +7 +file f\\.toml:4\n"));
  EXPECT_THAT(text, testing::ContainsRegex("media\\.min_port +10000 +default\n"));
}

TEST(ConfigurationReport, ShowsNoSecret) {
  EXPECT_THAT(report(example()), Not(HasSubstr("hunter2")));
  EXPECT_THAT(report_toml(example()), Not(HasSubstr("hunter2")));
}

TEST(ConfigurationReport, TomlFormReadsBackTheSame) {
  const EffectiveConfiguration before = example();
  const auto after = combine(read_configuration_text(report_toml(before), "copy.toml"));
  ASSERT_TRUE(after) << after.error().message;
  for (const Setting& setting : settings()) {
    if (!is_secret(setting)) {
      EXPECT_EQ(show(setting, after->values), show(setting, before.values)) << setting.key;
    }
  }
}

TEST(ConfigurationReport, TheDocumentationHasTheReference) {
  std::ifstream file(SLUICE_SOURCE_DIR "/docs/configuration.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_FALSE(text.empty());
  EXPECT_NE(text.find(reference()), std::string::npos)
      << "docs/configuration.md is out of date: replace its reference with the output of "
         "`sluice config --reference`";
}

}  // namespace
}  // namespace sluice::app
