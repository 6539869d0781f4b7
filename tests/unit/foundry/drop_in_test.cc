#include "dialects/foundry/drop_in.h"

#include <gtest/gtest.h>

namespace sluice::foundry {
namespace {

TEST(FoundryDropIn, EngineFollowsTheConfiguration) {
  Configuration configuration;
  configuration.workers = 4;
  configuration.rtc_min_port = 40000;
  configuration.rtc_max_port = 40010;
  configuration.announced_address = "203.0.113.5";
  const media::EngineSettings settings = engine_settings(configuration);
  EXPECT_EQ(settings.loops, 4u);
  EXPECT_EQ(settings.min_port, 40000);
  EXPECT_EQ(settings.max_port, 40010);
  EXPECT_TRUE(settings.enable_tcp);
  ASSERT_EQ(settings.listen.size(), 1u);
  EXPECT_EQ(settings.listen[0].ip, "0.0.0.0");
  EXPECT_EQ(settings.listen[0].announced_address, "203.0.113.5");
}

TEST(FoundryDropIn, AnnouncedIpv6AddressNeedsAnIpv6Socket) {
  Configuration configuration;
  configuration.announced_address = "2001:db8::1";
  EXPECT_EQ(engine_settings(configuration).listen[0].ip, "::");
}

TEST(FoundryDropIn, DialectFollowsTheConfiguration) {
  Configuration configuration;
  EXPECT_FALSE(dialect_options(configuration).address_announced);
  configuration.announced_address = "media.example.org";
  configuration.auth_token = "s";
  configuration.allowed_origins = {"https://a"};
  configuration.ice_servers = {"x"};
  const Options options = dialect_options(configuration);
  EXPECT_TRUE(options.address_announced);
  EXPECT_EQ(options.admission.token, "s");
  EXPECT_EQ(options.admission.origins, configuration.allowed_origins);
  EXPECT_EQ(options.ice_servers, configuration.ice_servers);
}

}  // namespace
}  // namespace sluice::foundry
