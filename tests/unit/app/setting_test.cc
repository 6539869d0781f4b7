// The table of settings: its names, and reading and writing of values of each type.
#include "app/setting.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

namespace sluice::app {
namespace {

const Setting& setting(std::string_view key) {
  const Setting* found = find_setting(key);
  EXPECT_NE(found, nullptr) << key;
  return *found;
}

/// What `show` tells after `assign`, or "refused".
std::string after(std::string_view key, std::string_view text) {
  Configuration configuration;
  return assign(setting(key), configuration, text) ? show(setting(key), configuration) : "refused";
}

TEST(Setting, NamesOfAllKindsAreUnique) {
  std::set<std::string> keys;
  std::set<std::string> variables;
  std::set<std::string> flags;
  for (const Setting& each : settings()) {
    EXPECT_TRUE(keys.emplace(each.key).second) << each.key;
    EXPECT_TRUE(variables.insert(environment_name(each)).second) << each.key;
    EXPECT_TRUE(flags.insert(flag_name(each)).second) << each.key;
    if (!each.short_flag.empty()) {
      EXPECT_TRUE(flags.insert(long_flag_name(each)).second) << each.key;
    }
  }
}

TEST(Setting, EveryOneIsInAGroupAndExplainsItself) {
  for (const Setting& each : settings()) {
    bool has_group = false;
    for (const Group& group : groups()) {
      has_group |= group.name == group_of(each);
    }
    EXPECT_TRUE(has_group) << each.key;
    ASSERT_FALSE(each.help.empty()) << each.key;
    EXPECT_EQ(each.help.back(), '.') << each.key;
  }
}

TEST(Setting, NoTwoShareAValue) {
  Configuration configuration;
  std::set<const void*> places;
  for (const Setting& each : settings()) {
    const void* place = std::visit([](auto* value) { return static_cast<const void*>(value); },
                                   each.target(configuration));
    EXPECT_TRUE(places.insert(place).second) << each.key;
  }
}

TEST(Setting, EveryDefaultIsAValidValue) {
  for (const Setting& each : settings()) {
    if (!is_secret(each)) {
      Configuration configuration;
      EXPECT_TRUE(assign(each, configuration, show(each, configuration))) << each.key;
    }
  }
}

TEST(Setting, IndexIsThePositionInTheTable) {
  size_t index = 0;
  for (const Setting& each : settings()) {
    EXPECT_EQ(index_of(each), index++);
  }
}

TEST(Setting, VariableAndFlagFollowFromTheKey) {
  EXPECT_EQ(environment_name(setting("media.min_port")), "SLUICE_MEDIA_MIN_PORT");
  EXPECT_EQ(flag_name(setting("media.min_port")), "--media-min-port");
  EXPECT_EQ(environment_name(setting("http.port")), "SLUICE_HTTP_PORT");
  EXPECT_EQ(flag_name(setting("http.port")), "--port");
  EXPECT_EQ(long_flag_name(setting("http.port")), "--http-port");
}

TEST(Setting, NumbersMustBeWholeAndInTheirBounds) {  // ORTC-3
  EXPECT_EQ(after("http.port", "0"), "0");
  EXPECT_EQ(after("http.port", " 65535 "), "65535");
  for (const char* text : {"65536", "-1", "80x", "", "1.5", "0x50", "99999999999999999999"}) {
    EXPECT_EQ(after("http.port", text), "refused") << text;
  }
  EXPECT_EQ(after("limits.rooms", "0"), "refused");
  EXPECT_EQ(after("media.min_port", "0"), "refused");
  EXPECT_EQ(after("media.max_port", "65536"), "refused");
}

TEST(Setting, RatesMayHaveFractions) {
  EXPECT_EQ(after("limits.requests_per_second", "2.5"), "2.5");
  for (const char* text : {"-1", "nan", "inf", "x", ""}) {
    EXPECT_EQ(after("limits.requests_per_second", text), "refused") << text;
  }
}

TEST(Setting, SwitchesTakeTheUsualWords) {
  for (const char* text : {"true", "1", "yes", "on"}) {
    EXPECT_EQ(after("media.pin_threads", text), "true") << text;
  }
  for (const char* text : {"false", "0", "no", "off"}) {
    EXPECT_EQ(after("media.enable_tcp", text), "false") << text;
  }
  EXPECT_EQ(after("media.enable_tcp", "maybe"), "refused");
  EXPECT_EQ(after("media.enable_tcp", ""), "refused");
}

TEST(Setting, ListsAreSeparatedByCommas) {
  EXPECT_EQ(after("media.listen", "10.0.0.1=203.0.113.9, ::1"), "10.0.0.1=203.0.113.9,::1");
  EXPECT_EQ(after("media.listen", "10.0.0.1=turn.example.org"), "10.0.0.1=turn.example.org");
  for (const char* text : {"localhost", "10.0.0.1=", "10.0.0.1,,::1", "10.0.0.1=0.0.0.0"}) {
    EXPECT_EQ(after("media.listen", text), "refused") << text;
  }
  EXPECT_EQ(after("http.allowed_origins", "https://a.example,*"), "https://a.example,*");
  EXPECT_EQ(after("http.allowed_origins", "a.example"), "refused");
}

TEST(Setting, AnnouncedAddressIsOneThatClientsCanUse) {
  EXPECT_EQ(after("media.announced_address", "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(after("media.announced_address", "media.example.org"), "media.example.org");
  EXPECT_EQ(after("media.announced_address", ""), "");
  EXPECT_EQ(after("media.announced_address", "0.0.0.0"), "refused");
  EXPECT_EQ(after("media.announced_address", "::"), "refused");
  EXPECT_EQ(after("media.announced_address", "two words"), "refused");
}

TEST(Setting, IceServersAreAJsonArrayOfServers) {
  const std::string good = R"([{"urls":"stun:stun.example.org"},{"urls":["turn:t.example"]}])";
  EXPECT_EQ(after("ice.servers", good), good);
  EXPECT_EQ(after("ice.servers", ""), "");
  for (const char* text :
       {"stun:stun.example.org", "{}", "[1]", R"([{"url":"stun:x"}])", "[", R"([{"urls":3}])"}) {
    EXPECT_EQ(after("ice.servers", text), "refused") << text;
  }
}

TEST(Setting, LogSettingsTakeKnownWordsOnly) {
  EXPECT_EQ(after("log.level", "warn,ice=debug"), "warn,ice=debug");
  EXPECT_EQ(after("log.level", "loud"), "refused");
  EXPECT_EQ(after("log.format", "json"), "json");
  EXPECT_EQ(after("log.format", "xml"), "refused");
}

TEST(Setting, SecretsAreNotShown) {
  EXPECT_EQ(after("auth.token", "hunter2"), "(set, not shown)");
  EXPECT_EQ(after("auth.token", ""), "");
}

TEST(Setting, ARefusedValueChangesNothing) {
  for (const Setting& each : settings()) {
    if (each.accepts == nullptr && type_name(each) == "text") {
      continue;  // takes everything
    }
    Configuration configuration;
    const std::string before = show(each, configuration);
    if (!assign(each, configuration, "\x01 no such value")) {
      EXPECT_EQ(show(each, configuration), before) << each.key;
    } else {
      EXPECT_TRUE(is_secret(each)) << each.key;
    }
  }
}

TEST(Setting, TomlFormQuotesTextsOnly) {
  Configuration configuration;
  ASSERT_TRUE(assign(setting("http.tls_key"), configuration, "C:\\a\"b"));
  EXPECT_EQ(show_toml(setting("http.tls_key"), configuration), R"("C:\\a\"b")");
  EXPECT_EQ(show_toml(setting("http.port"), configuration), "8080");
  EXPECT_EQ(show_toml(setting("media.enable_tcp"), configuration), "true");
  EXPECT_EQ(show_toml(setting("media.listen"), configuration), R"(["0.0.0.0"])");
}

TEST(Setting, ExpectationsNameTypeAndBounds) {
  EXPECT_EQ(expectation(setting("http.port")), "a whole number from 0 to 65535");
  EXPECT_EQ(expectation(setting("media.enable_tcp")), "true or false");
  EXPECT_EQ(expectation(setting("shutdown.drain_seconds")),
            "a whole number of seconds from 0 to 86400");
  EXPECT_EQ(expectation(setting("log.format")), "text or json");
}

TEST(Setting, SlipsOfTheFingerFindTheirKey) {
  EXPECT_EQ(nearest_key("http.prot"), "http.port");
  EXPECT_EQ(nearest_key("server.announced_address"), "media.announced_address");
  EXPECT_EQ(nearest_key("min_port"), "media.min_port");
  EXPECT_EQ(nearest_key("zzz.qqqqqq"), "");
}

}  // namespace
}  // namespace sluice::app
