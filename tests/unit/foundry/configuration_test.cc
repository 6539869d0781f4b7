#include "dialects/foundry/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::foundry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// Whose reading must be without any complaint.
Configuration read_well(const Variables& variables) {
  ConfigurationReading reading = read_configuration(variables);
  EXPECT_THAT(reading.errors, IsEmpty());
  EXPECT_THAT(reading.warnings, IsEmpty());
  return std::move(reading.values);
}

std::string only_error(const Variables& variables) {
  const ConfigurationReading reading = read_configuration(variables);
  EXPECT_EQ(reading.errors.size(), 1u);
  return reading.errors.empty() ? "" : reading.errors[0];
}

std::string only_warning(const Variables& variables) {
  const ConfigurationReading reading = read_configuration(variables);
  EXPECT_THAT(reading.errors, IsEmpty());
  EXPECT_EQ(reading.warnings.size(), 1u);
  return reading.warnings.empty() ? "" : reading.warnings[0];
}

// FOUNDRY-20
TEST(FoundryConfiguration, Foundry20Defaults) {
  const Configuration c = read_well({});
  EXPECT_EQ(c.listen, (ListenPoint{"0.0.0.0", 3000}));
  EXPECT_FALSE(c.http);
  EXPECT_EQ(c.http_dir, "./public");
  EXPECT_EQ(c.workers, 1u);
  EXPECT_EQ(c.engine_log_level, spdlog::level::warn);
  EXPECT_THAT(c.engine_log_tags, ElementsAre("info"));
  EXPECT_EQ(c.log.level, spdlog::level::info);
  EXPECT_THAT(c.log.targets, IsEmpty());
  EXPECT_EQ(c.rtc_min_port, 10000);
  EXPECT_EQ(c.rtc_max_port, 10100);
  EXPECT_EQ(c.announced_address, "");
  EXPECT_TRUE(c.ice_servers.empty());
  EXPECT_EQ(c.auth_token, "");
  EXPECT_THAT(c.allowed_origins, IsEmpty());
}

// FOUNDRY-20
TEST(FoundryConfiguration, Foundry20EnvFileIsHonouredAndTheEnvironmentOverridesIt) {
  const EnvFile file = parse_env_file("MEDIASOUP_LISTEN_ADDR=127.0.0.1:4555\n");
  EXPECT_EQ(read_well(merge_variables({}, file.variables)).listen,
            (ListenPoint{"127.0.0.1", 4555}));
  EXPECT_EQ(
      read_well(merge_variables({{"MEDIASOUP_LISTEN_ADDR", "127.0.0.1:4556"}}, file.variables))
          .listen,
      (ListenPoint{"127.0.0.1", 4556}));
}

TEST(FoundryConfiguration, ListenAddressForms) {
  EXPECT_EQ(parse_listen_point("0.0.0.0:3000"), (ListenPoint{"0.0.0.0", 3000}));
  EXPECT_EQ(parse_listen_point("[::]:3000"), (ListenPoint{"::", 3000}));
  EXPECT_EQ(parse_listen_point("localhost:0"), (ListenPoint{"localhost", 0}));
  EXPECT_EQ(parse_listen_point("media.example.org:65535"),
            (ListenPoint{"media.example.org", 65535}));
  for (const char* text :
       {"", ":", ":3000", "3000", "1.2.3.4", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "1.2.3.4:-1",
        "::1:80:", "[::1]", "[x]:1", "[1.2.3.4]:1", "::1:3000", "a b:1", "ws://a:1"}) {
    EXPECT_FALSE(parse_listen_point(text)) << text;
  }
}

TEST(FoundryConfiguration, InvalidAddressesAreErrors) {
  EXPECT_THAT(only_error({{"MEDIASOUP_LISTEN_ADDR", "nonsense"}}), HasSubstr("nonsense"));
  EXPECT_THAT(only_error({{"MEDIASOUP_HTTP_ADDR", "1.2.3.4"}}), HasSubstr("MEDIASOUP_HTTP_ADDR"));
}

TEST(FoundryConfiguration, HttpAddressAndFolder) {
  const Configuration c =
      read_well({{"MEDIASOUP_HTTP_ADDR", "0.0.0.0:8080"}, {"MEDIASOUP_HTTP_DIR", "/srv/www"}});
  EXPECT_EQ(c.http, (ListenPoint{"0.0.0.0", 8080}));
  EXPECT_EQ(c.http_dir, "/srv/www");
}

TEST(FoundryConfiguration, PairOfTheTestSetupCountsWithoutListenAddress) {
  EXPECT_EQ(
      read_well({{"MEDIASOUP_LISTEN_IP", "127.0.0.1"}, {"MEDIASOUP_LISTEN_PORT", "4443"}}).listen,
      (ListenPoint{"127.0.0.1", 4443}));
  EXPECT_EQ(read_well({{"MEDIASOUP_LISTEN_PORT", "4443"}}).listen, (ListenPoint{"0.0.0.0", 4443}));
  EXPECT_EQ(read_well({{"MEDIASOUP_LISTEN_IP", "::1"}}).listen, (ListenPoint{"::1", 3000}));
  EXPECT_EQ(
      read_well({{"MEDIASOUP_LISTEN_ADDR", "1.2.3.4:5"}, {"MEDIASOUP_LISTEN_PORT", "4443"}}).listen,
      (ListenPoint{"1.2.3.4", 5}));
  EXPECT_THAT(only_error({{"MEDIASOUP_LISTEN_PORT", "x"}}), HasSubstr("MEDIASOUP_LISTEN_PORT"));
  EXPECT_THAT(only_error({{"MEDIASOUP_LISTEN_IP", "a b"}}), HasSubstr("MEDIASOUP_LISTEN_IP"));
}

// FOUNDRY-21
TEST(FoundryConfiguration, Foundry21Workers) {
  EXPECT_EQ(read_well({{"MEDIASOUP_NUM_WORKERS", "4"}}).workers, 4u);
  for (const char* text : {"0", "abc", "-1", "2x", "99999999999"}) {
    EXPECT_THAT(only_warning({{"MEDIASOUP_NUM_WORKERS", text}}), HasSubstr(text));
    EXPECT_EQ(read_configuration({{"MEDIASOUP_NUM_WORKERS", text}}).values.workers, 1u);
  }
  EXPECT_EQ(read_configuration({{"MEDIASOUP_NUM_WORKERS", "100000"}}).values.workers, 256u);
}

TEST(FoundryConfiguration, EngineLogs) {
  const Configuration c = read_well(
      {{"MEDIASOUP_LOG_LEVEL", "debug"}, {"MEDIASOUP_LOG_TAGS", " ice, dtls ,unknown,,rtp"}});
  EXPECT_EQ(c.engine_log_level, spdlog::level::debug);
  EXPECT_THAT(c.engine_log_tags, ElementsAre("ice", "dtls", "rtp"));
  EXPECT_EQ(read_well({{"MEDIASOUP_LOG_LEVEL", "error"}}).engine_log_level, spdlog::level::err);
  EXPECT_EQ(read_well({{"MEDIASOUP_LOG_LEVEL", "none"}}).engine_log_level, spdlog::level::off);
  EXPECT_EQ(read_configuration({{"MEDIASOUP_LOG_LEVEL", "loud"}}).values.engine_log_level,
            spdlog::level::warn);
}

TEST(FoundryConfiguration, RustLog) {
  EXPECT_EQ(read_well({{"RUST_LOG", "debug"}}).log.level, spdlog::level::debug);
  EXPECT_EQ(read_well({{"RUST_LOG", "WARN"}}).log.level, spdlog::level::warn);
  const Configuration c = read_well({{"RUST_LOG", "error, mediasoup_server=trace,web=off"}});
  EXPECT_EQ(c.log.level, spdlog::level::err);
  EXPECT_THAT(c.log.targets, ElementsAre(Pair("mediasoup_server", spdlog::level::trace),
                                         Pair("web", spdlog::level::off)));
  EXPECT_THAT(only_warning({{"RUST_LOG", "loud"}}), HasSubstr("loud"));
  EXPECT_THAT(only_warning({{"RUST_LOG", "=info"}}), HasSubstr("=info"));
}

TEST(FoundryConfiguration, MediaPorts) {
  const Configuration c =
      read_well({{"MEDIASOUP_RTC_MIN_PORT", "40000"}, {"MEDIASOUP_RTC_MAX_PORT", "40010"}});
  EXPECT_EQ(c.rtc_min_port, 40000);
  EXPECT_EQ(c.rtc_max_port, 40010);
  EXPECT_THAT(only_warning({{"MEDIASOUP_RTC_MIN_PORT", "0"}}), HasSubstr("using 10000"));
  EXPECT_THAT(only_warning({{"MEDIASOUP_RTC_MAX_PORT", "70000"}}), HasSubstr("using 10100"));
  EXPECT_THAT(only_error({{"MEDIASOUP_RTC_MIN_PORT", "40000"}}), HasSubstr("is above"));
}

TEST(FoundryConfiguration, AnnouncedAddressIsAnAddressOrAName) {
  EXPECT_EQ(read_well({{"MEDIASOUP_ANNOUNCED_IP", " 203.0.113.5 "}}).announced_address,
            "203.0.113.5");
  EXPECT_EQ(read_well({{"MEDIASOUP_ANNOUNCED_IP", "media.example.org"}}).announced_address,
            "media.example.org");
  EXPECT_EQ(read_well({{"MEDIASOUP_ANNOUNCED_IP", "2001:db8::1"}}).announced_address,
            "2001:db8::1");
  for (const char* text : {"0.0.0.0", "::", "http://x", "a:b"}) {
    EXPECT_THAT(only_error({{"MEDIASOUP_ANNOUNCED_IP", text}}), HasSubstr(text));
  }
}

TEST(FoundryConfiguration, IceServersAreAJsonArrayThatErrorsDoNotShow) {
  const Configuration c = read_well(
      {{"MEDIASOUP_ICE_SERVERS", R"([{"urls":"turn:t","username":"u","credential":"p"}])"}});
  ASSERT_EQ(c.ice_servers.size(), 1u);
  for (const char* text : {"{}", "[\"secret\"", "x"}) {
    const std::string error = only_error({{"MEDIASOUP_ICE_SERVERS", text}});
    EXPECT_THAT(error, HasSubstr("MEDIASOUP_ICE_SERVERS"));
    EXPECT_THAT(error, Not(HasSubstr("secret")));
  }
}

TEST(FoundryConfiguration, Access) {
  const Configuration c = read_well(
      {{"MEDIASOUP_AUTH_TOKEN", "s"}, {"MEDIASOUP_ALLOWED_ORIGINS", "https://a, https://b"}});
  EXPECT_EQ(c.auth_token, "s");
  EXPECT_THAT(c.allowed_origins, ElementsAre("https://a", "https://b"));
  // A list that names nobody must not let everybody in.
  EXPECT_THAT(only_error({{"MEDIASOUP_ALLOWED_ORIGINS", ", ,"}}),
              HasSubstr("MEDIASOUP_ALLOWED_ORIGINS"));
}

TEST(FoundryConfiguration, TlsFilesBelongTogether) {
  const Configuration c =
      read_well({{"MEDIASOUP_TLS_CERT", "c.pem"}, {"MEDIASOUP_TLS_KEY", "k.pem"}});
  EXPECT_EQ(c.tls_certificate, "c.pem");
  EXPECT_EQ(c.tls_key, "k.pem");
  EXPECT_THAT(only_error({{"MEDIASOUP_TLS_CERT", "c.pem"}}), HasSubstr("only one is set"));
}

TEST(FoundryConfiguration, RecordingThatIsNotMadeIsNotPromised) {
  EXPECT_THAT(only_warning({{"MEDIASOUP_RECORD_DIR", "r"}}), HasSubstr("does not record"));
}

TEST(FoundryConfiguration, AllComplaintsAreCollected) {
  const ConfigurationReading reading = read_configuration({{"MEDIASOUP_LISTEN_ADDR", "x"},
                                                           {"MEDIASOUP_HTTP_ADDR", "y"},
                                                           {"MEDIASOUP_NUM_WORKERS", "z"}});
  EXPECT_EQ(reading.errors.size(), 2u);
  EXPECT_EQ(reading.warnings.size(), 1u);
}

}  // namespace
}  // namespace sluice::foundry
